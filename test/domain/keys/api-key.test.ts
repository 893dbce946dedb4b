import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  API_KEY_PATTERN,
  drawApiKey,
  formatApiKey,
  hashApiKeySecret,
  parseApiKey,
} from '../../../src/domain/keys/api-key.ts';

const parts = fc.record({
  keyId: fc.stringMatching(/^[0-9A-Za-z]{12}$/),
  secret: fc.stringMatching(/^[0-9A-Za-z]{34}$/),
});

describe('An API key', () => {
  it('is drawn at its full length and differs every time', () => {
    const drawn = Array.from({ length: 100 }, () => formatApiKey(drawApiKey(randomBytes)));
    expect(new Set(drawn).size).toBe(100);
    for (const key of drawn) expect(key).toMatch(/^keysmith_[0-9A-Za-z]{12}-[0-9A-Za-z]{40}$/);
  });

  it('has 40 characters after its only hyphen, as every version of the W&B SDK requires', () => {
    fc.assert(
      fc.property(parts, (key) => {
        const [, ...afterHyphen] = formatApiKey(key).split('-');
        expect(afterHyphen.map(({ length }) => length)).toEqual([40]);
      }),
    );
  });

  it('keeps its format across versions, checked with a fixed key', () => {
    const key = { keyId: 'AbCdEf012345', secret: 'abcdefghijklmnopqrstuvwxyz01234567' };
    expect(formatApiKey(key)).toBe('keysmith_AbCdEf012345-abcdefghijklmnopqrstuvwxyz012345670pA5n9');
  });

  it('is parsed back into its parts', () => {
    fc.assert(
      fc.property(parts, (key) => {
        expect(parseApiKey(formatApiKey(key))).toEqual(key);
      }),
    );
  });

  it('is rejected if any one character was changed', () => {
    fc.assert(
      fc.property(parts, fc.nat(61), fc.stringMatching(/^[0-9A-Za-z]$/), (key, position, character) => {
        const text = formatApiKey(key);
        const changed = text.slice(0, position) + character + text.slice(position + 1);
        fc.pre(changed !== text);
        expect(parseApiKey(changed)).toBeUndefined();
      }),
    );
  });

  it('is rejected if two characters were swapped or other text surrounds it', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 9, max: 60 }), (key, position) => {
        const text = formatApiKey(key);
        const [first = '', second = ''] = text.slice(position, position + 2);
        fc.pre(first !== second);
        const swapped = text.slice(0, position) + second + first + text.slice(position + 2);
        expect(parseApiKey(swapped)).toBeUndefined();
      }),
    );
    const text = formatApiKey(drawApiKey(randomBytes));
    for (const junk of [` ${text}`, `${text}\n`, `${text}0`, text.toUpperCase(), text.slice(1)]) {
      expect(parseApiKey(junk)).toBeUndefined();
    }
  });

  it('is never found in random text, which doesn’t throw', () => {
    fc.assert(
      fc.property(fc.string(), (junk) => {
        expect(parseApiKey(junk)).toBeUndefined();
      }),
    );
    expect(parseApiKey(`keysmith_${'0'.repeat(1_000_000)}`)).toBeUndefined();
  });
});

describe('The pattern for secret scanners', () => {
  it.each([
    ['a setting', (key: string) => `WANDB_API_KEY=${key}`],
    ['a quoted value', (key: string) => `{"key":"${key}"}`],
    ['a URL', (key: string) => `https://api:${key}@wandb.test/x`],
    ['a line break as JSON writes it', (key: string) => JSON.stringify(`first\n${key}\nlast`)],
    ['the middle of a word', (key: string) => `x${key}_y`],
    ['Slack’s code block', (key: string) => `\`\`\`${key}\`\`\``],
  ])('finds every key in %s', (_, surround) => {
    fc.assert(
      fc.property(parts, (key) => {
        const text = formatApiKey(key);
        expect(API_KEY_PATTERN.exec(surround(text))?.[0]).toBe(text);
      }),
    );
  });

  it('doesn’t match other text', () => {
    for (const text of ['keysmith_AbCdEf012345', `keysmith_AbCdEf012345-${'a'.repeat(39)}`, 'wandb_v1_x']) {
      expect(API_KEY_PATTERN.test(text)).toBe(false);
    }
  });

  it('keeps no state between uses', () => {
    expect(API_KEY_PATTERN.flags).toBe('');
  });
});

describe('The hash of a key’s secret', () => {
  it('is HMAC-SHA-256 under the pepper, in hexadecimal', () => {
    const pepper = createSecretKey(Buffer.alloc(32, 1));
    const expected = createHmac('sha256', Buffer.alloc(32, 1)).update('secret').digest('hex');
    expect(hashApiKeySecret('secret', pepper)).toBe(expected);
  });

  it('differs for another pepper or another secret', () => {
    const hashes = [
      hashApiKeySecret('a', createSecretKey(Buffer.alloc(32, 1))),
      hashApiKeySecret('a', createSecretKey(Buffer.alloc(32, 2))),
      hashApiKeySecret('b', createSecretKey(Buffer.alloc(32, 1))),
    ];
    expect(new Set(hashes).size).toBe(3);
  });
});
