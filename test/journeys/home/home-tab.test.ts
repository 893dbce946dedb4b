import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { expectAcceptedBySlack } from '../../security/workspace-state.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { PLACES } from '../steps.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe.each(PLACES)('The Home tab, over %s and with accounts in %s', (transport, backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeAll(async () => {
    workspace = await startWorkspace({ transport, backend });
    ada = workspace.slack.as('Ada');
  });
  afterAll(async () => {
    expectAcceptedBySlack(workspace);
    await workspace.stop();
  });

  const textOf = (person: SlackPerson) => {
    const home = person.home();
    return home === undefined ? '' : visibleText(home);
  };

  test('shows an admin their teams, and that nothing needs them', async () => {
    await ada.openHome();
    await ada.waitForHome('Nothing needs your attention');
    expect(textOf(ada)).toContain('Your teams: `ml-platform` (admin)');
    expect(ada.home()?.blocks.length).toBeLessThan(10);
  });

  test('is published for the Home tab alone, not for the Messages tab', async () => {
    const ben = workspace.slack.as('Ben');
    await ben.openHome('messages');
    await ben.openHome();
    await ben.waitForHome('Your teams: `ml-platform` (member)');
    const published = workspace.slack.traffic.filter(
      ({ method, payload }) => method === 'views.publish' && JSON.stringify(payload).includes(ben.id),
    );
    expect(published).toHaveLength(1);
  });

  test('tells someone without a team whom to ask, and shows them nothing else', async () => {
    const dee = workspace.slack.as('Dee');
    await dee.openHome();
    await dee.waitForHome('You’re not in any W&B team');
    expect(dee.home()?.blocks.map(({ type }) => type)).toEqual(['section', 'section']);
  });

  test.each([
    ['a guest', { guest: 'multi_channel' as const }, 'Guests of this workspace can’t use Keysmith'],
    ['a person from Slack Connect', { stranger: true, teamId: 'T0OTHER001' }, 'belongs to another workspace'],
  ])('tells %s calmly why it is empty', async (_who, change, text) => {
    const eve = workspace.slack.as('Dee');
    workspace.slack.changePerson('Dee', change);
    workspace.clock.advance(2 * 60_000);
    await eve.openHome();
    await eve.waitForHome(text);
    workspace.slack.changePerson('Dee', { guest: undefined as never, stranger: false, teamId: 'T0ACME0001' });
  });

  test('lists a key to collect after the action that left it, and sends the message to collect it', async () => {
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' });
    await openForm(ada, 'ml-platform');
    await ada.fill('name', 'paper-mill');
    await ada.submit();
    await ada.waitForHome('The key of `paper-mill` in `ml-platform`, until');
    workspace.slack.failures.clear();
    while (ada.view()) await ada.close();

    const before = ada.messages('Keysmith').length;
    await ada.clickInHome('Collect key');
    await ada.waitForView('Keysmith sent you a message with *Collect key*');
    await ada.close();
    const offered = await ada.waitForMessage('Keysmith', () => ada.messages('Keysmith').length > before);
    await ada.click(offered, 'Collect key');
    await ada.waitForHome('Nothing needs your attention');
  });

  test('finds accounts by a part of their name, of the person’s own teams', async () => {
    await createAccount(ada, 'random', 'nightly-eval');
    const found = async (person: SlackPerson, query: string) =>
      (await person.optionsInHome(toolbarOf(person), query)).options.map(({ text }) => text.text);
    expect(await found(ada, 'eval')).toEqual(['nightly-eval (ml-platform)']);
    expect(await found(ada, 'I')).toEqual(['nightly-eval (ml-platform)', 'paper-mill (ml-platform)']);
    expect(await found(ada, '%')).toEqual([]);
    const ben = workspace.slack.as('Ben');
    expect(await found(ben, 'night')).toEqual(['nightly-eval (ml-platform)']);

    await ada.optionsInHome(toolbarOf(ada), 'night');
    await ada.fillInHome(toolbarOf(ada), 'nightly-eval (ml-platform)');
    const shown = await ada.waitForView('*`nightly-eval`* in `ml-platform`');
    expect(visibleText(shown)).toMatch(/Admins of `ml-platform` can change it[\s\S]*History/);
    // Its forms open on top of it, and it is current below them.
    await ada.clickInView('Edit');
    await ada.waitForView('Edit account');
    expect(ada.views()).toHaveLength(2);
    await ada.fill('purpose', 'Evaluates the model');
    await ada.submit();
    await ada.waitForView(({ submit }) => submit === undefined);
    await ada.close();
    await ada.waitForView('Evaluates the model');
    if (backend === 'builtin') {
      await ada.clickInView('Rename');
      await ada.waitForView('Rename key');
      await ada.fill('key_name', 'nightly');
      await ada.submit();
      await ada.waitForView(({ submit }) => submit === undefined);
      await ada.close();
      await ada.waitForView('Key `nightly`');
    }
    const before = ada.view()?.hash;
    await ada.clickInView('Show');
    await ada.waitForView(({ hash }) => hash !== before);
    expect(ada.views()).toHaveLength(1);
    const isShown = (message: PageMessage) => visibleText(message).includes('can change it');
    expect(ada.messages('Keysmith').filter(isShown)).toEqual([]);
    await ada.close();

    const name = 'nightly-eval (ml-platform)';
    await ben.fillInHome(toolbarOf(ben), name);
    expect(visibleText(await ben.waitForView('*`nightly-eval`*'))).not.toContain('History');
    await ben.close();
  });

  test('lets a person turn off kinds of direct messages', async () => {
    const chosen = () =>
      workspace.rows<{ muted: string }>(
        'select muted from person_settings where slack_user_id = ?',
        ada.id,
      )[0]?.muted;
    const others =
      backend === 'wandb' ? ['review', 'team_changes'] : ['expiry', 'rotation', 'unused', 'near_match'];
    await ada.clickInHome('Settings');
    await ada.waitForView('Send me direct messages about');
    // Only what Keysmith can send with this backend.
    const shown = visibleText(ada.view() as never);
    expect(shown.includes('Keys that expire soon')).toBe(backend === 'builtin');
    expect(shown.includes('Changes that others make in W&B')).toBe(backend === 'wandb');
    await ada.fill('kinds', ['unowned']);
    await ada.submit();
    await ada.waitUntilClosed();
    expect(JSON.parse(chosen() ?? '')).toEqual(others);
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'person.messages_chosen',
      details: { muted: others },
    });
    await ada.clickInHome('Settings');
    await ada.waitForView('Send me direct messages about');
    expect(ada.values()).toEqual({ kinds: ['unowned'] });
    await ada.close();
  });

  test('lists a key that expires soon', async () => {
    if (backend === 'wandb') return;
    workspace.clock.advance(80 * DAY_MS);
    await ada.openHome();
    await ada.waitForHome(/Keys that expire soon \(2\)[\s\S]*of `nightly-eval` in `ml-platform` expires/);

    // The forms of its menu change the key, and then the tab.
    await ada.clickInHome('Revoke', { value: menuValueOf(ada, 'nightly-eval') });
    await ada.waitForView('Revoke key');
    await ada.submit();
    await ada.waitForView('It no longer works');
    await ada.close();
    await ada.waitForHome('Keys that expire soon (1)');
  });

  test('says why it can’t be loaded, with a reference, and is shown again afterwards', async () => {
    workspace.clock.advance(2 * 60_000);
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });
    await ada.openHome();
    await ada.waitForHome(/This tab couldn’t be loaded[\s\S]*Reference ks_/);
    workspace.slack.failures.clear();
    await ada.openHome();
    await ada.waitForHome('Your teams: `ml-platform` (admin)');
  });
});

function toolbarOf(person: SlackPerson): string {
  const block = person.home()?.blocks.find(({ type }) => type === 'actions');
  return `${block?.block_id}/home_find_account`;
}

/** The value of *Revoke* in the menu of a key. */
function menuValueOf(person: SlackPerson, accountName: string): string {
  const row = person.home()?.blocks.find((block) => JSON.stringify(block).includes(`of \`${accountName}\``));
  const menu = (row?.accessory ?? { options: [] }) as { options: { value: string }[] };
  return menu.options.find(({ value }) => value.startsWith('revoke'))?.value ?? '';
}
