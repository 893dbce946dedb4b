import { describe, expect, test } from 'vitest';
import type { ListServiceAccountsResult } from '../../../src/application/accounts/list-service-accounts.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import {
  accountListMessage,
  readListChoice,
} from '../../../src/slack/messages/accounts/account-list-message.ts';
import { federatedAccountMessage } from '../../../src/slack/messages/accounts/key-message.ts';

type Listed = Extract<ListServiceAccountsResult, { ok: true }>['accounts'][number];

const account = (name: string, teamName: string): Listed => ({
  account: {
    id: `sa_${name.slice(0, 20)}`,
    organizationId: 'org_1',
    scope: 'team',
    teamId: 'team_1',
    teamName,
    name,
    method: 'federated',
    externalIdentity: { issuer: 'https://issuer.acme.test', subject: 'repo:acme/train' },
    purpose: 'p'.repeat(300),
    usedBy: 'u'.repeat(150),
    contact: 'U0ADA00001',
    createdBy: { slackUserId: 'U0ADA00001', email: 'ada@acme.test' },
    createdAtMs: 0,
    state: 'active',
    revokedAtMs: undefined,
  },
  key: undefined,
  lastUsedAtMs: undefined,
  link: undefined,
});

function list(accounts: Listed[], teamName?: string) {
  const message = accountListMessage(
    {
      ok: true,
      page: { teamName, offset: 15 },
      accounts,
      total: 99,
      tracksUsage: true,
      unmanaged: { accounts: [], total: 0 },
      collections: new Map(),
    },
    0,
  );
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  return message.blocks;
}

/** The value of the only option in the menu of the first account. */
function menuValue(blocks: ReturnType<typeof list>): string {
  const [first] = blocks;
  const accessory = first?.type === 'section' ? first.accessory : undefined;
  return (accessory?.type === 'overflow' && accessory.options[0]?.value) || '';
}

describe('The list of accounts', () => {
  test.each([
    [1_000, 0, '1,000 service accounts.', '1 to 1 of 1,000'],
    [1_001, 0, 'More than 1,000 service accounts.', '1 to 1 of more than 1,000'],
    [1_035, 1_020, '1,035 service accounts.', '1,021 to 1,021 of 1,035'],
    [1_036, 1_020, 'More than 1,035 service accounts.', '1,021 to 1,021 of more than 1,035'],
  ])('says of %i counted accounts after %i that Keysmith counts no further', (total, offset, text, range) => {
    const page = { teamName: undefined, offset };
    const accounts = [account('eval', 'ml-platform')];
    const unmanaged = { accounts: [], total: 0 };
    const message = accountListMessage(
      { ok: true, page, accounts, total, tracksUsage: true, unmanaged, collections: new Map() },
      0,
    );
    expect(message.text).toBe(text);
    expect(JSON.stringify(message.blocks)).toContain(range);
    expect(JSON.stringify(message.blocks)).toContain('next_page');
  });

  test('leads back to its team after a revocation, however long the team’s name is', () => {
    for (const teamName of ['ml-platform', 'チーム '.repeat(32).trim(), 'x'.repeat(128)]) {
      const value = menuValue(list([account('nightly-eval', teamName)], teamName));
      const { accountId, page, isOwnTeam } = readListChoice(value);

      expect(value.length).toBeLessThanOrEqual(150);
      expect(accountId).toBe('sa_nightly-eval');
      expect(page.offset).toBe(15);
      expect(page.teamName === teamName || isOwnTeam).toBe(true);
    }
  });

  test('stays within Slack’s limits with the longest names, for all methods', () => {
    const long = account('n'.repeat(64), '&'.repeat(128));
    const blocks = list(
      Array.from({ length: 15 }, () => long),
      '&'.repeat(128),
    );

    expect(blocks.length).toBeLessThanOrEqual(50);
  });

  test('has short lines, with purpose and use truncated', () => {
    const text = JSON.stringify(list([account('nightly-eval', 'ml-platform')]));

    expect(text).toContain(`"${'p'.repeat(100)}…"`);
    expect(text).toContain(`"Used by: ${'u'.repeat(100)}…"`);
  });

  test('has no menu for an account that the person may only see', () => {
    const blocks = list([{ ...account('nightly-eval', 'ml-platform'), isReadOnly: true }]);

    expect(blocks[0]).not.toHaveProperty('accessory');
  });
});

