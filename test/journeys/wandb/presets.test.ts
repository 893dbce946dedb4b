import { expect, onTestFinished, test } from 'vitest';
import { type WandbVersion, wandbPresets } from '../../../src/sandbox/wandb/wandb-presets.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { sample } from '../../long-form.ts';
import { ask } from '../../slack/ask.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { startWorkspace } from '../../world/running-workspace.ts';
import { endAccount, fillFederated, taggedName } from '../steps.ts';

/** By default four of them, the oldest and the newest included. */
const VERSIONS = sample(Object.keys(wandbPresets) as WandbVersion[], { every: 3, from: 0 });

/** A workspace whose server is of this version, used with the key that the documentation recommends. */
async function startWith(version: WandbVersion) {
  const workspace = await startWorkspace({
    backend: 'wandb',
    wandb: { caller: 'organization_service_account', capabilities: wandbPresets[version] },
  });
  onTestFinished(() => workspace.stop());
  const { wandb, slack } = workspace;
  // Keysmith responds to the form at the end here, which takes long on a busy machine.
  slack.acknowledgeWithin(60_000);
  const ada = slack.as('Ada');
  const accounts = () => wandb.team('ml-platform').serviceAccounts();
  return {
    ...workspace,
    ada,
    accounts,
    /** The accounts on the server that Slack shows under this name. */
    named: (name: string) => accounts().filter((account) => taggedName(name).test(account.name)),
    list: async () => visibleText(await ask(ada, 'random', '/wandb sa list --team ml-platform')),
    async fillForm(name: string) {
      await openForm(ada, 'random', `/wandb sa new ${name} --team ml-platform`);
    },
    async deleteAccount(name: string) {
      expect(await endAccount(ada, 'random', `/wandb sa revoke ${name} --team ml-platform`)).toContain(
        `Deleted \`${name}\` in \`ml-platform\` from W&B.`,
      );
    },
  };
}

test.each(VERSIONS)(
  'W&B %s: people create, list, adopt and delete every kind of account that it offers',
  async (version) => {
    const world = await startWith(version);
    const { wandb, keysmith, ada, accounts, named, list, fillForm, deleteAccount } = world;
    const loseResponse = (operation: string) =>
      wandb.failures.set(operation, { kind: 'reset', afterEffect: true }, { times: 1 });

    await fillForm('nightly-eval');
    loseResponse(version < '0.81' ? 'createServiceAccount' : 'scim_create_user');
    if (version < '0.77') {
      expect(await ada.submit()).toEqual({ ok: true });
      const key = keyIn(await ada.waitForMessage('random', (message) => !!keyIn(message)));
      expect(named('nightly-eval')).toMatchObject([{ keys: [{ secret: key }] }]);
      await collectAfterFailedDelivery(world, 'weekly-eval');
      await deleteAccount('weekly-eval');
    } else {
      await ada.waitForView('this W&B server doesn’t return new API keys');
      await ada.fill('method', 'api_key_on_server');
      await ada.waitForView('A team admin then creates its key in W&B');
      expect(await ada.submit()).toEqual({ ok: true });
      await ada.waitForView('Created `nightly-eval` in `ml-platform`, without a key');
      const there = named('nightly-eval').map(({ name }) => name);
      await ada.waitForMessage('Keysmith', `create an API key for \`${there.join()}\``);
    }

    await fillForm('ci-training');
    await fillFederated(ada);
    loseResponse('createClient');
    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('random', 'Federated account `ci-training`');
    expect(named('ci-training')).toMatchObject([{ OAuthClients: [{ subject: 'repo:acme/eval' }] }]);
    expect(wandb.failures.list()).toEqual([]);

    const listed = await list();
    for (const name of ['nightly-eval', 'ci-training']) {
      expect(named(name)).toHaveLength(1);
      expect(listed).toContain(`*\`${name}\`* in \`ml-platform\`\nIn W&B: \`${named(name)[0]?.name}\``);
    }
    expect(listed).not.toMatch(/Created outside Keysmith|No longer in W&B/);

    await adopt(world, 'Ingest Images');
    for (const name of ['nightly-eval', 'ci-training', 'ingest-images']) await deleteAccount(name);
    await keysmith.settle();
    expect(accounts().map(({ name }) => name)).toEqual(['Keysmith']);
    expect(await list()).toContain('has no service accounts yet');
  },
);

async function collectAfterFailedDelivery(
  { slack, ada, named, fillForm }: Awaited<ReturnType<typeof startWith>>,
  name: string,
): Promise<void> {
  await fillForm(name);
  slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
  await ada.submit();
  await ada.click(await ada.waitForMessage('Keysmith', `Collect the key for \`${name}\``), 'Collect key');
  const key = keyIn(await ada.waitForMessage('Keysmith', (message) => !!keyIn(message)));
  await ada.waitForMessage('Keysmith', 'Collected the key');
  await expect.poll(() => named(name)).toMatchObject([{ keys: [{ secret: key }] }]);
}

async function adopt(
  { wandb, clock, ada }: Awaited<ReturnType<typeof startWith>>,
  name: string,
): Promise<void> {
  wandb.team('ml-platform').createServiceAccount(name);
  clock.advance(2 * 60_000);
  await ada.click(await ask(ada, 'random', '/wandb sa list --team ml-platform'), `Adopt ${name}`);
  await ada.waitForView(`Keysmith will manage \`${name}\``);
  await ada.fill('purpose', 'Reads new images');
  expect(await ada.submit()).toEqual({ ok: true });
  await ada.waitForView('Adopted `ingest-images` in `ml-platform`');
}
