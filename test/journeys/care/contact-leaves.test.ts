import { afterEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { button, clickForged } from '../../security/forged-click.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import {
  BACKENDS,
  type BackendKind,
  type RunningWorkspace,
  startWorkspace,
} from '../../world/running-workspace.ts';
import { createFirst } from '../keys/rotating.ts';
import { endAccount } from '../steps.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const CARD = 'Take over* makes you the contact';

let workspace: RunningWorkspace;
let ada: SlackPerson;
let ben: SlackPerson;
afterEach(() => workspace.stop());

/** Starts with accounts of ml-platform whose contact is Ben. */
async function start(backend: BackendKind, names = ['nightly-eval']): Promise<void> {
  workspace = await startWorkspace({ backend });
  [ada, ben] = [workspace.slack.as('Ada'), workspace.slack.as('Ben')];
  for (const name of names) {
    await openForm(ada, 'random', `/wandb sa new ${name} --team ml-platform`);
    await ada.fill('contact', ben.id);
    await ada.submit();
    await ada.waitForMessage('random', (message) => visibleText(message).includes(name));
  }
}

async function pass(milliseconds: number) {
  workspace.clock.advance(milliseconds);
  await workspace.keysmith.settle();
  await workspace.keysmith.settle();
}

const cards = (person = ada) =>
  person.messages('Keysmith').filter((message) => visibleText(message).includes(CARD));
const unowned = () =>
  workspace.rows<{ name: string }>('select name from service_accounts where unowned_since_ms is not null');
const actions = async (action: string) =>
  (await workspace.audit()).filter((event) => event.action === action);

describe.each(BACKENDS)(
  'When the contact of accounts is deactivated in Slack, with the backend %s',
  (backend) => {
    test('the admins get one card, which says who took over, and shows what was edited or revoked', async () => {
      await start(backend, ['ingest', 'nightly-eval', 'spare-eval']);
      await pass(2 * DAY_MS);
      expect([unowned(), cards()]).toEqual([[], []]);
      workspace.slack.changePerson('Ben', { deactivated: true });
      await pass(DAY_MS + HOUR_MS);
      expect(unowned()).toHaveLength(3);
      expect(cards()).toHaveLength(1);
      const list = await ask(ada, 'random', '/wandb sa list --status unowned');
      expect(visibleText(list)).toMatch(
        /\*`ingest`\* in `ml-platform`\n(In W&B: .*\n)?:warning: Unowned.*\n[\s\S]*\*`nightly-eval`\* in `ml-platform`\n(In W&B: .*\n)?:warning: Unowned/,
      );
      await pass(3 * DAY_MS);
      expect(cards()).toHaveLength(1);

      const accounts = workspace.rows<{ id: string; name: string }>(
        'select id, name from service_accounts order by name',
      );
      const [ingest, nightly] = accounts;
      const dee = workspace.slack.as('Dee');
      await clickForged(workspace, [button('take_over_account', nightly?.id)], { as: dee.id });
      await clickForged(workspace, [button('take_over_account', 'sa_nothing')], { as: ada.id });
      expect(unowned()).toHaveLength(3);
      await clickForged(workspace, [button('take_over_account', nightly?.id)], { as: ada.id });
      await clickForged(workspace, [button('take_over_account', nightly?.id)], { as: ada.id });
      await expect.poll(unowned).toEqual([{ name: 'ingest' }, { name: 'spare-eval' }]);
      await workspace.keysmith.settle();
      const card = await ada.waitForMessage(
        'Keysmith',
        `<@${ada.id}> is the contact of \`nightly-eval\` now`,
      );
      expect(visibleText(card)).not.toContain('• `nightly-eval`');

      await endAccount(ada, 'random', '/wandb sa revoke spare-eval');
      await workspace.keysmith.settle();
      const left = await ada.waitForMessage('Keysmith', (one) => {
        const text = visibleText(one);
        return text.includes(CARD) && !text.includes('spare-eval');
      });
      await ada.click(left, 'Edit');
      await ada.waitForView((view) => view.submit === 'Save');
      await ada.fill('contact', workspace.slack.as('Cy').id);
      expect(await ada.submit()).toEqual({ ok: true });
      await ada.close();
      await workspace.keysmith.settle();
      const done = await ada.waitForMessage('Keysmith', 'has a contact again');
      expect(visibleText(done)).toContain(
        `<@${workspace.slack.as('Cy').id}> is the contact of \`ingest\` now`,
      );
      expect(workspace.rows(`select contact from service_accounts where id = '${ingest?.id}'`)).toEqual([
        { contact: workspace.slack.as('Cy').id },
      ]);
      expect(await actions('service_account.taken_over')).toHaveLength(1);
      const spare = accounts.find(({ name }) => name === 'spare-eval');
      for (const { id } of [ingest, spare].filter((one) => one !== undefined)) {
        await clickForged(workspace, [button('take_over_account', id)], { as: ada.id });
      }
      await pass(30 * DAY_MS);
      expect(cards()).toEqual([]);
    });

    test('the card is repeated after 14 days and then weekly, until the contact is back', async () => {
      await start(backend);
      workspace.slack.changePerson('Ben', { deactivated: true });
      await pass(DAY_MS + HOUR_MS);
      const counts: number[] = [];
      for (const days of [13, 2, 7, 7]) {
        await pass(days * DAY_MS);
        counts.push(cards().length);
      }
      expect(counts).toEqual([1, 2, 3, 4]);
      workspace.slack.changePerson('Ben', { deactivated: false });
      await pass(DAY_MS + HOUR_MS);
      expect([unowned(), cards()]).toEqual([[], []]);
      expect(await actions('service_account.owned_again')).toHaveLength(1);
      await pass(30 * DAY_MS);
      expect(cards()).toEqual([]);
      const posted = ada.messages('Keysmith').length;
      workspace.slack.changePerson('Ben', { deactivated: true });
      await pass(DAY_MS + HOUR_MS);
      expect(ada.messages('Keysmith')).toHaveLength(posted + 1);
      expect(cards()).toHaveLength(1);
      await pass(12 * DAY_MS);
      expect(cards()).toHaveLength(1);
    });
  },
);

