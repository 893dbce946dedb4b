import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createIssuerDocuments, type IssuerDocumentsOptions } from '../../src/net/issuer-documents.ts';
import { json, startIssuer, TEST_CA } from '../world/issuer-server.ts';

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
beforeEach(() => {
  for (const name of PROXIES) vi.stubEnv(name, '');
});
afterEach(() => void vi.unstubAllEnvs());

const PUBLIC_ONLY = { isPrivateNetwork: false, ca: undefined };

function documents(options: Partial<IssuerDocumentsOptions> = {}) {
  return createIssuerDocuments({ allowInsecure: false, noProxy: undefined, ...options });
}

/** Resolves any name to the first address, then to the second, and so on. */
function resolvingTo(...addresses: string[]): LookupFunction {
  let asked = 0;
  return (_hostname, _options, callback) => {
    const address = addresses[Math.min(asked, addresses.length - 1)] ?? '';
    asked += 1;
    callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
}

describe('reading an issuer document', () => {
  test.each([
    'http://issuer.test/',
    'ftp://issuer.test/',
    'file:///etc/passwd',
    'data:application/json,{}',
    'no URL',
    'https://user:password@issuer.test/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://127.0.0.1./',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://[fe80::1]/',
    'https://10.0.0.1:8443/',
    'https://169.254.169.254/latest/meta-data/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://a.localhost/',
  ])('refuses %s without looking up its host', async (url) => {
    const lookup = vi.fn();

    expect(await documents({ lookup }).read(url, PUBLIC_ONLY)).toMatchObject({ reason: 'not_allowed' });
    expect(lookup).not.toHaveBeenCalled();
  });

  test('refuses every other machine in the sandbox, without looking up its host or asking a proxy', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9');
    const lookup = vi.fn();
    const { read } = documents({ lookup, allowInsecure: true, isLoopbackOnly: true, noProxy: '*' });

    expect(await read('https://token.actions.githubusercontent.com/.well-known/jwks', PUBLIC_ONLY)).toEqual({
      ok: false,
      reason: 'outside_sandbox',
      cause: 'the sandbox connects only to loopback addresses',
    });
    expect(lookup).not.toHaveBeenCalled();
  });

  test.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', 'fd00:ec2::254', '::ffff:127.0.0.1'])(
    'refuses a host name that resolves to %s',
    async (address) => {
      const issuer = await startIssuer({ tls: true, host: 'issuer.test' });

      const read = await documents({ lookup: resolvingTo(address) }).read(issuer.url, {
        ...PUBLIC_ONLY,
        ca: TEST_CA,
      });

      expect(read).toMatchObject({ ok: false, reason: 'not_allowed' });
      expect(issuer.requestedPaths).toEqual([]);
    },
  );

  test('allows a host name at an address of an overlay network only for an issuer on a private network', async () => {
    const overlay = documents({ lookup: resolvingTo('100.64.0.1'), timeoutMs: 50 });
    const owner = { isPrivateNetwork: true, ca: undefined };

    expect(await overlay.read('https://gitlab.test/', PUBLIC_ONLY)).toMatchObject({ reason: 'not_allowed' });
    expect(await overlay.read('https://gitlab.test/', owner)).toMatchObject({ reason: 'unreachable' });
    expect(await overlay.read('https://100.64.0.1/', PUBLIC_ONLY)).toMatchObject({ reason: 'not_allowed' });
  });

  test('connects to the address that was checked, even if the name resolves differently later', async () => {
    const lookup = vi.fn(resolvingTo('192.0.2.1', '127.0.0.1'));

    const read = await documents({ lookup }).read('https://issuer.test/', PUBLIC_ONLY);

    expect(read).toMatchObject({ reason: 'not_allowed' });
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  test('allows a private issuer private addresses, but neither loopback nor metadata', async () => {
    const owner = { isPrivateNetwork: true, ca: undefined };
    const private10 = documents({ lookup: resolvingTo('10.255.255.1'), timeoutMs: 50 });

    expect(await private10.read('https://gitlab.test/', owner)).toMatchObject({ reason: 'unreachable' });
    for (const url of ['https://127.0.0.1/', 'https://169.254.169.254/', 'https://[fd00:ec2::254]/']) {
      expect(await documents().read(url, owner)).toMatchObject({ reason: 'not_allowed' });
    }
    expect(await documents().read('http://10.0.0.1/', owner)).toMatchObject({ reason: 'not_allowed' });
  });

  test('trusts a certificate of the CA configured for the issuer, and no other issuer does', async () => {
    const issuer = await startIssuer({ tls: true, host: 'localhost' });
    issuer.respond(
      '/doc',
      json(() => ({ good: true })),
    );
    const url = `${issuer.url}/doc`;
    const insecure = documents({ allowInsecure: true });

    expect(await insecure.read(url, { ...PUBLIC_ONLY, ca: TEST_CA })).toEqual({
      ok: true,
      document: { good: true },
    });
    expect(await insecure.read(url, PUBLIC_ONLY)).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(await insecure.read(url, { ...PUBLIC_ONLY, ca: 'no certificate' })).toMatchObject({ ok: false });
    expect(issuer.requestedPaths).toEqual(['/doc']);
  });

  test.each([
    [301, 'not_allowed'],
    [302, 'not_allowed'],
    [307, 'not_allowed'],
    [308, 'not_allowed'],
    [404, 'not_found'],
    [410, 'not_found'],
    [403, 'unreachable'],
    [500, 'unreachable'],
    [503, 'unreachable'],
  ] as const)('reports HTTP %d as %s and follows no redirect', async (status, reason) => {
    const issuer = await startIssuer();
    issuer.respond('/doc', (_request, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(200_000));
    });

    const read = await documents({ allowInsecure: true }).read(`${issuer.url}/doc`, PUBLIC_ONLY);

    expect(read).toMatchObject({ ok: false, reason });
    expect(issuer.requestedPaths).toEqual(['/doc']);
  });

  test.each([
    ['never responds', () => {}],
    [
      'never ends its response',
      (_request: unknown, response: import('node:http').ServerResponse) => {
        const dripping = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(dripping));
      },
    ],
  ] as const)('gives up at the time limit when the issuer %s', async (_kind, respond) => {
    const issuer = await startIssuer();
    issuer.respondEverywhere = respond;

    const read = await documents({ allowInsecure: true, timeoutMs: 150 }).read(issuer.url, PUBLIC_ONLY);

    expect(read).toEqual({ ok: false, reason: 'unreachable', cause: 'no response in time' });
  });

  test('reports an issuer as unreachable when the port is closed, the connection breaks or the name is unknown', async () => {
    const issuer = await startIssuer();
    issuer.respondEverywhere = (request) => request.socket.destroy();
    const insecure = documents({ allowInsecure: true });

    for (const url of [issuer.url, 'http://127.0.0.1:1/']) {
      expect(await insecure.read(url, PUBLIC_ONLY)).toMatchObject({ ok: false, reason: 'unreachable' });
    }
    const unknown: LookupFunction = (_name, _options, callback) =>
      callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
    expect(await documents({ lookup: unknown }).read('https://nowhere.test/', PUBLIC_ONLY)).toEqual({
      ok: false,
      reason: 'unreachable',
      cause: 'ENOTFOUND',
    });
  });

  test('goes through HTTPS_PROXY unless NO_PROXY lists the host', async () => {
    const issuer = await startIssuer({ tls: true, host: 'issuer.test' });
    issuer.respond(
      '/doc',
      json(() => ({ good: true })),
    );
    const { tunnelled, proxyUrl } = await startProxy(Number(new URL(issuer.url).port));
    for (const name of ['HTTPS_PROXY', 'https_proxy']) vi.stubEnv(name, proxyUrl);
    const owner = { isPrivateNetwork: false, ca: TEST_CA };

    expect(await documents().read(`${issuer.url}/doc`, owner)).toMatchObject({ ok: true });
    expect(tunnelled).toEqual([new URL(issuer.url).host]);
    const lookup = resolvingTo('127.0.0.1');
    for (const noProxy of ['issuer.test', '*', 'other.test, *']) {
      const direct = documents({ noProxy, lookup });
      expect(await direct.read(`${issuer.url}/doc`, owner)).toMatchObject({ reason: 'not_allowed' });
    }
    const through = documents({ noProxy: '*.other.test', lookup });
    expect(await through.read(`${issuer.url}/doc`, owner)).toMatchObject({ ok: true });
    expect(await documents().read('https://10.0.0.1/', owner)).toMatchObject({ reason: 'not_allowed' });
    expect(tunnelled).toHaveLength(2);
  });

  test('ignores HTTP_PROXY for https URLs', async () => {
    const { tunnelled, proxyUrl } = await startProxy(1);
    for (const name of ['HTTP_PROXY', 'http_proxy']) vi.stubEnv(name, proxyUrl);
    for (const name of ['HTTPS_PROXY', 'https_proxy']) vi.stubEnv(name, undefined);
    const direct = documents({ lookup: resolvingTo('127.0.0.1') });

    expect(await direct.read('https://issuer.test/', PUBLIC_ONLY)).toMatchObject({ reason: 'not_allowed' });
    expect(tunnelled).toEqual([]);
  });
});

/** Starts a proxy that tunnels every connection to one local port. */
async function startProxy(port: number): Promise<{ tunnelled: string[]; proxyUrl: string }> {
  const tunnelled: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    tunnelled.push(request.url ?? '');
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => {});
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  return { tunnelled, proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}
