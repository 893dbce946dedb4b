import { describe, expect, test } from 'vitest';
import type { ListServiceAccountsResult } from '../../../src/application/accounts/list-service-accounts.ts';
import type { Collection } from '../../../src/application/ports/account-records.ts';
import type { JoinedAccount } from '../../../src/application/ports/backend.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { accountListMessage } from '../../../src/slack/messages/account-list-message.ts';

type Listed = Extract<ListServiceAccountsResult, { ok: true }>;
const page = (team: string) => `https://wandb.acme.test/${team}/service-accounts`;
const foreign = (name: string, teamName = 'ml-platform') => ({ name, teamName, link: page(teamName) });

const account = (name: string): JoinedAccount => ({
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
    status: 'active',
    revokedAtMs: undefined,
  },
  key: { keyId: 'QXBpS2V5OjE=', expiresAtMs: undefined, revokedAtMs: undefined },
  lastUsedAtMs: undefined,
});

function list(listed: Partial<Listed>, lead?: string) {
  const message = accountListMessage(
    {
      ok: true,
      page: { teamName: undefined, offset: 0 },
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

describe('The list and accounts that Keysmith did not make', () => {
  test('stand in a section of their own, with the page where they are changed', () => {
    const accounts = [foreign('by-hand'), foreign('older', 'research')];
    const said = list({ accounts: [account('nightly-eval')], total: 1, unmanaged: { accounts, total: 2 } });

    expect(said).toContain(
      '*Created outside Keysmith*\\n• `by-hand` in `ml-platform`\\n• `older` in `research`',
    );
    expect(said).toContain(`<${page('ml-platform')}> <${page('research')}>`);
  });

  test('are not there where there are none', () => {
    expect(list({})).not.toContain('Created outside Keysmith');
    expect(list({})).toContain('Your teams have no service accounts yet.');
  });

  test('do not make a list without accounts of Keysmith’s say that there are none at all', () => {
    const unmanaged = { accounts: [foreign('by-hand')], total: 1 };

    expect(list({ unmanaged })).toContain('Your teams have no service accounts created with Keysmith yet.');
  });

  test('are never markup, whatever they are called', () => {
    const unmanaged = { accounts: [foreign('`<!channel>` *x*\n:key:\u202e')], total: 1 };

    expect(list({ unmanaged })).toContain("• `'&lt;!channel&gt;' *x* :key: ` in `ml-platform`");
  });

  test('are counted where they are many, and the whole is still a message that Slack takes', () => {
    const accounts = Array.from({ length: 30 }, (_, index) => account(`sweep-${index}`)).slice(0, 15);
    const collections = new Map(
      accounts.map(({ account: { id } }) => [
        id,
        { id: `col_${id}`, accountId: id, expiresAtMs: 0 } as Collection,
      ]),
    );
    const many = Array.from({ length: 40 }, (_, index) => foreign('&'.repeat(300), `team-${index}`));
    const said = list(
      {
        accounts,
        total: 45,
        page: { teamName: undefined, offset: 15 },
        collections,
        unmanaged: { accounts: many, total: 400 },
      },
      'Something was revoked.',
    );

    expect(said).toContain('and 390 more');
  });

  test('an account that is gone from W&B says so, and one whose key does not end says no end', () => {
    const said = list({ accounts: [{ ...account('nightly-eval'), isMissing: true }], total: 1 });

    expect(said).toContain('No longer in W&B: someone deleted it there.');
    expect(said).toContain('key `QXBpS2V5OjE=`\\n');
    expect(said).not.toContain('ends');
  });
});
