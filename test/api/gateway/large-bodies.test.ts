import { Readable } from 'node:stream';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isLongForm } from '../../long-form.ts';
import { type StartedPeer, startPeer } from '../../world/gateway-peers/start-peer.ts';
import { TEAM } from '../../world/gateway-world.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'x');
const CHUNKS = isLongForm ? 16_384 : 2_048;
const MAX_MORE_BYTES = 64 * 1024 * 1024;
/** In the process, with what Node keeps. */
const MAX_GROWTH_BYTES = 128 * 1024 * 1024;

let upstream: StartedPeer;
/** Only the long form compares: a gateway that kept the bodies would exceed its own limit, too. */
let library: StartedPeer | undefined;
let gateway: StartedPeer;
beforeAll(async () => {
  upstream = await startPeer('upstream');
  library = isLongForm ? await startPeer('library', upstream.url) : undefined;
  gateway = await startPeer('gateway', upstream.url);
});
afterAll(async () => {
  for (const peer of [gateway, library, upstream]) await peer?.stop();
});

/** Returns by how much the process of a server grew at most. */
async function growthDuring(peer: StartedPeer, work: (url: string) => Promise<void>): Promise<number> {
  const { bytes } = await peer.usage();
  await work(`${peer.url}/files/${TEAM}/demo/run1`);
  const { mostBytes } = await peer.usage();
  return mostBytes - bytes;
}

// Node itself keeps the buffers of what it read until its next collection: about 70 MiB in each process, whatever the length.
it(`passes ${(CHUNKS * CHUNK.length) / 2 ** 20} MiB in each direction and keeps little of them in memory`, async () => {
  const headers = { authorization: gateway.authorization, 'content-type': 'application/json' };
  const upload = async (url: string) => {
    const body = Readable.from(repeat(), { objectMode: false });
    const response = await request(`${url}/file_stream`, { method: 'POST', headers, body });
    expect(await response.body.json()).toEqual({ data: { bytes: CHUNKS * CHUNK.length } });
  };
  const download = async (url: string) => {
    const response = await request(`${url}/model.pt?chunks=${CHUNKS}`, { headers });
    let bytes = 0;
    for await (const chunk of response.body) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(CHUNKS * CHUNK.length);
  };
  for (const work of [upload, download]) {
    const through = await growthDuring(gateway, work);
    expect(through).toBeLessThan(MAX_GROWTH_BYTES);
    if (library) expect(through - (await growthDuring(library, work))).toBeLessThan(MAX_MORE_BYTES);
  }
}, 120_000);

function* repeat() {
  for (let index = 0; index < CHUNKS; index += 1) yield CHUNK;
}
