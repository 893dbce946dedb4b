import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import {
  breakDatabase,
  holdResponse,
  liveKeyIds,
  NO_ROWS,
  REFERENCE,
  requestsToSlack,
  rowCounts,
  sentKeys,
  storedKeys,
} from './key-delivery.ts';

const NEW = '/wandb service-account new nightly-eval';
const WORKING = 'Creating the account…';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace({ keysmith: { timing: { loadingAfterMs: 700, respondWithinMs: 80 } } });
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

/** Submits the open form and expects the working view. Slack responds to `users.info` once it is released. */
async function submitSlowly(): Promise<() => void> {
  const release = holdResponse(workspace, 'users.info');
  expect(await ada.submit()).toEqual({ ok: true });
  const working = ada.view();
  expect(working && visibleText(working)).toContain(WORKING);
  expect(working?.submit).toBeUndefined();
  return release;
}

describe('The working view of a submission that takes longer than Slack waits', () => {
  test('ends with the created account, while the key is in the message', async () => {
    await openForm(ada, 'ml-platform', NEW);
    const form = ada.view();
    const release = await submitSlowly();
    release();
    const view = await ada.waitForView('Created `nightly-eval` in `ml-platform`.');
    const message = await ada.waitForMessage('ml-platform', API_KEY_PATTERN);

    expect(view.id).toBe(form?.id);
    expect(visibleText(view)).toContain('Its key is in a message only you can see.');
    expect(visibleText(view)).not.toMatch(API_KEY_PATTERN);
    expect(message.ephemeral).toBe(true);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
  });

  test('also appears when only the message with the key is slow', async () => {
    await openForm(ada, 'ml-platform', NEW);
    const release = holdResponse(workspace, 'response_url');
    await ada.submit();
    await ada.waitForView(WORKING);
    release();
    await ada.waitForView('Created `');
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
  });

  test('becomes the form again with the typed values when a field is invalid, and that form works', async () => {
    await createNamesake();
    await openForm(ada, 'ml-platform', NEW);
    await ada.fill('purpose', 'Evaluates every night');
    await ada.fill('used_by', 'cron');
    await ada.fill('expires', '365');
    const typed = ada.values();
    const release = await submitSlowly();
    release();

    const again = await ada.waitForView((view) => view.submit === 'Create');
    expect(visibleText(again)).toContain(
      'The account wasn’t created. This team already has an account with this name',
    );
    expect(ada.values()).toEqual(typed);
    expect(rowCounts(workspace)).toMatchObject({ service_accounts: 1, api_keys: 1 });

    await ada.fill('name', 'weekly-eval');
    await ada.submit();
    await ada.waitForMessage('ml-platform', 'API key for `weekly-eval`');
    await expect
      .poll(() => storedKeys(workspace).map(({ delivery }) => delivery))
      .toEqual(['delivered', 'delivered']);
  });

  test('says why when the person has lost permission', async () => {
    await openForm(ada, 'ml-platform', NEW);
    workspace.slack.changePerson('Ada', { emailConfirmed: false });
    const release = await submitSlowly();
    release();
    const view = await ada.waitForView('yours isn’t confirmed');

    expect(view.submit).toBeUndefined();
    expect(visibleText(view)).toMatch(REFERENCE);
    expect(rowCounts(workspace)).toEqual(NO_ROWS);
    expect(workspace.logs()).toContain('"reason":"email_unconfirmed"');
  });

  test('becomes the form again with a reference to the log line when the submission failed, and that form works', async () => {
    await openForm(ada, 'ml-platform', NEW);
    await ada.fill('purpose', 'Evaluates every night');
    await ada.fill('expires', '365');
    const typed = ada.values();
    const release = await submitSlowly();
    const repair = breakDatabase(workspace);
    release();
    const view = await ada.waitForView('Nothing was changed: Keysmith can’t read its database.');
    repair();

    const reference = REFERENCE.exec(visibleText(view))?.[1];
    expect(workspace.logs()).toContain(`"requestId":"${reference}"`);
    expect(rowCounts(workspace)).toEqual(NO_ROWS);
    expect(view.submit).toBe('Create');
    expect(ada.values()).toEqual(typed);

    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await expect.poll(() => storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
  });

  test('becomes the form again with its errors even when users.info fails', async () => {
    await createNamesake();
    await openForm(ada, 'ml-platform', NEW);
    const typed = ada.values();
    const release = await submitSlowly();
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 }, { times: 1 });
    release();
    const view = await ada.waitForView(
      'The account wasn’t created. This team already has an account with this name',
    );

    expect(view.submit).toBe('Create');
    expect(ada.values()).toEqual(typed);
    expect(rowCounts(workspace)).toMatchObject({ service_accounts: 1 });
  });

  test('says where to collect a key that wasn’t delivered', async () => {
    await openForm(ada, 'ml-platform', NEW);
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
    const release = await submitSlowly();
    release();
    await ada.waitForView(/direct message from Keysmith and press \*Collect key\* \(until <!date\^/);
    await ada.waitForMessage('Keysmith', 'Collect');
    expect(liveKeyIds(workspace)).toEqual([]);
  });
});

