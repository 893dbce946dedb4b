import { expect, test } from 'vitest';
import {
  isOutdated,
  type ShownKeyState,
  shownKeyState,
} from '../../../src/application/accounts/shown-key.ts';
import type { Collection, SentKey } from '../../../src/application/ports/account-records.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { readKeyButton } from '../../../src/slack/messages/accounts/key-message.ts';
import { shownKeyMessage } from '../../../src/slack/messages/accounts/shown-key-text.ts';
import { plainAccount } from '../../slack/messages/plain-account.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const ACCOUNT = plainAccount();
const COLLECTION: Collection = {
  id: 'col_1',
  accountId: 'sa_1',
  person: ACCOUNT.createdBy,
  keyName: 'key-1',
  rotationId: undefined,
  keyExpiry: { days: 90 },
  expiresAtMs: NOW_MS + 1,
  state: 'open',
  accessRequestId: undefined,
};

const delivered: SentKey = {
  keyId: 'Shown1',
  delivery: 'delivered',
  expiresAtMs: NOW_MS + 1,
  revokedAtMs: undefined,
  requestedBy: undefined,
};
const failed: SentKey = { ...delivered, delivery: 'failed', revokedAtMs: NOW_MS - 1 };
const sending: SentKey = { ...delivered, delivery: 'sending' };
const expired: SentKey = { ...delivered, expiresAtMs: NOW_MS };
const newer = (key: SentKey): SentKey => ({ ...key, keyId: 'Newer2' });

interface Case {
  key: SentKey;
  others?: readonly SentKey[];
  collection?: Collection;
  isAccountRevoked?: true;
  state: ShownKeyState['kind'];
  outdated: boolean;
  text: string;
}

const COLLECTABLE = 'Press *Collect key* to create a new one';
const cases: [string, Case][] = [
  ['was delivered', { key: delivered, state: 'works', outdated: false, text: 'works' }],
  [
    'never expires on its server',
    { key: { ...delivered, expiresAtMs: undefined }, state: 'works', outdated: false, text: 'works' },
  ],
  [
    'isn’t confirmed yet',
    { key: sending, state: 'unconfirmed', outdated: false, text: 'isn’t confirmed yet, so don’t use it' },
  ],
  [
    'wasn’t confirmed, and can be collected',
    { key: failed, collection: COLLECTION, state: 'not_confirmed', outdated: true, text: COLLECTABLE },
  ],
  [
    'wasn’t confirmed, and a newer one was collected',
    {
      key: failed,
      others: [newer(delivered)],
      state: 'not_confirmed',
      outdated: true,
      text: 'Use the newer key `Newer2`',
    },
  ],
  [
    'wasn’t confirmed, and neither were others since',
    {
      key: failed,
      others: [newer(failed)],
      state: 'not_confirmed',
      outdated: true,
      text: 'To get another key',
    },
  ],
  [
    'wasn’t confirmed, and a newer one has expired',
    {
      key: failed,
      others: [newer(expired)],
      state: 'not_confirmed',
      outdated: true,
      text: 'To get another key',
    },
  ],
  [
    'wasn’t confirmed, while another one is sent',
    {
      key: failed,
      others: [newer(sending)],
      state: 'not_confirmed',
      outdated: true,
      text: 'on its way to you',
    },
  ],
  ['has expired', { key: expired, state: 'expired', outdated: false, text: 'expired on' }],
  [
    'has expired, after a newer one was created',
    {
      key: expired,
      others: [newer(delivered)],
      state: 'expired',
      outdated: true,
      text: 'key `Newer2` works',
    },
  ],
  [
    'was revoked alone',
    {
      key: { ...delivered, revokedAtMs: NOW_MS },
      others: [newer(delivered)],
      state: 'revoked',
      outdated: true,
      text: 'was revoked. The account’s key `Newer2` works.',
    },
  ],
  [
    'was revoked with its account',
    {
      key: { ...delivered, revokedAtMs: NOW_MS },
      isAccountRevoked: true,
      state: 'account_revoked',
      outdated: false,
      text: 'no longer works: the account was revoked',
    },
  ],
  [
    'wasn’t confirmed before its account was revoked',
    {
      key: failed,
      others: [newer({ ...delivered, revokedAtMs: NOW_MS })],
      isAccountRevoked: true,
      state: 'account_revoked',
      outdated: false,
      text: 'no longer works: the account was revoked',
    },
  ],
];

test.each(cases)('The message of a key that %s is recognized, and its buttons say so', (_, one) => {
  const { key, others = [], collection, isAccountRevoked } = one;
  const account = isAccountRevoked ? plainAccount({ state: 'revoked', revokedAtMs: NOW_MS }) : ACCOUNT;
  const state = shownKeyState(key, { account, keys: [...others, key], collection }, NOW_MS);
  expect(state.kind).toBe(one.state);
  expect(isOutdated(state)).toBe(one.outdated);

  const message = shownKeyMessage(
    { account, keyId: key.keyId, state, isManager: true },
    {
      requestId: 'ks_0123456789abcd',
      page: undefined,
    },
  );
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  const text = JSON.stringify(message.blocks);
  expect(text).toContain('Key `Shown1` of `nightly-eval` in `ml-platform`');
  expect(text).toContain(one.text);
  expect(text.includes('"collect_key"')).toBe(collection !== undefined);
});

test('The command that leads to another key can be typed as shown, whatever its team is called', () => {
  const account = { ...ACCOUNT, teamName: 'R&D `core` team' };
  const state: ShownKeyState = { kind: 'revoked', next: { kind: 'none' } };

  const message = shownKeyMessage(
    { account, keyId: 'Shown1', state, isManager: true },
    {
      requestId: 'ks_0123456789abcd',
      page: undefined,
    },
  );

  expect(message.text).toContain('`/wandb service-account show nightly-eval --team "R&amp;D \'core\' team"`');
});

test('A member who only requested the account reads whom to ask for another key', () => {
  const state: ShownKeyState = { kind: 'revoked', next: { kind: 'none' } };
  const key = { account: ACCOUNT, keyId: 'Shown1', state, isManager: false };
  const { text } = shownKeyMessage(key, { requestId: 'ks_0123456789abcd', page: undefined });

  expect(text).toContain('To get another key, ask an admin of the team.');
  expect(text).not.toContain('/wandb service-account revoke');
});

test.each([
  ['sa_1:Shown1', 'sa_1', 'Shown1'],
  ['sa_1', 'sa_1', undefined],
  ['', '', undefined],
  [':', '', ''],
  ['sa_1:a:b', 'sa_1', 'a:b'],
])('The button %j is read as the account %j and the key %j', (value, accountId, keyId) => {
  expect(readKeyButton(value)).toEqual({ accountId, keyId });
});
