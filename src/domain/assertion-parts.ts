import { parseUnambiguousObject } from './assertion-json.ts';

/** A JWT taken apart. Nothing of it is verified. */
export interface AssertionParts {
  header: Readonly<Record<string, unknown>>;
  claims: Readonly<Record<string, unknown>>;
}

/** Far more than issuers send: those with many groups in their claims come to some 10,000. */
const MAX_CHARACTERS = 48 * 1024;

/** Takes a JWT in compact form apart (RFC 7519, section 7.2). Undefined where it is none, or can be read in two ways. */
export function readAssertionParts(jwt: string): AssertionParts | undefined {
  if (jwt.length > MAX_CHARACTERS) return undefined;
  const [header, claims, signature, ...more] = jwt.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) {
    return undefined;
  }
  // Without a signature it is none of an issuer's; what the header says of it does not count.
  if (decoded(signature) === undefined) return undefined;
  const parts = { header: readObject(header), claims: readObject(claims) };
  return parts.header && parts.claims && { header: parts.header, claims: parts.claims };
}

function readObject(part: string): Record<string, unknown> | undefined {
  const bytes = decoded(part);
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return parseUnambiguousObject(text);
  } catch {
    return undefined;
  }
}

/** Base64url without padding (RFC 7515, section 2); undefined for what another text stands for as well. */
function decoded(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
