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

function textOf(kind: OperationEnding['kind'], changes: Partial<OperationEnding> = {}): string {
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

describe('The direct message with a late outcome', () => {
  test.each([
    ['created_late', 'after all'],
    ['not_made', 'wasn’t created'],
    ['removed_again', 'No active key is left'],
    ['several_candidates', 'changed none'],
    ['revoked_late', 'has now confirmed it'],
    ['not_revoked', '*wasn’t* revoked'],
    ['still_there', 'still exists in W&B'],
    ['still_unclear', 'We don’t know yet'],
    ['still_not_revoked', '*isn’t* confirmed as revoked'],
    ['appeared_late', 'now exists in W&B'],
  ] as const)('names the account, the outcome and the request’s reference for %s', (kind, text) => {
    expect(textOf(kind)).toContain('`nightly-eval` in `ml-platform`');
    expect(textOf(kind)).toContain(text);
    expect(textOf(kind)).toContain('Reference ks_0123456789abcd');
  });

  test.each(['still_there', 'still_unclear', 'still_not_revoked', 'appeared_late'] as const)(
    'asks a team admin to delete the account for %s, and names the credentials at risk',
    (kind) => {
      expect(textOf(kind)).toMatch(/a team admin should delete it manually/);
      expect(textOf(kind)).toMatch(/credentials|API key/);
    },
  );

  test('doesn’t mention a key where a federated account still exists', () => {
    const federated = { ...accountOf('federated') };
    expect(textOf('still_there', { account: federated })).toContain('its workloads may still sign in');
    expect(textOf('still_there')).toContain('it may have an active API key without an owner');
  });

  test.each([
    'several_candidates',
    'not_revoked',
    'still_there',
    'still_unclear',
    'still_not_revoked',
    'appeared_late',
  ] as const)('links to the team’s page in W&B for %s', (kind) => {
    expect(textOf(kind)).toContain(`<${PAGE}>`);
    expect(textOf(kind, { link: undefined })).not.toContain('http');
  });

  test('has no reference where the request isn’t known', () => {
    expect(textOf('not_made', { requestId: null })).not.toContain('Reference');
  });
});
