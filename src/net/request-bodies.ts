import type { Readable } from 'node:stream';

/** `displaced`: the body was unfinished while others needed its place. */
export type ReadBodyResult =
  | { ok: true; body: Buffer }
  | { ok: false; reason: 'too_large' | 'too_slow' | 'displaced' };

interface BodyLimits {
  maxBytes: number;
  /** For the whole body. */
  withinMs: number;
}

/** Reads request bodies within limits for all connections together, because anyone can send half a body. */
export interface RequestBodies {
  /**
   * Reads a body to its end. If it stops early, it leaves the connection open, so that the server can send a response.
   *
   * @param from the address of the client
   * @throws when the connection closes before the body's end
   */
  read(body: Readable, from: string, limits: BodyLimits): Promise<ReadBodyResult>;
}

/** What the HTTP server passes with a request: its client's address, and the reader that all requests share. */
export interface Reception {
  /** The address of the client, which trusted proxies forward. */
  from: string;
  bodies: RequestBodies;
}

/** One unfinished body. */
interface Unfinished {
  from: string;
  received: Buffer;
  length: number;
  end(reason: 'too_large' | 'too_slow' | 'displaced'): void;
}

/** Room for 32 of the largest bodies. Workloads and Slack send a few kilobytes, complete in one round trip. */
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;
const MAX_UNFINISHED = 1_024;
const MAX_UNFINISHED_PER_ADDRESS = 256;
const FIRST_BYTES = 4 * 1024;

/**
 * Creates the reader. Beyond a limit, the oldest unfinished body is given up, whatever the size of the newest: stalled bodies are a
 * stranger's, and can't keep Slack's requests out.
 */
export function createRequestBodies({
  maxTotalBytes = MAX_TOTAL_BYTES,
  maxUnfinished = MAX_UNFINISHED,
  maxUnfinishedPerAddress = MAX_UNFINISHED_PER_ADDRESS,
} = {}): RequestBodies {
  // In the order in which they began.
  const unfinished = new Set<Unfinished>();
  let totalBytes = 0;

  const makeRoom = (from: string) => {
    if (unfinished.size <= Math.min(maxUnfinishedPerAddress, maxUnfinished)) return;
    const ofAddress = [...unfinished].filter((other) => other.from === from);
    if (ofAddress.length > maxUnfinishedPerAddress) ofAddress[0]?.end('displaced');
    if (unfinished.size > maxUnfinished) unfinished.values().next().value?.end('displaced');
  };

  /** Appends to one buffer that grows, as a list of small chunks takes many times the memory of their bytes. */
  const append = (entry: Unfinished, chunk: Uint8Array, maxBytes: number) => {
    const { received, length } = entry;
    const needed = length + chunk.byteLength;
    if (needed > maxBytes) return entry.end('too_large');
    if (needed > received.length) {
      const size = Math.min(maxBytes, Math.max(needed, 2 * received.length, FIRST_BYTES));
      entry.received = Buffer.allocUnsafeSlow(size);
      received.copy(entry.received, 0, 0, length);
      totalBytes += size - received.length;
    }
    entry.received.set(chunk, length);
    entry.length = needed;
    while (totalBytes > maxTotalBytes) oldestWithBytes(unfinished)?.end('displaced');
  };

  return {
    read(body, from, { maxBytes, withinMs }) {
      const { promise, resolve, reject } = Promise.withResolvers<ReadBodyResult>();
      const entry: Unfinished = {
        from,
        received: Buffer.alloc(0),
        length: 0,
        end(reason) {
          leave();
          body.pause();
          resolve({ ok: false, reason });
        },
      };
      const leave = () => {
        clearTimeout(timer);
        if (!unfinished.delete(entry)) return;
        totalBytes -= entry.received.length;
        for (const [event, listener] of Object.entries(listeners)) body.off(event, listener);
        // Without a listener, an error of the connection while the response is sent would end the process.
        body.on('error', () => {});
      };
      const listeners = {
        data: (chunk: Uint8Array) => append(entry, chunk, maxBytes),
        end: () => {
          leave();
          resolve({ ok: true, body: entry.received.subarray(0, entry.length) });
        },
        error: (error: unknown) => {
          leave();
          reject(error);
        },
        close: () => {
          leave();
          reject(new Error('the connection closed'));
        },
      };
      const timer = setTimeout(() => entry.end('too_slow'), withinMs);
      unfinished.add(entry);
      makeRoom(from);
      if (unfinished.has(entry))
        for (const [event, listener] of Object.entries(listeners)) body.on(event, listener);
      return promise;
    },
  };
}

/**
 * Giving up a body of which nothing has arrived would free nothing.
 *
 * @param bodies the oldest first
 */
function oldestWithBytes(bodies: Iterable<Unfinished>): Unfinished | undefined {
  for (const body of bodies) if (body.received.length > 0) return body;
  return undefined;
}
