import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { createOutbound } from '../../../src/net/outbound-fetch.ts';
import { slackFailure } from '../../../src/slack/web/slack-failure.ts';
import { createWebClient } from '../../../src/slack/web/web-client.ts';

const MEBIBYTE = 1024 * 1024;
const TOKEN = 'xoxb-not-for-others';

let respond: (response: ServerResponse) => void;
let elsewhere = 0;
const server = createServer((request, response) => {
  if (request.url === '/elsewhere') elsewhere += 1;
  respond(response);
});
const outbound = createOutbound({ noProxy: undefined });
const lines: string[] = [];
let web: WebClient;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  web = createWebClient(new Secret(TOKEN), {
    fetch: outbound.fetch,
    apiUrl: `http://127.0.0.1:${port}/api/`,
    logger: pino({ level: 'info' }, { write: (line) => void lines.push(line) }),
    callTimeoutMs: 1_000,
  });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await outbound.close();
});

const json =
  (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);

async function failureOf(responding: (response: ServerResponse) => void) {
  respond = responding;
  try {
    await web.users.info({ user: 'U1' });
    return undefined;
  } catch (error) {
    return slackFailure(error);
  }
}

/** Writes until the client hangs up. */
function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"ok":true,"text":"');
  const part = 'x'.repeat(64 * 1024);
  const more = () => {
    while (!response.destroyed) if (!response.write(part)) return void response.once('drain', more);
  };
  response.on('error', () => {});
  more();
}

describe('A response of Slack’s Web API', () => {
  test('is returned when it is what Slack sends', async () => {
    expect(await failureOf(json('{"ok":true,"user":{"id":"U1"}}'))).toBeUndefined();
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['without an end', endless],
    ['of over a mebibyte', json(`{"ok":true,"text":"${'x'.repeat(MEBIBYTE)}"}`)],
    [
      'that grows when it is decompressed',
      json(gzipSync(`{"ok":true,"text":"${' '.repeat(64 * MEBIBYTE)}"}`), { 'content-encoding': 'gzip' }),
    ],
    [
      'that WebClient would decompress itself',
      (response) => void response.writeHead(200, { 'content-type': 'application/gzip' }).end(gzipSync('{}')),
    ],
    ['nested a hundred thousand times', json(`{"ok":true,"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)],
    [
      'in HTML',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
    ],
    ['that isn’t an object', json('[]')],
    ['with an error that isn’t a code', json('{"ok":false,"error":"token xoxb-1 is wrong"}')],
    ['with an error status of a proxy', (response) => void response.writeHead(403).end('x'.repeat(MEBIBYTE))],
    ['that redirects', (response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
  ])('is not taken for one, and neither read further nor logged: %s', async (_what, responding) => {
    lines.length = 0;
    expect(await failureOf(responding)).toEqual({ reason: 'unexpected_response' });
    expect(elsewhere).toBe(0);
    expect(lines.join('').length).toBeLessThan(2_000);
    expect(lines.join('')).not.toContain('Sign in');
  });

  test.each<[string, (response: ServerResponse) => void, object]>([
    [
      'a limit',
      (response) => void response.writeHead(429, { 'retry-after': '30' }).end(),
      { reason: 'rate_limited', retryAfterSeconds: 30 },
    ],
    [
      'a limit without a time',
      (response) => void response.writeHead(429).end(),
      { reason: 'rate_limited', retryAfterSeconds: 60 },
    ],
    [
      'a limit for longer than a timer can wait',
      (response) => void response.writeHead(429, { 'retry-after': '999999999' }).end(),
      { reason: 'rate_limited', retryAfterSeconds: 3600 },
    ],
    [
      'a limit with an odd time',
      (response) => void response.writeHead(429, { 'retry-after': 'soon' }).end(),
      { reason: 'rate_limited', retryAfterSeconds: 60 },
    ],
    ['an internal error', json('{"ok":false,"error":"internal_error"}'), { reason: 'slack_unavailable' }],
    [
      'a 503',
      (response) => void response.writeHead(503).end('x'.repeat(MEBIBYTE)),
      { reason: 'slack_unavailable' },
    ],
    ['a dropped connection', (response) => void response.destroy(), { reason: 'connection_lost' }],
    ['no response', () => {}, { reason: 'timeout' }],
    ['a body that stops', (response) => void response.writeHead(200).write('{"ok":'), { reason: 'timeout' }],
    [
      'a revoked token',
      json('{"ok":false,"error":"token_revoked"}'),
      { reason: 'token_rejected', code: 'token_revoked' },
    ],
    ['a missing scope', json('{"ok":false,"error":"missing_scope"}'), { reason: 'scope_missing' }],
    [
      'a rule of the organization',
      json('{"ok":false,"error":"org_login_required"}'),
      { reason: 'not_allowed', code: 'org_login_required' },
    ],
    [
      'a method that Slack has removed',
      json('{"ok":false,"error":"method_deprecated"}'),
      { reason: 'request_rejected', code: 'method_deprecated' },
    ],
  ])('has its cause: %s', async (_what, responding, failure) => {
    expect(await failureOf(responding)).toEqual(failure);
  });
});
