import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { send } from '../../send-request.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

const DAY_MS = 24 * 60 * 60_000;

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(async () => {
  if (ada.view()) await ada.close();
});
afterAll(() => workspace.stop());

const dayFromNow = (days: number) =>
  new Date(workspace.clock.nowMs + days * DAY_MS).toISOString().slice(0, 10);
const status = async (key: string) => {
  const headers = { authorization: `Bearer ${key}` };
  return (await send(`${workspace.keysmith.url}/forward-auth`, { method: 'GET', headers })).status;
};
async function chooseDate(name: string): Promise<void> {
  await openForm(ada, 'random', `/wandb sa new ${name}`);
  await ada.fill('expires', 'date');
  await ada.waitForView('Last day');
}

describe('The expiry of a new key', () => {
  test('can be any date: the key is valid through that day in UTC, and no longer', async () => {
    const date = dayFromNow(100);
    await chooseDate('nightly-eval');
    await ada.fill('expires_on', date);
    await ada.submit();
    const message = await ada.waitForMessage('random', date);
    const key = keyIn(message) ?? '';
    const endMs = Date.parse(`${date}T23:59:59Z`);

    expect(visibleText(message)).toContain(`|${date}>`);
    expect(workspace.rows('select expires_at_ms as atMs from api_keys')).toEqual([{ atMs: endMs }]);
    workspace.clock.advance(endMs - 1_000 - workspace.clock.nowMs);
    expect(await status(key)).toBe(200);
    workspace.clock.advance(1_001);
    expect(await status(key)).toBe(401);
  });

  test('keeps the date when another method was chosen in between, and hides it for a lifetime', async () => {
    await chooseDate('weekly-eval');
    await ada.fill('expires_on', '2031-01-31');
    await ada.fill('method', 'federated');
    await ada.waitForView('Subject');
    await ada.fill('method', 'api_key');
    await ada.waitForView('Last day');
    expect(ada.values()).toMatchObject({ expires: 'date', expires_on: '2031-01-31' });

    await ada.fill('expires', '30');
    await ada.waitForView((view) => view.blocks.every(({ block_id }) => block_id !== 'expires_on'));
  });

  test('can’t be a day that is over', async () => {
    await chooseDate('weekly-eval');
    await ada.fill('expires_on', dayFromNow(-1));
    const outcome = await ada.submit();

    expect(JSON.stringify(outcome)).toContain('This day is over (in UTC). Choose today or a later day.');
  });

  test('can be never only where the policy of the team allows it', async () => {
    await openForm(ada, 'random', '/wandb sa new weekly-eval');
    const never = {
      type: 'static_select',
      selected_option: { text: { type: 'plain_text', text: 'Never' }, value: 'never' },
    };
    const state = { expires: { expires: never } } as never;
    const outcome = await ada.submit({ unchecked: true, state });

    expect(JSON.stringify(outcome)).toContain('Keys of this team must expire.');
    expect(workspace.rows("select 1 from service_accounts where name = 'weekly-eval'")).toEqual([]);
  });

  test('asks for the date when the form is submitted before its field is shown', async () => {
    await openForm(ada, 'random', '/wandb sa new weekly-eval');
    const onDate = {
      type: 'static_select',
      selected_option: { text: { type: 'plain_text', text: 'On a date…' }, value: 'date' },
    };
    await ada.submit({ unchecked: true, state: { expires: { expires: onDate } } as never });

    await ada.waitForView('Last day');
  });
});
