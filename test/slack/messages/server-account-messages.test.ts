import { describe, expect, test } from 'vitest';
import type { CreateServiceAccountResult } from '../../../src/application/accounts/create-service-account.ts';
import type { DueAccountNotification } from '../../../src/application/ports/notifications.ts';
import type { AdminProblem } from '../../../src/domain/accounts/reconciliation.ts';
import type { ServiceAccount } from '../../../src/domain/accounts/service-account.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { notice } from '../../../src/slack/messages/blocks.ts';
import { notificationMessage } from '../../../src/slack/messages/notification-messages.ts';
import { createdText, notCollectedText, notCreatedText } from '../../../src/slack/messages/outcome-text.ts';
import { revocationText, revokeMessage } from '../../../src/slack/messages/revoke-message.ts';
import { shownKeyMessage } from '../../../src/slack/messages/shown-key-text.ts';
import { plainAccount } from './plain-account.ts';

const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';
const SERVER_NAME = 'nightly-eval-ksabcdefghij234';
const SETUP = {
  publicUrl: 'https://wandb.acme.test',
  organizationName: 'acme',
  runAccess: 'available' as const,
  teamPage: PAGE,
};
const UNTIL_MS = Date.UTC(2027, 0, 2, 12);
const UNTIL = '<!date^1798891200^{date_short_pretty} at {time}|2027-01-02 12:00 UTC>';

/** What someone reads who sees nothing else. Checks Slack's limits. */
function read(text: string): string {
  expect(checkMessage({ ...notice(text, 'ks_0123456789abcd') })).toMatchObject({ ok: true });
  return text;
}

/** Distributes over the kinds of notifications. */
type Content<Due> = Due extends unknown ? Omit<Due, 'account' | 'link' | 'requestId' | 'accountId'> : never;

function notified(
  content: Content<DueAccountNotification>,
  changes: Partial<ServiceAccount> = {},
  link: string | undefined = PAGE,
) {
  const account = plainAccount(changes);
  const about = { account, accountId: account.id, requestId: 'ks_0123456789abcd', link };
  const message = notificationMessage({ ...content, ...about } as DueAccountNotification, SETUP);
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  return message;
}

const WITHOUT_KEY = [
  ':white_check_mark: Created `nightly-eval` in `ml-platform`, without a key: this W&B server doesn’t return new API keys. In W&B its name is `nightly-eval-ksabcdefghij234`. To create its key:',
  `1. Open <${PAGE}>`,
  '2. As a team admin, create an API key for `nightly-eval-ksabcdefghij234`. W&B shows it once.',
  '3. Store it in your secret manager, and set it as `WANDB_API_KEY` in the job. Never paste it in Slack.',
].join('\n');

describe('An account that was created without a key', () => {
  const outcome = { account: plainAccount(), serverName: SERVER_NAME, link: PAGE };

  test('is reported with its name in W&B, the page and the steps in order', () => {
    expect(read(createdText({ kind: 'created_without_key', ...outcome }, true))).toBe(
      `${WITHOUT_KEY}\nThese steps are also in a direct message from Keysmith.`,
    );
  });

  test('is reported in the same way in a direct message, and after Collect key', () => {
    const { text } = notified({
      message: 'account_without_key_created',
      serverAccountId: 'wa_1',
      serverName: SERVER_NAME,
    });
    expect(text).toBe(WITHOUT_KEY);
    expect(read(notCollectedText({ kind: 'no_key_shown', ...outcome }, true))).toBe(WITHOUT_KEY);
  });

  test.each([
    ['revoking', 'is being deleted from W&B'],
    ['revoked', 'has since been deleted from W&B'],
  ] as const)('is not offered for use if it is %s when the message is sent', (state, text) => {
    const created = {
      message: 'account_without_key_created',
      serverAccountId: 'wa_1',
      serverName: SERVER_NAME,
    } as const;
    expect(notified(created, { state }).text).toBe(
      `:no_entry: \`nightly-eval\` in \`ml-platform\` was created as you asked, but ${text}. Run \`/wandb service-account new\` to create another account.`,
    );
  });

  test('shows no markup of its names', () => {
    const hostile = '`<!channel> *b* & <@U0ADA00001>';
    const account = plainAccount({ name: 'nightly-eval', teamName: hostile });
    const link = `https://wandb.acme.test/${encodeURIComponent(hostile)}/service-accounts`;
    const text = read(createdText({ kind: 'created_without_key', account, serverName: hostile, link }, true));
    expect(text).not.toMatch(/<[!@]|`{2}/);
    expect(text.match(/'&lt;!channel&gt; \*b\* &amp; &lt;@U0ADA00001&gt;`/g)).toHaveLength(3);
  });
});

