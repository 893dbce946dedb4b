import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readBytesWithin, readTextWithin } from '../../src/net/bounded-body.ts';
import { createOutbound } from '../../src/net/outbound-fetch.ts';
import { serve } from './http-server.ts';

describe('the text of a response body', () => {
  const { fetch, close } = createOutbound({ noProxy: undefined });
  afterAll(close);

  test('is read whole within the bound, even when characters are split between chunks', async () => {
    const text = 'schön 👩🏽‍🚀 '.repeat(100);
    const url = await serve((_request, response) => {
      for (const byte of Buffer.from(text)) response.write(Buffer.of(byte));
      response.end();
    });

    expect(await readTextWithin(await fetch(url), Buffer.byteLength(text))).toBe(text);
  });

  test('is not read past the bound when it has no end, and the connection is closed', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
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

    expect(await readTextWithin(await fetch(url), 10_000)).toBeUndefined();

    await closed;
    expect(written).toBeLessThan(50_000_000);
  });

  test('is not read at all when its declared length exceeds the bound', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      response.on('close', resolve);
      response.writeHead(200, { 'content-length': 10_001 }).write('x');
    });

    expect(await readTextWithin(await fetch(url), 10_000)).toBeUndefined();
    await closed;
  });

  test('is bounded after decompression', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const url = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(bomb);
    });

    expect(await readTextWithin(await fetch(url), 64 * 1024)).toBeUndefined();
  });

  test('is empty when there is no body', async () => {
    expect(await readTextWithin(new Response(null, { status: 204 }), 10)).toBe('');
  });
});

describe('the bytes of a stream', () => {
  async function* stream(log: string[]) {
    try {
      for (const byte of [1, 2, 3]) {
        log.push(`read ${byte}`);
        yield Buffer.of(byte);
      }
    } finally {
      log.push('ended');
    }
  }

  test('are read up to exactly the bound', async () => {
    expect(await readBytesWithin(stream([]), 3)).toEqual(Buffer.of(1, 2, 3));
  });

  test('are given up, and the stream ended, at the first byte beyond the bound', async () => {
    const log: string[] = [];

    expect(await readBytesWithin(stream(log), 1)).toBeUndefined();
    expect(log).toEqual(['read 1', 'read 2', 'ended']);
  });
});
