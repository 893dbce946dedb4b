import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { isLongForm } from '../long-form.ts';
import { startKitchenInBrowser } from './page/kitchen-in-browser.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import {
  controlsTab,
  createAccount,
  onlyVisibleToYou,
  openPanel,
  outcome,
  panel,
  requestsTab,
  type,
} from './page/slack-page.ts';

describe('The developer tools of the sandbox page', () => {
  const sandbox = shareSandbox();
  let page: Page;

  const row = (method: string) =>
    panel(page)
      .getByRole('button', { name: new RegExp(`: ${method}\\b`) })
      .last();

  test('show the requests between Slack and the app with every secret masked', async () => {
    page = await sandbox.open();
    await openPanel(page);
    const message = await createAccount(page, 'looked-at');
    await requestsTab(page);
    await row('response_url').waitFor();
    for (const method of ['slash_command', 'views.open', 'view_submission', 'response_url']) {
      await row(method).click();
      const details = panel(page).locator(`[id="${await row(method).getAttribute('aria-controls')}"]`);
      await details.getByText(/^Headers/).click();
      const text = (await details.textContent()) ?? '';
      expect(text).not.toMatch(API_KEY_PATTERN);
      expect(text).not.toMatch(/xoxb-sandbox-[0-9a-f]/);
      if (method === 'views.open') expect(text).toContain('xoxb-•••');
      await row(method).click();
    }
    await panel(page).getByRole('searchbox', { name: 'Filter requests' }).fill('keysmith_•••');
    await panel(page)
      .getByText(/^Shown: 1 of/)
      .waitFor();
    await row('response_url').waitFor();
    await message.getByRole('button', { name: 'I’ve stored it' }).click();
    await message.waitFor({ state: 'detached' });
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
  });

  test.runIf(isLongForm)(
    'make a method fail once, which the app handles and the request list shows',
    async () => {
      page = await sandbox.open();
      await openPanel(page);
      const controls = await controlsTab(page);
      await controls.getByRole('combobox', { name: 'Method' }).fill('views.open');
      await page.getByRole('option', { name: 'views.open' }).click();
      await controls.getByRole('button', { name: 'What happens' }).click();
      await page.getByRole('option', { name: 'Error code (ok: false)' }).click();
      await controls.getByRole('textbox', { name: 'Error code' }).fill('internal_error');
      await controls.getByRole('button', { name: 'Make it fail' }).click();
      await outcome(page).getByText('views.open will fail for the next call').waitFor();
      await controls
        .getByRole('region', { name: 'Planned failures' })
        .getByText('views.open')
        .first()
        .waitFor();
      await type(page, '/wandb sa new');
      await onlyVisibleToYou(page).filter({ hasText: 'The form didn’t open' }).waitFor();
      await controls.getByText('No failures planned.').waitFor();
      await requestsTab(page);
      await row('views.open').getByText('internal_error').waitFor();
      await type(page, '/wandb sa new');
      await page.getByRole('button', { name: 'Create' }).waitFor();
    },
  );

  test.runIf(isLongForm)('remove the app from a channel and add it again', async () => {
    page = await sandbox.open();
    await openPanel(page);
    const controls = await controlsTab(page);
    const member = controls.locator('label').filter({ hasText: 'ml-platform' });
    await page.getByText('Keysmith is a member').waitFor();
    await member.click();
    await page.getByText('Keysmith isn’t a member').waitFor();
    await member.click();
    await page.getByText('Keysmith is a member').waitFor();
  });

  test.runIf(isLongForm)(
    'expire the next trigger, so the form doesn’t open and the person sees why',
    async () => {
      page = await sandbox.open();
      await openPanel(page);
      const controls = await controlsTab(page);
      await controls.getByRole('button', { name: 'Expire the next trigger' }).click();
      await outcome(page).getByText('The next trigger will arrive expired.').waitFor();
      await type(page, '/wandb sa new');
      await onlyVisibleToYou(page).filter({ hasText: 'Slack allows three seconds' }).waitFor();
      expect(await page.getByRole('dialog').count()).toBe(0);
    },
  );

  test.runIf(isLongForm)('open over a narrow page and return the focus when they close', async () => {
    page = await sandbox.open({ isPhone: true });
    await page.getByRole('button', { name: 'Show conversations' }).tap();
    await openPanel(page);
    await panel(page).getByRole('button', { name: 'Close developer tools' }).tap();
    await panel(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show conversations' }).waitFor();
  });
});

test.runIf(isLongForm)(
  'The developer tools disconnect the socket, after which the app reconnects and its command works',
  async () => {
    const kitchen = await startKitchenInBrowser('socket');
    try {
      const page = await kitchen.open();
      await openPanel(page);
      const controls = await controlsTab(page);
      await controls.getByText('Open connections: 1').waitFor();
      await controls.getByRole('button', { name: 'Disconnect: refresh_requested' }).click();
      await outcome(page).getByText('Disconnected with reason refresh_requested.').waitFor();
      const connections = () =>
        kitchen.slack.traffic.filter(({ method }) => method === 'apps.connections.open');
      await expect.poll(() => connections().length, { timeout: 10_000 }).toBe(2);
      await controls.getByText('Open connections: 1').waitFor();
      await type(page, '/kitchen');
      await page.getByRole('dialog', { name: 'Kitchen' }).waitFor();
      expect(kitchen.errors).toEqual([]);
    } finally {
      await kitchen.stop();
    }
  },
);
