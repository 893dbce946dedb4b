import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { expectAcceptedBySlack } from '../../security/workspace-state.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

const DAY_MS = 24 * 60 * 60_000;

let workspace: RunningWorkspace;
let ada: SlackPerson;
let ben: SlackPerson;
let cy: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace();
  [ada, ben, cy] = [workspace.slack.as('Ada'), workspace.slack.as('Ben'), workspace.slack.as('Cy')];
});
afterEach(async () => {
  for (const person of [ada, ben, cy]) while (person.view()) await person.close();
});
afterAll(async () => {
  expectAcceptedBySlack(workspace);
  await workspace.stop();
});

async function pass(milliseconds: number) {
  workspace.clock.advance(milliseconds);
  await workspace.keysmith.settle();
  await workspace.keysmith.settle();
}
async function openHome(person: SlackPerson, text: string | RegExp): Promise<string> {
  await person.openHome();
  return visibleText(await person.waitForHome(text));
}
async function chooseMessages(person: SlackPerson, kinds: string[]) {
  await openHome(person, 'Keysmith');
  await person.clickInHome('Settings');
  await person.waitForView('Send me direct messages about');
  await person.fill('kinds', kinds);
  await person.submit();
  await person.waitUntilClosed();
}
const menuLabels = (person: SlackPerson) =>
  (person.home()?.blocks ?? []).flatMap(({ accessory }) => {
    const menu = accessory as { type: string; options: { text: { text: string } }[] } | undefined;
    return menu?.type === 'overflow' ? [menu.options.map(({ text }) => text.text)] : [];
  });
const received = (person: SlackPerson, text: string | RegExp) =>
  person.messages('Keysmith').filter((message) => RegExp(text).test(visibleText(message))).length;

/** Each of a message that can be turned off. */
const [EXPIRES, ROTATION, UNUSED] = [
  'in `ml-platform` expires ',
  'Rotation of key',
  'may no longer be needed',
];

describe('The direct messages that a person chose', () => {
  test('are sent, and those that they turned off are not: neither notifications nor cards', async () => {
    for (const [name, contact] of [
      ['nightly-eval', ada],
      ['weekly-eval', ben],
    ] as const) {
      await openForm(ada, 'random', `/wandb sa new ${name} --team ml-platform`);
      await ada.fill('contact', contact.id);
      await ada.submit();
      await ada.waitForMessage('random', (message) => visibleText(message).includes(name));
    }
    await chooseMessages(ada, ['near_match', 'unowned']);
    await chooseMessages(ben, ['expiry', 'rotation']);
    await ada.command('random', '/wandb sa rotate weekly-eval');
    await ada.waitForView(({ submit }) => submit === 'Rotate');
    await ada.submit();
    await pass(0);
    expect([received(ada, ROTATION), received(ben, ROTATION)]).toEqual([0, 1]);
    await pass(15 * DAY_MS);
    expect(received(ada, UNUSED)).toBe(0);
    await pass(62 * DAY_MS);
    expect([received(ada, EXPIRES), received(ben, EXPIRES)]).toEqual([0, 1]);
    // Ben isn't an admin, and sees what the contact of an account may do.
    await openHome(ben, /Keys that expire soon \(1\)[\s\S]*of `weekly-eval`/);
    expect(menuLabels(ben)).toEqual([['Rotate', 'Revoke']]);
    await openHome(ada, 'Keys that expire soon (2)');
    expect(menuLabels(ada)).toContainEqual(['Rotate', 'Rename', 'Revoke']);

    await chooseMessages(ada, ['expiry', 'unused']);
    await pass(10 * DAY_MS);
    expect(received(ada, EXPIRES)).toBeGreaterThan(0);
    await ada.command('random', '/wandb sa rotate nightly-eval');
    await ada.waitForView(({ submit }) => submit === 'Rotate');
    await ada.submit();
    await pass(20 * DAY_MS);
    expect(received(ada, ROTATION)).toBe(0);
    expect(received(ada, UNUSED)).toBeGreaterThan(0);
  });

  test('stay as they are if a submission lacks the choice', async () => {
    const muted = () => workspace.rows('select muted from person_settings where slack_user_id = ?', ada.id);
    const before = muted();
    const submission = workspace.slack.traffic.findLast(
      ({ method, payload }) =>
        method === 'view_submission' && JSON.stringify(payload).includes('message_settings'),
    )?.payload as { view: object };
    for (const [state, reason] of [
      [undefined, 'state_missing'],
      [{ values: {} }, 'field_unknown'],
    ] as const) {
      const payload = { ...submission, view: { ...submission.view, state } };
      expect(await workspace.slack.deliver({ payload }, { as: 'Ada' })).toMatchObject({
        status: 200,
        body: expect.stringContaining('Nothing was changed'),
      });
      expect(muted()).toEqual(before);
      await expect
        .poll(async () => (await workspace.audit()).at(-1))
        .toMatchObject({ action: 'interaction.refused', details: { reason } });
    }
  });

  test('don’t include what is always sent, such as that one is the contact of an account', async () => {
    await openForm(ada, 'random', '/wandb sa new paper-mill --team ml-platform');
    await ada.submit();
    await ada.waitForMessage('random', (message) => visibleText(message).includes('paper-mill'));
    await chooseMessages(ben, []);
    await ada.command('random', '/wandb sa edit paper-mill');
    await ada.waitForView('Edit account');
    await ada.fill('contact', ben.id);
    await ada.submit();
    await pass(0);
    await ben.waitForMessage('Keysmith', 'paper-mill');
  });
});

describe('The Home tab', () => {
  test('finishes a rotation after a confirmation, and is current after it', async () => {
    await createAccount(ada, 'random', 'hourly-eval');
    await ada.command('random', '/wandb sa rotate hourly-eval');
    await ada.waitForView(({ submit }) => submit === 'Rotate');
    await ada.submit();
    const home = await openHome(ada, 'Rotations in progress (1)');
    expect(home).toMatch(/The old key `key-1` \(`\w{12}`\) of `hourly-eval` in `ml-platform` works until/);
    await ada.clickInHome('Finish now');
    await ada.waitForView('Finish rotation');
    await ada.submit();
    await ada.waitForView('It no longer works');
    await ada.waitForHome((tab) => !visibleText(tab).includes('Rotations in progress'));
  });

  test('lists unused keys for organization admins, of every team', async () => {
    await pass(15 * DAY_MS);
    const home = await openHome(cy, 'Unused keys');
    expect(home).toMatch(/of `hourly-eval` in `ml-platform` was never used/);
  });

  test('is current after an action that another process carries out', async () => {
    await openHome(ada, 'Your teams');
    await workspace.restartKeysmith();
    await openForm(ada, 'random', '/wandb sa new daily-eval --team ml-platform');
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' });
    await ada.submit();
    await ada.waitForHome('The key of `daily-eval` in `ml-platform`, until');
    workspace.slack.failures.clear();
  });

  test('isn’t published for people who have never opened it', async () => {
    const published = () => workspace.slack.traffic.filter(({ method }) => method === 'views.publish').length;
    const before = published();
    const eve = workspace.slack.as('Dee');
    await eve.command('random', '/wandb sa check');
    await eve.command('random', '/wandb sa list');
    await eve.waitForMessage('random', 'You’re not in any W&B team');
    expect(published()).toBe(before);
  });
});
