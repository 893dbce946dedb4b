import { METHODS } from 'node:http';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { usedFrom } from '../../../src/api/server/failure-limit.ts';
import type { ObservedRequest } from '../../../src/api/server/http-server.ts';
import { readForm } from '../../../src/api/server/request-body.ts';
import { StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { currentRequest } from '../../../src/log/create-logger.ts';
import { FORM, type RawResponse, send } from '../../send-request.ts';
import { collectLog, listen, sendBytes } from '../test-server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

function routes(server: FastifyInstance): void {
  server.post('/echo', async ({ body }) => ({ body }));
  server.post('/form', async ({ body }) => {
    const form = readForm(body);
    return form.ok ? { fields: [...form.fields] } : form.failure;
  });
  server.post('/request-id', async ({ id }) => ({ id, context: currentRequest()?.requestId }));
  server.get('/breaks', async () => {
    throw Object.assign(new Error('hunter2 is the password'), { statusCode: 418, code: 'FST_OWN' });
  });
  server.get('/no-database', async () => {
    throw new StoreUnavailableError('locked', { cause: new Error('busy') });
  });
  server.get('/ip', async (request) => ({ ip: usedFrom(request).address }));
}

/** Checks the shape of an error, and returns its status and code. */
function refusal({ status, headers, body }: RawResponse): { status: number; error: unknown } {
  const { error, error_description: description, ...more } = JSON.parse(body);
  expect(more).toEqual({});
  expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['x-content-type-options']).toBe('nosniff');
  return { status, error };
}

const post = (url: string, body: string | Uint8Array, headers = JSON_TYPE as Record<string, string>) =>
  send(url, { headers, body });

