import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  identifyPerson,
  normalizeEmailAddress,
  type SlackProfile,
  type SlackWorkspace,
} from '../../../src/domain/organization/person.ts';
import { anyText } from '../../any-text.ts';
import { randomRuns } from '../../long-form.ts';

const workspace: SlackWorkspace = { workspaceId: 'T0ACME', enterpriseId: 'E0ACME' };
const ada: SlackProfile = {
  slackUserId: 'U0ADA',
  workspaceId: 'T0ACME',
  enterpriseId: undefined,
  email: 'Ada@Acme.test',
  isEmailConfirmed: true,
  isBot: false,
  isDeactivated: false,
  isGuest: false,
  isStranger: false,
};

describe('A Slack profile', () => {
  it('is a person with its confirmed address in lowercase', () => {
    expect(identifyPerson(ada, workspace)).toEqual({
      ok: true,
      person: { slackUserId: 'U0ADA', email: 'ada@acme.test' },
    });
  });

  it('is a person if the workspace doesn’t report whether the address is confirmed', () => {
    expect(identifyPerson({ ...ada, isEmailConfirmed: undefined }, workspace)).toMatchObject({ ok: true });
  });

  it('is a person in another workspace of the same Enterprise organization', () => {
    const profile = { ...ada, workspaceId: 'T0OTHER', enterpriseId: 'E0ACME' };
    expect(identifyPerson(profile, workspace)).toMatchObject({ ok: true });
  });

  it.each([
    ['bot', { isBot: true }],
    ['deactivated', { isDeactivated: true }],
    ['guest', { isGuest: true }],
    ['other_workspace', { workspaceId: 'T0OTHER' }],
    ['other_workspace', { workspaceId: 'T0OTHER', enterpriseId: 'E0OTHER' }],
    ['other_workspace', { workspaceId: undefined }],
    ['other_workspace', { isStranger: true }],
    ['email_unconfirmed', { isEmailConfirmed: false }],
    ['email_missing', { email: undefined }],
    ['email_missing', { email: '' }],
    ['email_missing', { email: '\u212Aim@acme.test' }],
  ])('is rejected as %s with the fields %j', (reason, fields) => {
    expect(identifyPerson({ ...ada, ...fields }, workspace)).toEqual({ ok: false, reason });
  });

  it('of another workspace is rejected if neither has an Enterprise organization', () => {
    const profile = { ...ada, workspaceId: 'T0OTHER', enterpriseId: undefined };
    expect(identifyPerson(profile, { workspaceId: 'T0ACME', enterpriseId: undefined })).toEqual({
      ok: false,
      reason: 'other_workspace',
    });
  });

  it('that fails several checks is rejected for the most basic one', () => {
    const profile = { ...ada, isBot: true, isDeactivated: true, isGuest: true, email: undefined };
    expect(identifyPerson(profile, workspace)).toEqual({ ok: false, reason: 'bot' });
  });
});

describe('An email address', () => {
  it.each([
    ['Ada@ACME.test', 'ada@acme.test'],
    [' ada@acme.test\n', 'ada@acme.test'],
    ["o'neil+ci@mail.acme-corp.test", "o'neil+ci@mail.acme-corp.test"],
    ['root@localhost', 'root@localhost'],
    [`${'a'.repeat(64)}@acme.test`, `${'a'.repeat(64)}@acme.test`],
  ])('is normalized to lowercase: %j becomes %j', (text, address) => {
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
  ])('is rejected if malformed: %j', (text) => {
    expect(normalizeEmailAddress(text)).toBeUndefined();
  });

  it('is rejected with non-ASCII characters, which could become another address in lowercase', () => {
    // The Kelvin sign is a k in lowercase.
    expect(normalizeEmailAddress('\u212Aim@acme.test')).toBeUndefined();
    fc.assert(
      fc.property(anyText({ minLength: 1, maxLength: 1 }), (character) => {
        const address = normalizeEmailAddress(`a${character}b@acme.test`);
        if (address !== undefined) expect(address).toMatch(/^a[\x21-\x7e]b@acme\.test$/);
      }),
      { numRuns: randomRuns(2_000) },
    );
  });

  it('doesn’t change when it is normalized twice', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const once = normalizeEmailAddress(address);
        if (once !== undefined) expect(normalizeEmailAddress(once)).toBe(once);
      }),
    );
  });
});
