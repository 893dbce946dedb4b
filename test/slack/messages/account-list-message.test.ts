import { describe, expect, test } from 'vitest';
import type {
  ListPage,
  ListServiceAccountsResult,
} from '../../../src/application/accounts/list-service-accounts.ts';
import type { ListStart } from '../../../src/application/ports/account-records.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { accountListMessage } from '../../../src/slack/messages/accounts/account-list-message.ts';
import { federatedAccountMessage } from '../../../src/slack/messages/accounts/key-message.ts';
import { readContent } from '../../../src/slack/messages/accounts/message-content.ts';

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
  workingKeys: 1,
  firstExpiry: undefined,
  marks: [],
  link: undefined,
});

const START = { direction: 'after', position: { teamName: 'ml-platform', name: 'nightly-eval' } } as const;

function list(accounts: Listed[], more: Partial<Extract<ListServiceAccountsResult, { ok: true }>> = {}) {
  const message = accountListMessage(
    {
      ok: true,
      page: {},
      previous: undefined,
      next: START,
      accounts,
      total: 99,
      tracksUsage: true,
      unmanaged: { accounts: [], total: 0 },
      collections: new Map(),
      ...more,
    },
    0,
  );
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  return message.blocks;
}

describe('The list of accounts', () => {
  test('says in its blocks which page it is, or the first one where names are too long for that', () => {
    const contentOf = (page: ListPage) => {
      const [block] = list([account('nightly-eval', 'ml-platform')], { page });
      return readContent(block?.block_id ?? '');
    };
    const short: ListPage = { teamName: 'ml-platform', status: 'expiring', namePart: 'eval', start: START };
    expect(contentOf(short)).toEqual({ kind: 'list', page: short });
    const long = { teamName: 'm'.repeat(128), namePart: 'n'.repeat(64) };
    const start: ListStart = { ...START, position: { teamName: long.teamName, name: 'n'.repeat(64) } };
    expect(contentOf({ ...long, start })).toEqual({ kind: 'list', page: long });
    expect(contentOf({ ...long, teamName: 'ü'.repeat(128) })).toBeUndefined();
  });

  test.each([
    [1_000, '1,000 service accounts'],
    [1_001, 'More than 1,000 service accounts'],
  ])('says of %i counted accounts that Keysmith counts no further', (total, text) => {
    const blocks = list([account('eval', 'ml-platform')], { total });
    expect(JSON.stringify(blocks)).toContain(`"${text}"`);
    expect(JSON.stringify(blocks)).toContain('next_page');
  });

  test('has what needs attention in one line', () => {
    const marks = ['rotating', 'expiring', 'unowned', 'unused'] as const;
    const one = { ...account('eval', 'ml-platform'), marks };
    expect(JSON.stringify(list([one]))).toContain(
      ':hourglass_flowing_sand: Rotating · :warning: Expires soon · :warning: Unowned · :warning: Unused',
    );
    expect(JSON.stringify(list([one], { tracksUsage: false }))).not.toContain('Unused');
  });

  test('says who can change the accounts that the person may only look at', () => {
    const [ofTeam, ofAllTeams] = [account('eval', 'ml-platform'), account('all-eval', 'ml-platform')];
    ofAllTeams.account = { ...ofAllTeams.account, scope: 'organization' };
    const isReadOnly = true as const;
    const [team, all] = [
      'Only admins of a team can change its accounts.',
      'Only organization admins can change accounts for all teams.',
    ];
    const ofAdmin = JSON.stringify(list([ofTeam, { ...ofAllTeams, isReadOnly }]));
    expect([ofAdmin.includes(team), ofAdmin.includes(all)]).toEqual([false, true]);
    const ofMember = JSON.stringify(
      list([
        { ...ofTeam, isReadOnly },
        { ...ofAllTeams, isReadOnly },
      ]),
    );
    expect([ofMember.includes(team), ofMember.includes(all)]).toEqual([true, true]);
    expect(JSON.stringify(list([ofTeam]))).not.toContain('Only');
  });

  test('stays within Slack’s limits with the longest names, for all methods', () => {
    const long = account('n'.repeat(64), '&'.repeat(128));
    const blocks = list(
      Array.from({ length: 15 }, () => long),
      { page: { teamName: '&'.repeat(128) } },
    );

    expect(blocks.length).toBeLessThanOrEqual(50);
  });

  test('only shows an account that the person may only see', () => {
    const blocks = list([{ ...account('nightly-eval', 'ml-platform'), isReadOnly: true }]);

    expect(blocks[0]).toMatchObject({
      accessory: { options: [{ text: { text: 'Show' }, value: 'show:sa_nightly-eval' }] },
    });
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

  test('has one line about an account', () => {
    expect(textOf(onServer())).toBe(
      '*`nightly-eval`* in `ml-platform`\nIn W&B: `nightly-eval-ksabcdefghij234`\nKey `AbC123` · never used · <@U0ADA00001>',
    );
  });

  test('says that an account is being deleted', () => {
    expect(textOf(onServer({ state: 'revoking' }))).toContain(
      '\n:hourglass_flowing_sand: Being deleted from W&B\n',
    );
    expect(textOf(onServer())).not.toContain('Being deleted');
  });

  test('says where the keys of an account are that Keysmith has no key of', () => {
    const { serverName = '', ...waiting } = { ...onServer(), key: undefined };
    expect(textOf({ ...waiting, serverName })).toContain('\nIts keys are managed in W&B · ');
    expect(textOf(waiting)).toContain('\nNo active key · ');
  });

  test('deletes accounts instead of revoking them', () => {
    const [first] = list([onServer()]);
    expect(first).toMatchObject({
      accessory: {
        action_id: 'account_menu',
        options: [
          { text: { text: 'Show' } },
          { text: { text: 'Rotate' } },
          { text: { text: 'Edit' } },
          { text: { text: 'Delete' }, value: 'revoke:sa_nightly-eval' },
        ],
      },
    });
    expect(JSON.stringify(list([{ ...onServer(), isReadOnly: true }]))).toContain(
      'Only admins of a team can change its accounts.',
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
