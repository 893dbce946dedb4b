import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import { createKeyButton, keyMenu } from '../../../src/slack/messages/keys/key-buttons.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { send } from '../../send-request.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { secretPart } from '../steps.ts';
import { postButtons } from './post-buttons.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
let ben: SlackPerson;
let account: { id: string };
let firstMessage: PageMessage;
let first: { keyId: string; key: string };

beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
  ben = workspace.slack.as('Ben');
  firstMessage = await createAccount(ada, 'random', 'nightly-eval');
  const key = keyIn(firstMessage) ?? '';
  const [row] = workspace.rows<{ id: string; keyId: string }>(
    'select account_id as id, key_id as keyId from api_keys',
  );
  account = { id: row?.id ?? '' };
  first = { keyId: row?.keyId ?? '', key };
});
afterEach(async () => {
  for (const person of [ada, ben]) if (person.view()) await person.close();
});
afterAll(() => workspace.stop());

const status = async (key: string) => {
  const headers = { authorization: `Bearer ${key}`, 'user-agent': 'wandb-core' };
  return (await send(`${workspace.keysmith.url}/forward-auth`, { method: 'GET', headers })).status;
};
const keys = () =>
  workspace.rows<{ name: string; isRevoked: 0 | 1 }>(
    'select name, revoked_at_ms is not null as isRevoked from api_keys order by created_at_ms, rowid',
  );
async function openCreateForm(person: SlackPerson): Promise<void> {
  await person.click(await postButtons(workspace, person, [createKeyButton(account)]), 'Create key');
  await person.waitForView((view) => view.submit === 'Create');
}
async function create(name: string): Promise<string> {
  await openCreateForm(ada);
  await ada.fill('key_name', name);
  // Submitting the form twice creates one key.
  await Promise.all([ada.submit(), ada.submit()]);
  const message = await ada.waitForMessage(
    'Keysmith',
    (one) => visibleText(one).includes(name) && !!keyIn(one),
  );
  return keyIn(message) ?? '';
}
async function openMenu(person: SlackPerson, keyId: string, choice: 'Rename' | 'Revoke'): Promise<void> {
  await person.click(await postButtons(workspace, person, [keyMenu(account, { keyId })]), choice);
}
const keyIdOf = (name: string) =>
  workspace.rows<{ id: string }>('select key_id as id from api_keys where name = ?', name)[0]?.id ?? '';

