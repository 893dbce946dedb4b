import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { isLongForm } from '../long-form.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import {
  block,
  choose,
  composer,
  controlsTab,
  expectFocus,
  onlyVisibleToYou,
  openAppMessages,
  openPanel,
  outcome,
  type,
} from './page/slack-page.ts';

/** Cy, an organization admin, in a channel that belongs to no team. */
const CY_IN_RANDOM = '#as=U0CYX00003&in=C0RANDOM01';

describe('The sandbox page, beyond the main journey', () => {
  const sandbox = shareSandbox();
  let page: Page;

  test.runIf(isLongForm)(
    'lets an organization admin find any team by typing and create an account in it',
    async () => {
      page = await sandbox.open({ hash: CY_IN_RANDOM });
      await type(page, '/wandb sa new paper-builder');
      await choose(page, block(page, 'team').getByRole('button').first(), 'research');
      await page.getByRole('button', { name: 'Create' }).click();
      const message = onlyVisibleToYou(page).filter({ hasText: 'paper-builder' });
      await message.waitFor();
      expect(await message.textContent()).toMatch(API_KEY_PATTERN);
      expect(await message.textContent()).toContain('research');
    },
  );

  test.runIf(isLongForm)(
    'shows what is missing at each field before submitting and focuses the first one',
    async () => {
      page = await sandbox.open();
      await type(page, '/wandb sa new');
      const name = page.getByLabel('Name', { exact: true });
      await page.getByRole('radio', { name: 'Federated identity (External)' }).check();
      await page.getByLabel('Subject').waitFor();
      await page.getByRole('button', { name: 'Create' }).click();
      await block(page, 'name').locator('.field-error').waitFor();
      await block(page, 'subject').locator('.field-error').waitFor();
      await expectFocus(name);
      await name.fill('filled-in-now');
      await block(page, 'name').locator('.field-error').waitFor({ state: 'detached' });
      expect(await block(page, 'subject').locator('.field-error').count()).toBe(1);
    },
  );

  test.runIf(isLongForm)('shows the app’s validation error at the name field and focuses it', async () => {
    page = await sandbox.open();
    await type(page, '/wandb sa new test');
    await page.getByLabel('Purpose').fill('Evaluates the nightly model');
    await page.getByRole('button', { name: 'Create' }).click();
    const name = page.getByLabel('Name', { exact: true });
    await block(page, 'name').getByText('says what the account is for').waitFor();
    await expectFocus(name);
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    const describedBy = (await name.getAttribute('aria-describedby'))?.split(' ') ?? [];
    const error = await block(page, 'name').locator('.field-error').getAttribute('id');
    expect(describedBy).toContain(error);
    expect(await page.getByLabel('Purpose').inputValue()).toBe('Evaluates the nightly model');
  });

  test('lets the person collect a key that couldn’t be delivered, in the direct message with the app', async () => {
    page = await sandbox.open();
    await type(page, '/wandb sa new collected-later');
    await page.getByRole('button', { name: 'Create' }).waitFor();
    // In another person's window, because the form covers this one.
    const tools = await sandbox.open({ beside: page, hash: '#as=U0BEN00002' });
    await openPanel(tools);
    await (await controlsTab(tools)).getByRole('button', { name: /Expire all response URLs/ }).click();
    await outcome(tools).getByText('All response URLs expired.').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();

    await page
      .getByRole('dialog')
      .getByText('open the direct message from Keysmith and press Collect key')
      .waitFor();
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const unread = page.locator('.sidebar-link.unread').filter({ hasText: 'Keysmith' });
    await unread.filter({ hasText: '1' }).waitFor();
    await page.reload();
    await unread.filter({ hasText: '1' }).waitFor();
    await openAppMessages(page);
    await page.getByRole('button', { name: 'Collect key' }).click();
    const message = onlyVisibleToYou(page).filter({ hasText: 'collected-later' });
    await message.waitFor();
    expect(await message.locator('pre').first().textContent()).toMatch(API_KEY_PATTERN);
    await page.getByText('Collected the key').waitFor();
    expect(await page.getByRole('button', { name: 'Collect key' }).count()).toBe(0);
  });

  test.runIf(isLongForm)('closes the dialog and forgets ephemeral messages on reload', async () => {
    page = await sandbox.open();
    await type(page, '/wandb help');
    await onlyVisibleToYou(page).first().waitFor();
    await type(page, '/wandb sa new never-sent');
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).waitFor();
    await page.reload();
    await composer(page).waitFor();
    await page.getByRole('log').and(page.locator('[aria-busy=false]')).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await onlyVisibleToYou(page).count()).toBe(0);
  });
});
