import { describe, expect, test } from 'vitest';
import type { Refusal } from '../../../src/application/accounts/refusal.ts';
import type { ShownKeyState } from '../../../src/application/accounts/shown-key.ts';
import type { AdminProblem } from '../../../src/domain/accounts/reconciliation.ts';
import type { ServiceAccount } from '../../../src/domain/accounts/service-account.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import {
  revocationPreviewBlocks,
  revocationText,
} from '../../../src/slack/messages/accounts/revoke-message.ts';
import { shownKeyMessage } from '../../../src/slack/messages/accounts/shown-key-text.ts';
import { notified, PAGE, read, SERVER_NAME } from './on-server.ts';
import { plainAccount } from './plain-account.ts';

const KEPT_KEYS = `W&B keeps the keys of deleted accounts, and they may still work: delete them in W&B (<${PAGE}>). Keysmith reminds the team’s admins.`;

describe('The deletion of an account from a W&B server', () => {
  const revoked = {
    kind: 'revoked',
    notice: { id: 'job_1', leaseToken: 'l' },
    runs: undefined,
    link: PAGE,
  } as const;

  test.each([
    ['api_key', 'W&B keeps its keys, and they may still work until an admin deletes them there.'],
    ['federated', 'Its workloads will no longer be able to sign in.'],
  ] as const)('is asked for with what it leaves (%s)', (method, text) => {
    const preview = {
      kind: 'open',
      account: plainAccount({ method }),
      uses: undefined,
      runs: undefined,
      link: PAGE,
    } as const;
    expect(revocationPreviewBlocks(preview)).toMatchObject([
      {
        text: { text: `Delete \`nightly-eval\` in \`ml-platform\` from W&B? ${text} This can’t be undone.` },
      },
    ]);
  });

  test.each([
    ['api_key', KEPT_KEYS],
    ['federated', 'Its workloads can no longer sign in.'],
  ] as const)('is reported with what is left to do, at once and later (%s)', (method, text) => {
    const account = plainAccount({ method });
    const deleted = `:no_entry: Deleted \`nightly-eval\` in \`ml-platform\` from W&B. ${text}`;
    expect(read(revocationText({ ...revoked, account }, true))).toBe(deleted);
    expect(notified({ message: 'account_revoked' }, { method, state: 'revoked' }).text).toBe(
      `${deleted} Run \`/wandb service-account list\` to see your other accounts.`,
    );
  });

  test.each([
    [
      'api_key',
      'server_error',
      'the W&B server returned an internal error. Keysmith keeps trying and will message you when it’s done; meanwhile, its keys may still work.',
    ],
    [
      'federated',
      'not_recorded',
      'the W&B server completed the request, but Keysmith’s database didn’t record it. Keysmith keeps trying and will message you when it’s done; meanwhile, its workloads may still sign in.',
    ],
    [
      'api_key',
      'not_allowed',
      'the W&B server doesn’t allow Keysmith to do that. Ask your Keysmith administrator to make Keysmith’s W&B account an admin of the team or organization, and quote the reference below. Keysmith keeps trying and will message you when it’s done; meanwhile, its keys may still work.',
    ],
  ] as const)('is pending with what an admin can do now (%s, %s)', (method, reason, text) => {
    const account = plainAccount({ method });
    const pending = { kind: 'pending', account, cause: { reason }, serverNames: [], link: PAGE } as const;
    const withNames = { ...pending, serverNames: ['nightly-eval-ksabc', 'nightly-eval-ksdef'] };
    const left = ':warning: `nightly-eval` in `ml-platform` isn’t deleted from W&B yet:';
    expect(read(revocationText(pending, true))).toBe(`${left} ${text} See the team in W&B: <${PAGE}>`);
    expect(read(revocationText(withNames, true))).toBe(
      `${left} ${text} A team admin can delete \`nightly-eval-ksabc\` and \`nightly-eval-ksdef\` in W&B now: <${PAGE}>`,
    );
  });

  test('says deleted, never revoked, where nothing was done', () => {
    const account = plainAccount();
    expect(read(revocationText({ kind: 'already_revoked', account, link: PAGE }, true))).toBe(
      '`nightly-eval` in `ml-platform` was already deleted from W&B.',
    );
    expect(read(revocationText({ kind: 'not_found' }, true))).toBe(
      'Nothing was deleted: none of your teams has this account.',
    );
    const refusal: Refusal = { reason: 'not_admin', teams: [{ name: 'ml-platform', admins: [] }] };
    expect(read(revocationText({ kind: 'refused', refusal }, true))).toMatch(
      /^Nothing was deleted\. Only admins of `ml-platform` can do this\./,
    );
  });

  const KEY = '`AbC123` of `nightly-eval` in `ml-platform`';
  const shownText = (state: ShownKeyState, changes: Partial<ServiceAccount> = {}) => {
    const key = { account: plainAccount(changes), keyId: 'AbC123', state, isManager: true };
    const message = shownKeyMessage(key, { requestId: 'ks_1', page: PAGE });
    expect(checkMessage({ ...message })).toMatchObject({ ok: true });
    return message.text;
  };

  test.each([
    ['revoking', 'is being deleted'],
    ['revoked', 'was deleted'],
  ] as const)('is named at a key that is still on the screen (%s)', (state, text) => {
    expect(shownText({ kind: 'account_revoked' }, { state })).toBe(
      `:no_entry: Don’t use key ${KEY}: the account ${text} from W&B. ${KEPT_KEYS}`,
    );
  });

  test.each<[ShownKeyState, string]>([
    [{ kind: 'works' }, `Key ${KEY} works.`],
    [
      { kind: 'unconfirmed' },
      `:warning: Key ${KEY} isn’t confirmed yet, so don’t use it: Slack hasn’t reported whether its message arrived. If it doesn’t, Keysmith deletes the W&B account it belongs to and sends you a direct message with *Collect key*.`,
    ],
    [
      { kind: 'not_confirmed', next: { kind: 'being_sent' } },
      `:warning: Don’t use key ${KEY}: Slack didn’t confirm that it reached you, so Keysmith deletes the W&B account it belongs to. A new key is on its way to you.`,
    ],
    [
      { kind: 'revoked', next: { kind: 'none' } },
      `:no_entry: Don’t use key ${KEY}: the W&B account it belonged to was deleted. To get another key, delete the account with \`/wandb service-account revoke nightly-eval --team ml-platform\` and create a new one.`,
    ],
  ])('is what a key that is still on the screen depends on ($kind)', (state, text) => {
    expect(shownText(state)).toBe(text);
  });
});