describe('A creation whose outcome isn’t known', () => {
  const unknown = {
    kind: 'outcome_unknown',
    account: plainAccount(),
    cause: { reason: 'too_slow' },
    collectUntilMs: undefined,
    link: PAGE,
  } satisfies CreateServiceAccountResult;

  test('is reported, and leads to the team’s page', () => {
    expect(read(notCreatedText(unknown))).toBe(
      `We don’t know yet whether \`nightly-eval\` in \`ml-platform\` was created: the W&B server took longer than ten seconds to respond. Keysmith will message you with the result; don’t try again before that. See the team in W&B: <${PAGE}>`,
    );
  });

  test('leads to Collect key where the account waits for its key', () => {
    expect(
      read(notCreatedText({ ...unknown, cause: { reason: 'not_recorded' }, collectUntilMs: UNTIL_MS })),
    ).toBe(
      `:warning: \`nightly-eval\` in \`ml-platform\` has no key yet: the W&B server completed the request, but Keysmith’s database didn’t record it. Open the direct message from Keysmith and press *Collect key* to create it (until ${UNTIL}).`,
    );
  });

  test.each([
    [
      'server_error',
      'the W&B server returned an internal error. Run `/wandb service-account new` to try again.',
    ],
    ['rate_limited', 'the W&B server is limiting requests. Run `/wandb service-account new` to try again.'],
    [
      'too_late',
      'the W&B server didn’t create it within an hour. Run `/wandb service-account new` to try again.',
    ],
    [
      'process_lost',
      'Keysmith restarted before the W&B server responded. Run `/wandb service-account new` to try again.',
    ],
    [
      'not_made',
      'the W&B server didn’t complete the request. Run `/wandb service-account new` to try again.',
    ],
    [
      'removed_again',
      'its key couldn’t be delivered, so Keysmith deleted it again. Run `/wandb service-account new` to try again.',
    ],
    ['not_admin', 'you’re no longer an admin of the team. Ask an admin of the team to create it.'],
    [
      'redirected',
      'the W&B server redirects to another address, and Keysmith doesn’t follow redirects. Ask your Keysmith administrator to check whether the W&B server moved or is behind a sign-in page, and quote the reference below.',
    ],
    [
      'of_a_later_version',
      'the W&B server didn’t complete the request. Run `/wandb service-account new` to try again.',
    ],
  ])('ends with a message that says why nothing was created: %s', (cause, text) => {
    const message = notified({ message: 'account_not_created', cause }, { state: 'failed' });
    expect(message.text).toBe(`:warning: \`nightly-eval\` in \`ml-platform\` wasn’t created: ${text}`);
    expect(JSON.stringify(message.blocks)).toContain('Reference ks_0123456789abcd');
  });
});

