import { describe, expect, test } from 'vitest';
import { drawApiKey, formatApiKey } from '../../../src/domain/keys/api-key.ts';
import { findApiKeys, mayContainWandbKey } from '../../../src/domain/keys/keys-in-text.ts';

let drawn = 0;
/** Returns a key whose characters differ from those of every other one. */
function newKey(): string {
  drawn += 1;
  return formatApiKey(
    drawApiKey((size) => Uint8Array.from({ length: size }, (_, at) => (at * 7 + drawn) % 250)),
  );
}

const key = newKey();
const found = (...texts: string[]) => findApiKeys(texts).keys.map((one) => one.key);

describe('The keys in a message', () => {
  test.each([
    ['alone', key],
    ['in a sentence', `Use ${key}.`],
    ['in code', `\`WANDB_API_KEY=${key}\``],
    ['after JSON’s line break', `{"a":"\\n${key}"}`],
    ['in a URL', `https://acme.test/?key=${key}&x=1`],
    ['with invisible characters inside', key.replace('-', '\u200b-\u00ad')],
  ])('are found %s', (_where, text) => {
    expect(found(text)).toEqual([key]);
  });

  test('are found once each, and at most 20', () => {
    const other = newKey();
    expect(found(`${key} ${other}`, key)).toEqual([key, other]);
    const many = Array.from({ length: 30 }, newKey);
    expect(found(many.join(' '))).toEqual(many.slice(0, 20));
    expect(findApiKeys([many.join(' ')]).hasMore).toBe(true);
    expect(findApiKeys([many.slice(0, 20).join(' ')]).hasMore).toBe(false);
  });

  test.each([
    ['a key with another checksum', `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`],
    ['a truncated key', key.slice(0, -1)],
    ['a key in capitals', key.toUpperCase()],
    ['nothing', ''],
  ])('aren’t found in %s', (_what, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('A text', () => {
  test.each([
    ['forty hexadecimal digits', 'a'.repeat(40), true],
    ['a key of a local server', `local-${'0'.repeat(40)}`, true],
    ['a new key of W&B', `wandb_v1_${'a1'.repeat(20)}`, true],
    ['forty-one hexadecimal digits', 'a'.repeat(41), false],
    ['a name', 'wandb_v1_migration', false],
    ['nothing', '', false],
  ])('with %s may contain a key of W&B, or not', (_what, text, expected) => {
    expect(mayContainWandbKey([text])).toBe(expected);
  });
});
