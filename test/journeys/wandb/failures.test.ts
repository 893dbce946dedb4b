import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WandbFailure } from '../../../src/sandbox/wandb/wandb-failures.ts';
import type { SlackPerson } from '../../driver/person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn, makeAccount, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace({ backend: 'wandb' });
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const page = () => `${workspace.wandb.baseUrl}/ml-platform/service-accounts`;
const onServer = () => workspace.wandb.team('ml-platform').serviceAccounts();

describe('Where the W&B server can not be read', () => {
  test('the form does not open, and the person is told', async () => {
    workspace.wandb.failures.set('*', { kind: 'status', status: 401 });
    await ada.command('random', '/wandb sa new nightly-eval');

    await ada.waitForMessage('random', 'does not accept the API key that Keysmith signs in with.');
  });

  test('the form becomes itself again with what was typed, and makes the account once the server is back', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await ada.fill('purpose', 'Evaluates');
    workspace.wandb.failures.set('*', { kind: 'status', status: 403 });
    await ada.submit();
    const again = await ada.waitForView('does not allow Keysmith to do that. Nothing was changed.');
    expect(visibleText(again)).toContain(page());
    expect(again.blocks.some(({ block_id }) => block_id === 'expires')).toBe(false);
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', purpose: 'Evaluates' });

    workspace.wandb.failures.clear();
    await ada.submit();
    await ada.waitForMessage('random', (message) => !!keyIn(message));
    expect(onServer().map(({ name }) => name)).toEqual(['nightly-eval']);
  });

  test('the search of teams answers without options instead of not at all', async () => {
    workspace.wandb.failures.set('*', { kind: 'status', status: 500 });
    const payload = { type: 'block_suggestion', action_id: 'team', block_id: 'team', value: 'ml' };

    expect(await workspace.slack.deliver({ payload }, { as: 'Ada' })).toMatchObject({
      status: 200,
      body: '{"options":[]}',
    });
  });
});

describe('Where the answer to the making is lost, and nobody can look', () => {
  test.each([
    ['a cut connection', { kind: 'reset', afterEffect: true }],
    ['an answer cut in the middle', { kind: 'truncated' }],
    ['HTML instead of JSON', { kind: 'login_page', afterEffect: true }],
  ] as [string, WandbFailure][])(
    '%s: the view says that it is not known yet, and a direct message how it ended',
    async (_what, failure) => {
      await openForm(ada, 'random', '/wandb sa new nightly-eval');
      const { failures, hold } = workspace.wandb;
      failures.set('createServiceAccount', failure, { times: 1 });
      const making = hold('createServiceAccount', { at: 'before' });
      const submitted = ada.submit();
      await making.reached;
      failures.set('*', { kind: 'reset' });
      making.release();
      await submitted;
      const view = await ada.waitForView('Nobody can say yet whether the account was made: ');

      expect(view.submit).toBeUndefined();
      expect(visibleText(view)).toContain(page());
      failures.clear();
      workspace.clock.advance(10 * 60_000);
      await workspace.keysmith.settle();
      await ada.waitForMessage('Keysmith', 'Its key was not sent: the W&B server was too late with it');
      // A key that nobody holds is not left alive.
      expect(onServer()).toEqual([]);
    },
  );
});

describe('Where the W&B server does not revoke', () => {
  test('403: the account is as it was, its key message stays, and the page is named', async () => {
    const message = await makeAccount(ada, 'random', 'nightly-eval');
    workspace.wandb.failures.set('deleteInvite', { kind: 'status', status: 403 });
    await ada.click(message, 'Revoke');
    const said = visibleText(await ada.waitForMessage('random', 'was not revoked: '));

    expect(said).toContain('It is as it was.');
    expect(said).toContain(page());
    expect(onServer().map(({ name }) => name)).toEqual(['nightly-eval']);
    expect(ada.messages('random').some((shown) => keyIn(shown) !== undefined)).toBe(true);
  });

  test('a cut connection: it is tried until it is done, and a direct message says so', async () => {
    const message = await makeAccount(ada, 'random', 'nightly-eval');
    workspace.wandb.failures.set('deleteInvite', { kind: 'reset' });
    await ada.click(message, 'Revoke');
    await ada.waitForMessage('random', /Nobody can say yet whether .* is cut off|was not revoked/);

    workspace.wandb.failures.clear();
    workspace.clock.advance(10 * 60_000);
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', 'is revoked now');
    expect(onServer()).toEqual([]);
  });
});
