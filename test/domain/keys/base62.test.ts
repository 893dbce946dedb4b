import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawBase62, encodeBase62 } from '../../../src/domain/keys/base62.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('Drawing base62 characters', () => {
  it('returns exactly the requested number, all of the alphabet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (length) => {
        expect(drawBase62(length, randomBytes)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
      }),
    );
  });

  it('makes every character equally likely by drawing the last eight byte values again', () => {
    const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    let draws = 0;
    const drawn = drawBase62(249, (size) => {
      draws += 1;
      return draws === 1 ? everyByte : new Uint8Array(size).fill(61);
    });
    const counts = Map.groupBy(drawn.slice(0, 248), (character) => character);
    expect(new Set(counts.values().map(({ length }) => length))).toEqual(new Set([4]));
    expect([...counts.keys()].join('')).toBe(ALPHABET);
    expect(drawn.at(-1)).toBe('z');
  });

  it('draws again while the source returns only unusable bytes', () => {
    let draws = 0;
    const drawn = drawBase62(2, (size) => new Uint8Array(size).fill(draws++ < 3 ? 248 : 10));
    expect(drawn).toBe('AA');
  });
});

describe('Encoding a number in base62', () => {
  it.each([
    [0, 6, '000000'],
    [61, 1, 'z'],
    [62, 2, '10'],
    [62, 6, '000010'],
    [0xffffffff, 6, '4gfFC3'],
    [0, 0, ''],
  ])('encodes %d in %d characters as %s', (value, width, text) => {
    expect(encodeBase62(value, width)).toBe(text);
  });

  it('produces text that decodes to the same number', () => {
    fc.assert(
      fc.property(fc.nat(), (value) => {
        const read = [...encodeBase62(value, 6)].reduce(
          (sum, digit) => sum * 62 + ALPHABET.indexOf(digit),
          0,
        );
        expect(read).toBe(value);
      }),
    );
  });
});