describe('Several named keys of an account', () => {
  test('are created one by one, each shown once to the person, and all work', async () => {
    await openCreateForm(ada);
    expect(ada.values()).toMatchObject({ key_name: 'key-2', key_expires: '90' });
    await ada.close();

    const ci = await create('ci');

    expect([await status(first.key), await status(ci)]).toEqual([200, 200]);
    expect(keys()).toEqual([
      { name: 'key-1', isRevoked: 0 },
      { name: 'ci', isRevoked: 0 },
    ]);
    const event = (await workspace.audit()).find(({ action }) => action === 'api_key.created');
    expect(event?.details).toMatchObject({ key_name: 'ci', name: 'nightly-eval', team: 'ml-platform' });
    expect(workspace.logs()).not.toContain(secretPart(ci));
  });

  test('can expire on any date', async () => {
    await openCreateForm(ada);
    await ada.fill('key_name', 'dated');
    await ada.fill('key_expires', 'date');
    await ada.waitForView('Last day');
    expect(ada.values()).toMatchObject({ key_name: 'dated' });
    await ada.fill('key_expires_on', '2026-01-01');
    expect(JSON.stringify(await ada.submit())).toContain('This day is over');
    const date = new Date(workspace.clock.nowMs + 300 * 24 * 60 * 60_000).toISOString().slice(0, 10);
    await ada.fill('key_expires_on', date);
    await ada.submit();
    await ada.waitForMessage('Keysmith', date);
  });

  test('have names that say something valid and differ', async () => {
    await openCreateForm(ada);
    for (const [name, problem] of [
      ['key-1', 'already has a key with this name'],
      ['CI', 'Use lowercase letters'],
      [first.key.slice(0, 40), 'Nothing was saved, but this key or token was sent'],
    ] as const) {
      const state = { key_name: { key_name: { type: 'plain_text_input', value: name } } } as never;
      const outcome = await ada.submit({ unchecked: true, state });
      expect(JSON.stringify(outcome)).toContain(problem);
    }
  });

  test('are renamed without any effect on their workloads', async () => {
    await openMenu(ada, first.keyId, 'Rename');
    await ada.waitForView((view) => view.submit === 'Rename');
    expect(ada.values()).toEqual({ key_name: 'key-1' });
    await ada.fill('key_name', 'laptop');
    await ada.submit();
    await ada.waitForView('has this name now');

    expect(keys()[0]).toEqual({ name: 'laptop', isRevoked: 0 });
    expect(await status(first.key)).toBe(200);
  });

  test('are revoked one by one, and a use within the last hour is said first', async () => {
    const batch = await create('batch');
    await status(batch);
    const shown = visibleText(await ask(ada, 'random', '/wandb sa show nightly-eval'));
    expect(shown).toMatch(
      /Key `batch` \(`\w{12}`\)\nCreated .* by <@U0ADA00001> · expires .*\nLast used .* from `127\.0\.0\.1` with `wandb-core`/,
    );
    await openMenu(ada, keyIdOf('batch'), 'Revoke');
    const view = await ada.waitForView((one) => one.submit === 'Revoke');
    expect(visibleText(view)).toMatch(
      /used within the last hour: .* from `127\.0\.0\.1` \(`wandb-core`\).*\nRevoke key `batch`/,
    );
    await Promise.all([ada.submit(), ada.submit()]);
    await ada.waitForView(/Revoked key `batch`|Key `batch` .* was already revoked/);

    expect([await status(first.key), await status(batch)]).toEqual([200, 401]);
    const events = (await workspace.audit()).filter(({ action }) => action === 'api_key.revoked');
    expect(events).toHaveLength(1);
  });

  test('are at most ten that work at a time', async () => {
    for (let index = keys().filter(({ isRevoked }) => !isRevoked).length; index < 10; index += 1) {
      await create(`extra-${index}`);
    }
    const [earliest] = workspace.rows<{ atMs: number }>(
      'select min(expires_at_ms) as atMs from api_keys where revoked_at_ms is null',
    );
    expect(visibleText(await ask(ada, 'random', '/wandb sa list'))).toContain(
      `10 keys, the first expires <!date^${Math.floor((earliest?.atMs ?? 0) / 1000)}^`,
    );
    await openCreateForm(ada);
    await ada.submit();
    await ada.waitForView('already has 10 keys that work');
  });

  test('are changed by nobody but the admins of the team', async () => {
    const before = keys();
    const message = await postButtons(workspace, ben, [createKeyButton(account), keyMenu(account, first)]);
    for (const button of ['Create key', 'Rename', 'Revoke']) {
      await ben.click(message, button);
      await ben.waitForMessage('Keysmith', /Only admins of|Ask/);
    }
    expect(ben.view()).toBeUndefined();
    expect(keys()).toEqual(before);
    await vi.waitFor(
      async () =>
        expect((await workspace.audit()).map(({ action }) => action)).toEqual(
          expect.arrayContaining([
            'api_key.create_refused',
            'api_key.rename_refused',
            'api_key.revoke_refused',
          ]),
        ),
      { timeout: 10_000 },
    );
  });

  test('of an account that doesn’t exist, or in a team that the person may not see, get the same answer', async () => {
    const unknown = { id: 'sa_doesnotexist' };
    await ada.click(await postButtons(workspace, ada, [createKeyButton(unknown)]), 'Create key');
    await ada.waitForMessage('Keysmith', 'none of your teams has this account');
  });
});

/** After the cases that need the first key. */
describe('Revoke below the first key', () => {
  test('revokes only this key while the account has others, once, however often it is clicked', async () => {
    const revoked = () => keys().filter(({ isRevoked }) => isRevoked).length;
    const before = revoked();
    await Promise.all([ada.click(firstMessage, 'Revoke'), ada.click(firstMessage, 'Revoke')]);
    const outcome = await ada.waitForMessage(
      'random',
      /[Kk]ey `laptop` .*(the account’s other keys do|was already revoked)/,
    );
    const events = (await workspace.audit()).filter(({ details }) => details.key_id === first.keyId);
    expect(events.filter(({ action }) => action === 'api_key.revoked')).toHaveLength(1);

    expect(outcome.ts).toBe(firstMessage.ts);
    expect(await status(first.key)).toBe(401);
    expect(revoked()).toBe(before + 1);
    expect(workspace.rows('select 1 from service_accounts where revoked_at_ms is not null')).toEqual([]);
  });
});

describe('Keys of an account on a W&B server', () => {
  test('can’t be created by Keysmith, which says so and what to do instead', async () => {
    const onServer = await startWorkspace({ backend: 'wandb' });
    try {
      const person = onServer.slack.as('Ada');
      await createAccount(person, 'random', 'nightly-eval');
      const [row] = onServer.rows<{ id: string; keyId: string }>(
        'select account_id as id, key_id as keyId from api_keys',
      );
      const { id = '', keyId = '' } = row ?? {};
      const message = await postButtons(onServer, person, [
        createKeyButton({ id }),
        keyMenu({ id }, { keyId }),
      ]);
      for (const button of ['Create key', 'Rename', 'Revoke']) {
        await person.click(message, button);
        await person.waitForMessage('Keysmith', 'W&B has no call for single keys of `nightly-eval`');
      }
    } finally {
      await onServer.stop();
    }
  });
});
