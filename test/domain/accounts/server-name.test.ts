import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawTag, serverName } from '../../../src/domain/accounts/server-name.ts';

describe('The tag in a name on a W&B server', () => {
  it('is 13 base32 characters, each of 5 bits of one random byte', () => {
    const asked: number[] = [];
    const tag = drawTag((size) => {
      asked.push(size);
      return Uint8Array.from({ length: size }, (_, index) => 250 + index);
    });
    // 250 to 255, then 0 to 6, because a byte has 8 bits.
    expect([tag, asked]).toEqual(['234567abcdefg', [13]]);
  });

  it('uses every character equally often', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte += 1) {
      const [character = ''] = drawTag((size) => new Uint8Array(size).fill(byte));
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect([counts.size, ...new Set(counts.values())]).toEqual([32, 8]);
  });

  it('ends the name, behind the plain one', () => {
    const name = serverName('nightly-eval', drawTag(randomBytes));
    expect(name).toMatch(/^nightly-eval-ks[a-z2-7]{13}$/);
  });
});
