import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import replyFrom from '@fastify/reply-from';
import Fastify from 'fastify';
import { resolveImportsFast } from '../../../src/bootstrap/fast-imports.ts';
import { createProxyDispatcher } from '../../../src/net/proxy-bypass.ts';
import type { Peer, PeerUsage } from './start-peer.ts';

/** Started by `startPeer` with its role, and the URL of the W&B server. */
const [role, upstreamUrl = ''] = process.argv.slice(2);

const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** Reads every body and responds with its length; a download has as many chunks as `?chunks=` says. */
async function startUpstream(): Promise<Peer> {
  const server = createServer((received, response) => {
    if (received.method === 'GET') {
      const chunks = Number(new URL(received.url ?? '', 'http://upstream').searchParams.get('chunks'));
      return void Readable.from(repeat(chunks), { objectMode: false }).pipe(response);
    }
    let bytes = 0;
    received.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    received.on('end', () => {
      // With its length, as W&B's server sends a short answer.
      const text = JSON.stringify({ data: { bytes } });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, authorization: '' };
}

function* repeat(chunks: number) {
  for (let index = 0; index < chunks; index += 1) yield CHUNK;
}

/** The proxy library alone, with the gateway's options for connections. */
async function startBareLibrary(): Promise<Peer> {
  const server = Fastify();
  const { dispatcher } = createProxyDispatcher({ connect: { timeout: 10_000 } }, { noProxy: undefined });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', async (_request: unknown, payload: unknown) => payload);
  await server.register(replyFrom, {
    base: upstreamUrl,
    undici: { request: dispatcher.request.bind(dispatcher) } as never,
  });
  server.all('/*', (_request, reply) => reply.from());
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }), authorization: '' };
}

/** A whole Keysmith, at its default log level and with a stored team key. */
async function startGateway(): Promise<Peer> {
  resolveImportsFast();
  const { createLogger } = await import('../../../src/log/create-logger.ts');
  const { Secret } = await import('../../../src/domain/keys/secret.ts');
  const { startGatewayWorld, TEAM } = await import('../gateway-world.ts');
  const logger = createLogger({ level: 'info', secrets: [], destination: { write: () => {} } });
  const key = new Secret('0'.repeat(40));
  const teamKeys = [{ teamName: TEAM, key, owner: 'keysmith-gateway', isWider: false }];
  const { baseUrl, authorization } = await startGatewayWorld({
    upstreamUrl,
    keysmith: { logger, upstreamCredentials: undefined, teamKeys },
  });
  return { url: baseUrl, authorization };
}

const ROLES: Record<string, () => Promise<Peer>> = {
  upstream: startUpstream,
  library: startBareLibrary,
  gateway: startGateway,
};

let mostBytes = 0;
setInterval(noteMemory, 100).unref();
function noteMemory(): number {
  const bytes = process.memoryUsage.rss();
  mostBytes = Math.max(mostBytes, bytes);
  return bytes;
}

process.on('message', () => {
  const bytes = noteMemory();
  const { user, system } = process.cpuUsage();
  const usage: PeerUsage = { bytes, mostBytes, cpuMs: (user + system) / 1000 };
  mostBytes = bytes;
  process.send?.(usage);
});
process.once('disconnect', () => process.exit());
process.send?.(await ROLES[role ?? '']?.());
