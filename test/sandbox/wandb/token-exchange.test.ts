import { describe, expect, it } from 'vitest';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { DISCOVERY, JWKS, json, sharedSigningPair, signJwt, startIssuer } from '../../world/issuer-server.ts';
import { call, dataOf, startWandb } from './wandb-calls.ts';

const NOW_SECONDS = Date.UTC(2026, 0, 1) / 1000;
const SUBJECT = 'keysmith:ml-platform';
const viewer = '{ viewer { username admin teams { edges { node { name } } } } }';

async function startFederated() {
  const clock = { nowMs: NOW_SECONDS * 1000 };
  const [issuer, pair] = await Promise.all([startIssuer(), sharedSigningPair('RS256')]);
  const wandb = await startWandb({ now: () => clock.nowMs });
  issuer.publish(pair.publicJwk);
  wandb.federation.registerIssuer(issuer.url);
  const client = wandb.federation.addAccount({ team: 'ml-platform', name: 'keysmith', subject: SUBJECT });
  const claims = {
    iss: issuer.url,
    sub: SUBJECT,
    aud: 'acme',
    iat: NOW_SECONDS,
    exp: NOW_SECONDS + 300,
  };
  const sign = (changed: Record<string, unknown> = {}, header = {}) =>
    signJwt(pair, { ...claims, ...changed }, header);
  return { clock, issuer, wandb, client, sign };
}

async function exchange(wandb: DrivenWandb, form: Record<string, string>) {
  const response = await fetch(`${wandb.baseUrl}/oidc/token`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', ...form }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the outcome.
  return { status: response.status, json: (await response.json()) as any };
}

const bearer = (token: string) => ({ key: null, headers: { authorization: `Bearer ${token}` } });

describe('The token exchange of the local W&B', () => {
  it('returns an access token for the external service account of the subject, which works until it expires', async () => {
    const { wandb, client, clock, sign } = await startFederated();

    const { status, json: token } = await exchange(wandb, { assertion: `${await sign()}\n` });

    expect(status).toBe(200);
    expect(token).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 });
    const { viewer: found } = await dataOf(wandb, viewer, bearer(token.access_token));
    expect(found).toEqual({
      username: client.user.username,
      admin: false,
      teams: { edges: [{ node: { name: 'ml-platform' } }] },
    });
    const stream = await fetch(`${wandb.baseUrl}/files/ml-platform/none/none/file_stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.access_token}` },
      body: '{}',
    });
    expect([stream.status, wandb.routeRequests.at(-1)?.caller]).toEqual([404, client.user.username]);
    expect((await call(wandb, viewer, bearer(`${token.access_token}x`))).status).toBe(401);
    clock.nowMs += 3600 * 1000;
    expect((await call(wandb, viewer, bearer(token.access_token))).status).toBe(401);
  });

  it('ends its access tokens when the subject is removed', async () => {
    const { wandb, sign } = await startFederated();
    const { json: token } = await exchange(wandb, { assertion: await sign() });

    wandb.federation.registerIssuer('http://127.0.0.1:1');

    expect((await call(wandb, viewer, bearer(token.access_token))).status).toBe(401);
  });

  it.each<[string, (world: Awaited<ReturnType<typeof startFederated>>) => Promise<string>]>([
    ['of another issuer', ({ sign }) => sign({ iss: 'http://127.0.0.1:1' })],
    ['for another audience', ({ sign }) => sign({ aud: 'Acme' })],
    ['of an unknown subject', ({ sign }) => sign({ sub: 'keysmith:research' })],
    ['that has expired', ({ sign }) => sign({ exp: NOW_SECONDS - 1 })],
    ['without an expiry', ({ sign }) => sign({ exp: undefined })],
    ['that is not valid yet', ({ sign }) => sign({ nbf: NOW_SECONDS + 60 })],
    ['signed with an unpublished key', ({ sign }) => sign({}, { kid: 'other' })],
    [
      'with a modified signature',
      async ({ sign }) => (await sign()).replace(/\.[\w-]+$/, `.${'A'.repeat(342)}`),
    ],
    ['that is none', async () => 'no-jwt'],
  ])('refuses a JWT %s with 400', async (_title, assertionIn) => {
    const world = await startFederated();

    const { status, json: error } = await exchange(world.wandb, { assertion: await assertionIn(world) });

    expect([status, error.error]).toEqual([400, 'invalid_grant']);
    expect(world.wandb.state.accessTokens).toEqual([]);
  });

  it('reads keys from this machine only, and no document of another issuer', async () => {
    const { wandb, issuer, sign } = await startFederated();
    const jwksUrl = `${issuer.url}${JWKS}`;
    const describe = async (document: object) => {
      issuer.respond(
        DISCOVERY,
        json(() => document),
      );
      return (await exchange(wandb, { assertion: await sign() })).json.error_description;
    };

    expect(await describe({ issuer: issuer.url, jwks_uri: 'https://issuer.example.com/keys' })).toMatch(
      'issuer.example.com is not this machine',
    );
    expect(await describe({ issuer: `${issuer.url}/`, jwks_uri: jwksUrl })).toMatch('another one');
  });

  it('fails as planned, and is recorded without the JWT', async () => {
    const { wandb, sign } = await startFederated();
    const assertion = await sign();
    wandb.failures.set('oidc_token', { kind: 'status', status: 503 }, { times: 1 });
    const failed = await fetch(`${wandb.baseUrl}/oidc/token`, { method: 'POST', body: 'grant_type=x' });
    const { status } = await exchange(wandb, { assertion });

    expect([failed.status, status]).toEqual([503, 200]);
    expect(wandb.routeRequests.map(({ path, status: recorded }) => [path, recorded])).toEqual([
      ['/oidc/token', 503],
      ['/oidc/token', 200],
    ]);
    expect(JSON.stringify(wandb.routeRequests)).not.toContain(assertion.slice(0, 20));
  });
});
