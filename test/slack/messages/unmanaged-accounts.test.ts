import { describe, expect, test } from 'vitest';
import type { ListServiceAccountsResult } from '../../../src/application/accounts/list-service-accounts.ts';
import type { Collection } from '../../../src/application/ports/account-records.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { accountListMessage } from '../../../src/slack/messages/accounts/account-list-message.ts';

type Listed = Extract<ListServiceAccountsResult, { ok: true }>;
const page = (team: string) => `https://wandb.acme.test/${team}/service-accounts`;
const unmanagedAccount = (name: string, teamName = 'ml-platform') => ({
  name,
  teamName,
  memberId: name,
  isAdoptable: true,
  link: page(teamName),
});

const account = (name: string): Listed['accounts'][number] => ({
  account: {
    id: `sa_${name}`,
    organizationId: 'org_1',
    scope: 'team',
    teamId: 'team_1',
    teamName: 'ml-platform',
    name,
    method: 'api_key',
    externalIdentity: undefined,
    purpose: '&'.repeat(300),
    usedBy: '&'.repeat(150),
    contact: 'U0ADA00001',
    createdBy: { slackUserId: 'U0ADA00001', email: 'ada@acme.test' },
    createdAtMs: 0,
    state: 'active',
    revokedAtMs: undefined,
  },
  key: { keyId: 'QXBpS2V5OjE=', expiresAtMs: undefined, revokedAtMs: undefined },
  lastUsedAtMs: undefined,
  workingKeys: 1,
  firstExpiry: undefined,
  marks: [],
  link: page('ml-platform'),
});

function list(listed: Partial<Listed>, lead?: string) {
  const message = accountListMessage(
    {
      ok: true,
      page: {},
      previous: undefined,
      next: undefined,
      accounts: [],
      total: 0,
      tracksUsage: false,
      unmanaged: { accounts: [], total: 0 },
      collections: new Map(),
      ...listed,
    },
    0,
    lead,
  );
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  return JSON.stringify(message.blocks);
}

describe('Accounts in the list that weren’t created with Keysmith', () => {
  test('have a section of their own, with the pages where admins manage them', () => {
    const accounts = [unmanagedAccount('by-hand'), unmanagedAccount('older', 'research')];
    const text = list({ accounts: [account('nightly-eval')], total: 1, unmanaged: { accounts, total: 2 } });

    expect(text).toContain(
      '*Created outside Keysmith*\\n• `by-hand` in `ml-platform`\\n• `older` in `research`',
    );
    expect(text).toContain(`<${page('ml-platform')}> <${page('research')}>`);
  });

  test('have no section when there are none', () => {
    expect(list({})).not.toContain('Created outside Keysmith');
    expect(list({})).toContain('Your teams have no service accounts yet.');
  });

  test('are taken into account when the list has no other accounts', () => {
    const unmanaged = { accounts: [unmanagedAccount('by-hand')], total: 1 };

    expect(list({ unmanaged })).toContain('Your teams have no service accounts created with Keysmith yet.');
  });

  test('are never shown as markup, whatever their names', () => {
    const unmanaged = { accounts: [unmanagedAccount('`<!channel>` *x*\n:key:\u202e')], total: 1 };

    expect(list({ unmanaged })).toContain("• `'&lt;!channel&gt;' *x* :key: ` in `ml-platform`");
  });

  test('stay within Slack’s limits with the longest team names', () => {
    const teams = Array.from({ length: 5 }, (_, index) => `${index}${'チ'.repeat(127)}`);
    const accounts = teams.map((team) => ({
      ...unmanagedAccount('by-hand', team),
      link: page(encodeURIComponent(team)),
    }));
    expect(list({ unmanaged: { accounts, total: 5 } })).toContain(page(encodeURIComponent(teams[0] ?? '')));
  });

  test('are counted when there are many, and the message stays within Slack’s limits', () => {
    const accounts = Array.from({ length: 30 }, (_, index) => account(`sweep-${index}`)).slice(0, 15);
    const collections = new Map(
      accounts.map(({ account: { id } }) => [
        id,
        { id: `col_${id}`, accountId: id, expiresAtMs: 0 } as Collection,
      ]),
    );
    const many = Array.from({ length: 40 }, (_, index) => unmanagedAccount('&'.repeat(300), `team-${index}`));
    const text = list(
      {
        accounts,
        total: 45,
        page: {},
        collections,
        unmanaged: { accounts: many, total: 400 },
      },
      'Something was revoked.',
    );

    expect(text).toContain('and 390 more');
  });
});

test('The list stays within Slack’s limits with 500 accounts of any names, whose creators are known', () => {
  const created = { actor: '&'.repeat(200), atMs: 0 };
  const many = Array.from({ length: 500 }, () => ({
    ...unmanagedAccount('&'.repeat(300), '&'.repeat(128)),
    created,
  }));
  const serverName = '&'.repeat(128);
  const text = list({
    accounts: [{ ...account('nightly-eval'), serverName }],
    total: 1,
    unmanaged: { accounts: many, total: 500 },
  });

  expect(text).toMatch(/and 49\d more/);
});

test('The list warns about an account that was deleted in W&B, and shows no expiry for a key that doesn’t expire', () => {
  const text = list({ accounts: [{ ...account('nightly-eval'), isMissing: true }], total: 1 });

  expect(text).toContain(
    'No longer in W&B: someone deleted it there. Choose *Delete* to remove it from this list.',
  );
  expect(text).toContain('Key `QXBpS2V5OjE=` · ');
  expect(text).not.toContain('expires');
});