describe('The list of accounts on a W&B server', () => {
  const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';
  const onServer = (changes: Partial<Listed['account']> = {}): Listed => {
    const listed = account('nightly-eval', 'ml-platform');
    const details = {
      method: 'api_key',
      externalIdentity: undefined,
      purpose: undefined,
      usedBy: undefined,
    } as const;
    return {
      ...listed,
      account: { ...listed.account, ...details, ...changes },
      key: { keyId: 'AbC123', expiresAtMs: undefined, revokedAtMs: undefined },
      serverName: 'nightly-eval-ksabcdefghij234',
      link: PAGE,
    };
  };
  const textOf = (listed: Listed) => {
    const [first] = list([listed]);
    return first?.type === 'section' ? first.text?.text : undefined;
  };
  const CONTACT = 'Contact <@U0ADA00001> · created <!date^0^{date}|1970-01-01> by <@U0ADA00001> · never used';

  test('has the name of an account here, and its name in W&B', () => {
    expect(textOf(onServer())).toBe(
      `*\`nightly-eval\`* in \`ml-platform\`\nIn W&B: \`nightly-eval-ksabcdefghij234\`\nKey \`AbC123\`\n${CONTACT}`,
    );
    expect(textOf({ ...onServer(), serverName: 'nightly-eval' })).not.toContain('In W&B');
  });

  test('says since when Keysmith has had an account that someone else created', () => {
    const adopted = textOf({ ...onServer(), serverName: 'Ingest Images' });
    expect(adopted).toContain('· added <!date^0^{date}|1970-01-01> by <@U0ADA00001>');
    expect(textOf({ ...onServer(), serverName: 'nightly-eval' })).toContain('· added');
  });

  test('says that an account is being deleted', () => {
    expect(textOf(onServer({ state: 'revoking' }))).toContain(
      '\n:hourglass_flowing_sand: Being deleted from W&B\n',
    );
    expect(textOf(onServer())).not.toContain('Being deleted');
  });

  test('says where the keys of an account are that Keysmith has no key of', () => {
    const { serverName = '', ...waiting } = { ...onServer(), key: undefined };
    expect(textOf({ ...waiting, serverName })).toContain('\nIts keys are managed in W&B\n');
    expect(textOf(waiting)).toContain('\nNo active key\n');
  });

  test('deletes accounts instead of revoking them', () => {
    const [first] = list([onServer()]);
    expect(first).toMatchObject({
      accessory: {
        action_id: 'revoke_listed_account',
        options: [{ text: { text: 'Delete' } }],
        confirm: { title: { text: 'Delete this account from W&B?' }, confirm: { text: 'Delete' } },
      },
    });
    expect(JSON.stringify(list([{ ...onServer(), isReadOnly: true }]))).toContain(
      'Only admins of a team can delete its accounts.',
    );
  });

  test('stays within Slack’s limits with the longest names', () => {
    const long = onServer({ name: 'n'.repeat(64), teamName: '&'.repeat(128), purpose: '&'.repeat(300) });
    const link = `https://wandb.acme.test/${encodeURIComponent('チ'.repeat(128))}/service-accounts`;
    const one = { ...long, key: undefined, isMissing: true, serverName: `${'&'.repeat(128)}`, link } as const;
    expect(list(Array.from({ length: 15 }, () => one)).length).toBeLessThanOrEqual(50);
  });
});

test('The message about a federated account has Revoke, and no button for a key that it doesn’t have', () => {
  const message = federatedAccountMessage(account('nightly-eval', 'ml-platform').account, {
    publicUrl: 'https://keysmith.acme.test',
    organizationName: 'acme',
    runAccess: 'available',
    teamPage: undefined,
  });

  const actions = message.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
  expect(actions).toMatchObject([{ action_id: 'revoke_account' }]);
});
