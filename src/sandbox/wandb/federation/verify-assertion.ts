import { decodeJwt, errors, jwtVerify } from 'jose';
import type { OAuthClient, WandbState } from '../wandb-state.ts';
import { readIssuerKeys } from './issuer-keys.ts';

export type VerifiedAssertion = { ok: true; client: OAuthClient } | { ok: false; description: string };

/**
 * Verifies a JWT (RFC 7523, section 3) and finds the external service account of its subject. `aud` must be the organization's
 * name. Nothing is kept of a JWT, so the same one can be used again until it expires.
 */
export async function verifyAssertion(
  assertion: string,
  { state, now, stopped }: { state: WandbState; now: () => number; stopped: AbortSignal },
): Promise<VerifiedAssertion> {
  const issuerUrl = issuerOf(assertion);
  if (issuerUrl === undefined) return refused('assertion is not a JWT');
  const provider = state.providers.find((one) => one.issuerUrl === issuerUrl);
  if (!provider) return refused('iss is not the issuer of an organization');
  const read = await readIssuerKeys(issuerUrl, stopped);
  if (!read.ok) return refused(`the keys of the issuer can't be read: ${read.problem}`);
  try {
    const { payload } = await jwtVerify(assertion, read.keys, {
      algorithms: ['RS256'],
      issuer: issuerUrl,
      audience: state.organization.name,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now()),
    });
    const client = state.clients.find((one) => one.provider === provider && one.subject === payload.sub);
    return client ? { ok: true, client } : refused('no service account has this subject');
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return refused(error.message);
  }
}

function issuerOf(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).iss;
  } catch {
    return undefined;
  }
}

const refused = (description: string): VerifiedAssertion => ({ ok: false, description });
