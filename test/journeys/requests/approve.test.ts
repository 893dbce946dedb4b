import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace } from '../../world/running-workspace.ts';
import { postButtons } from '../keys/post-buttons.ts';
import {
  buttonsOf,
  cardOf,
  cardSays,
  DAY_MS,
  deny,
  forge,
  requestKey,
  says,
  settleAfter,
  startWithPolicy,
} from './request-world.ts';

describe.each(BACKENDS)('A request with the backend %s', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  let ben: SlackPerson;
  let cy: SlackPerson;
  let dee: SlackPerson;
  let fay: SlackPerson;
  const isOnServer = backend === 'wandb';
  beforeAll(async () => {
    workspace = await startWithPolicy(backend);
    ada = workspace.slack.as('Ada');
    ben = workspace.slack.as('Ben');
    cy = workspace.slack.as('Cy');
    dee = workspace.slack.as('Dee');
    fay = workspace.slack.as('Fay');
  });
  afterAll(() => workspace.stop());

  const events = async (action: string) =>
    (await workspace.audit()).filter((event) => event.action === action);
  const keysOf = (name: string) =>
    workspace.rows<{ keyId: string; revokedAtMs: number | null }>(
      'select key_id as keyId, k.revoked_at_ms as revokedAtMs from api_keys k join service_accounts a on a.id = k.account_id where a.name = ?',
      name,
    );
  const accountsNamed = (name: string) =>
    workspace.rows<{ state: string }>('select state from service_accounts where name = ?', name);

  test('gives the member the key that an admin approved, created at the click and shown only to them', async () => {
    await requestKey(ben, 'nightly-eval');
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'nightly-eval');
    expect(visibleText(card)).toContain('Nightly evaluation of the new model');
    expect(accountsNamed('nightly-eval')).toEqual([]);

    await ada.click(card, 'Approve');
    await ada.waitForMessage('Keysmith', (message) => says(message, 'Approved the request for'));
    const decided = await cardSays(ada, 'nightly-eval', 'Approved by');
    expect(decided.ts).toBe(card.ts);
    expect(visibleText(decided)).not.toContain('Deny');
    const offer = await ben.waitForMessage('Keysmith', (message) => says(message, 'approved your request'));
    expect(workspace.rows('select 1 from api_keys')).toEqual([]);

    await ben.click(offer, 'Collect key');
    const message = await ben.waitForMessage('Keysmith', (shown) => keyIn(shown) !== undefined);
    await ben.waitForMessage('Keysmith', 'Collected the key');
    expect(message.ephemeral).toBe(true);
    await workspace.keysmith.settle();
    await ada.waitForReply(card, 'collected the key');
    expect(ada.thread(card).map((reply) => visibleText(reply).replace(/<!date[^>]*>/, 'DATE'))).toEqual([
      `Requested by <@${ben.id}> DATE.`,
      `:white_check_mark: Approved by <@${ada.id}>.`,
      `<@${ben.id}> collected the key.`,
    ]);
    expect(workspace.logs()).not.toContain(keyIn(message));
    const actions = (await workspace.audit()).map(({ action }) => action);
    expect(actions).toContain('access_request.opened');
    expect(actions).toContain('access_request.approved');
    const shown = visibleText(await ask(ada, 'random', '/wandb sa show nightly-eval'));
    const history = shown.slice(shown.indexOf('*History*'));
    expect(history).toContain(`<@${ben.id}> requested this account.`);
    expect(history).toContain(`<@${ada.id}> approved the request for this account.`);
    const audit = visibleText(await ask(ada, 'random', '/wandb audit --account nightly-eval'));
    expect(audit).toContain(`<@${ben.id}> requested \`nightly-eval\` in \`ml-platform\`.`);
    expect(audit).toContain(`<@${ada.id}> approved the request for \`nightly-eval\` in \`ml-platform\`.`);
  });

  test('lets only the member who collected the key collect it again, confirm that it’s stored, and revoke it', async () => {
    await requestKey(ben, 'lab-eval');
    await workspace.keysmith.settle();
    await ada.click(await cardOf(ada, 'lab-eval'), 'Approve');
    const offer = await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'lab-eval', 'approved your request'),
    );
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
    await ben.click(offer, 'Collect key');
    const again = await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'lab-eval', 'Slack didn’t confirm'),
    );
    const collect = buttonsOf(again);
    await dee.click(await postButtons(workspace, dee, collect), 'Collect key');
    await dee.waitForMessage('Keysmith', 'You don’t have a key to collect here.');
    expect(keysOf('lab-eval').filter(({ revokedAtMs }) => revokedAtMs === null)).toEqual([]);
    await ben.click(again, 'Collect key');
    const message = await ben.waitForMessage(
      'Keysmith',
      (shown) => keyIn(shown) !== undefined && says(shown, 'lab-eval'),
    );
    const buttons = buttonsOf(message);

    for (const [other, answer] of [
      [dee, 'none of your teams has this account'],
      [fay, 'Only admins of `ml-platform` can do this'],
    ] as const) {
      await other.click(await postButtons(workspace, other, buttons), 'I’ve stored it');
      await other.waitForMessage('Keysmith', 'Nothing was recorded');
      await other.click(
        await postButtons(workspace, other, buttons),
        isOnServer ? 'Delete account' : 'Revoke',
      );
      await other.waitForMessage('Keysmith', answer);
    }
    const stored = await postButtons(workspace, ben, buttons);
    await ben.click(stored, 'I’ve stored it');
    await expect.poll(() => events('api_key.stored')).toMatchObject([{ actor: { email: 'ben@acme.test' } }]);
    if (isOnServer) {
      await ben.click(message, 'Delete account');
      await ben.waitForMessage('Keysmith', 'Deleted `lab-eval` in `ml-platform` from W&B');
      return;
    }
    // The whole account stays with the team's admins: its contact ends one key by the button for both.
    const earlier = await ben.waitForMessage(
      'Keysmith',
      (shown) => keyIn(shown) !== undefined && says(shown, 'nightly-eval'),
    );
    const value = JSON.stringify(buttonsOf(earlier)).match(/"value":"([^"]+)"/)?.[1];
    const forged = {
      type: 'button',
      action_id: 'revoke_account',
      text: { type: 'plain_text', text: 'End' },
      value,
    };
    await ben.click(await postButtons(workspace, ben, [forged]), 'End');
    await ben.waitForMessage('Keysmith', (shown) => says(shown, 'Revoked key', 'nightly-eval'));
    expect(accountsNamed('nightly-eval')).toEqual([{ state: 'active' }]);
    await ben.click(message, 'Revoke');
    await ben.waitForView('Revoke key');
    await ben.submit();
    await ben.waitForView('It no longer works');
    await ben.close();
    expect(accountsNamed('lab-eval')).toEqual([{ state: 'active' }]);
    expect(keysOf('lab-eval').filter(({ revokedAtMs }) => revokedAtMs === null)).toEqual([]);
  });

  test('ends with the first denial, whose reason the member reads', async () => {
    await requestKey(ben, 'weekly-eval');
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'weekly-eval');
    await deny(ada, card, 'Use nightly-eval <instead> & ask me');

    const denied = await ben.waitForMessage('Keysmith', (message) => says(message, 'weekly-eval', 'denied'));
    expect(visibleText(denied)).toContain('Use nightly-eval &lt;instead&gt; &amp; ask me');
    await cardSays(ada, 'weekly-eval', 'Denied by');
    await forge(workspace, ada, card, 'request_approve');
    await ada.waitForMessage('Keysmith', (message) => says(message, 'weekly-eval', 'was already denied'));
    expect(accountsNamed('weekly-eval')).toEqual([]);
  });

  test('can’t be decided by its own requester, by another member or by a stranger', async () => {
    await requestKey(ben, 'hourly-eval');
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'hourly-eval');
    await forge(workspace, ben, card, 'request_approve');
    await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'Nobody can decide on their own request'),
    );
    await forge(workspace, dee, card, 'request_approve');
    await dee.waitForMessage('Keysmith', (message) => says(message, 'this request isn’t there anymore'));
    expect(accountsNamed('hourly-eval')).toEqual([]);

    const own = await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'You requested', 'hourly-eval'),
    );
    await ben.click(own, 'Withdraw');
    await ben.waitForMessage('Keysmith', (message) => says(message, 'Withdrew the request', 'hourly-eval'));
    await workspace.keysmith.settle();
    await cardSays(ada, 'hourly-eval', 'Withdrawn by');
  });

  test('is reminded of after two days and lapses after seven', async () => {
    await requestKey(ben, 'yearly-eval');
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'yearly-eval');
    await settleAfter(workspace, 2 * DAY_MS + 1_000);
    await workspace.keysmith.settle();
    await ada.waitForReply(card, 'still waits for a decision');
    await ben.waitForMessage('Keysmith', (message) => says(message, 'yearly-eval', 'have been reminded'));

    await settleAfter(workspace, 5 * DAY_MS);
    await workspace.keysmith.settle();
    await ben.waitForMessage('Keysmith', (message) => says(message, 'yearly-eval', 'lapsed'));
    const lapsed = await cardSays(ada, 'yearly-eval', 'Lapsed');
    expect(lapsed.ts).toBe(card.ts);
    expect(cy.id).not.toBe('');
    expect(API_KEY_PATTERN.test(visibleText(lapsed))).toBe(false);
  });
});
