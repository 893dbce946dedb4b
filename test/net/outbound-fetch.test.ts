import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createOutbound } from '../../src/net/outbound-fetch.ts';
import { NODE_COMPILE_CACHE } from '../process/main-process.ts';
import { listening, serve } from './http-server.ts';

const MODULE = new URL('../../src/net/outbound-fetch.ts', import.meta.url).href;

describe('an outbound request', () => {
  const { fetch, close } = createOutbound({ noProxy: undefined });
  afterAll(close);

  test.each([301, 302, 303, 307, 308])(
    'returns a redirect (%d) to the caller instead of following it',
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

  test('is sent once and fails when the connection is dropped', async () => {
    let reached = 0;
    const url = await serve((request) => {
      reached += 1;
      request.socket.resetAndDestroy();
    });

    await expect(fetch(url, { method: 'POST', body: 'once' })).rejects.toThrow();
    expect(reached).toBe(1);
  });

  test('fails at its deadline when the server never responds', async () => {
    const url = await serve(() => {});

    await expect(fetch(url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});

describe('an outbound request of the sandbox', () => {
  const { fetch, close } = createOutbound({ noProxy: '*', isLoopbackOnly: true });
  afterAll(close);

  test('reaches this machine, by its names and addresses', async () => {
    const url = await serve((_request, response) => void response.end());

    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace('127.0.0.1', 'localhost'))).status).toBe(200);
  });

  test.each([
    'https://token.actions.githubusercontent.com',
    'http://keysmith.test',
    'http://10.0.0.1',
    'http://169.254.169.254',
    'http://0.0.0.0',
    'http://[::ffff:10.0.0.1]',
    'http://localhost.keysmith.test',
  ])('never leaves this machine for %s', async (url) => {
    await expect(fetch(url)).rejects.toMatchObject({ cause: { name: 'AddressNotAllowedError' } });
  });
});

describe('an outbound request with a proxy in the environment', () => {
  let proxy: Server;
  let proxyUrl: string;
  let target: string;
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

  /** Fetches the URLs in a separate process with a proxy in its environment: each response's text, or `failed`. */
  async function fetchAll(urls: string[], noProxy?: string): Promise<string[]> {
    const script = `
      import { createOutbound } from ${JSON.stringify(MODULE)};
      const { fetch, close } = createOutbound({ noProxy: ${JSON.stringify(noProxy)} });
      const results = [];
      for (const url of ${JSON.stringify(urls)}) {
        const text = await fetch(url, { signal: AbortSignal.timeout(5000) }).then((response) => response.text(), () => 'failed');
        results.push(text);
      }
      await close();
      process.stdout.write(JSON.stringify(results));`;
    const env = {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE,
      HTTP_PROXY: proxyUrl,
      HTTPS_PROXY: proxyUrl,
    };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env,
    });
    return JSON.parse(stdout);
  }

  test('goes through the proxy for http and https URLs', async () => {
    const [plain, sealed] = await fetchAll(['http://slack.test/api', 'https://slack.test/api']);

    expect(plain).toMatch(/^target slack\.test|^through the proxy/);
    expect(sealed).toBe('failed');
    expect(asked).toEqual([
      expect.stringMatching(/^(CONNECT slack\.test:80|GET http:\/\/slack\.test\/api)$/),
      'CONNECT slack.test:443',
    ]);
  });

  test('bypasses the proxy for loopback and for hosts in NO_PROXY', async () => {
    const { port } = new URL(target);
    const results = await fetchAll([target, `http://localhost:${port}/`], 'other.test');

    expect(results).toEqual([`target 127.0.0.1:${port}`, `target localhost:${port}`]);
    expect(asked).toEqual([]);
    // A direct request fails because the name doesn't resolve.
    expect(await fetchAll(['http://other.test/'], 'other.test')).toEqual(['failed']);
    // This address means loopback too.
    const unspecified = `0.0.0.0:${port}`;
    expect(await fetchAll([`http://${unspecified}/`], 'other.test, 0.0.0.0/8')).toEqual([
      `target ${unspecified}`,
    ]);
    expect(asked).toEqual([]);
  });

  test.each(['*', ' corp.test, *'])(
    'bypasses the proxy for every host when NO_PROXY is "%s"',
    async (noProxy) => {
      expect(await fetchAll(['http://other.test/'], noProxy)).toEqual(['failed']);
      expect(asked).toEqual([]);
    },
  );

  test('bypasses the proxy for the IPv6 loopback address', async () => {
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
