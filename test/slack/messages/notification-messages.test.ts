import { describe, expect, test } from 'vitest';
import type { AccountMessage } from '../../../src/application/ports/notifications.ts';
import type { OperationEnding } from '../../../src/application/ports/slack.ts';
import type { ServiceAccount } from '../../../src/domain/accounts/service-account.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { endingMessage, notificationMessage } from '../../../src/slack/messages/notification-messages.ts';
import { plainAccount } from './plain-account.ts';

const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';

function textOf(kind: OperationEnding['kind'], changes: Partial<OperationEnding> = {}): string {
  const message = endingMessage({
    kind,
    account: plainAccount({ method: 'api_key' }),
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
    const federated = { ...plainAccount({ method: 'federated' }) };
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

describe('The direct message about an effect that its request didn’t report', () => {
  const SETUP = {
    publicUrl: 'https://keysmith.acme.test',
    organizationName: 'acme',
    runAccess: 'available' as const,
  };
  const identity = { issuer: 'https://gitlab.acme.test', subject: 'repo:acme/eval' };
  const revoked = { status: 'revoked', revokedAtMs: 1 } as const;

  function sentText(notification: AccountMessage, changes: Partial<ServiceAccount>): string {
    const account = { ...plainAccount({ method: 'api_key' }), ...changes };
    const message = notificationMessage({ ...notification, account, requestId: 'ks_0123456789abcd' }, SETUP);
    expect(checkMessage({ ...message })).toMatchObject({ ok: true });
    return JSON.stringify(message.blocks);
  }

  test('has the setup of a federated account', () => {
    const created = { message: 'federated_account_created', accountId: 'sa_1' } as const;
    const text = sentText(created, { method: 'federated', externalIdentity: identity });
    expect(text).toContain('Created `nightly-eval` in `ml-platform`.');
    expect(text).toContain('repo:acme/eval');
    expect(text).toContain('https://keysmith.acme.test');
  });

  test.each([
    [
      'a federated account that was revoked since',
      { message: 'federated_account_created', accountId: 'sa_1' },
      { method: 'federated', externalIdentity: identity, ...revoked },
      '`nightly-eval` in `ml-platform` was created as you asked, but has since been revoked.',
    ],
    [
      'a revoked account',
      { message: 'account_revoked', accountId: 'sa_1' },
      revoked,
      'Revoked `nightly-eval` in `ml-platform`. Its key no longer works.',
    ],
    [
      'a key that can’t be collected anymore',
      { message: 'key_not_collectable', accountId: 'sa_1', keyId: 'AbC123' },
      {},
      'Key `AbC123` of `nightly-eval` in `ml-platform` was revoked: Slack didn’t confirm that it reached you. The 24 hours to collect another key have passed',
    ],
    [
      'a key whose account was revoked',
      { message: 'key_not_collectable', accountId: 'sa_1', keyId: 'AbC123' },
      revoked,
      'The account has been revoked too.',
    ],
  ] as const)('says what happened to %s', (_, notification, changes, text) => {
    expect(sentText(notification, changes)).toContain(text);
    expect(sentText(notification, changes)).toContain('Reference ks_0123456789abcd');
  });
});

describe('The direct message about a changed subject', () => {
  const messageFor = (registered: string, subject: string, status: 'active' | 'revoked' = 'active') => {
    const account = {
      ...plainAccount({ method: 'federated' }),
      externalIdentity: { issuer: 'https://token.actions.githubusercontent.com', subject: registered },
      status,
    };
    const setup = { organizationName: 'acme', workloadUrl: undefined } as never;
    const message = notificationMessage(
      { message: 'subject_changed', accountId: account.id, subject, account, requestId: null },
      setup,
    );
    expect(checkMessage({ ...message })).toMatchObject({ ok: true });
    return JSON.stringify(message.blocks);
  };

  test('shows both subjects in full, and says what to do', () => {
    const rest = `:ref:refs/heads/${'&<'.repeat(490)}`;
    const text = messageFor(`repo:acme/web${rest}`, `repo:acme@1234567/web@7654321${rest}`);

    expect(text).toContain(`registered   repo:acme/web${rest}`);
    expect(text).toContain(`in the JWT   repo:acme@1234567/web@7654321${rest}`);
    expect(text).toContain('create an account with the new subject and revoke `nightly-eval`');
    expect(text).toContain('`repo:acme@1234567/*`');
  });

  test('mentions no pattern for the older form, and the revocation of a revoked account', () => {
    const text = messageFor('repo:acme@1/web@2', 'repo:acme/web', 'revoked');

    expect(text).not.toContain('/*');
    expect(text).toContain('before the account was revoked');
  });
});

describe('The direct message about a credential that W&B rejects', () => {
  const textFor = (kind: 'team_key' | 'access_token', teamName: string, ...others: string[]) => {
    const sinceMs = Date.UTC(2026, 0, 15, 12);
    const setup = {
      publicUrl: 'https://keysmith.acme.test',
      organizationName: 'acme',
      runAccess: 'available' as const,
    };
    const message = notificationMessage(
      {
        message: 'upstream_rejected',
        kind,
        teams: [{ teamName, sinceMs }, ...others.map((name) => ({ teamName: name, sinceMs: sinceMs + 1 }))],
      },
      setup,
    );
    expect(checkMessage({ ...message })).toMatchObject({ ok: true });
    return JSON.stringify(message.blocks);
  };

  test('names the team, the time and the command for another key', () => {
    const text = textFor('team_key', 'ml-platform');
    expect(text).toContain('The stored W&B API key of team');
    expect(text).toContain('`ml-platform` hasn’t worked since <!date^1768478400^');
    expect(text).toContain('`npm run keysmith -- upstream add ml-platform`');
  });

  test('names the command that says what is wrong with the federation', () => {
    expect(textFor('access_token', 'ml-platform')).toContain(
      '`npm run keysmith -- upstream check ml-platform`',
    );
  });

  test('names all teams whose identity tokens W&B rejects, up to 20', () => {
    const names = Array.from({ length: 200 }, (_, index) => `team-${index}`);
    const text = textFor('access_token', 'team-0', ...names.slice(1));
    expect(text).toContain('for 200 teams since <!date^1768478400^');
    expect(text).toContain('`team-0`, `team-1`');
    expect(text).toContain('`team-19` and 180 more');
    expect(text).toContain('`npm run keysmith -- upstream check`');
  });

  test('quotes a team’s name for the shell', () => {
    expect(textFor('team_key', 'Team Ö’s & Co')).toContain("upstream add 'Team Ö’s &amp; Co'`");
  });
});
