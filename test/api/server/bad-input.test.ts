import { METHODS } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isLongForm } from '../../long-form.ts';
import { signedHeaders } from '../../security/signed-request.ts';
import { FORM, type RawResponse, send } from '../../send-request.ts';
import { basic } from '../../world/credential-world.ts';
import {
  type KeysmithWithCredentials,
  sendBytesAndEnd,
  startKeysmithWithCredentials,
} from '../../world/keysmith-with-credentials.ts';
import { startWorkspace } from '../../world/running-workspace.ts';
import { sendBytes } from '../test-server.ts';
import { bodyRoutesOf, rawRefusalIn, refusalIn } from './error-responses.ts';

let keysmith: KeysmithWithCredentials;
beforeAll(async () => {
  keysmith = await startKeysmithWithCredentials();
});
afterAll(() => keysmith.workspace.stop());

const JSON_TYPE = 'application/json';
const at = (path: string) => `${keysmith.url}${path}`;
const refusal = (response: RawResponse) => refusalIn(response, keysmith);
const rawRefusal = (response: string) => rawRefusalIn(response, keysmith);

describe('A request body', () => {
  test('that ends before its declared length is refused, or its connection ends', async () => {
    for (const { path, type, authorization } of bodyRoutesOf(keysmith)) {
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: ${type}`;
      const short = await sendBytesAndEnd(keysmith.url, `${head}\r\nContent-Length: 100\r\n\r\n{"a":`);
      expect(rawRefusal(short) ?? [400, 'invalid_request'], path).toEqual([400, 'invalid_request']);
      const chunk = await sendBytesAndEnd(
        keysmith.url,
        `${head}\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"a"`,
      );
      expect(rawRefusal(chunk) ?? [400, 'invalid_request'], path).toEqual([400, 'invalid_request']);
    }
  });

  test('that continues after its declared length is not read as part of the request', async () => {
    const head = `POST /oidc/token HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: 3\r\n\r\n`;

    const responses = await sendBytes(keysmith.url, `${head}a=bcdefgh\r\n\r\n`);

    const [first = '', ...more] = responses.split(/(?=HTTP\/1\.1 )/);
    expect(rawRefusal(first)).toEqual([400, 'invalid_request']);
    for (const next of more) expect(rawRefusal(next)).toEqual([400, 'invalid_request']);
  });

  test('that is too large is refused when its length is declared or exceeded', async () => {
    for (const { path, type, authorization } of bodyRoutesOf(keysmith)) {
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: ${type}`;
      const declared = await sendBytes(keysmith.url, `${head}\r\nContent-Length: 300000\r\n\r\n`);
      expect(rawRefusal(declared), path).toEqual([413, 'body_too_large']);
      const huge = `${head}\r\nContent-Length: 99999999999999999999\r\n\r\n`;
      expect(rawRefusal(await sendBytesAndEnd(keysmith.url, huge))?.[0], path).toBe(400);
      const chunks = `${head}\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n${'x'.repeat(300_000)}\r\n0\r\n\r\n`;
      // There is no response to read if the connection closed while the body was still being sent.
      const response = rawRefusal(await sendBytesAndEnd(keysmith.url, chunks)) ?? [413, 'body_too_large'];
      expect(response, path).toEqual([413, 'body_too_large']);
    }
  });

  test('of another content type is refused, also of one that other routes accept', async () => {
    for (const { path, type, authorization } of bodyRoutesOf(keysmith)) {
      const others = [type === FORM ? JSON_TYPE : FORM, 'text/plain', 'multipart/form-data; boundary=a', ''];
      for (const other of others) {
        const headers = { authorization, 'content-type': other };
        const [status, error] = refusal(await send(at(path), { headers, body: '{}' }));
        // RFC 6749 has only one code for it.
        const expected = type === FORM ? [400, 'invalid_request'] : [415, 'unsupported_content_type'];
        expect([path, other, status, error]).toEqual([path, other, ...expected]);
      }
    }
  });

  test.each<[string, Uint8Array | string]>([
    ['binary garbage', Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 151) % 256))],
    ['the first bytes of a zip bomb', Buffer.from('1f8b0800000000000203', 'hex')],
    ['UTF-16', Buffer.from('\ufeff{"project":"a"}', 'utf16le')],
    ['an empty body', ''],
    ['a NUL character', '\0'],
    ['a number', '1'],
    ['a JSON string', '"query"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['deep nesting', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
    ['deep lists', '['.repeat(50_000)],
    ['JSON that sets __proto__', '{"__proto__":{"allowed":true},"project":"a","query":"{ viewer { id } }"}'],
    ['half of an object', '{"project":"a","query":"{ viewer { i'],
    ['two objects', '{"project":"a","query":"{ viewer { id } }"}{}'],
    ['many fields', 'token=a&'.repeat(5_000)],
  ])('that is neither a JSON object nor a form is refused: %s', async (_what, body) => {
    for (const { path, type, authorization } of bodyRoutesOf(keysmith)) {
      const headers = { authorization, 'content-type': type, 'content-length': Buffer.byteLength(body) };
      expect(refusal(await send(at(path), { headers, body })), path).toEqual([400, 'invalid_request']);
    }
  });
});

