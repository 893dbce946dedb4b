import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../../send-request.ts';
import { type GatewayWorld, startGatewayWorld, TEAM, teamKey } from '../../world/gateway-world.ts';

/** The shape of a W&B key, and no more secret than that. */
const KEY = `local-${'0123456789abcdef'.repeat(3).slice(0, 40)}`;
const credential = teamKey(TEAM, KEY);
const ENCODED = credential.authorization.reveal().replace(/^Basic |=+$/g, '');

let server: Server;
let world: GatewayWorld;
/** Writes the bytes of a response. `head` is the whole request, with its headers. */
let respond: (head: string, socket: Socket) => void | Promise<void>;
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => void respond(data.toString('latin1'), socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstreamUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  world = await startGatewayWorld({ upstreamUrl });
  world.credentials.byTeam.set(TEAM, credential);
});
afterAll(async () => {
  await world.stop();
  server.close();
});

const FILE = `/files/${TEAM}/demo/run1/a.txt`;
const LINES = `/files/${TEAM}/demo/run1/file_stream`;
const STREAMED = `query { project(name: "demo", entityName: "${TEAM}") { id } }`;
const EDITED = `query { project(name: "demo", entityName: "${TEAM}") { id user { apiKey } } }`;

const authorized = () => ({ 'content-type': 'application/json', authorization: world.authorization });
const graphql = (query: string) =>
  send(`${world.baseUrl}/graphql`, { headers: authorized(), body: JSON.stringify({ query }) });
const requests = {
  'a document': () => graphql(STREAMED),
  'a masked document': () => graphql(EDITED),
  'the lines of a run': () => send(`${world.baseUrl}${LINES}`, { headers: authorized(), body: '{}' }),
  'a download': () => send(`${world.baseUrl}${FILE}`, { method: 'GET', headers: authorized() }),
};

/** Everything that left Keysmith. */
async function traces(request: () => Promise<unknown>): Promise<string> {
  const before = world.workspace.logs().length;
  const response = await request().catch((error: unknown) => String(error));
  return `${JSON.stringify(response)}${world.workspace.logs().slice(before)}`;
}

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const page = (status: string, body: string | Buffer, ...headers: string[]) =>
  Buffer.concat([
    Buffer.from(
      [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', ...headers]
        .join('\r\n')
        .concat('\r\n\r\n'),
    ),
    Buffer.from(body),
  ]);
const seen = (head: string) => /^authorization: (.*)$/im.exec(head)?.[1] ?? '';
const both = (head: string) => `${seen(head)} ${KEY}`;

/** Each echoes what it got. */
const echoes: Record<string, (head: string, socket: Socket) => void | Promise<void>> = {
  'in an error page': (head, socket) => void socket.end(page('500 Oops', `<pre>${both(head)}</pre>`)),
  'in a page that is not an error': (head, socket) =>
    void socket.end(page('200 OK', `<pre>${both(head)}</pre>`, 'Content-Type: text/html')),
  'in JSON': (head, socket) =>
    void socket.end(page('200 OK', JSON.stringify({ data: { project: { id: both(head) } } }))),
  'in an error of GraphQL': (head, socket) =>
    void socket.end(page('200 OK', JSON.stringify({ data: null, errors: [{ message: both(head) }] }))),
  'in a header': (head, socket) =>
    void socket.end(page('200 OK', '{}', `X-Wandb-Debug: ${both(head)}`, `X-Request-Id: ${seen(head)}`)),
  'in a redirect elsewhere': (head, socket) =>
    void socket.end(
      page('302 Found', '', `Location: https://login.test/?h=${encodeURIComponent(both(head))}`),
    ),
  'in a redirect to itself': (head, socket) =>
    void socket.end(page('302 Found', '', `Location: ${FILE}?h=${encodeURIComponent(both(head))}`)),
  'in a compressed page': (head, socket) =>
    void socket.end(page('500 Oops', gzipSync(both(head)), 'Content-Encoding: gzip')),
  'in a compressed page that is not an error': (head, socket) =>
    void socket.end(page('200 OK', gzipSync(both(head)), 'Content-Encoding: gzip')),
  'in a compressed part': (head, socket) =>
    void socket.end(
      page('206 Partial', gzipSync(both(head)), 'Content-Encoding: gzip', 'Content-Range: bytes 0-9/10'),
    ),
  'in an unknown encoding': (head, socket) =>
    void socket.end(page('200 OK', both(head), 'Content-Encoding: zstd, identity')),
  'byte by byte': async (head, socket) => {
    socket.setNoDelay(true);
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n');
    for (const byte of both(head)) {
      socket.write(chunk(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end(chunk('.').concat('0\r\n\r\n'));
  },
  'in the phrase of the status': (head, socket) => void socket.end(page(`500 ${both(head)}`, '')),
  'in a trailer': (head, socket) =>
    void socket.end(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Wandb-T\r\n\r\n${chunk('{}')}0\r\nX-Wandb-T: ${both(head)}\r\n\r\n`,
    ),
  'in an early response': (head, socket) =>
    void socket.end(
      Buffer.concat([
        Buffer.from(`HTTP/1.1 103 Early Hints\r\nX-Wandb-T: ${both(head)}\r\nLink: <${both(head)}>\r\n\r\n`),
        page('200 OK', '{}'),
      ]),
    ),
  'in a broken chunk': (head, socket) =>
    void socket.end(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('{"a":1')}${both(head)}\r\n`,
    ),
  'in what is not HTTP': (head, socket) => void socket.end(`${both(head)}\r\n\r\n`),
  'in a status that does not exist': (head, socket) => void socket.end(page('777 Odd', both(head))),
  'in a rejection': (head, socket) => void socket.end(page('401 Unauthorized', both(head))),
  'and closes in the middle': (head, socket) =>
    void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n${both(head)}`),
  'in too many headers': (head, socket) =>
    void socket.end(page('200 OK', '{}', `X-Wandb-A: ${both(head).repeat(900)}`)),
  'beside letters of another alphabet in a header': (head, socket) =>
    void socket.end(page('200 OK', '{}', `X-Wandb-Name: ŝ ${both(head)}`)),
  'beside a line break in a redirect': (head, socket) =>
    void socket.end(page('302 Found', '', `Location: https://login.test/ŝ\u0001?${both(head)}`)),
};

describe.each(Object.entries(echoes))('a W&B server that echoes the credential %s', (_how, echo) => {
  it.each(Object.entries(requests))('shows it to nobody (%s)', async (_what, request) => {
    respond = echo;
    const found = await traces(request);
    expect(found.includes(KEY), 'the key').toBe(false);
    expect(found.includes(ENCODED), 'the key in base64').toBe(false);
  });
});

it.each([
  ['plain', (page: string) => Buffer.from(page), undefined],
  ['compressed', gzipSync, 'gzip'],
] as const)(
  'leaves the rest of a %s page as it is, and says in the log that it hid something',
  async (_how, encode, encoding) => {
    respond = (head, socket) => {
      const headers = encoding === undefined ? [] : [`Content-Encoding: ${encoding}`];
      socket.end(page('404 Not Found', encode(`<pre>${seen(head)} é ${KEY}</pre>`), ...headers));
    };
    const before = world.workspace.logs().length;
    const { status, body, headers } = await requests['a download']();
    expect([status, body]).toEqual([
      404,
      `<pre>Basic ${'*'.repeat(ENCODED.length)}= é ${'*'.repeat(KEY.length)}</pre>`,
    ]);
    expect(headers['content-encoding']).toBeUndefined();
    expect(world.workspace.logs().slice(before)).toContain('upstream credential hidden in a response');
  },
);
