import { describe, expect, test } from 'vitest';
import type { ShownAccount } from '../../../../src/application/accounts/details/show-service-account.ts';
import type { AccountKey } from '../../../../src/application/keys/account-key.ts';
import type { AuditRecord } from '../../../../src/domain/audit/audit-event.ts';
import { checkMessage } from '../../../../src/sandbox/slack/web-api/chat.ts';
import { accountMessage } from '../../../../src/slack/messages/accounts/account-message.ts';
import { editOutcomeText } from '../../../../src/slack/messages/accounts/edit-text.ts';
import { notFoundMessage } from '../../../../src/slack/messages/accounts/not-found-message.ts';
import { plainAccount } from '../plain-account.ts';

const NOW_MS = 1_800_000_000_000;
const long = (length: number) => '&'.repeat(length);

function key(index: number, changes: Partial<AccountKey> = {}): AccountKey {
  return {
    keyId: `key${String(index).padStart(9, '0')}`,
    name: `k${String(index).padStart(63, '-')}`,
    createdAtMs: 0,
    createdBySlackUserId: 'U0ADA00001',
    expiresAtMs: NOW_MS + 1 + index,
    revokedAtMs: undefined,
    leakReportedAtMs: undefined,
    delivery: 'delivered',
    lastUse: { atMs: NOW_MS, address: long(300), userAgent: long(2_000) },
    ...changes,
  };
}

const event: AuditRecord = {
  sequence: 1,
  atMs: NOW_MS,
  actor: { type: 'person', slackUserId: 'U0ADA00001', email: 'ada@acme.test' },
  action: 'api_key.renamed',
  subject: 'service_account:sa_1',
  details: {
    name: long(64),
    team: long(128),
    key_id: '0'.repeat(12),
    key_name: long(64),
    earlier_key_name: long(64),
  },
  requestId: null,
} as unknown as AuditRecord;

/** Everything about it as large as it can be. */
const LARGEST: ShownAccount = {
  kind: 'shown',
  account: plainAccount({
    name: 'n'.repeat(64),
    teamName: long(128),
    purpose: long(3_000),
    usedBy: long(1_000),
    scope: 'organization',
  }),
  isReadOnly: false,
  isContact: true,
  mayRotate: true,
  keys: [
    ...Array.from({ length: 10 }, (_, index) => key(index)),
    ...Array.from({ length: 40 }, (_, index) => key(100 + index, { expiresAtMs: 1 })),
    ...Array.from({ length: 50 }, (_, index) => key(200 + index, { revokedAtMs: 1 })),
  ],
  rotations: Array.from({ length: 5 }, (_, index) => ({ oldKey: key(index), newKey: key(index + 5) })),
  hasOwnKeys: true,
  tracksUsage: true,
  policy: { longestKeyLifeDays: 1 } as ShownAccount['policy'],
  admins: Array.from({ length: 5 }, () => ({ slackUserId: undefined, name: long(128) })),
  collection: {
    id: 'col_1',
    accountId: 'sa_1',
    expiresAtMs: NOW_MS,
  } as unknown as NonNullable<ShownAccount['collection']>,
  history: Array.from({ length: 10 }, () => event),
  link: `https://wandb.acme.test/${'n'.repeat(2_000)}`,
  onServer: { serverName: long(128) },
  setup: {
    publicUrl: `https://${'k'.repeat(500)}.test`,
    organizationName: long(128),
    runAccess: 'no_credential',
  },
};

