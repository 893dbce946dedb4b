import { describe, expect, test } from 'vitest';
import type { CreateServiceAccountResult } from '../../../src/application/accounts/create-service-account.ts';
import {
  createdText,
  notCollectedText,
  notCreatedText,
} from '../../../src/slack/messages/accounts/outcome-text.ts';
import { notificationMessage } from '../../../src/slack/messages/notification-messages.ts';
import { notified, PAGE, read, SERVER_NAME, SETUP } from './on-server.ts';
import { plainAccount } from './plain-account.ts';

const UNTIL_MS = Date.UTC(2027, 0, 2, 12);
const UNTIL = '<!date^1798891200^{date_short_pretty} at {time}|2027-01-02 12:00 UTC>';

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
    const { text, blocks } = notified({
      message: 'account_without_key_created',
      serverAccountId: 'wa_1',
      serverName: SERVER_NAME,
    });
    expect(text).toBe(WITHOUT_KEY);
    expect(blocks.slice(0, 2)).toMatchObject([
      { text: { text: WITHOUT_KEY } },
      { text: { text: 'Set these in the job’s environment as well:' } },
    ]);
    expect(JSON.stringify(blocks[2])).toContain(
      'WANDB_ENTITY=ml-platform\\nWANDB_BASE_URL=https://wandb.acme.test',
    );
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
    ['active', ' The 24 hours to collect the key have passed. Delete the account and create a new one.'],
    ['revoking', ''],
    ['revoked', ' The account has been deleted from W&B too.'],
  ] as const)('is replaced by a warning where nothing can be collected (%s)', (state, rest) => {
    expect(
      notified({ message: 'key_not_collectable', keyId: 'AbC123', collection: undefined }, { state }).text,
    ).toBe(
      `:warning: Slack didn’t confirm that key \`AbC123\` of \`nightly-eval\` in \`ml-platform\` reached you, so don’t use it: Keysmith is deleting the W&B account it belongs to.${rest}`,
    );
  });
});
