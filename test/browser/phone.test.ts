import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { isLongForm } from '../long-form.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import { composer, onlyVisibleToYou } from './page/slack-page.ts';

describe('The sandbox page on a phone', () => {
  const sandbox = shareSandbox();
  let page: Page;

  /** Fails if the page is wider than the window and would scroll sideways. */
  async function expectToFit(): Promise<void> {
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }

  test('takes a first visitor to a stored key', async () => {
    page = await sandbox.open({ isPhone: true });
    await page.getByRole('button', { name: 'Try /wandb service-account new' }).tap();
    await expectToFit();
    await page.getByRole('button', { name: 'Send' }).tap();
    const create = page.getByRole('button', { name: 'Create' });
    await page.getByLabel('Name', { exact: true }).fill('phone-eval');
    await expectToFit();
    await create.tap();
    const message = onlyVisibleToYou(page).filter({ hasText: 'phone-eval' });
    await message.waitFor();
    expect(await message.textContent()).toMatch(API_KEY_PATTERN);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectToFit();
    await message.getByRole('button', { name: 'I’ve stored it' }).tap();
    await message.waitFor({ state: 'detached' });
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
  });

  test.runIf(isLongForm)(
    'switches conversations and people in the drawer, which closes each time',
    async () => {
      page = await sandbox.open({ isPhone: true });
      const drawer = page.getByRole('dialog', { name: 'Sidebar' });
      const opener = page.getByRole('button', { name: 'Show conversations' });
      await opener.tap();
      await drawer.getByRole('link', { name: 'random' }).tap();
      await drawer.waitFor({ state: 'detached' });
      await page.getByRole('heading', { level: 1, name: 'random' }).waitFor();
      await opener.tap();
      await drawer.getByRole('link', { name: /Ben Okafor.*Member/ }).tap();
      await drawer.waitFor({ state: 'detached' });
      await composer(page).fill('/wandb sa revoke nightly-eval');
      await page.getByRole('button', { name: 'Send' }).tap();
      await onlyVisibleToYou(page).filter({ hasText: 'Only admins of' }).waitFor();
      await opener.tap();
      await drawer.getByRole('button', { name: 'Close sidebar' }).tap();
      await drawer.waitFor({ state: 'detached' });
      await expectToFit();
    },
  );
});
