import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isLongForm } from '../../long-form.ts';
import { type GatewayWorld, startGatewayWorld, TEAM } from '../../world/gateway-world.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'x');
const CHUNKS = isLongForm ? 16_384 : 2_048;
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

const chunks = () => Readable.from(repeat(), { objectMode: false });
function* repeat() {
  for (let index = 0; index < CHUNKS; index += 1) yield CHUNK;
}

const upstream = createServer((received, response) => {
  if (received.method === 'GET') return void chunks().pipe(response);
  let bytes = 0;
  received.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  received.on('end', () => response.end(String(bytes)));
});
let world: GatewayWorld;
beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const { port } = upstream.address() as AddressInfo;
  world = await startGatewayWorld({ upstreamUrl: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await world.stop();
  upstream.close();
});

/** Returns by how much the process grew at most, with client and W&B server in it. */
async function growthDuring(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  await work();
  clearInterval(timer);
  return most - before;
}

it(`passes ${(CHUNKS * CHUNK.length) / 2 ** 20} MiB in each direction without keeping them`, async () => {
  const headers = { authorization: world.authorization, 'content-type': 'application/json' };
  const up = async () => {
    const response = await request(`${world.baseUrl}/files/${TEAM}/demo/run1/file_stream`, {
      method: 'POST',
      headers,
      body: chunks(),
    });
    expect(await response.body.text()).toBe(String(CHUNKS * CHUNK.length));
  };
  const down = async () => {
    const response = await request(`${world.baseUrl}/files/${TEAM}/demo/run1/model.pt`, { headers });
    let bytes = 0;
    for await (const chunk of response.body) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(CHUNKS * CHUNK.length);
  };
  // The heap grows with the first large body in a process.
  await up();
  expect(await growthDuring(up)).toBeLessThan(MAX_GROWTH_BYTES);
  expect(await growthDuring(down)).toBeLessThan(MAX_GROWTH_BYTES);
}, 120_000);
