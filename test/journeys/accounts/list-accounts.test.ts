import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeWith } from '../../slack/acme-people.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod, confirmEnd, ending, waitForRevokeForm } from '../steps.ts';

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

  test('shows the team, the credential and the contact of each account', async () => {
    const text = visibleText(await ask(workspace.slack.as('Ada'), 'random', '/wandb sa list'));
    const [key] = workspace.rows<{ key_id: string }>(
      "select k.key_id from api_keys k join service_accounts a on a.id = k.account_id where a.name = 'nightly-eval'",
    );

    expect(text).toMatch(
      new RegExp(`\\*\`nightly-eval\`\\* in \`ml-platform\`\\n(In W&B: .*\\n)?Key \`${key?.key_id}\``),
    );
    expect(text).toMatch(/\*`ci-training`\* in `ml-platform`\n(In W&B: .*\n)?Federated identity/);
    expect(text.includes('In W&B: `nightly-eval-ks')).toBe(backend === 'wandb');
    expect(text).toContain(' · <@U0ADA00001>');
    expect(text.includes(' expires ')).toBe(backend === 'builtin');
    // With a W&B server, Keysmith doesn't see the use of a credential.
    expect(text.match(/ · never used · /g) ?? []).toHaveLength(backend === 'builtin' ? 2 : 0);
  });

  test('shows the accounts whose names contain a text', async () => {
    const cy = workspace.slack.as('Cy');
    expect(names(await ask(cy, 'random', '/wandb sa list --name IN'))).toEqual(['ci-training']);
    expect(names(await ask(cy, 'random', '/wandb sa list --name i --team research'))).toEqual([
      'paper-figures',
    ]);
    const none = visibleText(await ask(cy, 'random', '/wandb sa list --name %'));
    expect(none).toContain('Your teams have no service accounts with `“%”` in the name.');
  });

  test('shows a member the accounts of their own teams without actions', async () => {
    const list = await ask(workspace.slack.as('Ben'), 'random', '/wandb sa list');

    expect(names(list)).toEqual(['ci-training', 'nightly-eval']);
    expect(JSON.stringify(list.blocks)).not.toMatch(/"(rotate|revoke):sa_/);
  });

  test('ends an account from its menu, which leaves the list in place, and the list with its status then shows it', async () => {
    const eve = workspace.slack.as('Eve');
    const list = await ask(eve, 'random', '/wandb sa list');

    const { button, ended } = ending(backend);
    const { confirm } = await eve.click(list, button);
    expect(confirm).toBeUndefined();
    await waitForRevokeForm(eve);
    expect(await confirmEnd(eve, 'paper-figures')).toContain(ended('paper-figures', 'research'));

    await eve.waitForMessage(
      'random',
      (one) => one.ts === list.ts && visibleText(one).includes('have no service accounts yet'),
    );
    expect(names(await ask(eve, 'random', '/wandb sa list'))).toEqual([]);
    const revoked = await ask(eve, 'random', '/wandb sa list --status revoked');
    expect(names(revoked)).toEqual(['paper-figures']);
    expect(names(await ask(workspace.slack.as('Ada'), 'random', '/wandb sa list --status revoked'))).toEqual(
      [],
    );
  });

  test('shows the accounts of a status, or says why nobody knows them', async () => {
    const ada = workspace.slack.as('Ada');
    const withStatus = async (status: string) => ask(ada, 'random', `/wandb sa list --status ${status}`);
    expect(names(await withStatus('active'))).toEqual(['ci-training', 'nightly-eval']);
    expect(visibleText(await withStatus('unowned'))).toContain(
      'Your teams have no unowned service accounts.',
    );
    const onBuiltin = backend === 'builtin';
    expect(visibleText(await withStatus('unused'))).toContain(
      onBuiltin ? 'no unused service accounts.' : 'it doesn’t see when their credentials are used',
    );
    workspace.clock.advance(80 * 24 * 3_600_000);
    expect(visibleText(await withStatus('expiring'))).toContain(
      onBuiltin
        ? '*`nightly-eval`* in `ml-platform`\n:warning: Expires soon · :warning: Unused'
        : 'don’t expire',
    );
    if (onBuiltin) expect(names(await withStatus('unused'))).toEqual(['nightly-eval', 'ci-training']);
  });
});
