import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createOutbound, readBounded } from '../../src/net/outbound-fetch.ts';

const MODULE = new URL('../../src/net/outbound-fetch.ts', import.meta.url).href;

async function listening(server: Server, host = '127.0.0.1'): Promise<string> {
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler);
  const url = await listening(server);
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return url;
}

describe('An outbound request', () => {
  const { fetch, close } = createOutbound({ noProxy: undefined });
  afterAll(close);

  test.each([301, 302, 303, 307, 308])(
    'follows no redirect (%d): who asked gets it as it stands',
    async (status) => {
      const reached: string[] = [];
      const url = await serve((request, response) => {
        reached.push(request.url ?? '');
        response.writeHead(status, { location: '/elsewhere' }).end();
      });

      const response = await fetch(`${url}/start`, { method: 'POST', body: 'secret' });

      expect({ status: response.status, location: response.headers.get('location') }).toEqual({
        status,
        location: '/elsewhere',
      });
      expect(reached).toEqual(['/start']);
    },
  );

  test('goes out once: a dropped connection is an error, not another try', async () => {
    let reached = 0;
    const url = await serve((request) => {
      reached += 1;
      request.socket.resetAndDestroy();
    });

    await expect(fetch(url, { method: 'POST', body: 'once' })).rejects.toThrow();
    expect(reached).toBe(1);
  });

  test('ends at its deadline', async () => {
    const url = await serve(() => {});

    await expect(fetch(url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});

describe('An answer', () => {
  const { fetch, close } = createOutbound({ noProxy: undefined });
  afterAll(close);

  test('is read whole within the bound, characters of several bytes included', async () => {
    const text = 'schön 👩🏽‍🚀 '.repeat(100);
    const url = await serve((_request, response) => {
      for (const byte of Buffer.from(text)) response.write(Buffer.of(byte));
      response.end();
    });

    expect(await readBounded(await fetch(url), 64 * 1024)).toBe(text);
  });

  test('without an end is read up to the bound, and its connection is dropped', async () => {
    const { promise: dropped, resolve } = Promise.withResolvers<void>();
    let written = 0;
    const url = await serve((_request, response) => {
      const chunk = 'x'.repeat(1000);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) written += chunk.length;
        response.once('drain', more);
      };
      response.on('close', resolve);
      more();
    });

    const text = await readBounded(await fetch(url), 10_000);

    expect(text.length).toBeLessThanOrEqual(10_000);
    await dropped;
    expect(written).toBeLessThan(50_000_000);
  });

  test('that unpacks to far more than was sent is read up to the bound', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const url = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(bomb);
    });

    expect((await readBounded(await fetch(url), 64 * 1024)).length).toBeLessThanOrEqual(64 * 1024);
  });

  test('without a body is empty', async () => {
    expect(await readBounded(new Response(null, { status: 204 }), 10)).toBe('');
  });
});

describe('With a proxy in the environment', () => {
  let proxy: Server;
  let proxyUrl: string;
  let target: string;
  /** What the proxy was asked for. */
  const asked: string[] = [];
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    const server = createServer((request, response) => response.end(`target ${request.headers.host}`));
    target = await listening(server);
    const toTarget = () => connect(Number(new URL(target).port), '127.0.0.1');
    proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('through the proxy');
    });
    proxy.on('connect', (request, client: Socket) => {
      asked.push(`CONNECT ${request.url}`);
      if (request.url?.endsWith(':443')) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      const upstream = toTarget();
      sockets.add(upstream).add(client);
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
      for (const socket of [client, upstream]) socket.on('error', () => {});
    });
    proxyUrl = await listening(proxy);
    return () => {
      for (const socket of sockets) socket.destroy();
      for (const one of [server, proxy]) {
        one.closeAllConnections();
        one.close();
      }
    };
  });
  afterEach(() => void asked.splice(0));

  /** Asks for each URL in a process of its own: status, or the error's code. */
  async function fetchAll(urls: string[], noProxy?: string): Promise<string[]> {
    const script = `
      import { createOutbound } from ${JSON.stringify(MODULE)};
      const { fetch, close } = createOutbound({ noProxy: ${JSON.stringify(noProxy)} });
      const results = [];
      for (const url of ${JSON.stringify(urls)}) {
        const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).then((response) => response.text(), () => 'failed');
        results.push(answer);
      }
      await close();
      process.stdout.write(JSON.stringify(results));`;
    const env = { PATH: process.env.PATH, HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env,
    });
    return JSON.parse(stdout);
  }

  test('requests go through it, http and https alike', async () => {
    const [plain, sealed] = await fetchAll(['http://slack.test/api', 'https://slack.test/api']);

    expect(plain).toMatch(/^target slack\.test|^through the proxy/);
    expect(sealed).toBe('failed');
    expect(asked).toEqual([
      expect.stringMatching(/^(CONNECT slack\.test:80|GET http:\/\/slack\.test\/api)$/),
      'CONNECT slack.test:443',
    ]);
  });

  test('but never those to this machine, nor those of NO_PROXY', async () => {
    const { port } = new URL(target);
    const answers = await fetchAll([target, `http://localhost:${port}/`], 'other.test');

    expect(answers).toEqual([`target 127.0.0.1:${port}`, `target localhost:${port}`]);
    expect(asked).toEqual([]);
    // It does not resolve: whoever asks directly fails.
    expect(await fetchAll(['http://other.test/'], 'other.test')).toEqual(['failed']);
    expect(asked).toEqual([]);
  });

  test.each(['*', ' corp.test, *'])('nor any where NO_PROXY is "%s"', async (noProxy) => {
    expect(await fetchAll(['http://other.test/'], noProxy)).toEqual(['failed']);
    expect(asked).toEqual([]);
  });

  test('the loopback of IPv6 is this machine too', async () => {
    const six = createServer((_request, response) => response.end('six'));
    const url = await listening(six, '::1').catch(() => undefined);
    if (url === undefined) return;
    try {
      expect(await fetchAll([url])).toEqual(['six']);
      expect(asked).toEqual([]);
    } finally {
      six.close();
    }
  });
});
