import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import {
  breakDatabase,
  holdResponse,
  NO_ROWS,
  REFERENCE,
  requestsToSlack,
  rowCounts,
} from './key-delivery.ts';

const NEW = '/wandb service-account new nightly-eval';
const LOADING = 'Looking up your teams…';

let workspace: RunningWorkspace;
beforeEach(async () => {
  workspace = await startWorkspace({ keysmith: { timing: { loadingAfterMs: 60, respondWithinMs: 2_000 } } });
});
afterEach(() => workspace.stop());

const holdUsersInfo = () => holdResponse(workspace, 'users.info');

describe('The form while users.info is slow', () => {
  test('opens as a loading view without a submit button and becomes a working form', async () => {
    const ada = workspace.slack.as('Ada');
    const release = holdUsersInfo();
    expect(await ada.command('ml-platform', NEW)).toEqual({ ok: true });
    const loading = await ada.waitForView(LOADING);
    expect(loading.submit).toBeUndefined();
    expect(loading.blocks.some(({ type }) => type === 'input')).toBe(false);
    release();

    const form = await ada.waitForView((view) => view.submit === 'Create');
    expect(form.id).toBe(loading.id);
    expect(requestsToSlack(workspace, 'views.open')).toHaveLength(1);
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', team: 'ml-platform' });
    await ada.submit();
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
  });

  test('shows a refusal in the loading view and in an ephemeral message', async () => {
    const dee = workspace.slack.as('Dee');
    const release = holdUsersInfo();
    await dee.command('random', NEW);
    expect((await dee.waitForView(LOADING)).submit).toBeUndefined();
    release();

    const text = 'You’re not in any W&B team';
    const view = await dee.waitForView(text);
    const message = await dee.waitForMessage('random', text);
    expect(view.submit).toBeUndefined();
    expect(message.ephemeral).toBe(true);
    expect(REFERENCE.exec(visibleText(view))?.[1]).toBe(REFERENCE.exec(visibleText(message))?.[1]);
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'service_account.create_refused',
      actor: { slackUserId: dee.id },
    });
  });

  test('shows a refusal only in an ephemeral message when it is known in time', async () => {
    await workspace.restartKeysmith({ timing: { loadingAfterMs: 5_000, respondWithinMs: 2_000 } });
    const dee = workspace.slack.as('Dee');
    await dee.command('random', NEW);
    await dee.waitForMessage('random', 'You’re not in any W&B team');
    expect(dee.view()).toBeUndefined();
    expect(requestsToSlack(workspace, 'views.open')).toEqual([]);
  });

  test('sends nothing more to a person who closes the loading view, and the command still works', async () => {
    const ada = workspace.slack.as('Ada');
    const release = holdUsersInfo();
    await ada.command('ml-platform', NEW);
    await ada.waitForView(LOADING);
    await ada.close();
    release();
    await expect
      .poll(() => requestsToSlack(workspace, 'views.update').map(({ response }) => response?.body ?? ''))
      .toEqual([expect.stringContaining('not_found')]);
    expect(ada.view()).toBeUndefined();
    expect(ada.messages('ml-platform')).toEqual([]);

    await ada.command('ml-platform', NEW);
    await ada.waitForView((view) => view.submit === 'Create');
  });

  test('explains in an ephemeral message that Slack rejected the update of the loading view', async () => {
    const ada = workspace.slack.as('Ada');
    const release = holdUsersInfo();
    workspace.slack.failures.set('views.update', { kind: 'status', status: 500 }, { times: 1 });
    await ada.command('ml-platform', NEW);
    await ada.waitForView(LOADING);
    release();
    await ada.waitForMessage(
      'ml-platform',
      'The form didn’t open: Slack returned an error. Nothing was created.',
    );
  });

  test('says what to do in the view and an ephemeral message when the form can’t be built', async () => {
    const ada = workspace.slack.as('Ada');
    const release = holdUsersInfo();
    await ada.command('ml-platform', NEW);
    await ada.waitForView(LOADING);
    const repair = breakDatabase(workspace);
    release();

    const text = 'Nothing was changed: Keysmith can’t read its database.';
    const view = await ada.waitForView(text);
    const message = await ada.waitForMessage('ml-platform', text);
    expect(view.submit).toBeUndefined();
    const reference = REFERENCE.exec(visibleText(message))?.[1] ?? '';
    expect(visibleText(view)).toContain(reference);
    expect(workspace.logs()).toContain(`"requestId":"${reference}"`);

    repair();
    expect(rowCounts(workspace)).toEqual(NO_ROWS);
    await ada.command('ml-platform', NEW);
    await ada.waitForView((view) => view.submit === 'Create');
  });
});

describe('A form that doesn’t open is explained in an ephemeral message', () => {
  test('when the trigger expired after three seconds', async () => {
    await workspace.restartKeysmith({ timing: { loadingAfterMs: 5_000, respondWithinMs: 2_000 } });
    const ada = workspace.slack.as('Ada');
    const release = holdUsersInfo();
    await ada.command('random', NEW);
    await expect.poll(() => requestsToSlack(workspace, 'users.info').length).toBeGreaterThan(0);
    workspace.clock.advance(3_500);
    release();

    await ada.waitForMessage(
      'random',
      'The form didn’t open in time (Slack allows three seconds). Nothing was created. Run the command again.',
    );
    expect(ada.view()).toBeUndefined();
    expect(requestsToSlack(workspace, 'views.open')[0]?.response?.body).toContain('expired_trigger_id');
  });

  test.each([
    ['an error', { kind: 'error', error: 'internal_error' }],
    ['a rate limit', { kind: 'rate_limited', retryAfterSeconds: 1 }],
    ['500', { kind: 'status', status: 500 }],
    ['a broken connection', { kind: 'reset' }],
    ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }],
  ] as const)('when Slack responds with %s', async (_, failure) => {
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('views.open', failure, { times: 1 });
    await ada.command('random', NEW);
    const message = await ada.waitForMessage('random', 'The form didn’t open: Slack returned an error.');

    expect(visibleText(message)).toContain('Nothing was created. Run the command again in a minute.');
    expect(visibleText(message)).toMatch(REFERENCE);
    expect(message.ephemeral).toBe(true);
    expect(requestsToSlack(workspace, 'views.open')).toHaveLength(1);
    expect(ada.view()).toBeUndefined();
    await ada.command('random', NEW);
    await ada.waitForView((view) => view.submit === 'Create');
  });

  test('when the loading view couldn’t be opened either', async () => {
    const ben = workspace.slack.as('Ben');
    const release = holdUsersInfo();
    workspace.slack.failures.set('views.open', { kind: 'error', error: 'expired_trigger_id' }, { times: 1 });
    await ben.command('random', NEW);
    await expect.poll(() => requestsToSlack(workspace, 'views.open').length).toBe(1);
    release();
    await ben.waitForMessage('random', 'The form didn’t open in time');
    expect(ben.view()).toBeUndefined();
  });

  test('sent with chat.postEphemeral or as a direct message when the response URL fails too', async () => {
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('views.open', { kind: 'status', status: 500 });
    workspace.slack.failures.set('response_url', { kind: 'status', status: 500 });
    await ada.command('ml-platform', NEW);
    expect((await ada.waitForMessage('ml-platform', 'The form didn’t open')).ephemeral).toBe(true);
    await ada.command('random', NEW);
    await ada.waitForMessage('Keysmith', 'The form didn’t open');
  });
});
