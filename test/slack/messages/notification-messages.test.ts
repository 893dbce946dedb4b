import { describe, expect, test } from 'vitest';
import type { OperationEnding } from '../../../src/application/ports/slack.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { endingMessage } from '../../../src/slack/messages/notification-messages.ts';

const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';

function accountOf(method: OperationEnding['account']['method']): OperationEnding['account'] {
  return {
    id: 'sa_1',
    organizationId: 'org_1',
    scope: 'team',
    teamId: 'team_1',
    teamName: 'ml-platform',
    name: 'nightly-eval',
    method,
    externalIdentity: undefined,
    purpose: undefined,
    usedBy: undefined,
    contact: 'U0ADA00001',
    createdBy: { slackUserId: 'U0ADA00001', email: 'ada@acme.test' },
    createdAtMs: 0,
    status: 'active',
    revokedAtMs: undefined,
  };
}

function said(kind: OperationEnding['kind'], changes: Partial<OperationEnding> = {}): string {
  const message = endingMessage({
    kind,
    account: accountOf('api_key'),
    slackUserId: 'U0ADA00001',
    link: PAGE,
    requestId: 'ks_0123456789abcd',
    ...changes,
  });
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  return JSON.stringify(message.blocks);
}

describe('The direct message about the end of something that was unclear', () => {
  test.each([
    ['created_late', 'was made after all'],
    ['not_made', 'was not made'],
    ['removed_again', 'was removed again. No key of it is in use'],
    ['several_candidates', 'touched none'],
    ['revoked_late', 'is revoked now'],
    ['not_revoked', 'is *not* revoked'],
    ['still_there', 'still stands in W&B'],
    ['still_unclear', 'Nobody can say yet'],
    ['still_not_revoked', 'is *not* known to be revoked'],
    ['appeared_late', 'stands in W&B now'],
  ] as const)(
    '%s names the account, says what became of it, and has the reference of its request',
    (kind, words) => {
      expect(said(kind)).toContain('`nightly-eval` in `ml-platform`');
      expect(said(kind)).toContain(words);
      expect(said(kind)).toContain('Reference ks_0123456789abcd');
    },
  );

  test.each(['still_there', 'still_unclear', 'still_not_revoked', 'appeared_late'] as const)(
    '%s says that an admin must remove it, and whether credentials may be live',
    (kind) => {
      expect(said(kind)).toMatch(/an admin[^.]* must remove it/i);
      expect(said(kind)).toMatch(/credentials|API key/);
    },
  );

  test('still_there of a federated account does not speak of a key', () => {
    const federated = { ...accountOf('federated') };
    expect(said('still_there', { account: federated })).toContain('Its workloads may still sign in.');
    expect(said('still_there')).toContain('It may have a live API key that nobody holds.');
  });

  test.each([
    'several_candidates',
    'not_revoked',
    'still_there',
    'still_unclear',
    'still_not_revoked',
    'appeared_late',
  ] as const)('%s leads to the page where somebody can put it in order', (kind) => {
    expect(said(kind)).toContain(`<${PAGE}>`);
    expect(said(kind, { link: undefined })).not.toContain('http');
  });

  test('has no reference where the request is not known', () => {
    expect(said('not_made', { requestId: null })).not.toContain('Reference');
  });
});
