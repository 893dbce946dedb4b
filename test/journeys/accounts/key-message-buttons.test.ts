import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ADA } from '../../slack/acme-people.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount, ending } from '../steps.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
let message: PageMessage;
describe.each(BACKENDS)('With the %s backend', (backend) => {
  beforeEach(async () => {
    workspace = await startWorkspace({ backend });
    ada = workspace.slack.as('Ada');
    message = await createAccount(ada, 'random', 'nightly-eval');
  });
  afterEach(() => workspace.stop());

  const { buttonInMessage, ended, keyEnded, past } = ending(backend);
  const revokedAt = () =>
    workspace
      .rows<{ revoked_at_ms: number | null }>('select revoked_at_ms from api_keys')
      .map((row) => row.revoked_at_ms);
  const recorded = async (action: string) =>
    (await workspace.audit()).filter((event) => event.action === action);
  const visibleMessages = () => ada.messages('random').map(visibleText).join('\n');
  /** Sends the last click again, as Slack would send a second one: the same payload with a new signature. */
  const clickAgain = () => {
    const payload = workspace.slack.traffic.findLast(({ method }) => method === 'block_actions')?.payload;
    return workspace.slack.deliver({
      payload: { ...(payload as { type: string }), trigger_id: '1.2.again' },
    });
  };

  test('the key message shows account, team, key ID and expiry, with the key and the lines to paste as code', async () => {
    const [key] = workspace.rows<{ key_id: string; expires_at_ms: number | null }>(
      'select key_id, expires_at_ms from api_keys',
    );
    const secret = keyIn(message);
    const codeBlocks = message.blocks.filter(({ type }) => type === 'rich_text');

    const text = visibleText(message);
    expect(text).toContain('*Account*\n`nightly-eval`');
    expect(text).toContain('*Team*\n`ml-platform`');
    expect(text).toContain(`*Key ID*\n\`${key?.key_id}\``);
    if (backend === 'builtin') {
      expect(text).toContain(`*Expires*\n<!date^${Math.floor((key?.expires_at_ms ?? 0) / 1000)}^`);
    } else {
      expect(key?.expires_at_ms).toBeNull();
      expect(text).not.toContain('Expires');
      expect(text).toContain(
        'keys don’t expire. When you no longer need this one, delete the account here and the key in W&B',
      );
    }
    expect(text).toContain('*Shown once.*');
    const lines = `WANDB_API_KEY=${secret}\nWANDB_ENTITY=ml-platform\nWANDB_BASE_URL=${workspace.workloadUrl}`;
    expect(codeBlocks.map((block) => visibleText({ ...message, blocks: [block] }))).toEqual(
      backend === 'wandb' ? [secret, lines] : [secret],
    );
    if (backend === 'builtin') {
      expect(text).not.toContain('WANDB_BASE_URL');
      expect(text).toContain(
        `check its keys with Keysmith, for example at \`${workspace.workloadUrl}/forward-auth\`. It can’t log W&B runs`,
      );
    }
    expect(message.text).toBe('API key for nightly-eval in ml-platform. It’s shown once.');
  });

  describe('I’ve stored it', () => {
    test('removes the message with the key, is recorded and leaves the key active', async () => {
      const { confirm } = await ada.click(message, 'I’ve stored it');
      await expect.poll(() => recorded('api_key.stored'), { timeout: 10_000 }).toHaveLength(1);

      expect(confirm).toBeUndefined();
      expect(ada.messages('random')).toEqual([]);
      expect(revokedAt()).toEqual([null]);
      expect((await workspace.audit()).at(-1)).toMatchObject({
        action: 'api_key.stored',
        actor: { type: 'person', slackUserId: ADA, email: 'ada@acme.test' },
        details: { team: 'ml-platform', name: 'nightly-eval' },
      });
    });

    test('says so when Slack doesn’t remove the message', async () => {
      workspace.slack.failures.set('response_url', { kind: 'status', status: 500 }, { times: 1 });

      await ada.click(message, 'I’ve stored it');

      await ada.waitForMessage('random', 'Slack couldn’t remove that message. Dismiss it manually.');
    });

    test('removes the message even when users.info fails', async () => {
      workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });

      await ada.click(message, 'I’ve stored it');
      await ada.waitForMessage('random', 'Nothing was changed: Slack couldn’t confirm who you are.');

      expect(visibleMessages()).not.toContain(String(keyIn(message)));
      expect(revokedAt()).toEqual([null]);
    });
  });

  describe('Revoke below the key', () => {
    test('asks first, then revokes the key and replaces its message with the outcome', async () => {
      const { confirm } = await ada.click(message, buttonInMessage);
      const outcome = await ada.waitForMessage('random', `${ended('nightly-eval')} ${keyEnded}`);

      expect(confirm).toEqual(
        backend === 'wandb'
          ? {
              title: 'Delete this account from W&B?',
              text: 'W&B keeps the keys of nightly-eval in ml-platform, and they may still work until an admin deletes them there. This can’t be undone.',
              confirm: 'Delete',
              deny: 'Keep',
            }
          : {
              title: 'Revoke this key?',
              text: 'The key for nightly-eval will stop working immediately. If the account has no other key, it’s revoked too. This can’t be undone.',
              confirm: 'Revoke',
              deny: 'Keep',
            },
      );
      expect(outcome.ts).toBe(message.ts);
      expect(ada.messages('random')).toHaveLength(1);
      expect(keyIn(outcome)).toBeUndefined();
      expect(revokedAt()).toEqual([expect.any(Number)]);
      expect(workspace.rows('select revoked_at_ms is not null as revoked from service_accounts')).toEqual([
        { revoked: 1 },
      ]);
      expect(await recorded('service_account.revoked')).toHaveLength(1);
    });

    test('does nothing when the person chooses Keep', async () => {
      const before = workspace.slack.traffic.length;

      await ada.click(message, buttonInMessage, { deny: true });

      expect(workspace.slack.traffic).toHaveLength(before);
      expect(revokedAt()).toEqual([null]);
      expect(keyIn(ada.messages('random')[0] ?? message)).toBe(keyIn(message));
    });

    test('says that the account was already revoked when clicked again, and is recorded once', async () => {
      await ada.click(message, buttonInMessage);
      await ada.waitForMessage('random', ended('nightly-eval'));
      const [atMs] = revokedAt();

      expect(await clickAgain()).toMatchObject({ kind: 'responded', status: 200 });
      await ada.waitForMessage('random', `\`nightly-eval\` in \`ml-platform\` was already ${past}`);

      expect(revokedAt()).toEqual([atMs]);
      expect(await recorded('service_account.revoked')).toHaveLength(1);
    });

    test('is recorded once when clicked twice at the same time', async () => {
      const clicks = [ada.click(message, buttonInMessage), ada.click(message, buttonInMessage)];

      expect((await Promise.all(clicks)).map(({ outcome }) => outcome)).toEqual([{ ok: true }, { ok: true }]);
      await ada.waitForMessage('random', /(Revoked|Deleted) `|was already (revoked|deleted)/);
      await expect
        .poll(
          () =>
            workspace.slack.traffic.filter(({ method, response }) => method === 'response_url' && response),
          {
            timeout: 10_000,
          },
        )
        .toHaveLength(3);

      expect(visibleMessages()).not.toContain(String(keyIn(message)));
      expect(await recorded('service_account.revoked')).toHaveLength(1);
    });

    test('keeps the valid key in place after a failure and can be clicked again', async () => {
      workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });
      await ada.click(message, buttonInMessage);
      await ada.waitForMessage('random', 'Nothing was changed: Slack couldn’t confirm who you are.');
      expect(visibleMessages()).toContain(String(keyIn(message)));
      expect(revokedAt()).toEqual([null]);

      workspace.slack.failures.clear();
      await ada.click(message, buttonInMessage);
      await ada.waitForMessage('random', ended('nightly-eval'));

      expect(visibleMessages()).not.toContain(String(keyIn(message)));
      expect(revokedAt()).toEqual([expect.any(Number)]);
    });

    test('works long after the delivery, although a response URL lives for 30 minutes', async () => {
      workspace.clock.advance(3 * 24 * 3_600_000);

      await ada.click(message, buttonInMessage);
      await ada.waitForMessage('random', ended('nightly-eval'));

      expect(visibleMessages()).not.toContain(String(keyIn(message)));
    });

    test('removes the account from the list', async () => {
      await ada.click(message, buttonInMessage);
      await ada.waitForMessage('random', ended('nightly-eval'));

      expect(visibleText(await ask(ada, 'random', '/wandb sa list'))).toContain(
        'have no service accounts yet',
      );
    });
  });
});

describe.each(BACKENDS)(
  'A key message that Slack showed without confirming it, with the %s backend',
  (backend) => {
    beforeEach(async () => {
      workspace = await startWorkspace({ backend });
      ada = workspace.slack.as('Ada');
      await openForm(ada, 'random', '/wandb sa new nightly-eval');
      const failure = { kind: 'status', status: 500, afterEffect: true } as const;
      workspace.slack.failures.set('response_url', failure, { times: 1 });
      await ada.submit();
      message = await ada.waitForMessage('random', (shown) => keyIn(shown) !== undefined);
      offer = await ada.waitForMessage('Keysmith', 'Collect the key');
    });
    afterEach(() => workspace.stop());

    let offer: PageMessage;
    const { buttonInMessage, ended } = ending(backend);
    const NOT_CONFIRMED =
      backend === 'wandb'
        ? 'Slack didn’t confirm that it reached you, so Keysmith deletes the W&B account it belongs to.'
        : 'was revoked, because Slack didn’t confirm that it reached you.';
    const shownKeyId = () =>
      workspace.rows<{ key_id: string }>('select key_id from api_keys order by created_at_ms limit 1')[0]
        ?.key_id;
    const active = (table: string) =>
      workspace.rows(`select 1 from ${table} where revoked_at_ms is null`).length;
    const stored = async () => (await workspace.audit()).filter(({ action }) => action === 'api_key.stored');

    test('says that the key was revoked when I’ve stored it is pressed, removes it and offers another one', async () => {
      await ada.click(message, 'I’ve stored it');
      const truth = await ada.waitForMessage('random', NOT_CONFIRMED);
      expect(visibleText(truth)).toMatch(new RegExp(`[Kk]ey \`${shownKeyId()}\` of \`nightly-eval\``));
      expect(ada.messages('random').filter((shown) => keyIn(shown) !== undefined)).toEqual([]);
      expect(await stored()).toEqual([]);

      await ada.click(truth, 'Collect key');
      await ada.waitForMessage('random', (shown) => keyIn(shown) !== undefined);
      await expect.poll(() => active('api_keys'), { timeout: 10_000 }).toBe(1);
    });

    test('says so when Revoke is pressed, in place of the message, and revokes nothing', async () => {
      await ada.click(message, buttonInMessage);
      const truth = await ada.waitForMessage('random', NOT_CONFIRMED);
      expect(truth.ts).toBe(message.ts);
      expect(visibleText(truth)).toContain('Nothing was changed, because this message is out of date.');
      expect(visibleText(truth)).toContain('Press *Collect key*');
      expect(active('service_accounts')).toBe(1);
    });

    test('refers to the newer key once that was collected, and doesn’t revoke it', async () => {
      await ada.click(offer, 'Collect key');
      await ada.waitForMessage('Keysmith', 'Collected the key');
      const [newest] = workspace.rows<{ key_id: string }>(
        'select key_id from api_keys where revoked_at_ms is null',
      );
      await ada.click(message, buttonInMessage);
      const truth = await ada.waitForMessage('random', NOT_CONFIRMED);
      expect(visibleText(truth)).toContain(`Use the newer key \`${newest?.key_id}\``);
      expect(active('api_keys')).toBe(1);
    });

    test('says at both buttons that the account was revoked meanwhile', async () => {
      expect(await endAccount(ada, 'ml-platform', '/wandb sa revoke nightly-eval')).toContain(
        ended('nightly-eval'),
      );
      await ada.click(offer, 'Collect key');
      const replaced = await ada.waitForMessage(
        'Keysmith',
        `The account was ${backend === 'wandb' ? 'deleted from W&B' : 'revoked'}, so there’s no key to collect.`,
      );
      expect(replaced.ts).toBe(offer.ts);

      await ada.click(message, 'I’ve stored it');
      await ada.waitForMessage(
        'random',
        backend === 'wandb'
          ? `Don’t use key \`${shownKeyId()}\` of \`nightly-eval\` in \`ml-platform\`: the account was deleted from W&B.`
          : `Key \`${shownKeyId()}\` of \`nightly-eval\` in \`ml-platform\` no longer works`,
      );
      expect(await stored()).toEqual([]);
    });
  },
);
