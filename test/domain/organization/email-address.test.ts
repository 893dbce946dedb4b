import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeEmailAddress } from '../../../src/domain/organization/person.ts';

describe('an e-mail address', () => {
  it.each([
    ['Ada@ACME.test', 'ada@acme.test'],
    [' ada@acme.test\n', 'ada@acme.test'],
    ["o'neil+ci@mail.acme-corp.test", "o'neil+ci@mail.acme-corp.test"],
    ['root@localhost', 'root@localhost'],
    [`${'a'.repeat(64)}@acme.test`, `${'a'.repeat(64)}@acme.test`],
  ])('is compared in lower case: %j', (text, address) => {
    expect(normalizeEmailAddress(text)).toBe(address);
  });

  it.each([
    '',
    'ada',
    '@acme.test',
    'ada@',
    'ada@acme.test@evil.test',
    'ada@.test',
    'ada@acme..test',
    'ada@-acme.test',
    'ada@acme.test.',
    'ada lovelace@acme.test',
    'ada@acme.test, ben@acme.test',
    'Ada <ada@acme.test>',
    `${'a'.repeat(65)}@acme.test`,
    `ada@${'a'.repeat(64)}.test`,
    `ada@${'a.'.repeat(127)}test`,
    `a@${'a'.repeat(100_000)}`,
  ])('is not %j', (text) => {
    expect(normalizeEmailAddress(text)).toBeUndefined();
  });

  it('has no character beyond ASCII, so that none can turn into another address in lower case', () => {
    // The Kelvin sign is a k in lower case.
    expect(normalizeEmailAddress('\u212Aim@acme.test')).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), (character) => {
        const address = normalizeEmailAddress(`a${character}b@acme.test`);
        if (address !== undefined) expect(address).toMatch(/^a[\x21-\x7e]b@acme\.test$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('that was normalized stays as it is', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const once = normalizeEmailAddress(address);
        if (once !== undefined) expect(normalizeEmailAddress(once)).toBe(once);
      }),
    );
  });
});
