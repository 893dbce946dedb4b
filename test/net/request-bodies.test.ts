import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createRequestBodies, type ReadBodyResult } from '../../src/net/request-bodies.ts';

afterEach(() => {
  vi.useRealTimers();
});

const KIBIBYTE = 1024;
const LIMITS = { maxBytes: 64 * KIBIBYTE, withinMs: 3_000 };

/** Starts to read bodies, of which some are never finished. */
function createBodies(limits: Parameters<typeof createRequestBodies>[0] = {}) {
  const bodies = createRequestBodies(limits);
  return {
    /** Sends the beginning of a body, and returns how reading it ends. */
    async begin(bytes: number, from = '192.0.2.1') {
      const stream = new PassThrough();
      let result: ReadBodyResult | undefined;
      const reading = bodies.read(stream, from, LIMITS).then((ended) => {
        result = ended;
        return ended;
      });
      stream.write(Buffer.alloc(bytes, 'x'));
      await new Promise(setImmediate);
      return { stream, reading, result: () => result };
    },
  };
}

const DISPLACED = { ok: false, reason: 'displaced' };

describe('A request body', () => {
  test('is returned as it was sent, whatever the size of its parts', async () => {
    const bodies = createRequestBodies();
    const text = Array.from({ length: 20_000 }, (_, index) => String.fromCharCode(97 + (index % 26))).join(
      '',
    );
    for (const size of [1, 7, 4_096, 20_000]) {
      const stream = new PassThrough();
      const reading = bodies.read(stream, '192.0.2.1', LIMITS);
      for (let at = 0; at < text.length; at += size) stream.write(text.slice(at, at + size));
      stream.end();
      expect(await reading).toEqual({ ok: true, body: Buffer.from(text) });
    }
  });

  test('is not read further once it is larger than its route allows', async () => {
    const { begin } = createBodies();
    const { stream, reading } = await begin(LIMITS.maxBytes + 1);
    expect(await reading).toEqual({ ok: false, reason: 'too_large' });
    expect(stream.isPaused()).toBe(true);
    expect(stream.destroyed).toBe(false);
  });

  test('is given up when it isn’t complete in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { begin } = createBodies();
    const { reading, result } = await begin(10);
    vi.advanceTimersByTime(LIMITS.withinMs - 1);
    await Promise.resolve();
    expect(result()).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(await reading).toEqual({ ok: false, reason: 'too_slow' });
  });

  test('ends with an error when its connection closes', async () => {
    const bodies = createRequestBodies({ maxUnfinished: 1 });
    const stream = new PassThrough();
    const reading = bodies.read(stream, '192.0.2.1', LIMITS);
    stream.destroy();
    await expect(reading).rejects.toThrow('closed');
    const failing = new PassThrough();
    const failed = bodies.read(failing, '192.0.2.1', LIMITS);
    failing.destroy(new Error('reset'));
    await expect(failed).rejects.toThrow('reset');
  });
});

describe('Unfinished bodies of strangers', () => {
  test('take a limited number of bytes together: the oldest is given up, not the newest', async () => {
    const { begin } = createBodies({ maxTotalBytes: 100 * KIBIBYTE });
    const small = await begin(KIBIBYTE);
    const large = [await begin(40 * KIBIBYTE), await begin(50 * KIBIBYTE)];
    const next = await begin(30 * KIBIBYTE);
    expect([small, ...large, next].map(({ result }) => result())).toEqual([
      DISPLACED,
      DISPLACED,
      undefined,
      undefined,
    ]);
    next.stream.end();
    expect(await next.reading).toMatchObject({ ok: true });
  });

  test('make room for a body that is larger than each of them', async () => {
    const { begin } = createBodies({ maxTotalBytes: 100 * KIBIBYTE });
    const strangers: Awaited<ReturnType<typeof begin>>[] = [];
    while (strangers.length < 24) {
      strangers.push(await begin(4 * KIBIBYTE, `198.51.100.${strangers.length % 3}`));
    }
    const { stream, reading } = await begin(60 * KIBIBYTE);
    stream.end();
    expect(await reading).toMatchObject({ ok: true });
    expect(strangers[0]?.result()).toEqual(DISPLACED);
    expect(strangers[23]?.result()).toBeUndefined();
  });

  test('count with the memory that they take, also when they arrive byte by byte', async () => {
    const { begin } = createBodies({ maxTotalBytes: 10 * 4 * KIBIBYTE });
    const bodies = await Promise.all(Array.from({ length: 20 }, () => begin(1)));
    expect(bodies.filter(({ result }) => result() === undefined)).toHaveLength(10);
  });

  test('are limited in number per address, from the oldest on, without a limit for others', async () => {
    const { begin } = createBodies({ maxUnfinishedPerAddress: 2 });
    const other = await begin(1, '198.51.100.7');
    const [first, second, third] = [await begin(1), await begin(1), await begin(1)];
    expect([other, first, second, third].map(({ result }) => result())).toEqual([
      undefined,
      DISPLACED,
      undefined,
      undefined,
    ]);
  });

  test('are limited in number over all addresses, from the oldest on', async () => {
    const { begin } = createBodies({ maxUnfinished: 3 });
    const bodies = await Promise.all([1, 2, 3, 4, 5].map((number) => begin(1, `192.0.2.${number}`)));
    expect(bodies.map(({ result }) => result())).toEqual([
      DISPLACED,
      DISPLACED,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('give back their place when they end in any way', async () => {
    const { begin } = createBodies({ maxTotalBytes: 64 * KIBIBYTE, maxUnfinished: 4 });
    for (let round = 0; round < 10; round += 1) {
      const finished = await begin(30 * KIBIBYTE);
      finished.stream.end();
      expect(await finished.reading).toMatchObject({ ok: true });
      const closed = await begin(30 * KIBIBYTE);
      closed.stream.destroy();
      await expect(closed.reading).rejects.toThrow();
      const large = await begin(LIMITS.maxBytes + 1);
      expect(await large.reading).toMatchObject({ reason: 'too_large' });
    }
  });
});
