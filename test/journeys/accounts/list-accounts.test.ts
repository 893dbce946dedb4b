import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeWith } from '../../slack/acme-people.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod, ending, taggedName } from '../steps.ts';

const seed = acmeWith([{ id: 'U0EVE00005', name: 'eve', email: 'eve@acme.test' }]);

/** Returns the names in a list, in order. */
const names = (list: PageMessage) =>
  [...visibleText(list).matchAll(/^\*`([^`]+)`\*/gm)].map(([, name]) => name);

async function createAccount(
  person: SlackPerson,
  name: string,
  fields: Record<string, string> = {},
): Promise<void> {
  await openForm(person, 'random', `/wandb sa new ${name}`);
  if (fields.subject !== undefined) await chooseMethod(person, 'federated');
  for (const [field, value] of Object.entries(fields)) await person.fill(field, value);
  expect(await person.submit()).toEqual({ ok: true });
}

describe.each(BACKENDS)('The list with the %s backend', (backend) => {
  let workspace: RunningWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace({ backend, seed });
    const [ada, eve] = [workspace.slack.as('Ada'), workspace.slack.as('Eve')];
    await createAccount(ada, 'nightly-eval', { purpose: '*Evaluates*' });
    await createAccount(ada, 'ci-training', {
      issuer: 'https://token.actions.githubusercontent.com',
      subject: 'repo:acme/train',
    });
    await createAccount(eve, 'paper-figures');
  });
  afterAll(() => workspace.stop());

  test.each([
    ['Ada', ['ci-training', 'nightly-eval']],
    ['Eve', ['paper-figures']],
    ['Cy', ['ci-training', 'nightly-eval', 'paper-figures']],
  ])('shows %s exactly the accounts of the teams they administer', async (name, expected) => {
    const list = await ask(workspace.slack.as(name), 'random', '/wandb sa list');

    expect(names(list)).toEqual(expected);
    expect(visibleText(list)).not.toContain('Created outside Keysmith');
  });

  test('shows one team with --team', async () => {
    expect(names(await ask(workspace.slack.as('Cy'), 'random', '/wandb sa list --team research'))).toEqual([
      'paper-figures',
    ]);
  });

  /** Returns the name on the W&B server. */
  const serverNameOf = (account: string) =>
    workspace.wandb
      .team('ml-platform')
      .serviceAccounts()
      .find(({ name }) => taggedName(account).test(name))?.name;

  test('shows the team, the credential and the identity of each account', async () => {
    const text = visibleText(await ask(workspace.slack.as('Ada'), 'random', '/wandb sa list'));
    const [key] = workspace.rows<{ key_id: string }>(
      "select k.key_id from api_keys k join service_accounts a on a.id = k.account_id where a.name = 'nightly-eval'",
    );

    const inWandb = (account: string) =>
      backend === 'wandb' ? `In W&B: \`${serverNameOf(account)}\`\n` : '';
    expect(text).toContain(
      `*\`nightly-eval\`* in \`ml-platform\`\n${inWandb('nightly-eval')}Key \`${key?.key_id}\``,
    );
    expect(text).toContain(
      `*\`ci-training\`* in \`ml-platform\`\n${inWandb('ci-training')}Federated identity`,
    );
    expect(text).toContain('https://token.actions.githubusercontent.com · repo:acme/train');
    expect(text.includes(' expires ')).toBe(backend === 'builtin');
    // With a W&B server, Keysmith doesn't see the use of a credential.
    expect(text.match(/ · never used$/gm) ?? []).toHaveLength(backend === 'builtin' ? 2 : 0);
  });

  test('shows a member the accounts of their own teams without actions', async () => {
    const list = await ask(workspace.slack.as('Ben'), 'random', '/wandb sa list');

    expect(names(list)).toEqual(['ci-training', 'nightly-eval']);
    expect(JSON.stringify(list.blocks)).not.toContain('action_id');
  });

  test('removes an account that ends in it and stays in place', async () => {
    const eve = workspace.slack.as('Eve');
    const list = await ask(eve, 'random', '/wandb sa list');

    const { button, ended } = ending(backend);
    await eve.click(list, button);
    const after = await eve.waitForMessage('random', ended('paper-figures', 'research'));

    expect(after.ts).toBe(list.ts);
    expect(names(after)).toEqual([]);
  });
});
