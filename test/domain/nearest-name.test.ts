import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from '../../src/domain/nearest-name.ts';

describe('The edit distance of two words', () => {
  it.each([
    ['new', 'new', 0],
    ['nwe', 'new', 1],
    ['lsit', 'list', 1],
    ['rveoke', 'revoke', 1],
    ['rvekoe', 'revoke', 2],
    ['neww', 'new', 1],
    ['ne', 'new', 1],
    ['mew', 'new', 1],
    ['', 'new', 3],
    ['ca', 'abc', 3],
  ])('of %s and %s is %i', (one, other, distance) => {
    expect(editDistance(one, other, 9)).toBe(distance);
    expect(editDistance(other, one, 9)).toBe(distance);
  });

  it('may be any number beyond the limit if it exceeds the limit', () => {
    expect(editDistance('evaluation', 'training', 2)).toBeGreaterThan(2);
    expect(editDistance('a', 'abcdef', 2)).toBeGreaterThan(2);
  });
});

describe('The nearest name', () => {
  it.each([
    ['transposed letters', 'nwe', ['list', 'new'], 'new'],
    ['a missing letter', 'nightly-evl', ['nightly-eval', 'weekly-eval'], 'nightly-eval'],
    ['another letter case', 'ML-Platform', ['research', 'ml-platform'], 'ml-platform'],
    ['missing accents', 'equipe', ['équipe', 'vision'], 'équipe'],
    ['accents in their decomposed form', 'équipe'.normalize('NFD'), ['équipe', 'vision'], 'équipe'],
    ['another separator', 'my_team', ['my team', 'vision'], 'my team'],
    [
      'the beginning of one name',
      'research',
      ['research-and-development', 'vision'],
      'research-and-development',
    ],
  ])('ignores %s', (_, word, known, nearest) => {
    expect(nearestName(word, known)).toBe(nearest);
  });

  it('is the one with the same letter case where several differ in nothing else', () => {
    const known = ['ML-PLATFORM', 'ML-Platform', 'ml-platform'];
    expect(nearestName('ML-Platfrom', known)).toBe('ML-Platform');
    expect(nearestName('ml-platfrom', known)).toBe('ml-platform');
  });

  it.each([
    ['no name is near', 'xylophone', ['new', 'list', 'revoke']],
    ['two names begin with the word', 'eval', ['eval-nightly', 'eval-weekly']],
    ['the word is too short for a beginning', 'm', ['ml-platform']],
    ['there are no names', 'new', []],
    ['the word is longer than any name', 'x'.repeat(100_000), ['x'.repeat(100)]],
  ])('is undefined when %s', (_, word, known) => {
    expect(nearestName(word, known)).toBeUndefined();
  });

  it('compares a bounded number of names', () => {
    const known = Array.from({ length: 100_000 }, (_, index) => `account-${index}`);
    expect(nearestName('account-99999x', known)).not.toBe('account-99999');
  });
});