describe('The HTTP server', () => {
  test.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ['malformed JSON', '{"a":', JSON_TYPE, 400, 'invalid_request'],
    ['bytes that are not JSON', Buffer.from([0xff, 0xfe, 0, 1, 0x80]), JSON_TYPE, 400, 'invalid_request'],
    ['text that is not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), JSON_TYPE, 400, 'invalid_request'],
    ['an empty body', '', { ...JSON_TYPE, 'content-length': '0' }, 400, 'invalid_request'],
    ['JSON that sets __proto__', '{"__proto__":{"admin":true}}', JSON_TYPE, 400, 'invalid_request'],
    [
      'JSON that sets constructor.prototype',
      '{"constructor":{"prototype":{}}}',
      JSON_TYPE,
      400,
      'invalid_request',
    ],
    ['a quarter of a million brackets', '['.repeat(250_000), JSON_TYPE, 400, 'invalid_request'],
    [
      'valid JSON that is nested deeply',
      `${'[{"a":'.repeat(40)}1${'}]'.repeat(40)}`,
      JSON_TYPE,
      400,
      'invalid_request',
    ],
    // Parsed, it takes 20 times its bytes; hundreds of them may wait for their turn.
    ['valid JSON with many values', `{"a":[${'[],'.repeat(2_000)}[]]}`, JSON_TYPE, 400, 'invalid_request'],
    ['a large body', `"${'x'.repeat(256 * 1024)}"`, JSON_TYPE, 413, 'body_too_large'],
    ['XML', '<a/>', { 'content-type': 'application/xml' }, 415, 'unsupported_content_type'],
    ['plain text', 'a', { 'content-type': 'text/plain' }, 415, 'unsupported_content_type'],
    ['no content type', 'a', {}, 415, 'unsupported_content_type'],
    ['a malformed content type', 'a', { 'content-type': '\u00ff;;=' }, 415, 'unsupported_content_type'],
    ['a form with a thousand fields', 'a&'.repeat(1000), { 'content-type': FORM }, 400, 'invalid_request'],
  ])('refuses %s in the shape of every error', async (_what, body, headers, status, error) => {
    const url = await listen(routes);

    expect(refusal(await post(`${url}/echo`, body, headers))).toEqual({ status, error });
  });

  test('logs once why it isn’t ready, however often it’s asked', async () => {
    const { logger, lines } = collectLog();
    const isReady = async () => {
      throw new Error('The database is read-only.');
    };
    const url = await listen(routes, { logger, isReady });

    for (let request = 0; request < 5; request += 1)
      expect((await send(`${url}/readyz`, { method: 'GET' })).status).toBe(503);
    expect(lines.filter(({ msg }) => msg === 'readiness check failed')).toHaveLength(1);
  });

  test('responds 405 with the allowed methods to every other method', async () => {
    const url = await listen(routes);
    for (const method of METHODS) {
      if (['CONNECT', 'POST', 'HEAD'].includes(method)) continue;
      const response = await send(`${url}/echo`, { method, headers: JSON_TYPE });
      expect(refusal(response), method).toEqual({ status: 405, error: 'method_not_allowed' });
      expect(response.headers.allow).toBe('POST');
    }
    expect((await send(`${url}/healthz`, { method: 'DELETE' })).headers.allow).toBe('GET, HEAD');
  });

  test('finds the route of a wrong method as the router does: percent-decoded, without the query', async () => {
    const observed: ObservedRequest[] = [];
    const url = await listen(routes, { observe: (request) => void observed.push(request) });

    for (const path of ['/echo?a=b', '/%65cho', '/ech%6F#a']) {
      expect(refusal(await send(`${url}${path}`, { method: 'PUT' })).status, path).toBe(405);
    }
    for (const path of ['/Echo', '/echo/', '/echo%2F', '/echo;a=b', '//echo']) {
      expect(refusal(await send(`${url}${path}`, { method: 'PUT' })).status, path).toBe(404);
    }
    expect(observed.map(({ route, method, status }) => [route, method, status])).toEqual([
      ...Array(3).fill(['/echo', 'PUT', 405]),
      ...Array(5).fill(['none', 'PUT', 404]),
    ]);
  });

  test('finds the route of a wrong method in an absolute URL, which RFC 9112 makes every server accept', async () => {
    const url = await listen(routes);
    const statusOf = async (target: string) => {
      const response = await sendBytes(
        url,
        Buffer.from(`PUT ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      );
      return response.split(' ', 2)[1];
    };
    expect(await statusOf('http://keysmith.example.com/echo?a=b')).toBe('405');
    expect(await statusOf('http://keysmith.example.com/unknown')).toBe('404');
    expect(await statusOf('http://keysmith.example.com')).toBe('404');
  });

  test('responds 404 to an unknown path whatever the method and body, and 400 to a malformed URL', async () => {
    const url = await listen(routes);
    const xml = { 'content-type': 'application/xml' };

    expect(refusal(await send(`${url}/`, { method: 'GET' }))).toEqual({ status: 404, error: 'not_found' });
    expect(refusal(await post(`${url}/echo/`, '<a/>', xml))).toEqual({ status: 404, error: 'not_found' });
    expect(refusal(await send(`${url}/x`, { method: 'PURGE' }))).toEqual({ status: 404, error: 'not_found' });
    expect(refusal(await send(`${url}/%zz`, { method: 'GET' }))).toEqual({
      status: 400,
      error: 'invalid_request',
    });
  });

  test.each([
    ['headers of twenty kilobytes', `GET /ip HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['binary garbage', Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 37) % 256)), 400],
    ['a NUL in a header', 'GET /ip HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n', 400],
    ['a request without Host', 'GET /ip HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [
      'two Content-Length headers',
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 400],
  ])('refuses %s in the shape of every error, and closes the connection', async (_what, bytes, status) => {
    const url = await listen(routes);

    const response = await sendBytes(url, bytes);

    expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
    const [head = '', body = ''] = response.split('\r\n\r\n');
    expect(head.toLowerCase()).toContain('\r\ncontent-type: application/json; charset=utf-8');
    expect(JSON.parse(body)).toEqual({
      error: expect.stringMatching(/^[a-z_]+$/),
      error_description: expect.any(String),
    });
  });
});

describe('A failure of Keysmith', () => {
  test('is a 500 that shows only a reference, which finds the line in the log', async () => {
    const { logger, lines } = collectLog();
    const url = await listen(routes, { logger });

    const response = await send(`${url}/breaks`, { method: 'GET' });

    expect(response.status).toBe(500);
    const { reference, ...body } = JSON.parse(response.body);
    expect(body).toEqual({
      error: 'server_error',
      error_description: `Unexpected error. See the Keysmith log (reference ${reference}).`,
    });
    expect(response.body).not.toContain('hunter2');
    expect(reference).toMatch(/^ks_\w{14}$/);
    expect(lines.find(({ requestId, level }) => requestId === reference && level === 50)).toMatchObject({
      err: { message: 'hunter2 is the password' },
    });
  });

  test('is a 503 with Retry-After and a reference if the database is not reachable', async () => {
    const url = await listen(routes);

    const response = await send(`${url}/no-database`, { method: 'GET' });

    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(response.body)).toMatchObject({
      error: 'temporarily_unavailable',
      reference: expect.stringMatching(/^ks_/),
    });
  });
});

