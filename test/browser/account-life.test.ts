import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import { onlyVisibleToYou } from './page/slack-page.ts';

describe('The life of an account on the sandbox page', () => {
  const sandbox = shareSandbox();
  let page: Page;

  /** Opens the app's Home tab, and waits until Keysmith has published it. */
  async function openHome(): Promise<Locator> {
    await page
      .getByRole('navigation', { name: 'Conversations' })
      .getByRole('link', { name: 'Keysmith' })
      .click();
    await page.getByRole('tab', { name: 'Home' }).click();
    const home = page.getByRole('tabpanel', { name: 'Home' });
    await home.getByRole('button', { name: 'New service account' }).waitFor();
    return home;
  }

  test('begins on the Home tab, which also keeps the settings of the person', async () => {
    page = await sandbox.open();
    const home = await openHome();
    await home.getByText('Nothing needs your attention').waitFor();
    await home.getByRole('button', { name: 'New service account' }).click();
    await page.getByLabel('Name', { exact: true }).fill('paper-mill');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('dialog').getByText('Open the Messages tab of Keysmith').waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('tab', { name: 'Messages' }).click();
    const message = onlyVisibleToYou(page).filter({ hasText: 'paper-mill' });
    expect(await message.textContent()).toMatch(API_KEY_PATTERN);
    await openHome();
    await home.getByRole('button', { name: 'Settings' }).click();
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.getByRole('checkbox').first().uncheck();
    await settings.getByRole('button', { name: 'Save' }).click();
    await settings.waitFor({ state: 'detached' });
    await home.getByRole('button', { name: 'Settings' }).click();
    expect(await settings.getByRole('checkbox').first().isChecked()).toBe(false);
  });
});
