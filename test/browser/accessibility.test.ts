import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isLongForm } from '../long-form.ts';
import { expectDarkWithoutViolations, expectNoSeriousViolations } from './page/axe-violations.ts';
import { type KitchenInBrowser, startKitchenInBrowser } from './page/kitchen-in-browser.ts';
import type { PageOptions } from './page/open-page.ts';
import { type SandboxInBrowser, startSandboxInBrowser } from './page/sandbox-in-browser.ts';
import {
  block,
  composer,
  controlsTab,
  createAccount,
  openPanel,
  requestsTab,
  type,
} from './page/slack-page.ts';

describe('axe finds no serious violation on the sandbox page', () => {
  let sandbox: SandboxInBrowser;
  let kitchen: KitchenInBrowser;
  let page: Page;
  beforeAll(async () => {
    sandbox = await startSandboxInBrowser();
    kitchen = await startKitchenInBrowser('http');
  });
  afterEach(async () => {
    await sandbox.closePages();
    await kitchen.closePages();
    expect([...sandbox.errors.splice(0), ...kitchen.errors.splice(0)]).toEqual([]);
  });
  afterAll(async () => {
    await sandbox.stop();
    await kitchen.stop();
  });

  /** Checks the light and the dark color scheme, on a phone only the light one. */
  async function expectNothing(where: string, part?: string): Promise<void> {
    await expectNoSeriousViolations(page, where, part);
    if (!isPhone()) await expectDarkWithoutViolations(page, where, part);
  }

  async function openForm(options: PageOptions): Promise<Locator> {
    page = await kitchen.open(options);
    await type(page, '/kitchen');
    const dialog = page.getByRole('dialog', { name: 'Kitchen' });
    await dialog.waitFor();
    return dialog;
  }

  const isPhone = () => (page.viewportSize()?.width ?? 0) < 400;

  describe.each([
    { window: 'a wide window', options: {} },
    ...(isLongForm ? [{ window: 'a phone', options: { isPhone: true } }] : []),
  ])('in $window', ({ options }) => {
    test('with a conversation, a key and command hints', async () => {
      page = await sandbox.open(options);
      await type(page, '/wandb help');
      await createAccount(page, `axe-${options.isPhone ? 'phone' : 'wide'}`);
      await expectNothing('conversation with a key');
      await composer(page).fill('/w');
      await page.getByRole('option').first().waitFor();
      await expectNothing('command hints', '.composer');
    });

    test.runIf(isLongForm)('with a modal of every element, an error and a confirmation', async () => {
      const dialog = await openForm(options);
      await dialog.getByRole('button', { name: 'Cook' }).click();
      await dialog.locator('.field-error').waitFor();
      await expectNothing('dialog with an error', '[role=dialog]');
      await dialog.getByRole('button', { name: 'Be sure' }).click();
      await page.getByRole('alertdialog').waitFor();
      await expectNothing('confirmation', '[role=alertdialog]');
    });

    test.runIf(isLongForm)('with the open select and date picker of a modal', async () => {
      const dialog = await openForm(options);
      await block(dialog, 'multi_external_select').locator('.select-opener').click();
      await page.getByRole('option', { name: 'Option pear' }).waitFor();
      await expectNothing('open select', '.popup');
      await page.keyboard.press('Escape');
      await page.getByRole('option', { name: 'Option pear' }).waitFor({ state: 'detached' });
      await block(dialog, 'datepicker').getByRole('button').click();
      await page.getByRole('grid').waitFor();
      await expectNothing('open date picker', '.popup');
    });

    test.runIf(isLongForm)('with the Home tab and the sidebar drawer', async () => {
      const dm = kitchen.slack
        .as('ada')
        .conversations()
        .find(({ kind }) => kind === 'app_dm');
      page = await kitchen.open({ ...options, hash: `#as=U0ADA00001&in=${dm?.id}` });
      await page.getByRole('tab', { name: 'Home' }).click();
      await page.getByText('Counted 0').waitFor();
      await expectNothing('Home tab');
      if (!isPhone()) return;
      await page.getByRole('button', { name: 'Show conversations' }).click();
      await page.getByRole('dialog', { name: 'Sidebar' }).waitFor();
      await expectNothing('sidebar drawer', '.drawer');
    });

    test.runIf(isLongForm)('with both tabs of the developer tools', async () => {
      page = await kitchen.open(options);
      if (isPhone()) await page.getByRole('button', { name: 'Show conversations' }).click();
      await openPanel(page);
      const requests = await requestsTab(page);
      await requests.getByRole('listitem').last().getByRole('button').first().click();
      await expectNothing('panel, requests', '.panel');
      await controlsTab(page);
      await expectNothing('panel, controls', '.panel');
    });
  });
});