describe('The direct message with Collect key', () => {
  const collection = { id: 'col_1', expiresAtMs: UNTIL_MS };
  const collectable = (keyId: string | null, link: string | undefined = PAGE) => {
    const content = { message: 'key_collectable', collectionId: 'col_1', keyId, collection } as const;
    return notified(content, {}, link);
  };

  test.each([
    [
      'that was sent',
      'AbC123',
      'Slack didn’t confirm that key `AbC123` reached you, so don’t use it: Keysmith is deleting the W&B account it belongs to.',
    ],
    ['that was never received', null, 'Keysmith didn’t receive a key from the W&B server, so none was sent.'],
  ])('says what became of the key %s, and has the button', (_, keyId, text) => {
    expect(collectable(keyId)).toMatchObject({
      text: 'Collect the key for nightly-eval in ml-platform.',
      blocks: [
        {
          text: {
            text: `:key: *Collect the key for \`nightly-eval\`* in \`ml-platform\`\n${text}\nPress *Collect key* to create a new key, shown once and only to you, until ${UNTIL}.`,
          },
        },
        { elements: [{ action_id: 'collect_key', value: 'col_1', style: 'primary' }] },
      ],
    });
  });

  test('says that Keysmith revoked a key of its own', () => {
    const message = notificationMessage(
      {
        message: 'key_collectable',
        accountId: 'sa_1',
        collectionId: 'col_1',
        keyId: 'AbC123',
        collection,
        account: plainAccount(),
        requestId: null,
        link: undefined,
      },
      { ...SETUP, teamPage: undefined },
    );
    expect(JSON.stringify(message.blocks)).toContain(
      'Slack didn’t confirm that key `AbC123` reached you, so Keysmith revoked it.',
    );
  });

  test.each([
    [
      'active',
      ' The 24 hours to collect another key have passed, so delete the account and create a new one.',
    ],
    ['revoking', ''],
    ['revoked', ' The account has been deleted from W&B too.'],
  ] as const)('is replaced by a warning where nothing can be collected (%s)', (state, rest) => {
    expect(notified({ message: 'key_not_collectable', keyId: 'AbC123' }, { state }).text).toBe(
      `:warning: Slack didn’t confirm that key \`AbC123\` of \`nightly-eval\` in \`ml-platform\` reached you, so don’t use it: Keysmith is deleting the W&B account it belongs to.${rest}`,
    );
  });
});

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
    const message = revokeMessage(plainAccount({ method }), PAGE);
    expect(checkMessage({ ...message })).toMatchObject({ ok: true });
    expect(message).toMatchObject({
      text: 'Delete nightly-eval from W&B?',
      blocks: [
        {
          text: {
            text: `Delete \`nightly-eval\` in \`ml-platform\` from W&B? ${text} This can’t be undone.`,
          },
        },
        {
          elements: [
            { action_id: 'revoke_account', text: { text: 'Delete' } },
            { action_id: 'dismiss', text: { text: 'Keep' } },
          ],
        },
      ],
    });
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
      'the W&B server returned an internal error. Keysmith keeps trying and will message you when it’s done; its keys may work until then.',
    ],
    [
      'federated',
      'not_recorded',
      'the W&B server completed the request, but Keysmith’s database didn’t record it. Keysmith keeps trying and will message you when it’s done; its workloads may sign in until then.',
    ],
    [
      'api_key',
      'not_allowed',
      'the W&B server doesn’t allow Keysmith to do that. Ask your Keysmith administrator to make Keysmith’s W&B account an admin of the team or organization, and quote the reference below. Keysmith keeps trying and will message you when it’s done; its keys may work until then.',
    ],
  ] as const)('is pending with what an admin can do now (%s, %s)', (method, reason, text) => {
    const account = plainAccount({ method });
    expect(read(revocationText({ kind: 'pending', account, cause: { reason }, link: PAGE }, true))).toBe(
      `:warning: \`nightly-eval\` in \`ml-platform\` isn’t deleted from W&B yet: ${text} A team admin can delete it now in W&B, where its name begins with \`nightly-eval\`: <${PAGE}>`,
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
    const refusal = { reason: 'not_admin', teams: [{ name: 'ml-platform', admins: [] }] } as const;
    expect(
      read(
        revocationText(
          {
            kind: 'refused',
            refusal: { ...refusal, teams: [...refusal.teams].map((team) => ({ ...team, admins: [] })) },
          },
          true,
        ),
      ),
    ).toMatch(/^Nothing was deleted\. Only admins of `ml-platform` can do this\./);
  });

  test.each([
    ['revoking', 'Keysmith is deleting its account from W&B'],
    ['revoked', 'its account was deleted from W&B'],
  ] as const)('is named by a key that is still on the screen (%s)', (state, text) => {
    const account = plainAccount({ state });
    const key = { account, keyId: 'AbC123', state: { kind: 'account_revoked' } } as const;
    const message = shownKeyMessage(key, { requestId: 'ks_1', page: PAGE });
    expect(message.text).toBe(`:no_entry: Don’t use key \`AbC123\`: ${text}. ${KEPT_KEYS}`);
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

  test('asks to check an account that isn’t Keysmith’s', () => {
    expect(problemText('another_account')).toBe(
      `:rotating_light: Keysmith doesn’t touch ${THERE}: in W&B it’s a person, or an account whose ID or name isn’t the one that Keysmith stored. ${AGAIN} Delete it in W&B if nobody needs it: <${PAGE}>`,
    );
  });

  test('asks to delete an account without an ID', () => {
    expect(problemText('no_id')).toBe(
      `:rotating_light: W&B shows the account ${THERE} without an ID, so Keysmith can’t use or delete it. ${AGAIN} Delete it in W&B: <${PAGE}>`,
    );
  });

  test('asks to look for an account from an earlier version, and says how to create another', () => {
    expect(problemText('unknown_creation', { state: 'failed' })).toBe(
      `:warning: We don’t know whether \`nightly-eval\` in \`ml-platform\` was created: the W&B server never confirmed it, and Keysmith no longer waits for it. To create another account, run \`/wandb service-account new\`. If W&B shows an account named \`${SERVER_NAME}\` that your team doesn’t recognize, delete it there: <${PAGE}>`,
    );
  });

  test.each([
    [
      'provisioning',
      'api_key',
      `:warning: We don’t know yet whether \`nightly-eval\` in \`ml-platform\` was created: the W&B server hasn’t confirmed it for more than an hour. Keysmith keeps trying and will message you when it’s done. In W&B its name would be \`${SERVER_NAME}\`: <${PAGE}>`,
    ],
    [
      'revoking',
      'federated',
      `:rotating_light: \`nightly-eval\` in \`ml-platform\` *isn’t* deleted from W&B after more than an hour of attempts, and its workloads may still be able to sign in. Keysmith keeps trying and will message you when it’s done. To be safe, delete \`${SERVER_NAME}\` in W&B now: <${PAGE}>`,
    ],
    [
      'active',
      'api_key',
      `:rotating_light: An earlier attempt to create \`nightly-eval\` in \`ml-platform\` failed, and Keysmith hasn’t been able to delete its account \`${SERVER_NAME}\` from W&B for more than an hour: its keys may still work. Keysmith keeps trying. To be safe, delete \`${SERVER_NAME}\` in W&B now: <${PAGE}>`,
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