describe('A person who closes the working view', () => {
  test('still gets the key, and nothing else', async () => {
    await openForm(ada, 'ml-platform', NEW);
    const release = await submitSlowly();
    await ada.close();
    release();
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await expect
      .poll(() => requestsToSlack(workspace, 'views.update').at(-1)?.response?.body)
      .toContain('not_found');

    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
    expect(ada.view()).toBeUndefined();
    expect(ada.messages('ml-platform')).toHaveLength(1);
    expect(workspace.logs()).not.toContain('"level":50');
  });

  test.each([
    [
      'the name is taken',
      async () => void (await createNamesake()),
      'The account wasn’t created. This team already has an account with this name',
    ],
    [
      'the person lost permission',
      async () => workspace.slack.changePerson('Ada', { emailConfirmed: false }),
      'yours isn’t confirmed',
    ],
  ])(
    'is notified in an ephemeral message that nothing was created because %s',
    async (_, interfere, text) => {
      await openForm(ada, 'random', NEW);
      await interfere();
      const release = await submitSlowly();
      await ada.close();
      release();
      const message = await ada.waitForMessage('random', text);
      expect(message.ephemeral).toBe(true);
      expect(visibleText(message)).toMatch(REFERENCE);
    },
  );

  test('is notified in an ephemeral message and a direct message that the key wasn’t delivered', async () => {
    await openForm(ada, 'ml-platform', NEW);
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
    const release = await submitSlowly();
    await ada.close();
    release();
    await ada.waitForMessage('ml-platform', 'The key was revoked;');
    await ada.waitForMessage('Keysmith', 'Collect');
    expect(liveKeyIds(workspace)).toEqual([]);
  });
});

describe('A form that is submitted twice while its account is being created', () => {
  test('creates one account and one key, and both responses say so', async () => {
    await openForm(ada, 'ml-platform', NEW);
    const release = holdResponse(workspace, 'users.info', { times: 2 });
    const outcomes = await Promise.all([ada.submit(), ada.submit()]);
    release();
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await ada.waitForView(/Created|was already created from this form/);
    await expect.poll(() => storedKeys(workspace).map(({ delivery }) => delivery)).toEqual(['delivered']);

    expect(outcomes).toEqual([{ ok: true }, { ok: true }]);
    expect(rowCounts(workspace)).toEqual({
      ...NO_ROWS,
      service_accounts: 1,
      api_keys: 1,
      deliveries: 1,
      submissions: 1,
    });
    expect(sentKeys(workspace)).toHaveLength(1);
    const created = (await workspace.audit()).filter(({ action }) => action === 'service_account.created');
    expect(created).toHaveLength(1);
    expect(ada.messages('ml-platform')).toHaveLength(1);
  });

  test('creates one account and sends one message when the second submission is much faster', async () => {
    await openForm(ada, 'ml-platform', NEW);
    const release = holdResponse(workspace, 'users.info');
    const outcomes = await Promise.all([ada.submit(), ada.submit()]);
    release();
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await expect.poll(() => requestsToSlack(workspace, 'views.update').at(-1)?.response).toBeDefined();

    expect(outcomes).toEqual([{ ok: true }, { ok: true }]);
    expect(rowCounts(workspace)).toMatchObject({ service_accounts: 1, api_keys: 1, submissions: 1 });
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(ada.messages('ml-platform')).toHaveLength(1);
  });

  test('says that the key is on its way while its delivery is slow', async () => {
    await openForm(ada, 'ml-platform', NEW);
    const release = holdResponse(workspace, 'response_url');
    const payload = submitAndPayload();
    await expect.poll(() => sentKeys(workspace).length).toBe(1);
    const response = await workspace.slack.deliver({
      payload: { ...(await payload), trigger_id: '1.2.another' },
    });
    expect(response).toMatchObject({ status: 200, body: expect.stringContaining('is on its way to you') });
    release();
    await ada.waitForView('Created `');
    expect(rowCounts(workspace)).toMatchObject({ service_accounts: 1, api_keys: 1 });
    expect(sentKeys(workspace)).toHaveLength(1);
  });
});

/** Creates another account with the same name while the form is open. */
async function createNamesake(): Promise<void> {
  const cy = workspace.slack.as('Cy');
  await openForm(cy, 'ml-platform', `${NEW} --team ml-platform`);
  await cy.submit();
  await cy.waitForMessage('ml-platform', API_KEY_PATTERN);
}

async function submitAndPayload(): Promise<{ type: string }> {
  await ada.submit();
  return workspace.slack.traffic.findLast(({ method }) => method === 'view_submission')?.payload as {
    type: string;
  };
}
