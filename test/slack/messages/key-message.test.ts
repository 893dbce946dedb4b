import type { KnownBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import type { IssuedKey } from '../../../src/application/ports/backend.ts';
import type { RunAccess } from '../../../src/application/ports/gateway.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import {
  federatedAccountMessage,
  keyMessage,
  revokeConfirmation,
} from '../../../src/slack/messages/accounts/key-message.ts';
import { plainAccount } from './plain-account.ts';

const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';
const SETUP = { publicUrl: 'https://keysmith.acme.test', organizationName: 'acme', teamPage: undefined };
const KEY = 'keysmith_000000000000-secret';

function shown(runAccess: RunAccess, method: 'api_key' | 'federated', teamName = 'ml-platform'): string {
  const externalIdentity = { issuer: 'https://gitlab.acme.test', subject: 'repo:acme/eval' };
  const account = plainAccount({ method, teamName, externalIdentity });
  const issued = {
    account,
    keyName: 'key-1',
    isRevokedAlone: false,
    delivery: { keyId: '000000000000' },
    key: new Secret(KEY),
    expiresAtMs: 1,
  } as IssuedKey;
  const message =
    method === 'api_key'
      ? keyMessage(issued, { ...SETUP, runAccess })
      : federatedAccountMessage(account, { ...SETUP, runAccess });
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  expect(message.text).not.toContain(KEY);
  return JSON.stringify(message.blocks);
}

describe.each(['api_key', 'federated'] as const)('The message about a new %s account', (method) => {
  test('has the lines to paste, and nothing else, where its runs can be logged', () => {
    const text = shown('available', method);
    expect(text).toContain('WANDB_BASE_URL=https://keysmith.acme.test');
    expect(text).not.toContain('can’t be logged');
  });

  test('says after the lines that the team’s runs can’t be logged yet, and whom to ask', () => {
    const text = shown('no_credential', method, "o'team");
    expect(text).toContain('WANDB_BASE_URL=');
    expect(text).toContain("Runs of `o'team` can’t be logged yet");
    expect(text).toContain('Ask an organization admin, or your Keysmith administrator');
    expect(text).toContain("upstream add 'o'");
  });

  test('says that W&B rejects the team’s credential, and whom to ask', () => {
    expect(shown('credential_rejected', method)).toMatch(
      /at the moment: the W&B credential .*Ask one of them/,
    );
  });

  test.each(['no_upstream', 'not_verified'] as const)(
    'offers no variables for runs, and says what the credential is for, where there are none (%s)',
    (runAccess) => {
      const text = shown(runAccess, method);
      expect(text).not.toContain('WANDB_');
      expect(text).toContain('It can’t log W&B runs');
      expect(text).toContain('ask your Keysmith administrator');
    },
  );
});

describe('The message about a new account on a W&B server', () => {
  const onServer = { ...SETUP, runAccess: 'available', teamPage: PAGE } as const;
  const actionsOf = (blocks: KnownBlock[]) =>
    blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));

  test('says that its key doesn’t expire, and that both are deleted separately', () => {
    const issued = {
      account: plainAccount(),
      keyName: 'key-1',
      isRevokedAlone: false,
      delivery: { keyId: '000000000000' },
      key: new Secret(KEY),
    } as IssuedKey;
    const message = keyMessage(issued, onServer);
    expect(checkMessage({ ...message })).toMatchObject({ ok: true });
    expect(JSON.stringify(message.blocks)).toContain(
      `W&B keys don’t expire. When you no longer need this one, delete the account here and the key in W&B (<${PAGE}>).`,
    );
    expect(actionsOf(message.blocks)).toMatchObject([
      { action_id: 'mark_key_stored' },
      { action_id: 'revoke_account', text: { text: 'Delete account' } },
    ]);
  });

  test.each([
    [
      'api_key',
      'W&B keeps the keys of nightly-eval in ml-platform, and they may still work until an admin deletes them there. This can’t be undone.',
    ],
    [
      'federated',
      'Workloads using nightly-eval in ml-platform will no longer be able to sign in. This can’t be undone.',
    ],
  ] as const)('asks before the deletion of an account (%s) and says what it leaves', (method, text) => {
    expect(revokeConfirmation(plainAccount({ method }), true)).toMatchObject({
      title: { text: 'Delete this account from W&B?' },
      text: { text },
      confirm: { text: 'Delete' },
      deny: { text: 'Keep' },
    });
  });

  test.each(['api_key', 'federated'] as const)(
    'asks within Slack’s limits, whatever the names (%s)',
    (method) => {
      const account = plainAccount({ method, name: 'n'.repeat(64), teamName: '&'.repeat(128) });
      const message = federatedAccountMessage(account, onServer);
      expect(checkMessage({ ...message })).toMatchObject({ ok: true });
    },
  );
});

test('The message about a new key has the name of its account on a W&B server, where the key is deleted', () => {
  const message = (serverName?: string) =>
    JSON.stringify(
      keyMessage(
        {
          account: plainAccount(),
          keyName: 'key-1',
          isRevokedAlone: false,
          delivery: { keyId: '000000000000' },
          key: new Secret(KEY),
          ...(serverName && { serverName }),
        } as IssuedKey,
        { ...SETUP, runAccess: 'available' },
      ).blocks,
    );
  expect(message('nightly-eval-ksabcdefghij234')).toContain('*In W&B*\\n`nightly-eval-ksabcdefghij234`');
  expect(message()).not.toContain('*In W&B*');
});
