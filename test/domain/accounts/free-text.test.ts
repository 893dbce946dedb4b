import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeTextProblem } from '../../../src/domain/accounts/names.ts';

describe('free text', () => {
  it.each([
    '',
    'Evaluates the model every night',
    'Évaluation – “nightly”, 夜間評価, تقييم',
    '👩🏽‍🚀 👨‍👩‍👧‍👦 ❤️',
    '<!channel> *bold* <https://evil.test|click> & `code`',
    "'; drop table service_accounts; --",
  ])('may be %j', (text) => {
    expect(freeTextProblem(text, { maxLength: 300 })).toBeUndefined();
  });

  it.each([
    ['a bell', 'a\u0007b'],
    ['a null', 'a\0b'],
    ['an escape', '\u001b[31mred'],
    ['a turn of the writing direction', 'evil\u202egnp.exe'],
    ['an isolated direction', 'a\u2066b'],
    ['a zero-width space', 'nightly\u200beval'],
    ['a byte order mark', '\ufeffnightly'],
    ['a soft hyphen', 'night\u00adly'],
    ['tags, which hide words', 'hi\u{e0041}'],
    ['a line separator', 'a\u2028b'],
    ['a lone surrogate', 'a\ud800b'],
    ['private use', 'a\ue000b'],
  ])('may not hide %s', (_, text) => {
    expect(freeTextProblem(text, { maxLength: 300 })).toBe('invisible_characters');
  });

  it('has line breaks only where it may run over several lines', () => {
    expect(freeTextProblem('a\nb', { maxLength: 9 })).toBe('invisible_characters');
    expect(freeTextProblem('a\nb', { maxLength: 9, multiline: true })).toBeUndefined();
    expect(freeTextProblem('a\n\u202eb', { maxLength: 9, multiline: true })).toBe('invisible_characters');
  });

  it('is as long as its limit at most, line breaks counted', () => {
    expect(freeTextProblem('a'.repeat(10), { maxLength: 10 })).toBeUndefined();
    expect(freeTextProblem('a'.repeat(11), { maxLength: 10 })).toBe('too_long');
    expect(freeTextProblem(`${'a'.repeat(10)}\n`, { maxLength: 10, multiline: true })).toBe('too_long');
    expect(freeTextProblem('\u202e'.repeat(10_000), { maxLength: 10 })).toBe('too_long');
  });

  it('never holds a control character once it is accepted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2 }), (text) => {
        if (freeTextProblem(text, { maxLength: 300 }) === undefined) {
          expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f]/u);
        }
      }),
    );
  });
});
