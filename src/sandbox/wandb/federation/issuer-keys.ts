import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { isLoopback } from '../../http/local-server.ts';

const TIMEOUT_MS = 5_000;
const MAX_CHARACTERS = 256 * 1024;

/** The keys of an issuer, found as W&B does it: through its discovery document. Read at each exchange, so no key is stale. */
export async function readIssuerKeys(
  issuerUrl: string,
  stopped: AbortSignal,
): Promise<{ ok: true; keys: ReturnType<typeof createLocalJWKSet> } | { ok: false; problem: string }> {
  try {
    const discovery = await readJson(`${issuerUrl}/.well-known/openid-configuration`, stopped);
    const { issuer, jwks_uri: jwksUrl } = discovery as { issuer?: unknown; jwks_uri?: unknown };
    // OpenID Connect Discovery 1.0, section 4.3.
    if (issuer !== issuerUrl) return failed('the issuer in its discovery document is another one');
    if (typeof jwksUrl !== 'string') return failed('its discovery document names no jwks_uri');
    const keys = createLocalJWKSet((await readJson(jwksUrl, stopped)) as JSONWebKeySet);
    return { ok: true, keys };
  } catch (error) {
    return failed(error instanceof Error ? error.message : 'unknown error');
  }
}

const failed = (problem: string) => ({ ok: false as const, problem });

/** Reads from this machine only, like everything in the sandbox. */
async function readJson(url: string, stopped: AbortSignal): Promise<object> {
  const { hostname } = new URL(url);
  if (!isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))) throw new Error(`${hostname} is not this machine`);
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)]);
  const response = await fetch(url, { redirect: 'error', signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  if (text.length > MAX_CHARACTERS) throw new Error('the document is too large');
  const json: unknown = JSON.parse(text);
  if (typeof json !== 'object' || json === null) throw new Error('not a JSON object');
  return json;
}
