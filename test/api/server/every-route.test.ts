import { METHODS } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLongForm } from '../../long-form.ts';
import { type RawResponse, send } from '../../send-request.ts';
import { basic } from '../../world/credential-world.ts';
import {
  type KeysmithWithCredentials,
  SLACK_PATH,
  secretsOf,
  sendBytesAndEnd,
  startKeysmithWithCredentials,
} from '../../world/keysmith-with-credentials.ts';
import { arbitraryBytes, arbitraryRequests, type Sent } from './arbitrary-requests.ts';

const RUNS = isLongForm ? 15_000 : 250;
const RAW_RUNS = isLongForm ? 5_000 : 100;
const TIMEOUT_MS = isLongForm ? 600_000 : 60_000;
const MAX_GROWTH_BYTES = isLongForm ? 150e6 : 30e6;

let keysmith: KeysmithWithCredentials;
const rejections: unknown[] = [];
const onRejection = (reason: unknown) => void rejections.push(reason);
beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  keysmith = await startKeysmithWithCredentials();
});
afterAll(async () => {
  await keysmith.workspace.stop();
  process.off('unhandledRejection', onRejection);
});

/** Checks that an error has the documented shape, except at Slack's path, where Slack's own library responds. */
function expectDocumented({ method, path }: Sent, { status, headers, body }: RawResponse): void {
  if (status < 400 || path.split('?', 1)[0] === SLACK_PATH) return;
  expect(headers['cache-control']).toBe('no-store');
  if (method === 'HEAD') return;
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  const response = JSON.parse(body);
  const isRun = status === 403 && response.allowed === false;
  const isGraphql = status === 400 && Array.isArray(response.errors) && response.code === undefined;
  if (isRun) expect(response).toEqual({ allowed: false, reason: expect.stringMatching(/^[a-z_]+$/) });
  else if (isGraphql) expect(response.errors[0].message).toEqual(expect.any(String));
  else {
    expect(response.errors === undefined ? response.error : response.code).toMatch(/^[a-z_]+$/);
    expect(response.error_description).toMatch(/^[ !#-[\]-~]+$/);
  }
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

async function expectHealthy(whole: KeysmithWithCredentials): Promise<void> {
  const { url, key, token, workspace } = whole;
  for (const authorization of [basic('api', key), `Bearer ${token}`]) {
    expect((await send(`${url}/forward-auth`, { method: 'GET', headers: { authorization } })).status).toBe(
      200,
    );
  }
  expect((await send(`${url}/readyz`, { method: 'GET' })).status).toBe(200);
  const logs = workspace.logs();
  // The report of a failure must not print the secret.
  for (const secret of secretsOf(whole)) {
    const leaks = logs.split('\n').filter((line) => line.includes(secret));
    expect(leaks.map((line) => line.replaceAll(secret, '[the secret]'))).toEqual([]);
  }
  expect(logs.split('\n').filter((line) => /^\{"level":[56]0/.test(line))).toEqual([]);
  expect(rejections).toEqual([]);
}

test('The server has exactly these routes and methods, so that every new route joins the tests below', () => {
  const read = ['GET', 'HEAD'];
  const all = METHODS.filter((method) => method !== 'CONNECT').toSorted();
  const routes = keysmith.routes.map(({ url, methods }) => [url, methods.toSorted()] as const);

  expect(Object.fromEntries(routes)).toEqual({
    '/.well-known/jwks.json': [...read, 'OPTIONS'],
    '/.well-known/oauth-authorization-server': [...read, 'OPTIONS'],
    '/.well-known/openid-configuration': [...read, 'OPTIONS'],
    '/ext-authz/*': all,
    '/forward-auth': all,
    '/graphql': ['POST'],
    '/healthz': read,
    '/metrics': read,
    '/oauth/introspect': ['POST'],
    '/oidc/token': ['POST'],
    '/readyz': read,
    '/v1/runs/authorize': ['POST'],
  });
});

test(
  'An arbitrary request to any route gets a response below 500 in the documented shape, without a secret',
  async () => {
    const secrets = secretsOf(keysmith);
    const request = arbitraryRequests(keysmith);
    // fast-check builds its tables once, which must not count as growth.
    fc.sample(request, 100);
    const before = heapBytes();

    await fc.assert(
      fc.asyncProperty(request, async (sent) => {
        const response = await send(`${keysmith.url}${sent.path}`, sent as Parameters<typeof send>[1]);
        expect(response.status).toBeLessThan(500);
        expectDocumented(sent, response);
        const text = JSON.stringify([response.headers, response.body]);
        for (const secret of secrets) expect(text.includes(secret)).toBe(false);
      }),
      { numRuns: RUNS },
    );

    await expectHealthy(keysmith);
    expect(heapBytes() - before).toBeLessThan(MAX_GROWTH_BYTES);
  },
  TIMEOUT_MS,
);

test(
  'Arbitrary bytes on a connection get no 5xx and no secret, and the connection ends',
  async () => {
    const secrets = secretsOf(keysmith);

    await fc.assert(
      fc.asyncProperty(arbitraryBytes(keysmith), async (raw) => {
        const response = await sendBytesAndEnd(keysmith.url, raw);
        expect(response).toMatch(/^(HTTP\/1\.1 [1-4]\d\d |$)/);
        expect(response).not.toMatch(/HTTP\/1\.1 5/);
        for (const secret of secrets) expect(response.includes(secret)).toBe(false);
      }),
      { numRuns: RAW_RUNS },
    );

    await expectHealthy(keysmith);
  },
  TIMEOUT_MS,
);
