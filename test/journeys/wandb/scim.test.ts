import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wandbPresets } from '../../../src/sandbox/wandb/wandb-presets.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount, taggedName } from '../steps.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace({
    backend: 'wandb',
    wandb: { caller: 'organization_service_account', capabilities: wandbPresets['0.84'] },
  });
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const onServer = () =>
  workspace.wandb
    .team('ml-platform')
    .serviceAccounts()
    .filter(({ name }) => name !== 'Keysmith');
/** Returns what changed accounts on the server, in order. */
const changes = () => [
  ...workspace.wandb.routeRequests
    .filter(({ method }) => method !== 'GET')
    .map(
      ({ method, path }) => `${method} ${path.replace(/[^/]*$/, (last) => (last === 'Users' ? last : 'ID'))}`,
    ),
  ...workspace.wandb.requests.flatMap(({ operations }) =>
    operations.filter((one) => /^(create|delete|revoke)/.test(one)),
  ),
];

async function openFormWithoutKey(name: string): Promise<void> {
  await openForm(ada, 'random', `/wandb sa new ${name} --team ml-platform`);
  await ada.fill('method', 'api_key_on_server');
  await ada.waitForView('A team admin then creates its key in W&B');
}

async function createWithoutKey(name: string): Promise<void> {
  await openFormWithoutKey(name);
  await ada.submit();
  await ada.waitForView('without a key');
  await ada.close();
}

describe('On a W&B server with SCIM,', () => {
  test('an account without a key is created and deleted by SCIM alone', async () => {
    await openFormWithoutKey('nightly-eval');
    expect(await ada.submit()).toEqual({ ok: true });
    const steps = visibleText(await ada.waitForView('without a key'));
    expect(onServer()).toMatchObject([{ name: expect.stringMatching(taggedName('nightly-eval')) }]);
    expect(steps).toContain(`In W&B its name is \`${onServer()[0]?.name}\`.`);
    await ada.close();

    expect(await endAccount(ada, 'random', '/wandb sa revoke nightly-eval')).toContain(
      'Deleted `nightly-eval` in `ml-platform` from W&B.',
    );
    expect(onServer()).toEqual([]);
    expect(changes()).toEqual(['POST /scim/Users', 'DELETE /scim/Users/ID']);
  });

  test('an account that was renamed in W&B is never reported as deleted, and an admin is asked', async () => {
    await createWithoutKey('nightly-eval');
    const { state } = workspace.wandb;
    const user = state.users.find(({ id }) => id === onServer()[0]?.id);
    Object.assign(user ?? {}, { name: 'renamed', username: 'renamed' });

    const pending = await endAccount(ada, 'random', '/wandb sa revoke nightly-eval');
    expect(pending).toContain('`nightly-eval` in `ml-platform` isn’t deleted');
    expect(pending).toContain('Check in W&B whether accounts were renamed or added.');
    await ada.waitForMessage('Keysmith', 'was renamed');
    expect(onServer()).toMatchObject([{ name: 'renamed' }]);
  });

  test('an account that someone deleted in W&B is listed as missing', async () => {
    await createWithoutKey('nightly-eval');
    workspace.wandb.team('ml-platform').removeMember(onServer()[0]?.id ?? '');
    workspace.clock.advance(2 * 60_000);

    const list = await ask(ada, 'random', '/wandb sa list');
    expect(visibleText(list)).toContain('No longer in W&B: someone deleted it there.');
  });

  test('an account whose creation and deletion by SCIM have no response is completed and reported once', async () => {
    await openFormWithoutKey('nightly-eval');
    workspace.wandb.failures.set('scim_create_user', { kind: 'reset', afterEffect: true }, { times: 1 });
    const creation = workspace.wandb.hold('scim_create_user', { at: 'before' });
    const submitted = ada.submit();
    await creation.reached;
    workspace.wandb.failures.set('entity', { kind: 'status', status: 500 });
    creation.release();
    await submitted;
    await ada.waitForView('We don’t know yet whether `nightly-eval` in `ml-platform` was created: ');
    await workspace.keysmith.settle();
    workspace.wandb.failures.clear();
    workspace.clock.advance(10 * 60_000);
    await workspace.keysmith.settle();
    const message = visibleText(await ada.waitForMessage('Keysmith', 'without a key'));
    expect(onServer()).toHaveLength(1);
    expect(message).toContain(`create an API key for \`${onServer()[0]?.name}\``);
    workspace.clock.advance(25 * 60 * 60_000);
    await workspace.keysmith.settle();
    expect(onServer()).toHaveLength(1);
    expect(ada.messages('Keysmith')).toHaveLength(1);

    workspace.wandb.failures.set('scim_delete_user', { kind: 'reset', afterEffect: true }, { times: 1 });
    expect(await endAccount(ada, 'random', '/wandb sa revoke nightly-eval')).toContain(
      'Deleted `nightly-eval` in `ml-platform` from W&B.',
    );
    expect(onServer()).toEqual([]);
  });

  test('a person deactivated in W&B is refused at each step, although the team still lists them', async () => {
    await openFormWithoutKey('nightly-eval');
    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForView('without a key');
    await ada.close();
    await openFormWithoutKey('weekly-eval');
    workspace.wandb.setActive('ada', false);
    expect(workspace.wandb.team('ml-platform').members()).toContainEqual(
      expect.objectContaining({ username: 'ada', role: 'admin' }),
    );
    await ada.submit();
    await ada.waitForView('You don’t have a team with that name. Nothing was changed.');
    await ada.close();
    // Lists may be a minute old.
    workspace.clock.advance(61_000);
    for (const command of ['new', 'list', 'revoke nightly-eval']) {
      const text = visibleText(await ask(ada, 'random', `/wandb sa ${command}`));
      expect(text).not.toContain('ml-platform');
    }
    expect(onServer()).toHaveLength(1);
  });
});