describe('The direct message about a problem on the W&B server', () => {
  const problemText = (problem: AdminProblem, changes: Partial<ServiceAccount> = {}) =>
    notified(
      { message: 'server_account_problem', serverAccountId: 'wa_1', problem, serverName: SERVER_NAME },
      changes,
    ).text;
  const THERE = '`nightly-eval-ksabcdefghij234` in `ml-platform`';
  const AGAIN = 'Keysmith checks again every hour.';

  test.each([
    ['provisioning', 'all but one of them'],
    ['active', 'all of them'],
    ['revoking', 'all of them'],
  ] as const)('asks to delete accounts with one tag (%s)', (state, which) => {
    expect(problemText('duplicate_tag', { state })).toBe(
      `:rotating_light: W&B shows several accounts named ${THERE}, so Keysmith can’t tell which one it created and changes none. ${AGAIN} Delete ${which} in W&B: <${PAGE}>`,
    );
  });

  test.each([
    ['revoking', '`nightly-eval` in `ml-platform` *isn’t* deleted'],
    ['active', 'Keysmith can’t use or delete an account of `nightly-eval` in `ml-platform`'],
  ] as const)('asks to check an account that may have been renamed (%s)', (state, outcome) => {
    expect(problemText('another_account', { state })).toBe(
      `:rotating_light: ${outcome}: \`${SERVER_NAME}\` was renamed in W&B, or its name or ID belongs to a person or another account. ${AGAIN} Give it this name again, or delete it in W&B if nobody needs it: <${PAGE}>`,
    );
  });

  test('asks to delete an account without an ID', () => {
    expect(problemText('no_id')).toBe(
      `:rotating_light: W&B shows the account ${THERE} without an ID, so Keysmith can’t use or delete it. ${AGAIN} Delete it in W&B: <${PAGE}>`,
    );
  });

  test('asks to look for an account from an earlier version, and says how to create another', () => {
    expect(problemText('unknown_creation', { state: 'failed' })).toBe(
      `:warning: We don’t know whether \`nightly-eval\` in \`ml-platform\` was created: the W&B server never confirmed it, and Keysmith has stopped checking. To create another account, run \`/wandb service-account new\`. If W&B shows an account named \`${SERVER_NAME}\` that your team doesn’t recognize, delete it there: <${PAGE}>`,
    );
  });

  test.each([
    [
      'provisioning',
      'api_key',
      `:warning: We don’t know yet whether \`nightly-eval\` in \`ml-platform\` was created: after more than an hour, the W&B server still hasn’t confirmed it. Keysmith keeps trying and will message you when it’s done. In W&B its name would be \`${SERVER_NAME}\`: <${PAGE}>`,
    ],
    [
      'revoking',
      'federated',
      `:rotating_light: \`nightly-eval\` in \`ml-platform\` *isn’t* deleted from W&B after more than an hour of attempts, and its workloads may still be able to sign in. Keysmith keeps trying and will message you when it’s done. To be safe, delete \`${SERVER_NAME}\` in W&B now: <${PAGE}>`,
    ],
    [
      'active',
      'api_key',
      `:rotating_light: Keysmith hasn’t been able to delete \`${SERVER_NAME}\` from W&B for more than an hour. An earlier attempt to create \`nightly-eval\` in \`ml-platform\` left it there, and its keys may still work. Keysmith keeps trying. To be safe, delete it in W&B now: <${PAGE}>`,
    ],
  ] as const)('says what is at risk while the server doesn’t do its part (%s, %s)', (state, method, text) => {
    expect(problemText('stalled', { state, method })).toBe(text);
  });

  test('stays within Slack’s limits and without markup, whatever the names', () => {
    const hostile = '`<!channel>&'.repeat(11).slice(0, 128);
    for (const problem of [
      'duplicate_tag',
      'another_account',
      'no_id',
      'unknown_creation',
      'stalled',
    ] as const) {
      const content = {
        message: 'server_account_problem',
        serverAccountId: 'wa_1',
        problem,
        serverName: hostile,
      } as const;
      expect(notified(content, { teamName: hostile }).text).not.toMatch(/<!|`{2}/);
    }
  });
});
