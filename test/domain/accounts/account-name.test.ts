import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountNameProblem } from '../../../src/domain/accounts/names.ts';

describe('the name of a service account', () => {
  it.each([
    'nightly-eval',
    'abc',
    'ci2',
    'test-runner',
    'gpt-4-finetune',
    '4th-floor',
    'my-eval',
    'a'.repeat(64),
  ])('may be %s', (name) => {
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
  ])('may not be %j: %s', (name, problem) => {
    expect(accountNameProblem(name)).toBe(problem);
  });

  it('that is accepted always has the shape that it promises', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9-]{0,70}$/), (name) => {
        if (accountNameProblem(name) !== undefined) return;
        expect(name).toMatch(/^(?=.{3,64}$)[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });
});
