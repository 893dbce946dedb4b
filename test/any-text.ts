import fc from 'fast-check';

const SURROGATES = 0xe000 - 0xd800;

/**
 * Any code points but lone surrogates, and words that trip programs up, such as `__proto__`. Like `fc.string` with the unit
 * `binary`, which takes seconds of each process to map a million code points.
 */
export function anyText(bounds: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> {
  const codePoint = fc
    .integer({ min: 0, max: 0x10ffff - SURROGATES })
    .map((ordinal) => (ordinal < 0xd800 ? ordinal : ordinal + SURROGATES));
  const codePoints = fc.array(codePoint, bounds).map((points) => String.fromCodePoint(...points));
  return fc.oneof({ weight: 4, arbitrary: codePoints }, { weight: 1, arbitrary: fc.string(bounds) });
}
