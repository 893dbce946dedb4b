import { generateKeyPairSync, sign } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import type { SandboxConfig } from '../../../src/config/configuration.ts';
import { FORM } from '../../send-request.ts';

const ISSUER = 'https://token.actions.githubusercontent.com';
const SCANNER = 'tour-scanner';

/** What programs send to Keysmith while the people of the tour look at Slack. */
export interface Workloads {
  /** Lets Keysmith know the keys with which GitHub and the scanner sign. */
  configure(config: SandboxConfig): SandboxConfig;
  /** Sends a JWT with the subject to be exchanged. */
  exchange(url: string, subject: string): Promise<void>;
  /** Sends the key, as a job does. */
  use(url: string, key: string): Promise<void>;
  /** Reports that the key was found at a place. */
  reportLeak(url: string, key: string, place: string): Promise<void>;
}

/** Creates the keys of an issuer of JWTs and of a scanner of public code. */
export async function createWorkloads(): Promise<Workloads> {
  const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const scanner = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = { keys: [{ ...(await exportJWK(issuer.publicKey)), kid: 'tour', alg: 'ES256' }] };
  return {
    configure(config) {
      const { backend, authority } = config;
      if (backend.kind !== 'builtin' || authority === undefined) return config;
      const issuers = backend.teams.issuers.map((one) => (one.url === ISSUER ? { ...one, jwks } : one));
      return {
        ...config,
        authority: { ...authority, leakKeys: [{ id: SCANNER, publicKey: scanner.publicKey }] },
        backend: { ...backend, teams: { ...backend.teams, issuers } },
      };
    },
    async exchange(url, subject) {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const assertion = await new SignJWT({ aud: 'acme' })
        .setProtectedHeader({ alg: 'ES256', kid: 'tour' })
        .setIssuer(ISSUER)
        .setSubject(subject)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + 300)
        .sign(issuer.privateKey);
      const body = `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=${assertion}`;
      await post(`${url}/oidc/token`, { 'content-type': FORM }, body);
    },
    async use(url, key) {
      await fetch(`${url}/forward-auth`, { headers: { authorization: `Bearer ${key}` } });
    },
    async reportLeak(url, key, place) {
      const body = JSON.stringify([{ token: key, type: 'keysmith_api_key', url: place, source: 'content' }]);
      const headers = {
        'content-type': 'application/json',
        'github-public-key-identifier': SCANNER,
        'github-public-key-signature': sign('sha256', Buffer.from(body), scanner.privateKey).toString(
          'base64',
        ),
      };
      await post(`${url}/v1/leaks`, headers, body);
    },
  };
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<void> {
  await fetch(url, { method: 'POST', headers, body });
}
