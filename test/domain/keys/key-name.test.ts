import { describe, expect, it } from 'vitest';
import { KEY_NAME_LENGTH, keyNameProblem, nextKeyName } from '../../../src/domain/keys/key-name.ts';

const LONGEST = 'a'.repeat(KEY_NAME_LENGTH.max);

describe('The name of a key', () => {
  it.each([
    ['key-1', undefined],
    ['ci', undefined],
    [LONGEST, undefined],
    ['', 'too_short'],
    ['k', 'too_short'],
    [`${LONGEST}a`, 'too_long'],
    ['CI', 'characters'],
    ['ci key', 'characters'],
    ['<ci>&', 'characters'],
    ['-ci', 'hyphens'],
    ['ci-', 'hyphens'],
    ['ci--1', 'hyphens'],
  ])('%j has the problem %j', (name, problem) => {
    expect(keyNameProblem(name)).toBe(problem);
  });

  it.each([
    ['key-1', [], 'key-2'],
    ['key-1', ['key-2', 'key-3'], 'key-4'],
    ['ci', ['ci'], 'ci-2'],
    ['ci-2026', ['ci-2026'], 'ci-2027'],
    [LONGEST, [LONGEST], `${'a'.repeat(KEY_NAME_LENGTH.max - 2)}-2`],
    ['-9', [], '-10'],
  ])('after %j, with %j taken, is %j', (name, taken, next) => {
    expect(nextKeyName(name, new Set(taken))).toBe(next);
  });
});
