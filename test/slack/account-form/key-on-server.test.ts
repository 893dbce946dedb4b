import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { endAccount } from '../../journeys/steps.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ask } from '../ask.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace({
    backend: 'wandb',
    wandb: { capabilities: { showsServiceAccountKeys: false } },
  });
  ada = workspace.slack.as('Ada');
});
afterAll(() => workspace.stop());

const page = () => `<${workspace.wandb.baseUrl}/ml-platform/service-accounts>`;
const nameOnServer = (name: string) =>
  workspace.wandb
    .team('ml-platform')
    .serviceAccounts()
    .map((account) => account.name ?? '')
    .find((one) => one.startsWith(`${name}-ks`));

/** The steps of the view, and those of the direct message. */
async function expectSteps(name: string) {
  const view = visibleText(await ada.waitForView(`Created \`${name}\` in \`ml-platform\`, without a key`));
  const there = nameOnServer(name);
  expect(there).toMatch(/-ks[a-z2-7]{13}$/);
  expect(view).toContain(`In W&B its name is \`${there}\`.`);
  expect(view).toContain(`1. Open ${page()}\n2. As a team admin, create an API key for \`${there}\`.`);
  expect(view).toContain('These steps are also in a direct message from Keysmith.');
  await ada.close();
  await workspace.keysmith.settle();
  const message = visibleText(await ada.waitForMessage('Keysmith', `create an API key for \`${there}\``));
  expect(message).toContain(page());
}

describe('On a W&B server that doesn’t return new keys', () => {
  test('the first account is created without one, with the steps to create its key', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await ada.submit();
    await expectSteps('nightly-eval');
  });

  test('the next form says so before anything is created, and offers an account without a key', async () => {
    await openForm(ada, 'random', '/wandb sa new weekly-eval');
    const form = ada.view();
    expect(ada.values()).toMatchObject({ method: 'federated' });
    expect(form && visibleText(form)).not.toContain('Generate API key (Built-in)');
    expect(form && visibleText(form)).toContain('*Generate API key* isn’t available');
    expect(form && visibleText(form)).toContain('see docs/wandb.md');

    await ada.fill('method', 'api_key_on_server');
    await ada.waitForView('A team admin then creates its key in W&B');
    await ada.submit();
    await expectSteps('weekly-eval');
  });

  test('the list says where its keys are, and revoke deletes the account from W&B', async () => {
    expect(visibleText(await ask(ada, 'random', '/wandb sa list'))).toContain(
      `*\`nightly-eval\`* in \`ml-platform\`\nIn W&B: \`${nameOnServer('nightly-eval')}\`\nIts keys are managed in W&B`,
    );
    const outcome = await endAccount(ada, 'random', '/wandb sa revoke nightly-eval');
    expect(outcome).toContain('Deleted `nightly-eval` in `ml-platform` from W&B.');
    expect(outcome).toContain(`delete them in W&B (${page()})`);
    expect(nameOnServer('nightly-eval')).toBeUndefined();
  });

  test('the usage says deleted, never revoked', async () => {
    const help = visibleText(await ask(ada, 'random', '/wandb help'));
    expect(help).toContain('revoke NAME [--team T]`: delete an account from W&B');
    expect(help).toContain('see your teams’ accounts');
  });

  test('Collect key creates the account without a key, and its message becomes the steps', async () => {
    workspace.wandb.switch('showsServiceAccountKeys', true);
    workspace.clock.advance(25 * 60 * 60_000);
    workspace.slack.failures.set('response_url', { kind: 'reset' }, { times: 1 });
    await openForm(ada, 'random', '/wandb sa new monthly-eval');
    await ada.submit();
    const offer = await ada.waitForMessage('Keysmith', 'Collect the key for `monthly-eval`');
    expect(visibleText(offer)).toContain('Keysmith is deleting the W&B account it belongs to.');
    workspace.wandb.switch('showsServiceAccountKeys', false);
    await ada.click(offer, 'Collect key');

    const steps = await ada.waitForMessage(
      'Keysmith',
      'Created `monthly-eval` in `ml-platform`, without a key',
    );
    expect(steps.ts).toBe(offer.ts);
    expect(visibleText(steps)).toContain(`create an API key for \`${nameOnServer('monthly-eval')}\``);
    expect(visibleText(steps)).not.toContain('Collect key');
  });
});
