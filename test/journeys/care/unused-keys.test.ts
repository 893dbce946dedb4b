import { afterEach, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { button, clickForged } from '../../security/forged-click.ts';
import { send } from '../../send-request.ts';
import { createAccount, keyIn } from '../../world/new-account-form.ts';
import {
  type RunningWorkspace,
  startWorkspace,
  type WorkspaceOptions,
} from '../../world/running-workspace.ts';

const DAY_MS = 24 * 60 * 60_000;
const CARD = 'may no longer be needed';

let workspace: RunningWorkspace;
afterEach(() => workspace.stop());

async function start(options: WorkspaceOptions = {}) {
  workspace = await startWorkspace(options);
  return { ada: workspace.slack.as('Ada'), ben: workspace.slack.as('Ben') };
}

async function pass(milliseconds: number) {
  workspace.clock.advance(milliseconds);
  await workspace.keysmith.settle();
  await workspace.keysmith.settle();
}

const cards = (person: SlackPerson) =>
  person.messages('Keysmith').filter((message) => visibleText(message).includes(CARD));

async function use(key: string | undefined) {
  const headers = { authorization: `Bearer ${key}` };
  await send(`${workspace.keysmith.url}/forward-auth`, { method: 'GET', headers });
}

test('The admins are asked once a month about keys that nobody uses; Keep and Revoke change the message in place', async () => {
  const { ada, ben } = await start();
  await createAccount(ada, 'random', 'never-used-eval');
  await createAccount(ada, 'random', 'kept-eval');
  const used = keyIn(await createAccount(ada, 'random', 'used-eval'));
  await pass(13 * DAY_MS);
  expect(cards(ada)).toEqual([]);
  await use(used);
  await pass(2 * DAY_MS);
  const card = await ada.waitForMessage('Keysmith', CARD);
  const text = visibleText(card);
  expect(text).toContain('2 keys of `ml-platform` may no longer be needed.');
  expect(text).toMatch(/key `key-1` \(`\w{12}`\) of `never-used-eval`: created on .* and never used/);
  expect(text).not.toContain('used-eval`: last used');
  expect(cards(ben)).toEqual([]);

  const kept = workspace.rows<{ id: string }>(
    "select k.key_id as id from api_keys k join service_accounts a on a.id = k.account_id where a.name = 'kept-eval'",
  )[0]?.id;
  const review = workspace.rows<{ id: string }>('select id from unused_reviews')[0]?.id;
  const value = `${review}:${kept}`;
  await clickForged(workspace, [button('keep_key', value)], { as: ben.id });
  await clickForged(workspace, [button('keep_key', `${review}:other`)], { as: ada.id });
  await clickForged(workspace, [button('keep_key', value)], { as: ada.id });
  await ada.waitForMessage('Keysmith', `of \`kept-eval\`: kept by <@${ada.id}>`);
  await ada.click(await ada.waitForMessage('Keysmith', CARD), 'Revoke');
  await ada.waitForView('never-used-eval');
  await ada.submit();
  await workspace.keysmith.settle();
  await ada.waitForMessage('Keysmith', 'of `never-used-eval`: revoked or expired');
  expect(cards(ada)).toHaveLength(1);
  const events = (await workspace.audit()).filter(
    ({ action }) => action.startsWith('api_key.keep') || action === 'api_key.kept',
  );
  expect(events.map(({ action }) => action)).toEqual([
    'api_key.keep_refused',
    'api_key.keep_refused',
    'api_key.kept',
  ]);

  // Until the keys expire, after 90 days.
  for (let week = 0; week < 9; week += 1) {
    await use(used);
    await pass(7 * DAY_MS);
  }
  expect(cards(ada)).toHaveLength(1);
});

test('A silent key is reported once in 30 days, after the days of the policy, also across restarts and clock jumps', async () => {
  const { ada } = await start({ organization: { policy: { unusedAfterDays: 30 } } });
  await createAccount(ada, 'random', 'nightly-eval');
  await use(keyIn(await createAccount(ada, 'random', 'silent-eval')));
  await pass(15 * DAY_MS);
  await workspace.restartKeysmith();
  await workspace.keysmith.settle();
  await pass(28 * DAY_MS);
  expect(cards(ada)).toHaveLength(1);
  expect(visibleText(cards(ada)[0] as never)).not.toContain('silent-eval');
  await pass(3 * DAY_MS);
  expect(cards(ada)).toHaveLength(2);
  await ada.waitForMessage('Keysmith', /of `silent-eval`: last used on/);
  workspace.clock.step(-5 * DAY_MS);
  await pass(0);
  workspace.clock.step(5 * DAY_MS);
  await pass(0);
  expect(cards(ada)).toHaveLength(2);
});

test('A message shows at most 15 keys, and how many more there are', async () => {
  const { ada } = await start();
  for (let index = 0; index < 17; index += 1) await createAccount(ada, 'random', `worker-${index}-eval`);
  await pass(15 * DAY_MS);
  const text = visibleText(await ada.waitForMessage('Keysmith', CARD));
  expect(text).toContain('17 keys of `ml-platform`');
  expect(text).toContain('For 90 days, Keysmith doesn’t ask again about a key that you keep.');
  expect(text).toContain(
    'and 2 more. Open the accounts with `/wandb service-account list --team ml-platform`.',
  );
});

test('Nobody is asked where Keysmith doesn’t see uses: on a W&B server', async () => {
  const { ada } = await start({ backend: 'wandb' });
  await createAccount(ada, 'random', 'nightly-eval');
  await pass(200 * DAY_MS);
  expect(cards(ada)).toEqual([]);
  expect(workspace.rows("select 1 from jobs where kind = 'unused_review'")).toEqual([]);
});
