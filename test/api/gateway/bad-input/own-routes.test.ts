import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedHeaders } from '../../../security/signed-request.ts';
import { FORM, send } from '../../../send-request.ts';
import { basic } from '../../../world/credential-world.ts';
import {
  INTROSPECTION_CLIENT,
  type RunningWorkspace,
  startWorkspace,
} from '../../../world/running-workspace.ts';

/** The same Keysmith with and without a gateway. No W&B server listens there: none of these requests needs one. */
let plain: RunningWorkspace;
let behind: RunningWorkspace;
beforeAll(async () => {
  plain = await startWorkspace();
  const gateway = {
    upstreamUrl: 'http://127.0.0.1:1',
    auth: 'key' as const,
    appUrl: 'https://wandb.acme.test',
    mutations: [],
  };
  behind = await startWorkspace({ keysmith: { gateway } });
});
afterAll(async () => {
  await plain.stop();
  await behind.stop();
});

const introspection = {
  authorization: basic(INTROSPECTION_CLIENT.id, INTROSPECTION_CLIENT.secret),
  'content-type': FORM,
};
const json = { 'content-type': 'application/json' };
const credential = { authorization: basic('api', 'x'.repeat(40)) };
const command = 'command=/wandb&text=help&user_id=U0&team_id=T0&response_url=http://127.0.0.1:1/';
const OWN = [
  ['GET', '/healthz', {}, undefined],
  ['HEAD', '/readyz', {}, undefined],
  ['GET', '/.well-known/openid-configuration', {}, undefined],
  ['OPTIONS', '/.well-known/jwks.json', {}, undefined],
  ['POST', '/oidc/token', { 'content-type': FORM }, 'grant_type=x'],
  ['POST', '/oauth/introspect', introspection, 'token=x'],
  ['POST', '/oauth/introspect', { 'content-type': FORM }, 'token=x'],
  ['GET', '/forward-auth', {}, undefined],
  ['PATCH', '/forward-auth', credential, undefined],
  ['GET', '/ext-authz/ml-platform/demo', {}, undefined],
  ['DELETE', '/ext-authz/a/b/c', credential, undefined],
  ['POST', '/v1/runs/authorize', { ...json, ...credential }, '{"project":"demo"}'],
  ['POST', '/slack/events', {}, command],
  ['POST', '/slack/events', signedHeaders(command), command],
  ['GET', '/slack/events', {}, undefined],
  ['PUT', '/graphql', {}, undefined],
  ['GET', '/graphql?query=%7Bviewer%7Bid%7D%7D', {}, undefined],
  ['GET', '/oidc/token', {}, undefined],
  ['GET', '/v1/runs/authorize', {}, undefined],
  ['GET', '/v1/other/path', {}, undefined],
  ['GET', '/slack/other', {}, undefined],
  ['GET', '/.well-known/other', {}, undefined],
  ['GET', '/', {}, undefined],
  ['GET', '/favicon.ico', {}, undefined],
  ['POST', '/ml-platform/demo/runs/run1', json, '{}'],
  ['HEAD', '/ml-platform/demo/runs/run1', {}, undefined],
  ['GET', '/ml-platform/demo/runs/run1', credential, undefined],
  ['POST', '/storage/a', {}, 'x'],
] as const;

describe('Keysmith’s own routes and refusals', () => {
  it.each(OWN)('are the same with a gateway: %s %s', async (method, path, headers, body) => {
    const [without, withGateway] = await Promise.all(
      [plain, behind].map(async ({ keysmith }) => {
        const response = await send(`${keysmith.url}${path}`, {
          method,
          headers,
          ...(body !== undefined && { body }),
        });
        const { date: _, ...kept } = response.headers;
        // References and the keys of each Keysmith differ.
        const text = response.body.replace(/ks_\w+|"(?:kid|n|x)":"[^"]*"/g, '…').replaceAll(keysmith.url, '');
        return { status: response.status, headers: kept, body: text };
      }),
    );
    expect(withGateway).toEqual(without);
  });
});

describe('a link that an SDK prints', () => {
  it.each([
    ['/ml-platform/demo', '/ml-platform/demo'],
    ['/ml-platform/demo/runs/run1', '/ml-platform/demo/runs/run1'],
    ['/ml-platform/demo/sweeps/s1', '/ml-platform/demo/sweeps/s1'],
    ['/ml-platform/demo/artifacts/dataset/set/v0', '/ml-platform/demo/artifacts/dataset/set/v0'],
    [
      '/ml-platform/demo/artifacts/job/job-https___x.git_a.py/v0',
      '/ml-platform/demo/artifacts/job/job-https___x.git_a.py/v0',
    ],
    ['/ml%20platform/%C3%BC%23%3Fx/runs/a+b', '/ml%20platform/%C3%BC%23%3Fx/runs/a%2Bb'],
    ['/ml-platform/@evil.test/runs/:1', '/ml-platform/%40evil.test/runs/%3A1'],
    // Anonymous links carry a key, and Keysmith's has no use in the UI.
    ['/ml-platform/demo/runs/run1?apiKey=keysmith_x&workspace=user', '/ml-platform/demo/runs/run1'],
    ['/ml-platform/demo?//evil.test', '/ml-platform/demo'],
  ])('leads to the UI: %s', async (path, expected) => {
    const { status, headers } = await send(`${behind.keysmith.url}${path}`, { method: 'GET', headers: {} });
    expect([status, headers.location]).toEqual([302, `https://wandb.acme.test${expected}`]);
  });

  it.each([
    '//evil.test/demo',
    '/\\evil.test/demo',
    '/%5cevil.test/demo',
    '/%2fevil.test/demo',
    '/.evil/demo',
    '/%2e%2e/demo',
    '/ml-platform/..',
    '/ml-platform/%0d%0aSet-Cookie:a=b',
    '/ml-platform/%00',
    '/ml-platform/demo%2f..%2f..',
    '/ml-platform//demo',
    '/scim/Users',
    '/graphql/x',
    '/api/keys',
    '/ml-platform',
  ])('leads nowhere if it could be read in another way: %s', async (path) => {
    const { status, headers } = await send(`${behind.keysmith.url}${path}`, { method: 'GET', headers: {} });
    expect([status, headers.location]).toEqual([404, undefined]);
  });
});
