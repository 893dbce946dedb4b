import { loadavg } from 'node:os';
import { Agent, request } from 'undici';
import { afterAll, expect, test } from 'vitest';
import { isLongForm } from '../long-form.ts';
import { type StartedPeer, startPeer } from '../world/gateway-peers/start-peer.ts';
import { TEAM } from '../world/gateway-world.ts';

/** The goal: this part of the library's throughput, and at most this much more per request at the median. */
const GOAL = { throughput: 0.7, milliseconds: 1 };

const upstream = await startPeer('upstream');
const library = await startPeer('library', upstream.url);
const gateway = await startPeer('gateway', upstream.url);
const dispatcher = new Agent({ connections: 16 });
afterAll(async () => {
  await dispatcher.destroy();
  await Promise.all([upstream, library, gateway].map((peer) => peer.stop()));
});

const headers = {
  authorization: gateway.authorization,
  'content-type': 'application/json',
  'user-agent': 'wandb-core',
  'x-wandb-user-email': 'ada@acme.test',
};
const LINES = `/files/${TEAM}/demo/run1/file_stream`;
const query = `query RunStoppedStatus($p: String, $e: String, $r: String!) {
  project(name: $p, entityName: $e) { run(name: $r) { stopped } }
}`;
const variables = { p: 'demo', e: TEAM, r: 'run1' };
const ROUNDS = isLongForm ? 60 : 16;

interface Sent {
  path: string;
  body: string | Buffer;
  /** In one round. */
  requests: number;
}

const CASES: Record<string, Sent> = {
  'lines of 2 kB': { path: LINES, body: Buffer.alloc(2_000, 'x'), requests: 320 },
  'a GraphQL document': { path: '/graphql', body: JSON.stringify({ query, variables }), requests: 320 },
  'lines of 4 MB': { path: LINES, body: Buffer.alloc(4_000_000, 'x'), requests: 16 },
};

/** Returns how long it took, in milliseconds. */
async function post(peer: StartedPeer, { path, body }: Sent): Promise<number> {
  const startedAt = performance.now();
  const response = await request(`${peer.url}${path}`, { method: 'POST', headers, body, dispatcher });
  await response.body.dump();
  expect(response.statusCode).toBe(200);
  return performance.now() - startedAt;
}

interface Round {
  perSecond: number;
  cpuMs: number;
}

/** Sends a round, 16 at once, and returns requests per second and the processor time of each in the server. */
async function round(peer: StartedPeer, sent: Sent): Promise<Round> {
  const { cpuMs: before } = await peer.usage();
  const startedAt = performance.now();
  let left = sent.requests;
  const send = async () => {
    for (; left > 0; left -= 1) await post(peer, sent);
  };
  await Promise.all(Array.from({ length: 16 }, send));
  const perSecond = (sent.requests / (performance.now() - startedAt)) * 1_000;
  return { perSecond, cpuMs: ((await peer.usage()).cpuMs - before) / sent.requests };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const LONG = { timeout: 300_000 };

// In turns, so that whatever else the machine does slows both down.
test.for(Object.entries(CASES))('the gateway beside the library: %s', LONG, async ([name, sent]) => {
  const pairs: { alone: number[]; through: number[]; library: Round; gateway: Round }[] = [];
  for (let index = 0; index < ROUNDS + 4; index += 1) {
    const alone: number[] = [];
    const through: number[] = [];
    for (let count = 0; count < sent.requests / 8; count += 1) {
      alone.push(await post(library, sent));
      through.push(await post(gateway, sent));
    }
    const pair = {
      alone,
      through,
      library: await round(library, sent),
      gateway: await round(gateway, sent),
    };
    // Before, the compiler is still at work.
    if (index >= 4) pairs.push(pair);
  }
  const alone = median(pairs.flatMap((pair) => pair.alone));
  const through = median(pairs.flatMap((pair) => pair.through));
  const throughput = median(pairs.map((pair) => pair.gateway.perSecond / pair.library.perSecond));
  const cpu = (peer: 'library' | 'gateway') => median(pairs.map((pair) => pair[peer].cpuMs)).toFixed(2);
  process.stdout.write(
    [
      `\n${name}, load average ${loadavg()[0]?.toFixed(1)}`,
      `  one after the other: ${alone.toFixed(2)} ms, gateway ${through.toFixed(2)} ms: ${(through - alone).toFixed(2)} ms more (goal: at most ${GOAL.milliseconds})`,
      `  16 at once: ${throughput.toFixed(2)} of the library's throughput (goal: ${GOAL.throughput})`,
      `  processor time per request: ${cpu('library')} ms, gateway ${cpu('gateway')} ms\n`,
    ].join('\n'),
  );
});