describe('When the contact of an account leaves its team', () => {
  test('the account is unowned at the next check, and owned again once the contact is back', async () => {
    await start('builtin');
    const organization = (members: { email: string; username: string; role: 'admin' | 'member' }[]) => ({
      organization: {
        name: 'acme',
        admins: ['cy@acme.test'],
        issuers: [],
        teams: [{ name: 'ml-platform', subjects: [], projects: [], members }],
      },
    });
    const adaOnly = [{ email: 'ada@acme.test', username: 'ada', role: 'admin' as const }];
    await workspace.restartKeysmith(organization(adaOnly));
    await pass(DAY_MS + HOUR_MS);
    expect([unowned().length, cards().length]).toEqual([1, 1]);
    // An account that names the absent contact before the next check doesn't keep the others unowned.
    await openForm(ada, 'random', '/wandb sa new weekly-eval --team ml-platform');
    await ada.fill('contact', ben.id);
    await ada.submit();
    await ada.waitForMessage('random', (message) => visibleText(message).includes('weekly-eval'));
    const both = [...adaOnly, { email: 'ben@acme.test', username: 'ben', role: 'member' as const }];
    await workspace.restartKeysmith(organization(both));
    await pass(DAY_MS + HOUR_MS);
    expect([unowned(), cards()]).toEqual([[], []]);
  });

  test('on a W&B server, the account is unowned after a second look an hour later', async () => {
    await start('wandb');
    workspace.wandb.team('ml-platform').removeMember('ben@acme.test');
    await pass(DAY_MS + 1_000);
    expect(unowned()).toEqual([]);
    await pass(HOUR_MS + 1_000);
    expect([unowned().length, cards().length]).toEqual([1, 1]);
  });
});

test('A failing call to Slack never marks anyone as gone, and doesn’t hold up the other contacts', async () => {
  await start('builtin');
  workspace.slack.failures.set('users.info', { kind: 'error', error: 'internal_error' });
  workspace.slack.changePerson('Ben', { deactivated: true });
  await pass(DAY_MS + HOUR_MS);
  expect(unowned()).toEqual([]);
  workspace.slack.failures.clear();
  for (let hour = 0; hour < 3; hour += 1) await pass(HOUR_MS);
  expect(unowned()).toHaveLength(1);
});

test('A card that Slack refuses is sent again to all who can take over, and nobody gets it twice: organization admins for an account for all teams', async () => {
  workspace = await startWorkspace();
  [ada, ben] = [workspace.slack.as('Ada'), workspace.slack.as('Ben')];
  const cy = workspace.slack.as('Cy');
  await createFirst(workspace, ada, 'nightly-eval', ben);
  await openForm(cy, 'random', '/wandb sa new every-team --team ml-platform');
  await cy.fill('scope', 'organization');
  await cy.fill('contact', ben.id);
  await cy.submit();
  await cy.waitForMessage('random', (message) => visibleText(message).includes('every-team'));
  workspace.slack.changePerson('Ben', { deactivated: true });
  workspace.slack.failures.set('chat.postMessage', { kind: 'status', status: 500 });
  await pass(DAY_MS + HOUR_MS);
  expect([unowned().length, cards(), cards(cy)]).toEqual([2, [], []]);
  await workspace.restartKeysmith();
  await pass(10 * 60_000);
  expect([cards(), cards(cy)]).toEqual([[], []]);
  workspace.slack.failures.clear();
  await pass(HOUR_MS);
  await pass(HOUR_MS);

  expect([cards().length, cards(cy).length]).toEqual([1, 1]);
});
