import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { send } from '../../send-request.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace } from '../../world/running-workspace.ts';
import { fillFederated, taggedName } from '../steps.ts';
import {
  cardOf,
  cardSays,
  DAY_MS,
  deny,
  HOUR_MS,
  openRequestForm,
  requestKey,
  says,
  settleAfter,
  startWithPolicy,
} from './request-world.ts';

/** Keysmith can't end a key that the W&B server verifies. */
const ENDED = {
  builtin: 'Its account and key have ended.',
  wandb: 'W&B keeps the keys of deleted accounts, and they may still work',
};

describe.each(BACKENDS)('An urgent request with the backend %s', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  let ben: SlackPerson;
  beforeAll(async () => {
    workspace = await startWithPolicy(backend, { policy: { urgentRequests: true } });
    ada = workspace.slack.as('Ada');
    ben = workspace.slack.as('Ben');
  });
  afterAll(() => workspace.stop());

  const stateOf = (name: string) =>
    workspace.rows<{ state: string }>('select state from service_accounts where name = ?', name)[0]?.state;
  const status = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` };
    return (await send(`${workspace.keysmith.url}/forward-auth`, { method: 'GET', headers })).status;
  };
  const collect = async (name: string) => {
    const offer = await requestKey(ben, name, { isUrgent: true });
    // The key can't be collected once the account has ended.
    expect(visibleText(offer)).toMatch(/It ends (.+), unless an approver .*[\s\S]* only to you, until \1\./);
    const before = new Set(ben.messages('Keysmith').map(({ ts }) => ts));
    await ben.click(offer, 'Collect key');
    const shown = await ben.waitForMessage(
      'Keysmith',
      (message) => !before.has(message.ts) && keyIn(message) !== undefined,
    );
    return keyIn(shown) ?? '';
  };

  test('is granted at once and ends after four hours, with its key', async () => {
    const key = await collect('hot-fix');
    expect(stateOf('hot-fix')).toBe('active');
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'hot-fix');
    expect(visibleText(card)).toContain('Confirm');
    if (backend === 'builtin') expect(await status(key)).toBe(200);

    workspace.clock.advance(4 * HOUR_MS + 1_000);
    // Whether or not the job has run yet.
    if (backend === 'builtin') expect(await status(key)).toBe(401);
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    expect(stateOf('hot-fix')).toBe('revoked');
    await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'hot-fix', 'Nobody confirmed', ENDED[backend]),
    );
    await cardSays(ada, 'hot-fix', 'Lapsed');
    const actors = (await workspace.audit()).filter(({ action }) => action === 'service_account.revoked');
    expect(actors.map(({ actor }) => actor)).toEqual([{ type: 'system', name: 'requests' }]);
  });

  test('stays with the expiry that was asked for once an approver confirms it', async () => {
    const key = await collect('warm-fix');
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'warm-fix');
    await ada.click(card, 'Confirm');
    await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'warm-fix', 'confirmed your urgent request'),
    );
    await cardSays(ada, 'warm-fix', 'Confirmed by');

    await settleAfter(workspace, 5 * HOUR_MS);
    await settleAfter(workspace, 30 * DAY_MS);
    expect(stateOf('warm-fix')).toBe('active');
    if (backend === 'wandb') return;
    expect(await status(key)).toBe(200);
    await settleAfter(workspace, 61 * DAY_MS);
    expect(await status(key)).toBe(401);
  });

  test('can’t be confirmed once its requester has left, nor once its four hours are over', async () => {
    await requestKey(ben, 'left-fix', { isUrgent: true });
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'left-fix');
    workspace.slack.changePerson('Ben', { deactivated: true });
    await ada.click(card, 'Confirm');
    await ada.waitForMessage('Keysmith', (message) => says(message, 'left-fix', 'is no longer a member'));
    workspace.slack.changePerson('Ben', { deactivated: false });

    workspace.clock.advance(4 * HOUR_MS + 1_000);
    await ada.click(card, 'Confirm');
    await ada.waitForMessage('Keysmith', (message) => says(message, 'left-fix', 'was already over: it'));
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    expect(stateOf('left-fix')).toBe('revoked');
  });

  test('ends when the clock was set back, as its age is unknown', async () => {
    await requestKey(ben, 'old-fix', { isUrgent: true });
    await workspace.keysmith.settle();
    workspace.clock.step(-DAY_MS);
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    expect(stateOf('old-fix')).toBe('revoked');
    await ben.waitForMessage('Keysmith', (message) => says(message, 'old-fix', 'Nobody confirmed'));
    workspace.clock.step(DAY_MS);
  });

  test('ends at once when it is denied', async () => {
    const key = await collect('cold-fix');
    await workspace.keysmith.settle();
    await deny(ada, await cardOf(ada, 'cold-fix'), 'Not urgent');
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    expect(stateOf('cold-fix')).toBe('revoked');
    if (backend === 'builtin') expect(await status(key)).toBe(401);
    const denied = await ben.waitForMessage('Keysmith', (message) => says(message, 'cold-fix', 'denied'));
    expect(visibleText(denied)).toContain(ENDED[backend]);
  });
});

describe('A requested account whose creation W&B hasn’t confirmed', () => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  let ben: SlackPerson;
  beforeAll(async () => {
    workspace = await startWithPolicy('wandb', { policy: { urgentRequests: true } });
    ada = workspace.slack.as('Ada');
    ben = workspace.slack.as('Ben');
  });
  afterAll(() => workspace.stop());

  const stateOf = (name: string) =>
    workspace.rows<{ state: string }>('select state from service_accounts where name = ?', name)[0]?.state;
  const onServer = (name: string) =>
    workspace.wandb
      .team('ml-platform')
      .serviceAccounts()
      .filter((account) => taggedName(name).test(account.name));
  const fill = async (name: string) => {
    await openRequestForm(ben, `/wandb sa new ${name} --team ml-platform`);
    await fillFederated(ben, `repo:acme/${name}`);
    await ben.fill('reason', 'CI');
  };
  const fillUrgent = async (name: string) => {
    await fill(name);
    await ben.fill('urgent', ['urgent']);
  };
  /** Loses the response to the creation that a click causes, and every read of the team until it is known to be lost. */
  const loseTheResponse = async (click: () => Promise<unknown>, options: { afterEffect: boolean }) => {
    const { failures, hold } = workspace.wandb;
    failures.set('createClient', { kind: 'reset', ...options }, { times: 1 });
    const creation = hold('createClient', { at: 'before' });
    const clicked = click();
    await creation.reached;
    failures.set('entity', { kind: 'status', status: 401 });
    creation.release();
    await clicked;
  };

  test('doesn’t stay when the request is denied before W&B responds', async () => {
    await fillUrgent('slow-fix');
    const hold = workspace.wandb.hold('createClient', { at: 'before' });
    const submitted = ben.submit();
    await hold.reached;
    await workspace.keysmith.settle();
    await deny(ada, await cardOf(ada, 'slow-fix'), 'Not urgent');
    await workspace.keysmith.settle();
    expect(stateOf('slow-fix')).toBe('failed');
    hold.release();
    await submitted;
    await ben.waitForView('We don’t know yet');
    await ben.close();
    for (const pause of [0, 60_000, HOUR_MS]) await settleAfter(workspace, pause);
    expect(onServer('slow-fix')).toEqual([]);
    expect(stateOf('slow-fix')).toBe('failed');
    await ben.waitForMessage('Keysmith', (message) => says(message, 'slow-fix', 'denied your request'));
  });

  test('doesn’t stay when the request is withdrawn after W&B’s response was lost', async () => {
    await fillUrgent('lost-fix');
    await loseTheResponse(() => ben.submit(), { afterEffect: true });
    await ben.waitForView('We don’t know yet');
    await ben.close();
    expect(onServer('lost-fix')).toHaveLength(1);
    const offer = await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'lost-fix', 'as an urgent request'),
    );
    await ben.click(offer, 'Withdraw');
    await ben.waitForMessage('Keysmith', (message) => says(message, 'Withdrew the request', 'lost-fix'));
    workspace.wandb.failures.clear();
    for (const pause of [0, 60_000, HOUR_MS]) await settleAfter(workspace, pause);
    expect(onServer('lost-fix')).toEqual([]);
    expect(stateOf('lost-fix')).toBe('failed');
  });

  test('is created later for its requester, who is only a member, once the request is approved', async () => {
    await fill('late-eval');
    await ben.submit();
    await ben.waitForView('Requested');
    await ben.close();
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'late-eval');
    await loseTheResponse(() => ada.click(card, 'Approve'), { afterEffect: false });
    await ada.waitForMessage('Keysmith', (message) => says(message, 'late-eval', 'we don’t know yet'));
    workspace.wandb.failures.clear();
    for (const pause of [0, 10 * 60_000]) await settleAfter(workspace, pause);
    await ben.waitForMessage('Keysmith', (message) => says(message, 'Federated account `late-eval`'));
    expect(onServer('late-eval')).toMatchObject([{ OAuthClients: [{ subject: 'repo:acme/late-eval' }] }]);
    expect(stateOf('late-eval')).toBe('active');
  });
});

describe('Without urgent requests in the policy', () => {
  let workspace: RunningWorkspace;
  let ben: SlackPerson;
  beforeAll(async () => {
    workspace = await startWithPolicy('builtin');
    ben = workspace.slack.as('Ben');
  });
  afterAll(() => workspace.stop());

  test('the form has no box for it, and a forged one is refused', async () => {
    await openRequestForm(ben, '/wandb sa new hot-fix');
    expect(ben.view()?.blocks.map(({ block_id }) => block_id)).not.toContain('urgent');
    await ben.fill('reason', 'Now');
    const option = { text: { type: 'plain_text', text: 'Urgent' }, value: 'urgent' };
    const state = { urgent: { urgent: { type: 'checkboxes', selected_options: [option] } } };
    expect(await ben.submit({ unchecked: true, state: state as never })).toMatchObject({ ok: false });

    const refused = (await workspace.audit()).find(({ action }) => action === 'access_request.open_refused');
    expect(refused?.details).toMatchObject({ reason: 'not_offered', fields: ['urgent'] });
    expect(workspace.rows('select 1 from access_requests')).toEqual([]);
  });
});
