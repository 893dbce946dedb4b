import { afterEach, expect, test } from 'vitest';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount } from '../steps.ts';

const DAY_MS = 24 * 60 * 60_000;

let workspace: RunningWorkspace;
afterEach(() => workspace.stop());

const team = () => workspace.wandb.team('ml-platform');
const bookings = () =>
  workspace.rows<{ name: string; tag: string | null; member_id: string; desired: string }>(
    'SELECT name, tag, member_id, desired FROM server_accounts WHERE tag IS NULL',
  );

test('a team admin adopts an account from W&B, which is then reviewed and deleted by its ID', async () => {
  workspace = await startWorkspace({ backend: 'wandb' });
  const ada = workspace.slack.as('Ada');
  await createAccount(ada, 'random', 'nightly-eval');
  const { id } = team().createServiceAccount('Ingest Images');
  workspace.clock.advance(2 * 60_000);

  const list = await ask(ada, 'random', '/wandb sa list');
  expect(visibleText(list)).toContain('*Created outside Keysmith*\n• `Ingest Images` in `ml-platform`');
  await ada.click(list, 'Adopt Ingest Images');
  await ada.waitForView('Keysmith will manage `Ingest Images`');
  expect(ada.values()).toMatchObject({ name: 'ingest-images', review: '90' });
  await ada.fill('purpose', 'Reads new images');
  await ada.fill('review', '30');
  const submitted = await ada.submit();
  expect(submitted).toEqual({ ok: true });
  await ada.waitForView('Adopted `ingest-images` in `ml-platform`');
  // The list changes in place.
  await ada.waitForMessage(
    'random',
    (one) => one.ts === list.ts && visibleText(one).includes('*`ingest-images`* in `ml-platform`'),
  );

  expect(bookings()).toEqual([{ name: 'Ingest Images', tag: null, member_id: id, desired: 'present' }]);
  const [adopted] = (await workspace.audit()).filter(({ action }) => action === 'service_account.adopted');
  expect(adopted?.details).toMatchObject({ name: 'ingest-images', server_name: 'Ingest Images', member: id });
  const after = visibleText(await ask(ada, 'random', '/wandb sa list'));
  expect(after).toContain('*`ingest-images`* in `ml-platform`');
  expect(after).not.toContain('Created outside Keysmith');

  workspace.clock.advance(31 * DAY_MS);
  await workspace.keysmith.settle();
  const review = await ada.waitForMessage('Keysmith', 'Review `ingest-images` in `ml-platform`');
  expect(visibleText(review)).toContain('Reads new images');

  expect(await endAccount(ada, 'random', '/wandb sa revoke ingest-images')).toContain(
    'Deleted `ingest-images` in `ml-platform`',
  );
  expect(
    team()
      .serviceAccounts()
      .map(({ name }) => name),
  ).not.toContain('Ingest Images');
});
