import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { type RawResponse, send } from '../../../send-request.ts';
import { connectBytes, FILE, LINES, sharedSmallGateway } from './small-gateway.ts';

const IDLE_MS = 500;
const MAX_ANSWER_BYTES = 100_000;
const gateway = sharedSmallGateway({
  limits: { idleTimeoutMs: IDLE_MS, checkEveryMs: 50, maxAnswerBytes: MAX_ANSWER_BYTES },
});
beforeEach(() => gateway().upstream.reset());
/** No W&B server, whatever it does, fills the log with unexpected errors. */
afterEach(() => {
  const { lines } = gateway().world.log;
  expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

const runOf = (selection: string) =>
  `{ project(name: "demo", entityName: "ml-platform") { run(name: "run1") { ${selection} } } }`;
const FILES = 'id files { edges { node { url } } }';
const post = (path: string, body: unknown) =>
  send(`${gateway().url}${path}`, {
    headers: { 'content-type': 'application/json', authorization: gateway().authorization },
    body: JSON.stringify(body),
  });
const get = (path: string) =>
  send(`${gateway().url}${path}`, { method: 'GET', headers: { authorization: gateway().authorization } });
const REQUESTS = {
  'an edited document': () => post('/graphql', { query: runOf(FILES) }),
  'a document': () => post('/graphql', { query: runOf('name') }),
  lines: () => post(LINES, {}),
  'a download': () => get(FILE),
};
const sendAll = () => Promise.all(Object.values(REQUESTS).map((sent) => sent().catch(() => undefined)));
const outcome = (response: RawResponse | undefined) =>
  response && [response.status, response.headers['retry-after'], response.headers['content-type']];
const JSON_TYPE = 'application/json; charset=utf-8';
const OK = 'HTTP/1.1 200 OK\r\n';

describe('a W&B server that sends no complete head or no byte of a body', () => {
  test.each([
    ['nothing', ''],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['half a status line', 'HTTP/1.1 20'],
    ['half of its headers', `${OK}Content-`],
    ['headers of 200 kB', `${OK}X-A: ${'a'.repeat(200_000)}\r\n\r\n`],
    ['a NUL in a header', `${OK}X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}`],
    ['two lengths', `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    [
      'a length and chunks',
      `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    ],
    ['a negative length', `${OK}Content-Length: -2\r\n\r\n{}`],
    [
      'another protocol at its own wish',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    ],
    ['only an interim response', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\n{}'],
    ['a status above 599', 'HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\n{}'],
    [
      'headers alone',
      `${OK}Content-Type: text/html\r\nContent-Encoding: identity\r\nETag: "a"\r\nContent-Length: 1000\r\n\r\n`,
    ],
    ['compressed headers alone', `${OK}Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n`],
    ['headers alone, before chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n`],
    ['a broken first chunk', `${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}`],
  ])('is a 503 that says when to try again: %s', async (_what, bytes) => {
    gateway().upstream.respond = (socket) => void socket.end(bytes, 'latin1');
    const responses = await sendAll();
    for (const response of responses) {
      const { errors, code } = JSON.parse(response?.body ?? '');
      expect([code, errors.length]).toEqual(['upstream_unavailable', 1]);
      expect(outcome(response)).toEqual([503, '5', JSON_TYPE]);
      expect(response?.headers).not.toHaveProperty('etag');
      expect(response?.headers).not.toHaveProperty('content-encoding');
    }
  });

  it('is a 502 if its body is not compressed as it says', async () => {
    gateway().upstream.respond = (socket) =>
      void socket.end(`${OK}Content-Encoding: gzip\r\nContent-Length: 11\r\n\r\n{"data":{}}`);
    expect((await sendAll()).map((response) => response?.status)).toEqual([502, 502, 502, 502]);
  });
});

describe('a W&B server whose body is wrong', () => {
  const breaksOff = [503, undefined, undefined, undefined];
  test.each([
    ['too short', 'Content-Length: 1000\r\n\r\n{"data":{}}', breaksOff],
    ['with a broken chunk', 'Transfer-Encoding: chunked\r\n\r\nb\r\n{"data":{}}\r\nzz\r\n', breaksOff],
    ['without a last chunk', 'Transfer-Encoding: chunked\r\n\r\nb\r\n{"data":{}}\r\n', breaksOff],
    ['too long', 'Content-Length: 11\r\n\r\n{"data":{}}HTTP/1.1 200 OK\r\n\r\nX', [200, 200, 200, 200]],
    ['without a length', '\r\n{"data":{}}', [200, 200, 200, 200]],
  ])('never seems complete to the workload: %s', async (_what, bytes, expected) => {
    gateway().upstream.respond = (socket) => void socket.end(`${OK}${bytes}`);
    const responses = await sendAll();
    expect(responses.map((response) => response?.status)).toEqual(expected);
    for (const response of responses) if (response?.status === 200) expect(response.body).toBe('{"data":{}}');
  });

  it('passes interim responses over', async () => {
    gateway().upstream.respond = (socket) =>
      void socket.end(
        `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 11\r\n\r\n{"data":{}}`,
      );
    expect((await sendAll()).map((response) => response?.body)).toEqual(Array(4).fill('{"data":{}}'));
  });
});

describe('a W&B server that is slow', () => {
  test.each([
    ['sends nothing', ''],
    ['sends headers alone', `${OK}Content-Length: 1000\r\n\r\n`],
  ])('is a 504 that says when to try again, if it %s', async (_what, bytes) => {
    gateway().upstream.respond = (socket) => void socket.write(bytes);
    expect((await sendAll()).map(outcome)).toEqual(Array(4).fill([504, '5', JSON_TYPE]));
    await expect.poll(gateway().upstream.open).toBe(0);
  });

  it('breaks off for the workload too, if it stops in the middle', async () => {
    gateway().upstream.respond = (socket) =>
      void socket.write(`${OK}Content-Length: 1000\r\n\r\n{"data":{}}`);
    const responses = await sendAll();
    expect(responses.map((response) => response?.status)).toEqual([504, undefined, undefined, undefined]);
    await expect.poll(gateway().upstream.open).toBe(0);
  });

  it('has no time limit while bytes arrive', async () => {
    gateway().upstream.respond = (socket) => {
      socket.write(`${OK}Content-Length: 11\r\n\r\n`);
      const rest = [...'{"data":{}}'];
      const timer = setInterval(() => {
        socket.write(rest.shift() ?? '');
        if (rest.length > 0) return;
        clearInterval(timer);
        socket.end();
      }, IDLE_MS / 6);
    };
    const startedAt = performance.now();
    expect((await sendAll()).map((response) => response?.body)).toEqual(Array(4).fill('{"data":{}}'));
    expect(performance.now() - startedAt).toBeGreaterThan(IDLE_MS);
  });
});

describe('a W&B server that sends much', () => {
  test.each([
    ['with its length', (size: number) => `Content-Length: ${size}\r\n\r\n`],
    ['until it closes', () => '\r\n'],
  ])(
    'is a final GraphQL error where Keysmith edits the answer, beyond the limit: %s',
    async (_what, head) => {
      for (const size of [MAX_ANSWER_BYTES, MAX_ANSWER_BYTES + 1]) {
        const json = `{"data":{"x":"${'a'.repeat(size - 17)}"}}`;
        gateway().upstream.respond = (socket) => void socket.end(`${OK}${head(size)}${json}`);
        const { status, body } = await REQUESTS['an edited document']();
        const isTooLarge = size > MAX_ANSWER_BYTES;
        expect([status, JSON.parse(body).code]).toEqual([
          200,
          isTooLarge ? 'upstream_answer_too_large' : undefined,
        ]);
        expect((await REQUESTS['a document']()).body).toBe(json);
      }
    },
  );

  it('is not read faster than the workload reads', async () => {
    let sent = 0;
    gateway().upstream.respond = (socket) => {
      socket.write(`${OK}\r\n`);
      const chunk = Buffer.alloc(64 * 1024);
      const pump = () => {
        while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
      };
      socket.on('drain', pump);
      pump();
    };
    const { socket, closed } = await connectBytes(gateway().url);
    socket.pause();
    socket.write(`GET ${FILE} HTTP/1.1\r\nHost: x\r\nAuthorization: ${gateway().authorization}\r\n\r\n`);
    // Nobody reads, so the gateway ends it.
    await expect.poll(gateway().upstream.open, { timeout: 10_000 }).toBe(1);
    await expect.poll(gateway().upstream.open, { timeout: 10_000 }).toBe(0);
    expect(sent).toBeLessThan(32e6);
    socket.resume();
    await closed;
  });
});

it('is a 503 that says when to try again while no W&B server listens', async () => {
  const { upstream } = gateway();
  await upstream.pause();
  try {
    expect((await sendAll()).map(outcome)).toEqual(Array(4).fill([503, '5', JSON_TYPE]));
  } finally {
    await upstream.resume();
  }
  expect((await sendAll()).map((response) => response?.status)).toEqual([200, 200, 200, 200]);
});
