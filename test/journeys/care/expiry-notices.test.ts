import { afterEach, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { startReplica } from '../delivery/crash/replica.ts';
import { statusOf } from '../keys/rotating.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

let workspace: RunningWorkspace;
afterEach(() => workspace.stop());

async function start(options: Parameters<typeof startWorkspace>[0] = {}) {
  workspace = await startWorkspace(options);
  return { ada: workspace.slack.as('Ada'), ben: workspace.slack.as('Ben') };
}

async function pass(milliseconds: number) {
  workspace.clock.advance(milliseconds);
  await workspace.keysmith.settle();
}

const notices = (person: SlackPerson): PageMessage[] =>
  person
    .messages('Keysmith')
    .filter((message) => visibleText(message).includes(' in `ml-platform` expires '));

/** Creates an account whose contact is another person. */
async function createFor(ada: SlackPerson, contact: SlackPerson, name = 'nightly-eval') {
  await openForm(ada, 'random');
  await ada.fill('name', name);
  await ada.fill('contact', contact.id);
  await ada.submit();
  return ada.waitForMessage('random', (message) => !!keyIn(message));
}

const recorded = async (action: string) =>
  (await workspace.audit()).filter((event) => event.action === action);

describe('Before a key expires', () => {
  test('its contact is notified 14 days, 3 days and on the day before, once each, also across restarts and two processes', async () => {
    const { ada, ben } = await start();
    const replica = await startReplica(workspace);
    await createFor(ada, ben);
    const counts: number[] = [];
    for (const days of [75.9, 0.2, 10.8, 0.2, 2.7, 0.2]) {
      workspace.clock.advance(days * DAY_MS);
      await Promise.all([workspace.keysmith.settle(), replica.settle()]);
      await workspace.restartKeysmith();
      await Promise.all([workspace.keysmith.settle(), replica.settle()]);
      counts.push(notices(ben).length);
    }
    expect(counts).toEqual([0, 1, 1, 2, 3, 3]);
    expect(notices(ada)).toEqual([]);
    const [notice] = notices(ben);
    expect(visibleText(notice as PageMessage)).toMatch(
      /\*Key `key-1` \(`\w{12}`\) of `nightly-eval` in `ml-platform` expires (?!on)/,
    );
  });

  test('the team’s admins are notified if its contact isn’t in the team', async () => {
    const { ada } = await start();
    const dee = workspace.slack.as('Dee');
    await createFor(ada, dee);
    await pass(77 * DAY_MS);
    expect(notices(dee)).toEqual([]);
    expect(notices(ada)).toHaveLength(1);
  });

  test('the team’s admins are notified if its contact can’t rotate it, or doesn’t want to be notified', async () => {
    const { ada, ben } = await start();
    const member = (name: string, role: 'admin' | 'member' | 'view-only') => ({
      email: `${name}@acme.test`,
      username: name,
      role,
    });
    const withBen = (role: 'member' | 'view-only') => ({
      organization: {
        name: 'acme',
        admins: ['cy@acme.test'],
        issuers: [],
        teams: [
          {
            name: 'ml-platform',
            subjects: [],
            projects: [],
            members: [member('ada', 'admin'), member('ben', role)],
          },
        ],
      },
    });
    const counts = () => [notices(ada).length, notices(ben).length];
    await createFor(ada, ben);
    await workspace.restartKeysmith(withBen('view-only'));
    await pass(77 * DAY_MS);
    expect(counts()).toEqual([1, 0]);
    await workspace.restartKeysmith(withBen('member'));
    await ben.openHome();
    await ben.waitForHome('Keysmith');
    await ben.clickInHome('Settings');
    await ben.waitForView('Send me direct messages about');
    await ben.fill('kinds', ['rotation']);
    await ben.submit();
    await ben.waitUntilClosed();
    await pass(10.5 * DAY_MS);
    expect(counts()).toEqual([2, 0]);
  });

  test('a clock that jumps beyond its expiry and back leaves its notices as they are', async () => {
    const { ada } = await start();
    await createAccount(ada, 'random', 'nightly-eval');
    await pass(70 * DAY_MS);
    workspace.clock.step(21 * DAY_MS);
    await workspace.keysmith.settle();
    workspace.clock.step(-21 * DAY_MS);
    await workspace.keysmith.settle();
    expect(notices(ada)).toEqual([]);
    await pass(7 * DAY_MS);
    expect(notices(ada)).toHaveLength(1);
  });

  test('only the nearest notice is sent after a stop of weeks, and none after the expiry', async () => {
    const { ada } = await start();
    await createAccount(ada, 'random', 'nightly-eval');
    await createAccount(ada, 'random', 'weekly-eval');
    await workspace.keysmith.stop();
    workspace.clock.advance(88 * DAY_MS);
    await workspace.restartKeysmith();
    await workspace.keysmith.settle();
    expect(notices(ada)).toHaveLength(2);
    await workspace.keysmith.stop();
    workspace.clock.advance(3 * DAY_MS);
    await workspace.restartKeysmith();
    await workspace.keysmith.settle();
    expect(notices(ada)).toHaveLength(2);
  });

  test('a clock that jumps ahead and back sends no notice twice', async () => {
    const { ada } = await start();
    await createAccount(ada, 'random', 'nightly-eval');
    workspace.clock.step(77 * DAY_MS);
    await workspace.keysmith.settle();
    workspace.clock.step(-77 * DAY_MS);
    await workspace.keysmith.settle();
    expect(notices(ada)).toHaveLength(1);
    await pass(80 * DAY_MS);
    expect(notices(ada)).toHaveLength(1);
    await pass(8 * DAY_MS);
    expect(notices(ada)).toHaveLength(2);
  });

  test('a new key that expires soon has the nearest notice only; a revoked account’s key has none', async () => {
    const { ada } = await start();
    await openForm(ada, 'random', '/wandb sa new two-days');
    await ada.fill('expires', 'date');
    await ada.waitForView('Last day');
    await ada.fill('expires_on', new Date(workspace.clock.nowMs + 2 * DAY_MS).toISOString().slice(0, 10));
    await ada.submit();
    await ada.waitForMessage('random', (one) => !!keyIn(one) && visibleText(one).includes('two-days'));
    await pass(2 * 60_000);
    expect(notices(ada)).toHaveLength(1);
    await pass(2 * DAY_MS);
    expect(notices(ada)).toHaveLength(2);
    const message = await createAccount(ada, 'random', 'nightly-eval');
    await ada.click(message, 'Revoke');
    await ada.waitForMessage('random', 'Revoked `nightly-eval`');
    await pass(87 * DAY_MS);
    expect(notices(ada)).toHaveLength(2);
  });

  test('a key on a W&B server doesn’t expire, so nobody is notified', async () => {
    const { ada } = await start({ backend: 'wandb' });
    await createAccount(ada, 'random', 'nightly-eval');
    await pass(400 * DAY_MS);
    expect(notices(ada)).toEqual([]);
    expect(workspace.rows("select 1 from jobs where kind = 'expiry_notice'")).toEqual([]);
  });
});

describe('*Rotate* below a notice', () => {
  test('replaces the key, which then has no more notices of its own', async () => {
    const { ada } = await start();
    await createAccount(ada, 'random', 'nightly-eval');
    await pass(77 * DAY_MS);
    const [notice] = notices(ada);
    await ada.click(notice as PageMessage, 'Rotate');
    await ada.waitForView('nightly-eval');
    await ada.submit();
    await ada.waitForMessage('Keysmith', (message) => !!keyIn(message));
    await pass(12.4 * DAY_MS);
    expect(notices(ada).filter((message) => visibleText(message).includes('`key-1`'))).toHaveLength(1);
  });
});

describe('*Let it expire*', () => {
  test('ends the notices of a key, is recorded once, and replaces the message', async () => {
    const { ada } = await start();
    const key = { key: keyIn(await createAccount(ada, 'random', 'nightly-eval')) ?? '' };
    await pass(77 * DAY_MS);
    const [notice] = notices(ada);
    await ada.click(notice as PageMessage, 'Let it expire');
    await ada.waitForMessage('Keysmith', 'Keysmith sends no more notices about it.');
    await pass(12 * DAY_MS);
    expect(await statusOf(workspace, key)).toBe(200);
    await pass(1.1 * DAY_MS);
    expect(await statusOf(workspace, key)).toBe(401);
    expect(notices(ada)).toHaveLength(1);
    expect(await recorded('api_key.expiry_accepted')).toMatchObject([
      { actor: { email: 'ada@acme.test' }, details: { name: 'nightly-eval', key_name: 'key-1' } },
    ]);
  });

  test('is for the contact and the admins: someone who has left the team can’t use the button', async () => {
    const { ada, ben } = await start();
    await createFor(ada, ben);
    await pass(77 * DAY_MS);
    const [notice] = notices(ben);
    const organization = { teams: [{ name: 'ml-platform', subjects: [], projects: [], members: [] }] };
    await workspace.restartKeysmith({
      organization: { name: 'acme', admins: ['cy@acme.test'], issuers: [], ...organization },
    });
    await ben.click(notice as PageMessage, 'Let it expire');
    await ben.waitForMessage('Keysmith', 'none of your teams has it');
    expect(await recorded('api_key.expiry_accepted')).toEqual([]);
    expect(await recorded('api_key.expiry_refused')).toHaveLength(1);
  });

  test('says so for a key that was revoked meanwhile', async () => {
    const { ada } = await start();
    const message = await createAccount(ada, 'random', 'nightly-eval');
    await pass(77 * DAY_MS);
    await ada.click(message, 'Revoke');
    await ada.waitForMessage('random', 'Revoked `nightly-eval`');
    const [notice] = notices(ada);
    await ada.click(notice as PageMessage, 'Let it expire');
    await ada.waitForMessage('Keysmith', 'Nothing was changed: the key is revoked or has expired');
  });
});