describe('The message that shows an account', () => {
  test.each<[string, Partial<ShownAccount>]>([
    ['with keys', {}],
    ['with keys of a W&B server', { hasOwnKeys: false, tracksUsage: false }],
    [
      'with a federated identity',
      {
        account: {
          ...LARGEST.account,
          method: 'federated',
          externalIdentity: { issuer: `https://${long(504)}`, subject: long(1_024) },
        },
      },
    ],
    ['that ended', { account: { ...LARGEST.account, state: 'revoked', revokedAtMs: NOW_MS }, onServer: {} }],
  ])('fits into Slack’s limits at its largest, %s', (_, changes) => {
    const message = accountMessage({ ...LARGEST, ...changes }, NOW_MS);

    const checked = checkMessage({ ...message });
    expect('problems' in checked ? checked.problems : []).toEqual([]);
    expect(checked.ok).toBe(true);
    expect(JSON.stringify(message.blocks)).toContain('*History*');
  });

  test('shows the keys that work before those that expired, and how many it leaves out', () => {
    const keys = [...LARGEST.keys].reverse();
    const text = JSON.stringify(accountMessage({ ...LARGEST, keys }, NOW_MS).blocks);

    const shown = [...text.matchAll(/Key `[^`]+` \(`(\w+)`\)/g)].map(([, keyId]) => keyId);
    expect(shown).toHaveLength(30);
    expect(shown.slice(0, 10).sort()).toEqual(LARGEST.keys.slice(0, 10).map(({ keyId }) => keyId));
    expect(text).toContain('and 20 more keys that expired');
  });
});

test('The message that shows an account says which key replaces one in a rotation, and whether it works', () => {
  const [oldKey, newKey] = [key(1, { name: 'key-1' }), key(2, { name: 'key-2' })];
  const linesWith = (replacement: AccountKey | undefined) => {
    const rotations = [{ oldKey, newKey: replacement }];
    const { blocks } = accountMessage({ ...LARGEST, keys: [newKey, oldKey], rotations }, NOW_MS);
    return blocks.flatMap((block) => JSON.stringify(block).match(/[^\\]*Rotating[^\\]*/g) ?? []);
  };

  expect(linesWith(newKey)).toEqual([
    expect.stringContaining(':hourglass_flowing_sand: Rotating: key `key-2` (`key000000002`) replaces it'),
  ]);
  expect(linesWith({ ...newKey, revokedAtMs: NOW_MS })).toEqual([
    expect.stringContaining(
      ':warning: Rotating: key `key-2` (`key000000002`) replaced it, but no longer works',
    ),
  ]);
  expect(linesWith(undefined)).toEqual([
    expect.stringContaining('Rotating: the new key hasn’t reached anyone yet'),
  ]);
});

describe('The message where an account isn’t found', () => {
  const about = { verb: 'show', reference: { accountId: 'sa_1' }, requestId: 'ks_1' };

  test('names some of the teams that have such an account, within Slack’s limits', () => {
    const reference = { name: 'n'.repeat(64), teamName: undefined };
    const teams = (length: number, name: string) => Array.from({ length }, (_, index) => `${name}${index}`);
    const textOf = (teamNames: string[]) => {
      const message = notFoundMessage({ kind: 'ambiguous', teamNames }, { ...about, reference });
      expect(checkMessage({ ...message })).toMatchObject({ ok: true });
      return message.text;
    };
    expect(textOf(['ml-platform', 'vision'])).toContain(': `ml-platform`, `vision`. Name the team');
    expect(textOf(teams(500, 'team-'))).toContain('`team-19` and 480 more. Name the team');
    expect(textOf(teams(500, '&'.repeat(120)))).toMatch(/`&amp;.* and 49\d more\. Name the team/);
  });

  test('says that nothing was changed where something was to be changed', () => {
    expect(notFoundMessage({ kind: 'not_found' }, about).text).toBe('None of your teams has this account.');
    expect(notFoundMessage({ kind: 'not_found' }, { ...about, verb: 'edit' }).text).toBe(
      'Nothing was changed: none of your teams has this account.',
    );
  });
});

test.each([
  ['revoked', false, 'Nothing was changed: `nightly-eval` was revoked.'],
  ['revoked', true, 'Nothing was changed: `nightly-eval` was deleted from W&B.'],
  ['revoking', true, 'Nothing was changed: `nightly-eval` is being deleted from W&B.'],
] as const)(
  'An account that is %s can’t be edited, in the words of its server (W&B: %s)',
  (state, isOnServer, text) => {
    expect(editOutcomeText({ kind: 'ended', account: plainAccount({ state }) }, isOnServer)).toBe(text);
  },
);
