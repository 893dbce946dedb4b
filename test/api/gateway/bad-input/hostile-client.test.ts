import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { drawApiKey, formatApiKey } from '../../../../src/domain/keys/api-key.ts';
import { send } from '../../../send-request.ts';
import { addKey, basic, revoke } from '../../../world/credential-world.ts';
import { sendBytes } from '../../test-server.ts';
import { connectBytes, FILE, LINES, sharedSmallGateway } from './small-gateway.ts';

const IDLE_MS = 400;
const gateway = sharedSmallGateway({ limits: { idleTimeoutMs: IDLE_MS, checkEveryMs: 20 } });
beforeEach(() => gateway().upstream.reset());
afterEach(() => {
  const { lines } = gateway().world.log;
  expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

const DAY_MS = 24 * 60 * 60_000;
const PATHS = [
  ['POST', '/graphql'],
  ['POST', LINES],
  ['GET', FILE],
  ['GET', '/artifacts/ml-platform/0a1b'],
  ['GET', '/artifactsV2/gcp-us/ml-platform/demo/set/QXJ0/0a1b/a.txt'],
] as const;
const QUERY = '{"query":"{ viewer { id } }"}';

/** Returns the first lines of the requests that reached the W&B server. */
const reached = () => gateway().upstream.received.flatMap((text) => text.match(/^[A-Z]+ \/\S*/gm) ?? []);
const request = (
  line: string,
  { headers = [] as string[], body = '', authorization = gateway().authorization, version = '1.1' } = {},
) => {
  const lines = [
    `${line} HTTP/${version}`,
    ...(authorization === '' ? [] : [`Authorization: ${authorization}`]),
    'Content-Type: application/json',
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
};
const HOST = 'Host: x';
const CLOSE = 'Connection: close';
const ofLength = (body: string) => `Content-Length: ${body.length}`;
const statuses = (response: string) =>
  [...response.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
const ask = (line: string, options: Parameters<typeof request>[1] = {}) =>
  sendBytes(gateway().url, request(line, { ...options, headers: [HOST, CLOSE, ...(options.headers ?? [])] }));

describe('a request with a credential that is not valid anymore, or never was', () => {
  const foreign = () => basic('api', formatApiKey(drawApiKey(randomBytes)));
  test.each([
    ['none', () => ''],
    ['a key of another Keysmith', foreign],
    ['its key as a username', () => `Basic ${btoa(`${gateway().added.key}:`)}`],
    ['a valid key twice', () => `${gateway().authorization}\r\nAuthorization: ${gateway().authorization}`],
    ['a valid key after another', () => `${foreign()}\r\nAuthorization: ${gateway().authorization}`],
    ['two credentials in one', () => `${gateway().authorization}, ${gateway().authorization}`],
    ['an empty one', () => 'Bearer '],
    ['another scheme', () => `Digest ${gateway().added.key}`],
    [
      'a revoked key',
      async () => {
        const { world } = gateway();
        const added = await addKey(world, { name: 'revoked-one' });
        await revoke(world, added.account.id);
        return basic('api', added.key);
      },
    ],
    [
      'a key whose delivery is open',
      async () => basic('api', (await addKey(gateway().world, { name: 'open-one', isDelivered: false })).key),
    ],
  ])('is a 401 on every kind of path and reaches nothing: %s', async (_what, of) => {
    const authorization = await of();
    for (const [method, path] of PATHS) {
      const body = method === 'POST' ? QUERY : '';
      const response = await ask(`${method} ${path}`, { authorization, headers: [ofLength(body)], body });
      expect([path, statuses(response)]).toEqual([path, [401]]);
      expect(response).toContain('"errors":[{"message":"Keysmith ');
    }
    expect(reached()).toEqual([]);
  });

  it('is a 401 on every kind of path and reaches nothing: an expired key', async () => {
    const { world } = gateway();
    world.clock.nowMs += 91 * DAY_MS;
    try {
      for (const [method, path] of PATHS) {
        const headers = [ofLength(QUERY)];
        const response = await ask(`${method} ${path}`, { headers, body: QUERY });
        expect([path, statuses(response)]).toEqual([path, [401]]);
      }
    } finally {
      world.clock.nowMs -= 91 * DAY_MS;
    }
    expect(reached()).toEqual([]);
  });
});

describe('only the allowed methods and spellings of a path reach the W&B server', () => {
  const METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY'];
  test.each(PATHS)('%s %s alone', async (allowed, path) => {
    for (const method of METHODS.filter((other) => other !== allowed)) {
      // A file may have any name.
      if (method === 'GET' && path === LINES) continue;
      const response = await ask(`${method} ${path}`, { headers: ['X-HTTP-Method-Override: POST'] });
      expect([method, statuses(response)[0]]).toEqual([method, path === '/graphql' ? 405 : 404]);
    }
    expect(reached()).toEqual([]);
  });

  const SPELLINGS: Record<string, (path: string) => string> = {
    'an absolute URL': (path) => `http://x${path}`,
    'an absolute URL of another server': (path) => `https://evil.test${path}`,
    'a URL without a scheme': (path) => `//evil.test${path}`,
    'a double slash': (path) => `/${path}`,
    'a double slash inside': (path) => path.replace(/(.)\//, '$1//'),
    'a slash at the end': (path) => `${path}/`,
    'a dot segment': (path) => `/.${path}`,
    'an encoded dot segment': (path) => `/%2e${path}`,
    'a way back': (path) => `/x/..${path}`,
    'an encoded way back': (path) => `/x/%2E%2e${path}`,
    'a way back from the path': (path) => `${path}/../../../../../scim/Users`,
    'a way back that some servers take out': (path) => `${path}/..;/..;/scim/Users`,
    parameters: (path) => `${path};jsessionid=1`,
    'an encoded slash': (path) => path.replace(/(.)\//, '$1%2f'),
    'an encoded slash at the start': (path) => path.replace('/', '/%2f'),
    'a backslash': (path) => path.replace(/(.)\//, '$1\\'),
    'an encoded backslash': (path) => `${path}%5c..%5cscim`,
    'a NUL': (path) => `${path}%00.txt`,
    'a line break': (path) => `${path}%0d%0aX-A:%20b`,
    'half an escape': (path) => `${path}%e`,
    'an invalid escape': (path) => `${path}%ff`,
    'an overlong escape': (path) => `${path}/%c0%ae%c0%ae/scim`,
    'a double escape': (path) => `${path}%252fscim`,
    'another case': (path) => path.replace(/[a-z]/, (letter) => letter.toUpperCase()),
    'a fragment': (path) => `${path}#a`,
    'five thousand characters': (path) => `${path}${'a'.repeat(5_000)}`,
  };
  test.each(Object.entries(SPELLINGS))('not %s', async (_what, spell) => {
    for (const [method, path] of PATHS) {
      if (spell(path) === path) continue;
      gateway().upstream.reset();
      const response = await ask(`${method} ${spell(path)}`, { headers: [ofLength(QUERY)], body: QUERY });
      const [status = 0] = statuses(response);
      // No response says to use the method that the client used.
      expect([spell(path).slice(0, 80), status]).not.toEqual([spell(path).slice(0, 80), 405]);
      // What is part of a file's name stays part of it.
      const isName = method === 'GET' && /;jsessionid/.test(spell(path));
      if (!isName)
        expect([spell(path).slice(0, 80), status >= 400, reached()]).toEqual([
          spell(path).slice(0, 80),
          true,
          [],
        ]);
      else expect(reached()).toEqual([`GET ${path}%3Bjsessionid%3D1`]);
    }
  });

  it('but escaped letters are the letters', async () => {
    const escaped = FILE.replace('files', '%66%69les').replace('model', '%6dodel');
    expect(statuses(await ask(`GET ${escaped}?a=%2F..%2F&b`))).toEqual([200]);
    expect(reached()).toEqual([`GET ${FILE}?a=%2F..%2F&b`]);
  });

  it('with a foreign host, and over HTTP/1.0 without one', async () => {
    const headers = ['Host: evil.test', 'X-Forwarded-Host: evil.test', CLOSE];
    expect(statuses(await sendBytes(gateway().url, request(`GET ${FILE}`, { headers })))).toEqual([200]);
    expect(statuses(await sendBytes(gateway().url, request(`GET ${FILE}`, { version: '1.0' })))).toEqual([
      200,
    ]);
    expect(statuses(await sendBytes(gateway().url, request(`GET ${FILE}`)))).toEqual([400]);
    expect(reached()).toHaveLength(2);
    expect(gateway().upstream.received.join('')).not.toContain('evil');
  });
});

describe('a body', () => {
  const BODY = 'x'.repeat(100);
  const CHUNKED = 'Transfer-Encoding: chunked';
  test.each([
    ['shorter than its length', ['Content-Length: 100'], BODY.slice(0, 40)],
    ['without its last chunk', [CHUNKED], `64\r\n${BODY}\r\n`],
    ['with a broken chunk', [CHUNKED], `64\r\n${BODY}\r\nzz\r\n`],
    ['with a chunk that is shorter than it says', [CHUNKED], `64\r\n${BODY}\r\n64\r\n${BODY.slice(0, 40)}`],
    ['with a chunk that is longer than it says', [CHUNKED], `63\r\n${BODY}\r\n0\r\n\r\n`],
  ])('never seems complete to the W&B server: %s', async (_what, headers, body) => {
    gateway().upstream.respond = () => {};
    const client = await connectBytes(gateway().url);
    client.socket.end(request(`POST ${LINES}`, { headers: [HOST, ...headers], body }));
    await client.closed;
    await expect.poll(gateway().upstream.open).toBe(0);
    const [, sent = ''] = gateway().upstream.received.join('').split('\r\n\r\n', 2);
    expect(gateway().upstream.received.join('')).not.toMatch(/\r\n0\r\n/);
    expect(sent.length).toBeLessThan(100 + '64\r\n\r\n'.length + 100);
    expect(statuses(client.text()).filter((status) => status < 400)).toEqual([]);
  });

  test.each([
    ['a length and chunks', ['Content-Length: 4', CHUNKED]],
    ['two lengths', ['Content-Length: 4', 'Content-Length: 5']],
    ['two lengths in one', ['Content-Length: 4, 5']],
    ['chunks twice', [CHUNKED, 'Transfer-Encoding: identity']],
    ['a coding that only looks like chunks', ['Transfer-Encoding: xchunked']],
    ['a space before the colon', ['Transfer-Encoding : chunked']],
    ['a folded coding', ['Transfer-Encoding:\r\n chunked']],
    ['a length in hexadecimal', ['Content-Length: 0x4']],
  ])('whose end two servers could see in different places reaches nothing: %s', async (_what, headers) => {
    const smuggled = request('GET /artifacts/ml-platform/0a1b', { headers: [HOST] });
    const body = `0\r\n\r\n${smuggled}`;
    const response = await sendBytes(
      gateway().url,
      request(`POST ${LINES}`, { headers: [HOST, ...headers], body }),
    );
    expect(statuses(response)[0]).toBe(400);
    expect(statuses(response)).toHaveLength(1);
    expect(reached()).toEqual([]);
  });

  it('ends where its length says, and what follows is a request of its own', async () => {
    const follows = request(`GET ${FILE}`, { headers: [HOST, CLOSE] });
    const response = await sendBytes(
      gateway().url,
      request(`POST ${LINES}`, { headers: [HOST, ofLength('{}')], body: `{}${follows}` }),
    );
    expect(statuses(response)).toEqual([200, 200]);
    expect(reached()).toEqual([`POST ${LINES}`, `GET ${FILE}`]);
  });

  it('of a refused request is not read as requests, whether or not the client waits for 100 Continue', async () => {
    const body = request(`GET ${FILE}`, { headers: [HOST] });
    for (const expects of [[], ['Expect: 100-continue']]) {
      const refused = request(`POST ${LINES}`, {
        authorization: basic('api', 'wrong'),
        headers: [HOST, `Content-Length: ${body.length + 1}`, ...expects],
        body,
      });
      const response = await sendBytes(gateway().url, refused);
      expect(statuses(response)).toEqual([401]);
      expect(response).toMatch(/^connection: close\r$/im);
    }
    expect(reached()).toEqual([]);
  });

  it('of nothing that a refusal was sent for reaches the W&B server with the next request', async () => {
    const refused = request(`GET ${FILE}`, { authorization: basic('api', 'wrong'), headers: [HOST] });
    const response = await sendBytes(
      gateway().url,
      `${refused}${request(`GET ${FILE}`, { headers: [HOST] })}${request(`GET ${FILE}`, { authorization: '', headers: [HOST, CLOSE] })}`,
    );
    expect(statuses(response)).toEqual([401, 200, 401]);
    expect(reached()).toEqual([`GET ${FILE}`]);
  });

  it('of a document may have 16 MiB', async () => {
    const ofBytes = (bytes: number) =>
      request('POST /graphql', { headers: [HOST, `Content-Length: ${bytes}`, 'Expect: 100-continue'] });
    const client = await connectBytes(gateway().url);
    client.socket.write(ofBytes(16 * 1024 * 1024));
    await expect.poll(client.text).toContain('100 Continue');
    client.socket.destroy();
    expect(statuses(await sendBytes(gateway().url, ofBytes(16 * 1024 * 1024 + 1)))).toEqual([413]);
  });

  it('may be large although the W&B server refuses it before its end', async () => {
    gateway().upstream.respond = (socket) =>
      void socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 19\r\n\r\n{"error":"too big"}');
    const response = await send(`${gateway().url}${LINES}`, {
      headers: { authorization: gateway().authorization, 'content-type': 'application/json' },
      body: 'x'.repeat(8_000_000),
    });
    expect([response.status, response.body]).toEqual([413, '{"error":"too big"}']);
  });
});

describe('a client that stops', () => {
  it('in the middle of its body gets a 408, and its request to the W&B server ends', async () => {
    gateway().upstream.respond = () => {};
    const client = await connectBytes(gateway().url);
    const startedAt = performance.now();
    client.socket.write(request(`POST ${LINES}`, { headers: [HOST, 'Content-Length: 100'], body: '{' }));
    await client.closed;
    expect(statuses(client.text())).toEqual([408]);
    expect(performance.now() - startedAt).toBeGreaterThan(IDLE_MS);
    await expect.poll(gateway().upstream.open).toBe(0);
  });

  test.each([
    ['a download', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc'],
    ['a download that has not begun', ''],
  ])('and leaves in the middle of %s ends it at the W&B server', async (_what, answer) => {
    const begun = Promise.withResolvers<void>();
    gateway().upstream.respond = (socket) => {
      socket.write(answer);
      begun.resolve();
    };
    const client = await connectBytes(gateway().url);
    client.socket.write(request(`GET ${FILE}`, { headers: [HOST] }));
    await begun.promise;
    if (answer !== '') await expect.poll(client.text).toContain('abc');
    client.socket.destroy();
    const leftAt = performance.now();
    await expect.poll(gateway().upstream.open).toBe(0);
    expect(performance.now() - leftAt).toBeLessThan(IDLE_MS);
  });
});

it('opens no tunnel', async () => {
  expect(await sendBytes(gateway().url, request('CONNECT 127.0.0.1:22', { headers: [HOST] }))).toBe('');
  const upgrade = [
    'Connection: Upgrade, HTTP2-Settings, close',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQ',
  ];
  expect(
    statuses(await sendBytes(gateway().url, request(`GET ${FILE}`, { headers: [HOST, ...upgrade] }))),
  ).toEqual([200]);
  expect(gateway().upstream.received.join('')).not.toMatch(/upgrade|http2/i);
});
