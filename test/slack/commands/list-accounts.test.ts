import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { confirmEnd, endAccount, waitForRevokeForm } from '../../journeys/steps.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { acmeWith, BEN, CY } from '../acme-people.ts';
import { ask, markupOf } from '../ask.ts';

const DAY_MS = 24 * 3_600_000;
const seed = acmeWith([{ id: 'U0EVE00005', name: 'eve', email: 'eve@acme.test' }]);

let workspace: RunningWorkspace;

async function createFromForm(
  person: SlackPerson,
  name: string,
  fields: Record<string, string> = {},
): Promise<void> {
  await openForm(person, 'random', `/wandb sa new ${name}`);
  for (const [field, value] of Object.entries(fields)) await person.fill(field, value);
  expect(await person.submit()).toEqual({ ok: true });
}
/** Returns the names in a list, in the order shown. */
const names = (list: PageMessage) =>
  [...visibleText(list).matchAll(/^\*`([^`]+)`\*/gm)].map(([, name]) => name);
const idOf = (name: string) =>
  workspace.rows<{ id: string }>('select id from service_accounts where name = ?', name)[0]?.id ?? '';
describe('The list of accounts', () => {
  beforeAll(async () => {
    workspace = await startWorkspace({ seed });
    const [ada, eve] = [workspace.slack.as('Ada'), workspace.slack.as('Eve')];
    await createFromForm(ada, 'nightly-eval', {
      purpose: '*Evaluates* <!channel>\n:key: every `night`',
      used_by: '<https://evil.test|Airflow>',
      contact: 'ben',
    });
    await createFromForm(ada, 'a-sweep', { expires: '30' });
    await createFromForm(eve, 'paper-figures');
    await openForm(ada, 'random', '/wandb sa new ci-training');
    await ada.fill('method', 'federated');
    await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'subject'));
    await ada.fill('issuer', 'https://token.actions.githubusercontent.com');
    await ada.fill('subject', 'repo:acme/_train_');
    expect(await ada.submit()).toEqual({ ok: true });
  });
  afterAll(() => workspace.stop());

  test.each([
    ['Ada', ['a-sweep', 'ci-training', 'nightly-eval']],
    ['Eve', ['paper-figures']],
    ['Cy', ['a-sweep', 'ci-training', 'nightly-eval', 'paper-figures']],
  ])('shows %s the accounts of the teams they manage, and no others', async (person, shown) => {
    const list = await ask(workspace.slack.as(person), 'random', '/wandb sa list');

    expect(list.ephemeral).toBe(true);
    expect(names(list)).toEqual(shown);
    expect(list.text).toBe(shown.length === 1 ? 'One service account.' : `${shown.length} service accounts.`);
  });

  test('shows one team with --team', async () => {
    const cy = workspace.slack.as('Cy');

    expect(names(await ask(cy, 'random', '/wandb sa list --team research'))).toEqual(['paper-figures']);
    expect(names(await ask(cy, 'random', '/wandb sa list --team ml-platform'))).toHaveLength(3);
  });

  test('shows each account’s team, credential and contact, and nothing that people typed', async () => {
    const list = await ask(workspace.slack.as('Ada'), 'random', '/wandb sa list');
    const [key] = workspace.rows<{ key_id: string }>(
      'select key_id from api_keys where account_id = ?',
      idOf('nightly-eval'),
    );

    const text = visibleText(list);
    expect(text).toContain(`*\`nightly-eval\`* in \`ml-platform\`\nKey \`${key?.key_id}\` expires <!date^`);
    expect(text).toContain(` · never used · <@${BEN}>`);
    expect(text).toContain('*`ci-training`* in `ml-platform`\nFederated identity');
    expect(keyIn(list)).toBeUndefined();
    expect(JSON.stringify(list.blocks)).not.toContain('"emoji":true');
    for (const typed of ['*Evaluates*', 'Airflow', '_train_']) expect(markupOf(list)).not.toContain(typed);
  });

  test('has one menu per account and no button', async () => {
    const list = await ask(workspace.slack.as('Ada'), 'random', '/wandb sa list');

    const accessories = list.blocks.flatMap(({ accessory }) => (accessory === undefined ? [] : [accessory]));
    expect(accessories).toMatchObject(
      Array(3).fill({
        type: 'overflow',
        options: expect.arrayContaining([
          expect.objectContaining({ text: expect.objectContaining({ text: 'Revoke' }) }),
        ]),
      }),
    );
    expect(list.blocks.filter(({ type }) => type === 'actions')).toEqual([]);
  });

  test('shows a member the accounts of their own teams, without anything to click and without a refusal', async () => {
    const ben = workspace.slack.as('Ben');

    const all = await ask(ben, 'random', '/wandb sa list');
    const one = await ask(ben, 'random', '/wandb sa list --team ml-platform');

    for (const list of [all, one]) {
      expect(names(list)).toEqual(['a-sweep', 'ci-training', 'nightly-eval']);
      expect(visibleText(list)).toContain('Only admins of a team can change its accounts.');
      expect(JSON.stringify(list.blocks)).not.toMatch(/"(rotate|revoke):sa_/);
    }
    expect(visibleText(await ask(ben, 'random', '/wandb sa list --team research'))).toContain(
      'You don’t have a team named “research”.',
    );
    const refusals = (await workspace.audit()).filter(({ action }) => action.endsWith('list_refused'));
    expect(refusals).toMatchObject([{ details: { reason: 'team_unknown' } }]);
  });

  test('says which keys have expired', async () => {
    workspace.clock.advance(31 * DAY_MS);

    const text = visibleText(await ask(workspace.slack.as('Ada'), 'random', '/wandb sa list'));

    expect(text).toMatch(/\*`a-sweep`\* in `ml-platform`\n:warning: Unused\nKey `\w{12}` expired /);
    expect(text).toMatch(/\*`nightly-eval`\* in `ml-platform`\n:warning: Unused\nKey `\w{12}` expires /);
  });

  test('names no account in its fallback text, which notifications show', async () => {
    expect((await ask(workspace.slack.as('Ada'), 'random', '/wandb sa list')).text).toBe(
      '3 service accounts.',
    );
  });
});

