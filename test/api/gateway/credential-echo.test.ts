import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCredentialEcho } from '../../../src/api/gateway/upstream/credential-echo.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { basic } from '../../world/credential-world.ts';

const KEY = `local-${'ab'.repeat(20)}`;
const BASIC = basic('api', KEY);
const TOKEN = 'a+b/c~d.e-f_012345678';

function echoOf(authorization: string) {
  const found = { times: 0 };
  const echo = createCredentialEcho({ authorization: new Secret(authorization) }, () => {
    found.times += 1;
  });
  return { echo, found };
}

function through(authorization: string, chunks: readonly string[]): Promise<string> {
  const { echo } = echoOf(authorization);
  return text(Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(echo.createStream()));
}

it('hides a credential however the response is cut into pieces, and changes nothing else', async () => {
  const part = fc.oneof(
    fc.constantFrom(KEY, BASIC, KEY.slice(0, 20), KEY.slice(5), 'local-', 'ab', 'YXBp'),
    fc.string({ unit: 'grapheme' }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part), fc.array(fc.nat(40), { minLength: 1 }), async (parts, lengths) => {
      const whole = parts.join('');
      const chunks: string[] = [];
      const characters = [...whole];
      for (let at = 0; characters.length > 0; at += 1)
        chunks.push(characters.splice(0, 1 + (lengths[at % lengths.length] ?? 0)).join(''));
      const { echo } = echoOf(BASIC);
      const received = await through(BASIC, chunks);
      expect(received).toBe(echo.hideIn(whole));
      expect(received).not.toContain(KEY);
      expect(received).toHaveLength(whole.length);
    }),
  );
});

it.each([
  [BASIC, `Basic ${BASIC.slice(6)}`],
  [BASIC, JSON.stringify({ key: KEY })],
  [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`],
  [`Bearer ${TOKEN}`, `https://x.test/?t=${encodeURIComponent(TOKEN)}`],
  [`Bearer ${TOKEN}`, `{"t":"${TOKEN.replaceAll('/', '\\/')}"}`],
])('hides every form of a credential (%#)', async (authorization, sent) => {
  const { echo, found } = echoOf(authorization);
  const hidden = echo.hideIn(sent);
  expect(hidden).toMatch(/\*{16}/);
  expect(hidden).toHaveLength(sent.length);
  expect(found.times).toBe(1);
  expect(await through(authorization, [sent])).toBe(hidden);
});

it('sends on at once what cannot be part of a credential', () => {
  const stream = echoOf(BASIC).echo.createStream();
  stream.write('{"a":1}loca');
  expect(String(stream.read())).toBe('{"a":1}');
});
