import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import {
  createAccount,
  onlyVisibleToYou,
  openAppMessages,
  openHome,
  switchPerson,
  type,
} from './page/slack-page.ts';

/** Ben, a member of ml-platform, in the channel to which the team's requests go. */
const BEN_IN_CHANNEL = '#as=U0BEN00002&in=C0MLPLAT01';
const ADA_IN_RANDOM = '#as=U0ADA00001&in=C0RANDOM01';
const BEN_IN_RANDOM = '#as=U0BEN00002&in=C0RANDOM01';

describe('The life of an account on the sandbox page', () => {
  const sandbox = shareSandbox();
  let page: Page;

  /** Chooses an entry of the account's menu in the newest message with the text. */
  async function choose(text: string, entry: string): Promise<void> {
    const message = onlyVisibleToYou(page).filter({ hasText: text }).last();
    await message.locator('.overflow-opener').first().click();
    await page.getByRole('menuitem', { name: entry }).click();
  }

  async function useShortcut(text: string, name: string): Promise<void> {
    const message = page.getByRole('article').filter({ hasText: text });
    await message.hover();
    await message.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name }).click();
  }

  test('begins on the Home tab, which also keeps the settings of the person', async () => {
    page = await sandbox.open();
    const home = await openHome(page);
    await home.getByText('Nothing needs your attention').waitFor();
    await home.getByRole('button', { name: 'New service account' }).click();
    await page.getByLabel('Name', { exact: true }).fill('paper-mill');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('dialog').getByText('Open the Messages tab of Keysmith').waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('tab', { name: 'Messages' }).click();
    const message = onlyVisibleToYou(page).filter({ hasText: 'paper-mill' });
    expect(await message.textContent()).toMatch(API_KEY_PATTERN);
    await openHome(page);
    await home.getByRole('button', { name: 'Settings' }).click();
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.getByRole('checkbox').first().uncheck();
    await settings.getByRole('button', { name: 'Save' }).click();
    await settings.waitFor({ state: 'detached' });
    await home.getByRole('button', { name: 'Settings' }).click();
    expect(await settings.getByRole('checkbox').first().isChecked()).toBe(false);
    await settings.getByRole('button', { name: 'Cancel' }).click();
    await settings.waitFor({ state: 'detached' });
  });

  test('begins with a request that an admin approves in the channel, and whose key the member collects', async () => {
    page = await sandbox.open({ hash: BEN_IN_CHANNEL });
    await type(page, '/wandb sa new nightly-eval');
    await page.getByLabel('Reason').fill('Compares the checkpoints of every night');
    await page.getByRole('button', { name: 'Request', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Its approvers have been asked').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
    await switchPerson(page, 'Ada');
    await page.getByRole('button', { name: 'Approve' }).click();
    const card = page.getByRole('article').filter({ hasText: 'Approved by' });
    await card.getByRole('button', { name: '2 replies' }).click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('Requested by').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await switchPerson(page, 'Ben');
    await openAppMessages(page);
    await page.getByRole('button', { name: 'Collect key' }).click();
    const message = onlyVisibleToYou(page).filter({ hasText: 'nightly-eval' });
    await message.getByRole('button', { name: 'I’ve stored it' }).waitFor();
    expect(await message.textContent()).toMatch(API_KEY_PATTERN);
  });

  test('is listed and shown, and goes on with a rotation, whose card changes when it is finished', async () => {
    page = await sandbox.open();
    const created = await createAccount(page, 'weekly-report');
    await created.getByRole('button', { name: 'I’ve stored it' }).click();
    await created.waitFor({ state: 'detached' });
    await type(page, '/wandb sa list --name weekly');
    await choose('weekly-report', 'Show');
    await choose('Contact', 'Rotate');
    const form = page.getByRole('dialog', { name: 'Rotate key' });
    await form.getByRole('button', { name: 'Rotate' }).click();
    const withKey = onlyVisibleToYou(page).filter({ hasText: 'key-2' });
    await withKey.filter({ hasText: 'Shown once.' }).waitFor();
    // The account, which the form was opened from, changes in place.
    await withKey.filter({ hasText: 'Contact' }).waitFor();
    await form.waitFor({ state: 'detached' });
    await openAppMessages(page);
    await page.getByRole('tab', { name: 'Messages' }).click();
    const card = page.getByRole('article').filter({ hasText: 'Rotation of key' });
    await card.getByText('The old key was never used').waitFor();
    await card.getByRole('button', { name: 'Finish now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Finish now' }).click();
    await card.getByText('revoked the old key').waitFor();
    expect(await card.getByRole('button', { name: 'Finish now' }).count()).toBe(0);
  });

  test('ends for a key in a message: its admin revokes it with the shortcut This is a key', async () => {
    page = await sandbox.open({ hash: ADA_IN_RANDOM });
    const message = await createAccount(page, 'leaky-job');
    const [key = ''] = API_KEY_PATTERN.exec((await message.textContent()) ?? '') ?? [];
    await message.getByRole('button', { name: 'I’ve stored it' }).click();
    await message.waitFor({ state: 'detached' });
    await type(page, `Use ${key} for now`);
    await useShortcut('for now', 'This is a key');
    const report = page.getByRole('dialog', { name: 'This is a key' });
    await report.getByText('works.').waitFor();
    await report.getByRole('button', { name: 'Revoke' }).click();
    const confirmation = page.getByRole('dialog', { name: 'Revoke key' });
    await confirmation.getByRole('button', { name: 'Revoke' }).click();
    await confirmation.getByText('no longer works').waitFor();
    page = await sandbox.open({ hash: BEN_IN_RANDOM });
    await useShortcut('for now', 'This is a key');
    await page.getByRole('dialog').getByText('Thanks. If this is an active key').waitFor();
  });
});
