import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountNameProblem,
  freeTextProblem,
  proposeAccountName,
} from '../../../src/domain/accounts/names.ts';
import { anyText } from '../../any-text.ts';

describe('The name of a service account', () => {
  it.each([
    'nightly-eval',
    'abc',
    'ci2',
    'test-runner',
    'gpt-4-finetune',
    '4th-floor',
    'my-eval',
    'a'.repeat(64),
  ])('accepts the name %s', (name) => {
    expect(accountNameProblem(name)).toBeUndefined();
  });

  it.each([
    ['', 'empty'],
    ['ab', 'too_short'],
    ['a'.repeat(65), 'too_long'],
    ['A'.repeat(10_000), 'too_long'],
    ['Nightly-Eval', 'upper_case'],
    ['nightly_eval', 'characters'],
    ['nightly eval', 'characters'],
    ['nightly-eval\n', 'characters'],
    ['nächtlich', 'characters'],
    ['nightly-\u202elave', 'characters'],
    ['Ünder', 'characters'],
    ['eval🚀', 'characters'],
    ["x'; drop table", 'characters'],
    ['<!channel>', 'characters'],
    ['-eval', 'hyphens'],
    ['eval-', 'hyphens'],
    ['night--ly', 'hyphens'],
    ['--', 'hyphens'],
    ['test', 'says_nothing'],
    ['test2', 'says_nothing'],
    ['temp', 'says_nothing'],
    ['service-account-1', 'says_nothing'],
    ['my-new-key', 'says_nothing'],
    ['123', 'says_nothing'],
    ['1-2-3', 'says_nothing'],
  ])('rejects the name %j as %s', (name, problem) => {
    expect(accountNameProblem(name)).toBe(problem);
  });

  it('accepts only names with 3 to 64 lowercase letters, digits and single hyphens', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9-]{0,70}$/), (name) => {
        if (accountNameProblem(name) !== undefined) return;
        expect(name).toMatch(/^(?=.{3,64}$)[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });
});

describe('Free text', () => {
  it.each([
    '',
    'Evaluates the model every night',
    'Évaluation – “nightly”, 夜間評価, تقييم',
    '👩🏽‍🚀 👨‍👩‍👧‍👦 ❤️',
    '<!channel> *bold* <https://evil.test|click> & `code`',
    "'; drop table service_accounts; --",
  ])('accepts the text %j', (text) => {
    expect(freeTextProblem(text, { maxLength: 300 })).toBeUndefined();
  });

  it.each([
    ['a bell', 'a\u0007b'],
    ['a null', 'a\0b'],
    ['an escape', '\u001b[31mred'],
    ['a direction override', 'evil\u202egnp.exe'],
    ['a direction isolate', 'a\u2066b'],
    ['a zero-width space', 'nightly\u200beval'],
    ['a byte order mark', '\ufeffnightly'],
    ['a soft hyphen', 'night\u00adly'],
    ['invisible tag characters', 'hi\u{e0041}'],
    ['a line separator', 'a\u2028b'],
    ['a lone surrogate', 'a\ud800b'],
    ['a private-use character', 'a\ue000b'],
  ])('rejects text that contains %s', (_, text) => {
    expect(freeTextProblem(text, { maxLength: 300 })).toBe('invisible_characters');
  });

  it('accepts line breaks only in a field of several lines', () => {
    expect(freeTextProblem('a\nb', { maxLength: 9 })).toBe('invisible_characters');
    expect(freeTextProblem('a\nb', { maxLength: 9, multiline: true })).toBeUndefined();
    expect(freeTextProblem('a\n\u202eb', { maxLength: 9, multiline: true })).toBe('invisible_characters');
  });

  it('rejects text beyond the limit, counting line breaks', () => {
    expect(freeTextProblem('a'.repeat(10), { maxLength: 10 })).toBeUndefined();
    expect(freeTextProblem('a'.repeat(11), { maxLength: 10 })).toBe('too_long');
    expect(freeTextProblem(`${'a'.repeat(10)}\n`, { maxLength: 10, multiline: true })).toBe('too_long');
    expect(freeTextProblem('\u202e'.repeat(10_000), { maxLength: 10 })).toBe('too_long');
  });

  it('accepts no text with a control or direction character', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 2 }), (text) => {
        if (freeTextProblem(text, { maxLength: 300 }) === undefined) {
          expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f]/u);
        }
      }),
    );
  });
});

describe('The valid name that is nearest to typed text', () => {
  it.each([
    ['ENV-key', 'env-key'],
    ['Nightly Eval', 'nightly-eval'],
    ['nightly_eval', 'nightly-eval'],
    ['nightly__eval.v2-', 'nightly-eval-v2'],
    ['Évaluation nocturne', 'evaluation-nocturne'],
    ['Straßen-Œuvre', 'strassen-oeuvre'],
    ['Ada’s eval', 'adas-eval'],
    ['nightly:eval (prod) #2', 'nightly-eval-prod-2'],
    ['eval@prod', 'eval-prod'],
    ['CI/CD & nightly + weekly', 'ci-cd-nightly-weekly'],
  ])('is for %s: %s', (typed, name) => {
    expect(proposeAccountName(typed)).toBe(name);
  });

  it.each(['nightly-eval', 'Test', 'a', '', 'チーム', '<!channel>', '*bold*', 'x'.repeat(65), '--'])(
    'is undefined for %j',
    (typed) => {
      expect(proposeAccountName(typed)).toBeUndefined();
    },
  );
});
