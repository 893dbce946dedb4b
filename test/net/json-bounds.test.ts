import { describe, expect, test } from 'vitest';
import { exceedsJsonBounds, parseBoundedJson } from '../../src/net/json-bounds.ts';

describe('the bounds of a JSON text', () => {
  test.each([
    ['allow 64 levels of nesting', `${'['.repeat(64)}${']'.repeat(64)}`, false],
    ['refuse 65 levels of arrays', `${'['.repeat(65)}${']'.repeat(65)}`, true],
    ['refuse 66 levels of arrays and objects together', '[{"a":'.repeat(33), true],
    ['allow many arrays beside one another', JSON.stringify(Array(100).fill({ a: [] })), false],
    ['ignore brackets in a string', JSON.stringify({ a: '['.repeat(100) }), false],
    ['ignore brackets after an escaped quote', JSON.stringify({ a: '\\"['.repeat(100) }), false],
    ['allow as many values as a very large team has', `[${'0,'.repeat(150_000)}0]`, false],
    ['refuse more values than that', `[${'0,'.repeat(150_001)}0]`, true],
    ['refuse more arrays than that, nested without commas', `[${'[[[[]]]],'.repeat(37_501)}0]`, true],
    ['count brackets after a string that ends in a backslash', `["\\\\"${',['.repeat(64)}`, true],
  ])('%s', (_title, text, expected) => {
    expect(exceedsJsonBounds(text)).toBe(expected);
  });

  test('can be narrower for one reader', () => {
    expect(exceedsJsonBounds('[[0]]', { maxDepth: 1 })).toBe(true);
    expect(exceedsJsonBounds('[0,0]', { maxDepth: 1 })).toBe(false);
    expect(exceedsJsonBounds('[0,0]', { maxCommas: 0 })).toBe(true);
    expect(exceedsJsonBounds('[{}]', { maxContainers: 1 })).toBe(true);
  });
});

describe('bounded parsing of JSON', () => {
  test('returns the value of a text within the bounds', () => {
    expect(parseBoundedJson('{"a":[1]}')).toEqual({ ok: true, value: { a: [1] } });
  });

  test('tells text that is not JSON from text beyond the bounds', () => {
    expect(parseBoundedJson('<html>')).toEqual({ ok: false, reason: 'not_json' });
    expect(parseBoundedJson('['.repeat(65))).toEqual({ ok: false, reason: 'too_large' });
  });
});
