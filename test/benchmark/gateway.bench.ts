import { Worker } from 'node:worker_threads';
import replyFrom from '@fastify/reply-from';
import Fastify from 'fastify';
import { pino } from 'pino';
import { Agent, request } from 'undici';
import { afterAll, test } from 'vitest';
import { startGatewayWorld, TEAM } from '../world/gateway-world.ts';

/** The W&B server, in a thread of its own. */
const upstream = new Worker(
  `const { createServer } = require('node:http');
   const { parentPort } = require('node:worker_threads');
   const server = createServer((received, response) => {
     received.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{}}'));
   });
   server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
  { eval: true },
);
const upstreamPort = await new Promise<number>((resolve) => upstream.once('message', resolve));
const upstreamUrl = `http://127.0.0.1:${upstreamPort}`;

/** The proxy library alone. */
const bare = Fastify();
bare.removeAllContentTypeParsers();
bare.addContentTypeParser('*', async (_request: unknown, payload: unknown) => payload);
await bare.register(replyFrom, { base: upstreamUrl });
bare.all('/*', (_request, reply) => reply.from());
const bareUrl = await bare.listen({ host: '127.0.0.1', port: 0 });

const world = await startGatewayWorld({ upstreamUrl, keysmith: { logger: pino({ enabled: false }) } });
const dispatcher = new Agent({ connections: 16 });
afterAll(async () => {
  await dispatcher.destroy();
  await bare.close();
  await world.stop();
  await upstream.terminate();
});

const { authorization } = world;
const headers = { authorization, 'content-type': 'application/json' };

async function post(url: string, path: string, body: string | Buffer): Promise<void> {
  const response = await request(`${url}${path}`, { method: 'POST', headers, body, dispatcher });
  await response.body.dump();
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
}

const LINES = `/files/${TEAM}/demo/run1/file_stream`;
const lines = Buffer.alloc(2_000, 'x');
const chunk = Buffer.alloc(4_000_000, 'x');
const document = JSON.stringify({
  query:
    'query RunStoppedStatus($p: String, $e: String, $r: String!) { project(name: $p, entityName: $e) { run(name: $r) { stopped } } }',
  variables: { p: 'demo', e: TEAM, r: 'run1' },
});
const atOnce = (send: () => Promise<void>) => () => Promise.all(Array.from({ length: 16 }, send));

const cases: [name: string, path: string, body: string | Buffer][] = [
  ['lines of 2 kB', LINES, lines],
  ['lines of 4 MB', LINES, chunk],
  ['a GraphQL document', '/graphql', document],
];
test.for(cases)('%s, one after the other', async ([, path, body], { bench }) => {
  await bench.compare(
    bench('no proxy', () => post(upstreamUrl, path, body)),
    bench('baseline: the proxy library alone', () => post(bareUrl, path, body)),
    bench('the gateway', () => post(world.baseUrl, path, body)),
  );
});
test.for(cases)('%s, 16 at once', { timeout: 120_000 }, async ([, path, body], { bench }) => {
  await bench.compare(
    bench(
      'no proxy',
      atOnce(() => post(upstreamUrl, path, body)),
    ),
    bench(
      'baseline: the proxy library alone',
      atOnce(() => post(bareUrl, path, body)),
    ),
    bench(
      'the gateway',
      atOnce(() => post(world.baseUrl, path, body)),
    ),
  );
});
