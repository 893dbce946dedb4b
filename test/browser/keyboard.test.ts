import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { press, tabTo } from './page/keyboard.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import { block, composer, createAccount, expectFocus, onlyVisibleToYou } from './page/slack-page.ts';

describe('The sandbox page with the keyboard only', () => {
  const sandbox = shareSandbox();
  let page: Page;

  test('takes a first visitor to a stored key and returns the focus to the composer', async () => {
    page = await sandbox.open();
    await expectFocus(composer(page));
    await page.keyboard.type('/wa');
    await page.getByRole('option', { name: /wandb/ }).waitFor();
    await press(page, 'Tab');
    expect(await composer(page).inputValue()).toBe('/wandb ');
    await page.keyboard.type('service-account new');
    await press(page, 'Enter');

    const name = page.getByLabel('Name', { exact: true });
    await name.waitFor();
    await tabTo(page, name);
    await page.keyboard.type('keyboard-eval');
    await tabTo(page, block(page, 'expires').getByRole('button').first());
    await press(page, 'Enter');
    await page.getByRole('searchbox', { name: 'Search' }).waitFor();
    await press(page, 'ArrowDown');
    await press(page, 'Enter');
    await page.getByRole('searchbox', { name: 'Search' }).waitFor({ state: 'detached' });
    await expectFocus(block(page, 'expires').getByRole('button').first());
    await tabTo(page, page.getByRole('button', { name: 'Create' }));
    await page.keyboard.press('Enter');

    const message = onlyVisibleToYou(page).filter({ hasText: 'keyboard-eval' });
    await message.waitFor();
    expect(await message.textContent()).toMatch(API_KEY_PATTERN);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectFocus(composer(page));
    await tabTo(page, message.getByRole('button', { name: 'I’ve stored it' }), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await message.waitFor({ state: 'detached' });
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
    await expectFocus(composer(page));
  });

  test('closes the form on Escape and returns the focus to the composer', async () => {
    page = await sandbox.open();
    await expectFocus(composer(page));
    await page.keyboard.type('/wandb sa new');
    await press(page, 'Enter');
    await page.getByRole('button', { name: 'Create' }).waitFor();
    await press(page, 'Tab');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expectFocus(composer(page));
  });

  test('asks before revoking, keeps the account on Escape and revokes it on Enter', async () => {
    page = await sandbox.open();
    const message = await createAccount(page, 'keyboard-revoked');
    const revoke = message.getByRole('button', { name: 'Revoke' });
    await expectFocus(composer(page));
    await tabTo(page, revoke, 'Shift+Tab');
    await press(page, 'Enter');
    const dialog = page.getByRole('alertdialog', { name: 'Revoke this account?' });
    await dialog.waitFor();
    await press(page, 'Tab');
    await press(page, 'Tab');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expectFocus(revoke);

    await press(page, 'Enter');
    await dialog.waitFor();
    await expectFocus(dialog.getByRole('button', { name: 'Revoke' }));
    await page.keyboard.press('Enter');
    await page.getByText('Its key no longer works.').waitFor();
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
  });
});
