import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { createLogger } from '../../src/log/create-logger.ts';
import { isLongForm } from '../long-form.ts';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { FORM, send, sendSigned, signedHeaders } from './signed-request.ts';

const MEBIBYTE = 1024 * 1024;

let workspace: RunningWorkspace;
const lines: Record<string, unknown>[] = [];
beforeAll(async () => {
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ level: 'info', secrets: [], destination });
  workspace = await startWorkspace({ keysmith: { logger, trustedProxies: ['127.0.0.1'] } });
});
afterAll(() => workspace.stop());

const eventsUrl = () => `${workspace.keysmith.url}/slack/events`;

/** Sends the head of a request and some of its body, and collects what the server sends. */
async function sendHalf(path: string, headers: Record<string, string>, body: Uint8Array | string = '') {
  const { port } = new URL(workspace.keysmith.url);
  const socket: Socket = connect(Number(port), '127.0.0.1').setEncoding('latin1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  let response = '';
  socket.on('data', (text) => {
    response += text;
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  const head = Object.entries({ Host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${path} HTTP/1.1\r\n${head.join('')}\r\n`);
  socket.write(body);
  return { response: () => response, closed };
}

const wellFormed = () => ({ ...signedHeaders(''), 'x-slack-signature': `v0=${'0'.repeat(64)}` });
const without = (name: string) => {
  const { [name]: _, ...headers } = wellFormed() as Record<string, string>;
  return headers;
};

describe('A request to Slack’s path whose headers can’t be from Slack', () => {
  test.each<[string, () => Record<string, string>, string]>([
    ['no signature', () => without('x-slack-signature'), '401'],
    ['no timestamp', () => without('x-slack-request-timestamp'), '401'],
    ['neither', () => ({ 'content-type': FORM }), '401'],
    ['a signature of another form', () => ({ ...wellFormed(), 'x-slack-signature': 'v0=0' }), '401'],
    [
      'a timestamp of an hour ago',
      () => signedHeaders('', { timestampSeconds: (Date.now() / 1000 - 3_600) | 0 }),
      '401',
    ],
    ['text', () => ({ ...wellFormed(), 'content-type': 'text/plain' }), '415'],
    [
      'an event without a signature',
      () => ({
        ...without('x-slack-signature'),
        'content-type': 'application/json',
        'content-length': '100',
      }),
      '401',
    ],
    [
      'an event of more than half a mebibyte',
      () => ({ ...wellFormed(), 'content-type': 'application/json' }),
      '413',
    ],
    ['a body of a gigabyte', () => ({ ...wellFormed(), 'content-length': '1000000000' }), '413'],
    ['no signature and no length', () => ({ 'content-type': FORM, 'transfer-encoding': 'chunked' }), '401'],
  ])('is refused before its body arrives: %s', async (_what, headers, status) => {
    const length = 'transfer-encoding' in headers() ? {} : { 'content-length': String(MEBIBYTE) };
    const { response, closed } = await sendHalf('/slack/events', { ...length, ...headers() });
    await closed;
    expect(response()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

describe('Bodies that strangers don’t finish', () => {
  // The limit for one body, which a busy machine would reach before the limits for all.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('take a limited memory at Slack’s path, and Slack’s own requests are still served', async () => {
    const count = isLongForm ? 1_500 : 36;
    // Keysmith's buffer for it has doubled to a mebibyte.
    const half = Buffer.alloc(MEBIBYTE / 2 + 1, 'x');
    const headers = { ...wellFormed(), 'content-length': String(MEBIBYTE) };
    const requests = await Promise.all(
      Array.from({ length: count }, () => sendHalf('/slack/events', headers, half)),
    );
    const refused = () => requests.filter(({ response }) => response().startsWith('HTTP/1.1 503 '));
    await expect.poll(() => refused().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count - 32);
    expect((await sendSigned(eventsUrl(), `ssl_check=1&at=${performance.now()}`)).status).toBe(200);
  });

  test('are limited per address, which trusted proxies forward', async () => {
    const headers = { ...wellFormed(), 'content-length': '100', 'x-forwarded-for': '203.0.113.9' };
    const first = await sendHalf('/slack/events', headers, 'x');
    await Promise.all(Array.from({ length: 256 }, () => sendHalf('/slack/events', headers, 'x')));
    await first.closed;
    expect(first.response()).toMatch(/^HTTP\/1\.1 503 /);
  });

  test('are limited at the token route too, which knows its callers by their bodies only', async () => {
    const headers = { 'content-type': FORM, 'content-length': '100', 'x-forwarded-for': '203.0.113.10' };
    const first = await sendHalf('/oidc/token', headers, 'x');
    await Promise.all(Array.from({ length: 256 }, () => sendHalf('/oidc/token', headers, 'x')));
    await first.closed;
    expect(first.response()).toMatch(/^HTTP\/1\.1 503 /);
  });
});

describe('A flood of refused requests', () => {
  test('is logged with its first request, the client’s address and the number of the others', async () => {
    lines.length = 0;
    const headers = { 'content-type': 'text/plain', 'x-forwarded-for': '198.51.100.7' };
    for (let number = 0; number < 50; number += 1) {
      expect((await send(eventsUrl(), { method: 'PUT', headers, body: 'x' })).status).toBe(405);
    }
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'request rejected', reason: 'method', from: '198.51.100.7' }),
    ]);
  });

  test.each([
    ['/graphql', 'credential rejected'],
    ['/forward-auth', 'credential rejected'],
    ['/oauth/introspect', 'introspection client rejected'],
  ])('writes a limited number of lines at %s', async (path, message) => {
    lines.length = 0;
    const headers = { authorization: `Bearer not-a-key-of-${path.length}`, 'content-type': FORM };
    for (let number = 0; number < 40; number += 1) {
      await send(`${workspace.keysmith.url}${path}`, { headers, body: 'token=x' });
    }
    const written = lines.filter(({ msg }) => msg === message);
    expect(written.length).toBeLessThanOrEqual(10);
  });
});
