import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { requestsToSlack } from '../delivery/key-delivery.ts';

describe('Authorization of a command', () => {
  let workspace: RunningWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  /** Counts how often Keysmith reads a Slack profile while the work runs. */
  async function profileReads(work: () => Promise<unknown>): Promise<number> {
    const before = requestsToSlack(workspace, 'users.info').length;
    await work();
    return requestsToSlack(workspace, 'users.info').length - before;
  }

  /** Waits for a message or a form. */
  async function answered(person: SlackPerson, line: string) {
    const before = person.messages('random').length;
    await person.command('random', line);
    await person.waitFor(line, () => person.messages('random')[before] ?? person.view());
    while (person.view()) await person.close();
  }

  test.each([
    ['lists one team', '/wandb sa list --team ml-platform'],
    ['lists every team', '/wandb sa list'],
    ['looks for an account to revoke', '/wandb sa revoke nightly-eval --team ml-platform'],
  ])('reads the Slack profile once when it %s, for an admin and for a member', async (_, line) => {
    const [ada, ben] = [workspace.slack.as('Ada'), workspace.slack.as('Ben')];
    expect(await profileReads(() => answered(ada, line))).toBe(1);
    expect(await profileReads(() => ask(ben, 'random', line))).toBe(1);
  });

  test('reads the Slack profile again for a person who was deactivated before the clock was set back', async () => {
    const ada = workspace.slack.as('Ada');
    await openForm(ada, 'random', '/wandb sa new --team ml-platform');
    await ada.fill('name', 'nightly-late');
    workspace.slack.changePerson('Ada', { deactivated: true });
    workspace.clock.step(-24 * 60 * 60_000);

    await ada.submit();
    await ada.waitForView('deactivated');
    workspace.clock.step(24 * 60 * 60_000);
    workspace.slack.changePerson('Ada', { deactivated: false });
    expect(workspace.rows('select * from service_accounts')).toEqual([]);
  });

  test('reads the Slack profile once to open the form and once more when it is submitted', async () => {
    const ada = workspace.slack.as('Ada');
    const line = '/wandb sa new --team ml-platform';
    expect(await profileReads(() => openForm(ada, 'random', line))).toBe(1);
    expect(await profileReads(() => createAccount(ada, 'random', 'nightly-eval'))).toBe(2);
  });
});
