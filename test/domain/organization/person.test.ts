import { describe, expect, it } from 'vitest';
import {
  identifyPerson,
  type SlackProfile,
  type SlackWorkspace,
} from '../../../src/domain/organization/person.ts';

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

describe('a Slack profile', () => {
  it('is a person by its confirmed address, in lower case', () => {
    expect(identifyPerson(ada, workspace)).toEqual({
      ok: true,
      person: { slackUserId: 'U0ADA', email: 'ada@acme.test' },
    });
  });

  it('is a person where the workspace does not say whether the address is confirmed', () => {
    expect(identifyPerson({ ...ada, isEmailConfirmed: undefined }, workspace)).toMatchObject({ ok: true });
  });

  it('is a person of another workspace of the same Enterprise organization', () => {
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
  ])('is no person: %s (%j)', (reason, fields) => {
    expect(identifyPerson({ ...ada, ...fields }, workspace)).toEqual({ ok: false, reason });
  });

  it('without an Enterprise is not let in by a workspace without one', () => {
    const profile = { ...ada, workspaceId: 'T0OTHER', enterpriseId: undefined };
    expect(identifyPerson(profile, { workspaceId: 'T0ACME', enterpriseId: undefined })).toEqual({
      ok: false,
      reason: 'other_workspace',
    });
  });

  it('is refused for the reason that holds whatever else is changed', () => {
    const profile = { ...ada, isBot: true, isDeactivated: true, isGuest: true, email: undefined };
    expect(identifyPerson(profile, workspace)).toEqual({ ok: false, reason: 'bot' });
  });
});
