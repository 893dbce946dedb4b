import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createRestClient, type RestOperation } from '../../../../src/backends/wandb/rest/rest-client.ts';
import { API_KEY, hangs, json, type Reply, scimError, scriptedFetch, webPage } from './scripted-fetch.ts';

const READ: RestOperation<string> = {
  kind: 'query',
  name: 'Read',
  method: 'GET',
  path: '/scim/Users',
  mediaType: 'application/scim+json',
  read: ({ text }) => ({ ok: true, value: text }),
};
const WRITE: RestOperation<string> = {
  ...READ,
  kind: 'mutation',
  name: 'Write',
  method: 'POST',
  body: { a: 1 },
};

const status = (code: number, headers: Record<string, string> = {}): Reply => json({}, code, headers);
const ok = json('fine');
const value = { ok: true, value: '"fine"' };

const SERVICE_ACCOUNT = `Basic :${API_KEY}`;
const BEARER = `Bearer ${API_KEY}`;
const PERSON = `Basic ada:${API_KEY}`;

function startClient(first: Reply[], options: { username?: string; maxResponseBytes?: number } = {}) {
  const { username, ...limits } = options;
  const setup = scriptedFetch(...first);
  const client = createRestClient({ ...setup.dependencies, limits, readUsername: async () => username });
  return { ...setup, client, sent: () => setup.requests.map(({ authorization }) => authorization) };
}

describe('the credential', () => {
  test('is sent as that of an organization service account, with an empty user name', async () => {
    const { client, requests, sent } = startClient([ok]);
    expect(await client.call(READ)).toEqual(value);
    expect(sent()).toEqual([SERVICE_ACCOUNT]);
    expect(requests[0]?.headers.get('user-agent')).toMatch(/^W&B Public Client .* keysmith\//);
  });

  test.each([401, 403])('is sent in the other ways after %d, and then in the accepted one', async (code) => {
    const { client, sent } = startClient([status(code), status(401), ok], { username: 'ada' });
    expect(await client.call(READ)).toEqual(value);
    expect(await client.call(READ)).toEqual(value);
    expect(sent()).toEqual([SERVICE_ACCOUNT, BEARER, PERSON, PERSON]);
  });

  test('is also sent in the other ways for a mutation, which a server refuses before it does anything', async () => {
    const { client, requests, sent } = startClient([status(401), ok]);
    expect(await client.call(WRITE)).toEqual(value);
    expect(sent()).toEqual([SERVICE_ACCOUNT, BEARER]);
    expect(requests[1]).toMatchObject({ method: 'POST', body: { a: 1 } });
  });

  test('is sent with a user name only when that is known', async () => {
    const { client, sent } = startClient([status(401)]);
    expect(await client.call(READ)).toMatchObject({ ok: false, failure: { reason: 'unauthorized' } });
    expect(sent()).toEqual([SERVICE_ACCOUNT, BEARER]);
  });

  test('is reported as not allowed when the server refuses it in different ways', async () => {
    const { client } = startClient([status(401), scimError(403, 'admins only'), status(401)], {
      username: 'ada',
    });
    expect(await client.call(READ)).toMatchObject({
      failure: { reason: 'forbidden', messages: ['admins only'] },
    });
  });

  test('is not sent in another way once the server has accepted one', async () => {
    const { client, sent, replyWith } = startClient([ok], { username: 'ada' });
    await client.call(READ);
    replyWith(status(401));
    expect(await client.call(READ)).toMatchObject({ failure: { reason: 'unauthorized' } });
    expect(sent()).toEqual([SERVICE_ACCOUNT, SERVICE_ACCOUNT]);
  });

  test('is not sent in another way after a failure that is not about it', async () => {
    const { client, sent } = startClient([status(404)], { username: 'ada' });
    await client.call(READ);
    expect(sent()).toEqual([SERVICE_ACCOUNT]);
  });
});

describe('a call', () => {
  test('waits as long as the server asks before it is retried', async () => {
    const { client, pauses } = startClient([status(429, { 'retry-after': '2' }), status(503), ok]);
    expect(await client.call(READ)).toEqual(value);
    expect(pauses).toEqual([2125, 250]);
  });

  test.each<[string, Reply]>([
    ['a status of 503', status(503)],
    ['a connection that breaks', () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNRESET' }))],
  ])('that changes something is not repeated after %s', async (_, reply) => {
    const { client, requests } = startClient([reply]);
    expect(await client.call(WRITE)).toMatchObject({ ok: false, failure: { mayHaveHappened: true } });
    expect(requests).toHaveLength(1);
  });

  test('ends at its timeout', async () => {
    const { client } = startClient([hangs]);
    expect(await client.call(READ, { deadlineMs: Date.UTC(2026, 10, 24, 6, 0, 0) + 50 })).toEqual({
      ok: false,
      failure: { reason: 'timed_out', mayHaveHappened: false },
    });
  });

  test('does not read a response that is too large', async () => {
    const { client } = startClient([json('x'.repeat(1000))], { maxResponseBytes: 100 });
    expect(await client.call(READ)).toMatchObject({ failure: { reason: 'too_large' } });
  });

  test('does not follow a redirect, which could receive the key', async () => {
    const { client, requests } = startClient([status(307, { location: 'https://evil.test/scim' })]);
    expect(await client.call(READ)).toMatchObject({ failure: { reason: 'redirected', host: 'evil.test' } });
    expect(requests).toHaveLength(1);
  });
});

test.each<[string, Reply]>([
  ['refuses it', scimError(401, `unknown key ${API_KEY}`)],
  ['quotes it in an error', scimError(400, `bad header ${Buffer.from(`:${API_KEY}`).toString('base64')}`)],
  ['quotes it in a redirect', status(302, { location: `https://${API_KEY}.test/` })],
  ['sends a web page', webPage],
])('no log line or failure contains the key when the server %s', async (_, reply) => {
  const { client, lines } = startClient([reply], { username: 'ada' });
  const results = [await client.call(READ), await client.call(WRITE)];
  const output = inspect({ client, lines, results }, { depth: 20, showHidden: true });
  expect(lines).toHaveLength(2);
  for (const user of ['', 'ada']) {
    expect(output).not.toContain(Buffer.from(`${user}:${API_KEY}`).toString('base64').slice(8, 40));
  }
  expect(output.toLowerCase()).not.toContain(API_KEY.slice(10, 40).toLowerCase());
});
