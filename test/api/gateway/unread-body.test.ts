import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readShortBody, shortLength } from '../../../src/api/gateway/unread-body.ts';

function read(length: number) {
  const raw = new PassThrough();
  const ending = new AbortController();
  const over = ending.signal;
  return { raw, ending, body: readShortBody(raw as unknown as IncomingMessage, { length, over }) };
}

it('reads a short body in whatever pieces it arrives', async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(pieces, async (sent) => {
      const whole = Buffer.concat(sent);
      const { raw, body } = read(whole.length);
      for (const piece of sent) raw.write(piece);
      raw.end();
      expect(await body).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

it.each<[string, (reading: ReturnType<typeof read>) => void]>([
  ['the client leaves in the middle', ({ raw }) => raw.destroy()],
  ['the connection breaks', ({ raw }) => raw.destroy(new Error('reset'))],
  ['the body is shorter than stated', ({ raw }) => raw.end()],
  ['Keysmith ends the request', ({ ending }) => ending.abort()],
])('forwards nothing of a short body when %s', async (_title, happen) => {
  const reading = read(10);
  reading.raw.write('half');
  happen(reading);
  expect(await reading.body).toBeUndefined();
});

it.each([
  [{ 'content-length': '2000' }, 2_000],
  [{ 'content-length': '65537' }, undefined],
  [{ 'content-length': '2000', 'transfer-encoding': 'chunked' }, undefined],
  [{ 'transfer-encoding': 'chunked' }, undefined],
  [{}, undefined],
])('forwards a body with the headers %j in one piece only if it states a short length', (headers, length) => {
  expect(shortLength({ headers } as IncomingMessage)).toBe(length);
});
