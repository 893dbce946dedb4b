import { describe, expect, test } from 'vitest';
import type {
  AccountMessage,
  CollectionOrigin,
  DueNotification,
} from '../../../src/application/ports/notifications.ts';
import type { ServiceAccount } from '../../../src/domain/accounts/service-account.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { notificationMessage } from '../../../src/slack/messages/notification-messages.ts';
import { plainAccount } from './plain-account.ts';

const SETUP = {
  publicUrl: 'https://keysmith.acme.test',
  organizationName: 'acme',
  runAccess: 'available' as const,
  teamPage: undefined,
};

describe('The direct message about an effect that its request didn’t report', () => {
  const identity = { issuer: 'https://gitlab.acme.test', subject: 'repo:acme/eval' };
  const revoked = { state: 'revoked', revokedAtMs: 1 } as const;

  function sentText(
    notification: AccountMessage & {
      message: 'federated_account_created' | 'account_revoked' | 'key_not_collectable';
    },
    changes: Partial<ServiceAccount>,
    collection?: CollectionOrigin,
  ): string {
    const account = plainAccount({ method: 'api_key', ...changes });
    const about = { account, requestId: 'ks_0123456789abcd', link: undefined, collection };
    const message = notificationMessage({ ...notification, ...about }, SETUP);
    expect(checkMessage({ ...message })).toMatchObject({ ok: true });
    return JSON.stringify(message.blocks);
  }

  test('says what a contact has to know', () => {
    const about = { accountId: 'sa_1', requestId: null, link: undefined };
    const assigned = { message: 'contact_assigned', assignedBy: 'U0ADA00001', ...about } as const;
    const show = 'To see it, run `/wandb service-account show nightly-eval --team ml-platform`.';
    const textOf = (notification: DueNotification) =>
      JSON.stringify(notificationMessage(notification, SETUP).blocks);
    const expiring = textOf({ ...assigned, account: plainAccount() });
    expect(expiring).toContain(
      `People may ask you about it, and Keysmith tells you before its keys expire. ${show}`,
    );
    for (const without of [
      { account: plainAccount({ method: 'federated', externalIdentity: identity }) },
      { account: plainAccount(), link: 'https://wandb.acme.test/ml-platform' },
    ]) {
      expect(textOf({ ...assigned, ...without })).toContain(`People may ask you about it. ${show}`);
    }
    const key = { keyId: 'AbC123', keyName: 'key-1', revokedBy: 'U0ADA00001' };
    expect(textOf({ message: 'key_revoked', ...key, ...about, account: plainAccount() })).toContain(
      'You’re the contact of this account. Workloads that used the key need another one.',
    );
  });

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
      'Revoked `nightly-eval` in `ml-platform`. Its keys no longer work.',
    ],
    [
      'a key that can’t be collected anymore',
      { message: 'key_not_collectable', accountId: 'sa_1', keyId: 'AbC123' },
      {},
      'Key `AbC123` of `nightly-eval` in `ml-platform` was revoked: Slack didn’t confirm that it reached you. The 24 hours to collect the key have passed. To get another key, run `/wandb service-account show nightly-eval --team ml-platform` and press *Create key*.',
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

  test('says that the old key works where the new one of a rotation can’t be collected anymore', () => {
    const notification = { message: 'key_not_collectable', accountId: 'sa_1', keyId: 'AbC123' } as const;
    expect(sentText(notification, {}, { rotationId: 'rot_1' })).toContain(
      'The 24 hours to collect the new key have passed, so the rotation was canceled. The old key still works as before. To start again, run `/wandb service-account rotate nightly-eval --team ml-platform`.',
    );
  });
});

describe('The direct message about a credential that W&B rejects', () => {
  const textFor = (kind: 'team_key' | 'access_token', teamName: string, ...others: string[]) => {
    const sinceMs = Date.UTC(2026, 0, 15, 12);
    const message = notificationMessage(
      {
        message: 'upstream_rejected',
        kind,
        teams: [{ teamName, sinceMs }, ...others.map((name) => ({ teamName: name, sinceMs: sinceMs + 1 }))],
      },
      SETUP,
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

test('The offer of a requested account’s first key names the approval, not a failure', () => {
  const collection = { id: 'col_1', expiresAtMs: 1, accessRequestId: 'form_1' };
  const offer = {
    message: 'key_collectable',
    accountId: 'sa_1',
    collectionId: 'col_1',
    keyId: null,
  } as const;
  const about = { account: plainAccount(), collection, requestId: null, link: undefined };
  const text = JSON.stringify(notificationMessage({ ...offer, ...about }, SETUP).blocks);
  expect(text).toContain('Your request for this account was approved.');
  expect(text).not.toContain('didn’t receive a key');
});