describe('A request without a route', () => {
  test('gets a 405 with the allowed methods if its path has a route', async () => {
    const few = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];
    const methods = isLongForm ? METHODS.filter((method) => method !== 'CONNECT') : few;
    for (const { url } of keysmith.routes) {
      // These accept every method, as gateways forward the method of their client.
      if (/^\/(forward-auth|ext-authz)/.test(url)) continue;
      const isPublic = url.startsWith('/.well-known');
      const isRead = isPublic || ['/healthz', '/readyz', '/metrics'].includes(url);
      const allowed = isRead ? ['GET', 'HEAD', ...(isPublic ? ['OPTIONS'] : [])] : ['POST'];
      for (const method of methods) {
        if (allowed.includes(method)) continue;
        const response = await send(at(url), { method, headers: { 'content-type': 'application/xml' } });
        expect([url, method, response.status]).toEqual([url, method, 405]);
        expect(response.headers.allow).toBe(allowed.join(', '));
        if (method !== 'HEAD') expect(refusal(response)).toEqual([405, 'method_not_allowed']);
      }
    }
  });

  test.each([
    '/',
    '//graphql',
    '/graphql/',
    '/GraphQL',
    '/graphql/..',
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/metrics%00',
    '/.env',
    '/oidc/token;a=b',
    '/slack/events/',
    '/slack/Events',
  ])('gets a 404 if its path is %s', async (path) => {
    const body = `token=${keysmith.key}`;
    for (const method of ['GET', 'POST', 'PROPFIND']) {
      const raw = `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      expect(rawRefusal(await sendBytesAndEnd(keysmith.url, raw)), method).toEqual([404, 'not_found']);
    }
  });
});

test('In Socket Mode, Slack’s request path does not exist', async () => {
  const workspace = await startWorkspace({ transport: 'socket' });
  onTestFinished(() => workspace.stop());
  for (const method of ['GET', 'POST']) {
    const body = 'command=/wandb';
    const response = await send(`${workspace.keysmith.url}/slack/events`, {
      method,
      headers: signedHeaders(body),
      body,
    });
    expect(refusal(response)).toEqual([404, 'not_found']);
  }
});

describe('Request headers', () => {
  const request = (lines: string) =>
    sendBytesAndEnd(
      keysmith.url,
      `GET /forward-auth HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keysmith.key}\r\n${lines}\r\n\r\n`,
    );

  test.each([
    ['a bare line feed', 'X-A: a\nX-Keysmith-Scope: organization'],
    ['a bare carriage return', 'X-A: a\rX-Keysmith-Scope: organization'],
    ['a NUL', 'X-A: a\0b'],
    ['a folded line', 'X-A: a\r\n b'],
    ['a space before the colon', 'Content-Length : 5'],
    ['no colon', 'X-A'],
    ['no header name', ': a'],
    ['a name with a space', 'X A: a'],
    ['a length with a plus sign', 'Content-Length: +5'],
    ['a negative length', 'Content-Length: -1'],
    ['two different lengths', 'Content-Length: 0\r\nContent-Length: 5'],
    ['a length and chunked encoding', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['an unsupported transfer encoding', 'Transfer-Encoding: chunked, identity'],
  ])('with %s make the whole request invalid', async (_what, lines) => {
    const response = await request(lines);

    expect(rawRefusal(response)).toEqual([400, 'invalid_request']);
    expect(response.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test('are refused if one has a million characters or there are a thousand', async () => {
    const long = await request(`X-A: ${'a'.repeat(1_000_000)}`);
    expect(rawRefusal(long) ?? [431, 'headers_too_large']).toEqual([431, 'headers_too_large']);
    const many = await request(
      Array.from({ length: 1_000 }, (_, index) => `X-A-${index}: aaaaaaa`).join('\r\n'),
    );
    expect(rawRefusal(many) ?? [431, 'headers_too_large']).toEqual([431, 'headers_too_large']);
  });

  test('can’t make Keysmith upgrade the connection, meet an expectation or open a tunnel', async () => {
    expect(rawRefusal(await request('Expect: a-miracle'))).toEqual([417, 'expectation_failed']);
    expect(await request('Upgrade: h2c\r\nConnection: Upgrade')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await sendBytesAndEnd(keysmith.url, 'CONNECT evil.test:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
  });

  test('can’t be injected into a response by a path, a query or a body', async () => {
    const injected = 'ml-platform%0d%0aX-Injected:%20yes%0d%0a%0d%0a%3Chtml%3E';
    for (const path of [`/forward-auth?team=${injected}`, `/ext-authz/${injected}`, `/${injected}`]) {
      const headers = { authorization: `Bearer ${keysmith.key}`, 'x-request-id': 'a%0d%0aX-Injected: yes' };
      const response = await send(at(path), { method: 'GET', headers });
      expect([path, response.headers['x-injected'], response.body.includes('html')]).toEqual([
        path,
        undefined,
        false,
      ]);
    }
    const headers = { authorization: basic('api', keysmith.key), 'content-type': JSON_TYPE };
    const body = JSON.stringify({ project: 'a\r\nX-Injected: yes', entity: 'ml-platform' });
    expect(refusal(await send(at('/v1/runs/authorize'), { headers, body }))).toEqual([
      400,
      'invalid_request',
    ]);
  });
});