describe('A valid request', () => {
  test('reaches its route as JSON or a form, with an ID that its log lines carry after the body was read', async () => {
    const { logger, lines } = collectLog();
    const url = await listen(routes, { logger });
    const nested = { a: [['[[[[', { b: '\\"]]' }]], ü: '\u2028' };
    const large = 'x'.repeat(200_000);

    expect(JSON.parse((await post(`${url}/echo`, JSON.stringify(nested))).body)).toEqual({ body: nested });
    expect((await post(`${url}/echo`, JSON.stringify({ large }))).status).toBe(200);
    const form = { 'content-type': `${FORM}; charset=UTF-8` };
    expect(JSON.parse((await post(`${url}/form`, 'a=1%2B1+2&b=', form)).body)).toEqual({
      fields: [
        ['a', '1+1 2'],
        ['b', ''],
      ],
    });
    expect(JSON.parse((await post(`${url}/form`, 'a=1&a=1', form)).body).reason).toBe('invalid_request');
    expect(JSON.parse((await post(`${url}/form`, '{}')).body).reason).toBe('content_type_not_supported');
    const ids = JSON.parse((await post(`${url}/request-id?token=hunter2`, JSON.stringify(large))).body);
    expect(ids.context).toBe(ids.id);

    const line = lines.find(({ requestId }) => requestId === ids.id);
    expect(line).toMatchObject({ level: 20, method: 'POST', route: '/request-id', status: 200 });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  test('has the address of its connection, or the one that a trusted proxy forwards', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' };
    const ask = async (url: string) =>
      JSON.parse((await send(`${url}/ip`, { method: 'GET', headers: forwarded })).body).ip;

    expect(await ask(await listen(routes))).toBe('127.0.0.1');
    expect(await ask(await listen(routes, { trustedProxies: ['127.0.0.0/8'] }))).toBe('198.51.100.7');
    expect(await ask(await listen(routes, { trustedProxies: ['127.0.0.1', '198.51.100.7'] }))).toBe(
      '203.0.113.9',
    );
    const twice = { 'x-forwarded-for': ['203.0.113.9:7', '198.51.100.7:4711'] };
    const url = await listen(routes, { trustedProxies: ['127.0.0.1', '198.51.100.0/24'] });
    expect(JSON.parse((await send(`${url}/ip`, { method: 'GET', headers: twice })).body).ip).toBe(
      '203.0.113.9',
    );
    await expect(listen(routes, { trustedProxies: ['nonsense'] })).rejects.toThrow();
  });

  test('to Slack’s path is a 503 while Slack is not connected', async () => {
    const url = await listen(routes);

    expect(refusal(await send(`${url}/slack/events`, {}))).toEqual({
      status: 503,
      error: 'slack_not_connected',
    });
  });
});

test('Arbitrary bytes get a 200, a 4xx or no response, and the server stays up without an error', async () => {
  const { logger, lines } = collectLog();
  const url = await listen(routes, { logger });
  const path = fc.oneof(
    fc.constantFrom('/echo', '/form', '/ip', '/healthz'),
    fc.string().map((text) => `/${text.replace(/\s/g, '')}`),
  );
  const bytes = fc.uint8Array({ maxLength: 200 });
  const anything = fc.oneof(
    bytes.map((raw) => Buffer.from(raw)),
    fc
      .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'QUERY', 'BREW'), path, bytes)
      .map(([method, to, raw]) =>
        Buffer.concat([
          Buffer.from(`${method} ${to} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`),
          Buffer.from(`Content-Type: application/json\r\nContent-Length: ${raw.length}\r\n\r\n`),
          raw,
        ]),
      ),
  );

  await fc.assert(
    fc.asyncProperty(anything, async (sent) => {
      // The garbage at the end makes the server close a connection that it would keep.
      const response = await sendBytes(url, Buffer.concat([sent, Buffer.from('\r\n\r\nNO HTTP\r\n\r\n')]));
      expect(response === '' ? 'HTTP/1.1 4' : response).toMatch(/^HTTP\/1\.1 (4|200)/);
    }),
    { numRuns: 80 },
  );

  expect(lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  expect((await send(`${url}/healthz`, { method: 'GET' })).status).toBe(200);
});
