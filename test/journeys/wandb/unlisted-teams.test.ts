import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { cardOf, requestKey } from '../requests/request-world.ts';
import { chooseMethod, endAccount, taggedName } from '../steps.ts';

let workspace: RunningWorkspace;
/** The owner of Keysmith's key is in no team and may not look people up, so the server lists no teams. */
beforeEach(async () => {
  workspace = await startWorkspace({
    backend: 'wandb',
    wandb: { caller: 'organization_admin', capabilities: { allowsUsersQuery: false } },
  });
});
afterEach(() => workspace.stop());

const onServer = (team: string) =>
  workspace.wandb
    .team(team)
    .serviceAccounts()
    .map(({ name }) => name);

async function createNightly(): Promise<void> {
  const ada = workspace.slack.as('Ada');
  await openForm(ada, 'random', '/wandb sa new nightly-eval --team ml-platform');
  expect(ada.values()).toMatchObject({ team: 'ml-platform' });
  await ada.submit();
  await ada.waitForMessage('random', (message) => !!keyIn(message));
}

describe('On a server that lists no teams,', () => {
  test('a team admin creates, lists and deletes the accounts of a team by its name', async () => {
    const ada = workspace.slack.as('Ada');
    await createNightly();
    expect(onServer('ml-platform')).toEqual([expect.stringMatching(taggedName('nightly-eval'))]);

    expect(visibleText(await ask(ada, 'random', '/wandb sa list --team ml-platform'))).toContain(
      'nightly-eval',
    );
    expect(await endAccount(ada, 'random', '/wandb sa revoke nightly-eval --team ml-platform')).toContain(
      'Deleted `nightly-eval` in `ml-platform` from W&B.',
    );
    expect(onServer('ml-platform')).toEqual([]);
  });

  test('a team admin keeps the form when they choose another authentication method', async () => {
    const ada = workspace.slack.as('Ada');
    await openForm(ada, 'random', '/wandb sa new nightly-eval --team ml-platform');
    await chooseMethod(ada, 'federated');
    await chooseMethod(ada, 'api_key');

    expect(ada.values()).toMatchObject({ team: 'ml-platform', name: 'nightly-eval' });
    await ada.submit();
    await ada.waitForMessage('random', (message) => !!keyIn(message));
  });

  test('a team admin who names no team reads how to name one', async () => {
    const text = visibleText(await ask(workspace.slack.as('Ada'), 'random', '/wandb sa new'));
    expect(text).toContain('If you’re already in one, name it with `--team NAME`');
  });

  test('the role is read at the moment of the change, so a person who was an admin a moment before is refused', async () => {
    const ada = workspace.slack.as('Ada');
    await createNightly();
    workspace.wandb.team('ml-platform').setAdmin('ada@acme.test', false);

    const text = visibleText(await ask(ada, 'random', '/wandb sa revoke nightly-eval --team ml-platform'));
    expect(text).not.toContain('Delete `nightly-eval`');
    expect(onServer('ml-platform')).toEqual([expect.stringMatching(taggedName('nightly-eval'))]);
  });

  test('a member requests an account of a team by its name, and an admin of the team approves it', async () => {
    const [ada, ben] = [workspace.slack.as('Ada'), workspace.slack.as('Ben')];
    await requestKey(ben, 'eval-two');
    const card = await cardOf(ada, 'eval-two');
    expect(onServer('ml-platform')).toEqual([]);

    await ada.click(card, 'Approve');
    const offer = await ben.waitForMessage('Keysmith', 'approved your request');
    await ben.click(offer, 'Collect key');
    await ben.waitForMessage('Keysmith', (message) => keyIn(message) !== undefined);
    expect(onServer('ml-platform')).toEqual([expect.stringMatching(taggedName('eval-two'))]);
  });

  test('a member who revokes an account sees whom to ask, and lists the accounts without actions', async () => {
    await createNightly();
    const ben = workspace.slack.as('Ben');

    const refused = await ask(ben, 'random', '/wandb sa revoke nightly-eval --team ml-platform');
    expect(visibleText(refused)).toContain('<@U0ADA00001>');
    expect(onServer('ml-platform')).toEqual([expect.stringMatching(taggedName('nightly-eval'))]);
    const list = visibleText(await ask(ben, 'random', '/wandb sa list --team ml-platform'));
    expect(list).toContain('nightly-eval');
    expect(list).not.toContain('Delete');
  });

  test('a team looks nonexistent to a person who isn’t in it', async () => {
    const dee = workspace.slack.as('Dee');
    for (const command of ['new eval-two', 'list', 'revoke nightly-eval']) {
      const texts: string[] = [];
      for (const team of ['ml-platform', 'no-such-team']) {
        const text = visibleText(await ask(dee, 'random', `/wandb sa ${command} --team ${team}`));
        texts.push(text.replaceAll(team, 'TEAM').replace(/ks_\w+/g, 'ks_'));
      }
      expect(texts[0]).toBe(texts[1]);
    }
  });
});