describe('One list of accounts', () => {
  let ada: SlackPerson;
  beforeEach(async () => {
    workspace = await startWorkspace({ seed });
    ada = workspace.slack.as('Ada');
  });
  afterEach(() => workspace.stop());

  test('says how to create an account when there is none', async () => {
    const all = await ask(ada, 'random', '/wandb sa list');
    expect(visibleText(all)).toContain('Run `/wandb service-account new` to create one.');
    expect(all.text).toBe('0 service accounts.');

    const one = await ask(ada, 'random', '/wandb sa list --team ml-platform');
    expect(visibleText(one)).toContain('`ml-platform` has no service accounts yet.');
    expect(visibleText(one)).toContain('Run `/wandb service-account new --team ml-platform` to create one.');
  });

  test('shows many accounts in pages, forward and back', async () => {
    for (let index = 10; index < 35; index += 1)
      await createFromForm(ada, `sweep-${index}`, { purpose: 'x'.repeat(300) });
    const every = Array.from({ length: 25 }, (_, index) => `sweep-${10 + index}`);

    const first = await ask(ada, 'random', '/wandb sa list');
    expect(names(first)).toEqual(every.slice(0, 15));
    expect(visibleText(first)).toContain('25 service accounts');
    expect(visibleText(first)).not.toContain('Previous');

    await ada.click(first, 'Next');
    const second = await ada.waitForMessage('random', ({ blocks }) =>
      JSON.stringify(blocks).includes('*`sweep-34`*'),
    );
    expect(second.ts).toBe(first.ts);
    expect(names(second)).toEqual(every.slice(15));
    expect(visibleText(second)).not.toContain('Next');

    await ada.click(second, 'Previous');
    const back = await ada.waitForMessage(
      'random',
      (message) => message.ts === first.ts && names(message).includes('sweep-10'),
    );
    expect(names(back)).toEqual(every.slice(0, 15));
  });

  test('leads to the nearest page when the accounts of a page ended, and stays in its team', async () => {
    await createFromForm(workspace.slack.as('Cy'), 'paper-figures', { team: 'research' });
    const cy = workspace.slack.as('Cy');
    for (let index = 10; index < 26; index += 1)
      await createFromForm(cy, `sweep-${index}`, { team: 'ml-platform' });
    const first = await ask(cy, 'random', '/wandb sa list --team ml-platform');
    for (const name of ['sweep-10', 'sweep-25']) await endAccount(cy, 'random', `/wandb sa revoke ${name}`);

    await cy.click(first, 'Next');

    const back = await cy.waitForMessage(
      'random',
      (message) => message.ts === first.ts && !names(message).includes('sweep-10'),
    );
    expect(names(back)).toEqual(Array.from({ length: 14 }, (_, index) => `sweep-${11 + index}`));
  });

  test('stays within Slack’s limits when every account has a key to collect', async () => {
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'no_text' });
    for (let index = 10; index < 31; index += 1) {
      await createFromForm(ada, `sweep-${index}`, { purpose: 'Sweeps', used_by: 'Airflow' });
      await ada.waitForView(`\`sweep-${index}\` in \`ml-platform\` was created`);
    }
    workspace.slack.failures.clear();

    const list = await ask(ada, 'random', '/wandb sa list');

    const shown = names(list);
    expect(visibleText(list)).toContain('21 service accounts');
    expect(visibleText(list).match(/Collect key/g)).toHaveLength(shown.length);
    // No key was delivered, so none could have been used.
    expect(visibleText(list)).not.toContain('never used');
  });

  test('says in the form that an account was already revoked by someone else, and records it once', async () => {
    await createFromForm(ada, 'a-sweep');
    const list = await ask(ada, 'random', '/wandb sa list');
    await ada.click(list, 'Revoke');
    await waitForRevokeForm(ada);
    await endAccount(workspace.slack.as('Cy'), 'random', '/wandb sa revoke a-sweep');

    expect(await confirmEnd(ada, 'a-sweep')).toContain('`a-sweep` in `ml-platform` was already revoked.');
    await ada.click(list, 'Revoke');
    await ada.waitForMessage('random', '`a-sweep` in `ml-platform` was already revoked.');

    const revocations = (await workspace.audit()).filter(
      ({ action }) => action === 'service_account.revoked',
    );
    expect(revocations.map(({ actor }) => actor)).toEqual([
      { type: 'person', slackUserId: CY, email: 'cy@acme.test' },
    ]);
  });
});
