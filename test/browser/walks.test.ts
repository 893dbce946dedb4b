import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { isLongForm } from '../long-form.ts';
import { controlsTab, openPanel, outcome } from './page/panel-page.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import { block, choose, composer, expectFocus, follow, onlyVisibleToYou, type } from './page/slack-page.ts';

/** An admin of everything, where no team is at hand: not in a team's channel. */
const CY_IN_RANDOM = '#as=U0CYX00003&in=C0RANDOM01';

describe('In a browser, off the main way,', () => {
  const sandbox = shareSandbox();
  let page: Page;

  test('an organization admin finds any team by typing, and makes an account in it', async () => {
    page = await sandbox.open({ hash: CY_IN_RANDOM });
    await type(page, '/wandb sa new paper-builder');
    await choose(page, block(page, 'team').getByRole('button').first(), 'research');
    await page.getByRole('button', { name: 'Create' }).click();
    const message = onlyVisibleToYou(page).filter({ hasText: 'paper-builder' });
    await message.waitFor();
    expect(await message.textContent()).toMatch(API_KEY_PATTERN);
    expect(await message.textContent()).toContain('WANDB_ENTITY=research');
  });

  test('what is missing is said at each field before anything is sent, and the first has the focus', async () => {
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
  });

  test('what the app finds wrong with the name is said at the name, which gets the focus', async () => {
    page = await sandbox.open();
    await type(page, '/wandb sa new test');
    await page.getByLabel('Purpose').fill('Evaluates the nightly model');
    await page.getByRole('button', { name: 'Create' }).click();
    const name = page.getByLabel('Name', { exact: true });
    await block(page, 'name').getByText('does not say what the account is for').waitFor();
    await expectFocus(name);
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    const describedBy = (await name.getAttribute('aria-describedby'))?.split(' ') ?? [];
    const error = await block(page, 'name').locator('.field-error').getAttribute('id');
    expect(describedBy).toContain(error);
    expect(await page.getByLabel('Purpose').inputValue()).toBe('Evaluates the nightly model');
  });

  test('a key that could not be delivered is collected in the direct message with the app', async () => {
    page = await sandbox.open();
    await type(page, '/wandb sa new collected-later');
    await page.getByRole('button', { name: 'Create' }).waitFor();
    // Somebody else's window, because the form is in the way in this one.
    const tools = await sandbox.open({ beside: page, hash: '#as=U0BEN00002' });
    await openPanel(tools);
    await (await controlsTab(tools)).getByRole('button', { name: /response URLs expire now/ }).click();
    await outcome(tools).getByText('The response URLs have expired.').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();

    await page.getByRole('dialog').getByText('Click Collect key in the direct message').waitFor();
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await follow(page, 'Conversations', 'Keysmith');
    await page.getByRole('button', { name: 'Collect key' }).click();
    const message = onlyVisibleToYou(page).filter({ hasText: 'collected-later' });
    await message.waitFor();
    expect(await message.locator('pre').first().textContent()).toMatch(API_KEY_PATTERN);
    await page.getByText('was collected.').waitFor();
    expect(await page.getByRole('button', { name: 'Collect key' }).count()).toBe(0);
  });

  test.runIf(isLongForm)('a reload closes the dialog and forgets what only you could see', async () => {
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
