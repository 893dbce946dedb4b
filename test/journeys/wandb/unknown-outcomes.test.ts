import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { fillFederated, taggedName } from '../steps.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace({ backend: 'wandb' });
  ada = workspace.slack.as('Ada');
});
afterAll(() => workspace.stop());

const page = () => `<${workspace.wandb.baseUrl}/ml-platform/service-accounts>`;
const onServer = (name: string) =>
  workspace.wandb
    .team('ml-platform')
    .serviceAccounts()
    .filter((account) => taggedName(name).test(account.name));
const directMessages = (text: string) =>
  ada
    .messages('Keysmith')
    .map(visibleText)
    .filter((one) => one.includes(text));

/** Submits the open form; the response is lost, with or without the effect, and the team can't be read. */
async function loseTheResponse(
  operation: 'createServiceAccount' | 'createClient',
  { afterEffect }: { afterEffect: boolean },
): Promise<string> {
  const { failures, hold } = workspace.wandb;
  failures.set(operation, { kind: 'reset', afterEffect }, { times: 1 });
  const creation = hold(operation, { at: 'before' });
  const submitted = ada.submit();
  await creation.reached;
  failures.set('entity', { kind: 'status', status: 401 });
  creation.release();
  await submitted;
  const view = visibleText(await ada.waitForView(/has no key yet|We don’t know yet whether/));
  await ada.close();
  // The first try of the job fails, too.
  await workspace.keysmith.settle();
  failures.clear();
  return view;
}

async function settleAfter(minutes: number): Promise<void> {
  workspace.clock.advance(minutes * 60_000);
  await workspace.keysmith.settle();
}

describe('A federated account whose creation was unknown at first', () => {
  test.each([
    ['was created', true],
    ['was not created', false],
  ])(
    'is completed by its job when it %s, and announced once by direct message',
    async (what, afterEffect) => {
      const name = `ci-${what.replaceAll(' ', '-')}`;
      await openForm(ada, 'random', `/wandb sa new ${name}`);
      await fillFederated(ada, `repo:acme/${name}`);
      const view = await loseTheResponse('createClient', { afterEffect });
      expect(view).toContain(`We don’t know yet whether \`${name}\` in \`ml-platform\` was created: `);
      expect(view).toContain('Keysmith will message you with the result; don’t try again before that.');
      expect(view).toContain(page());
      expect(directMessages(name)).toEqual([]);
      const created = onServer(name).map(({ id }) => id);

      await settleAfter(10);
      await ada.waitForMessage('Keysmith', `Created \`${name}\` in \`ml-platform\`.`);
      expect(onServer(name)).toMatchObject([{ OAuthClients: [{ subject: `repo:acme/${name}` }] }]);
      if (afterEffect) expect(onServer(name).map(({ id }) => id)).toEqual(created);
      for (const hours of [1, 24]) await settleAfter(hours * 60);
      expect(directMessages(name)).toHaveLength(1);
      const list = visibleText(await ask(ada, 'random', '/wandb sa list'));
      expect(list).toContain(
        `*\`${name}\`* in \`ml-platform\`\nIn W&B: \`${onServer(name)[0]?.name}\`\nFederated identity`,
      );
    },
  );
});

describe('An account with a key whose creation was unknown at first', () => {
  test('is deleted when the server creates it hours later, and the collected one stays', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await loseTheResponse('createServiceAccount', { afterEffect: false });
    expect(onServer('nightly-eval')).toEqual([]);
    await ada.click(
      await ada.waitForMessage('Keysmith', 'Collect the key for `nightly-eval`'),
      'Collect key',
    );
    const key = keyIn(await ada.waitForMessage('Keysmith', (one) => !!keyIn(one)));
    await ada.waitForMessage('Keysmith', 'Collected the key');
    const [abandoned] = workspace.rows<{ name: string }>(
      "select name from server_accounts where abandoned_at_ms is not null and name like 'nightly-eval-%'",
    );
    await settleAfter(3 * 60);
    workspace.wandb.team('ml-platform').createServiceAccount(abandoned?.name ?? '');
    expect(onServer('nightly-eval')).toHaveLength(2);

    for (let hour = 0; hour < 24; hour += 1) await settleAfter(60);
    expect(onServer('nightly-eval')).toMatchObject([{ keys: [{ secret: key }] }]);
    expect(directMessages('nightly-eval')).toHaveLength(2);
  });

  test('stays unchanged if another account has its tag, and the person is notified once', async () => {
    await openForm(ada, 'random', '/wandb sa new weekly-eval');
    await loseTheResponse('createServiceAccount', { afterEffect: true });
    const [lost] = onServer('weekly-eval');
    workspace.wandb.team('ml-platform').createServiceAccount(lost?.name ?? '');
    const before = onServer('weekly-eval');
    expect(before).toHaveLength(2);

    for (let hour = 0; hour < 5; hour += 1) await settleAfter(60);
    const text = visibleText(await ada.waitForMessage('Keysmith', 'W&B shows several accounts named'));
    expect(text).toContain(`\`${lost?.name}\` in \`ml-platform\``);
    expect(text).toContain(page());
    expect(onServer('weekly-eval')).toEqual(before);
    expect(directMessages('several accounts')).toHaveLength(1);
    expect(await workspace.audit()).toContainEqual(
      expect.objectContaining({
        action: 'server_account.needs_admin',
        details: expect.objectContaining({ problem: 'duplicate_tag' }),
      }),
    );

    for (const { id } of before) workspace.wandb.team('ml-platform').removeMember(id);
    await settleAfter(61);
    const [offer] = ada
      .messages('Keysmith')
      .filter((one) => visibleText(one).includes('Collect the key for `weekly-eval`'));
    if (offer === undefined) throw new Error('No offer');
    await ada.click(offer, 'Collect key');
    await expect.poll(() => onServer('weekly-eval')).toHaveLength(1);
  });
});
