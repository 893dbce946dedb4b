import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { isLongForm } from '../long-form.ts';
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

  test.runIf(isLongForm)('closes the form on Escape and returns the focus to the composer', async () => {
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

  test.runIf(isLongForm)(
    'asks before revoking, keeps the account on Escape and revokes it on Enter',
    async () => {
      page = await sandbox.open();
      const message = await createAccount(page, 'keyboard-revoked');
      const revoke = message.getByRole('button', { name: 'Revoke' });
      await expectFocus(composer(page));
      await tabTo(page, revoke, 'Shift+Tab');
      await press(page, 'Enter');
      const dialog = page.getByRole('alertdialog', { name: 'Revoke this key?' });
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
      await page.getByText('Its keys no longer work.').waitFor();
      expect(await page.content()).not.toMatch(API_KEY_PATTERN);
    },
  );
});

interface Focus {
  /** The HTML of the element, for failure messages. */
  element: string;
  isVisible: boolean;
  /** Whether the focus is inside the open dialog; true if none is open. */
  isInside: boolean;
}

/** Presses a key and checks that the focus is visible, and inside the dialog if one is open. */
async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await expect
    .poll(() => focusOf(page), { timeout: 5_000, message: `the focus after ${key}` })
    .toMatchObject({ isVisible: true, isInside: true });
}

/** Presses Tab until `target` has the focus. Throws after 40 stops. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stops = 0; stops < 40; stops += 1) {
    if (await hasFocus(target)) return;
    await press(page, key);
  }
  throw new Error(
    `40 times ${key} did not reach ${target}; the focus is on ${(await focusOf(page)).element}`,
  );
}

async function hasFocus(target: Locator): Promise<boolean> {
  return (await target.count()) === 1 && target.evaluate((element) => element === document.activeElement);
}

function focusOf(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const focused = document.activeElement ?? document.body;
    // The focus ring may be on the element or on a box around it.
    const around: Element[] = [];
    for (let one: Element | null = focused; one && around.length < 4; one = one.parentElement)
      around.push(one);
    const isMarked = around.some((one) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    });
    const box = focused.getBoundingClientRect();
    const isInWindow = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const dialogs = [...document.querySelectorAll('[role=dialog], [role=alertdialog]')];
    return {
      element: focused.outerHTML.slice(0, 300),
      isVisible: focused !== document.body && isMarked && isInWindow,
      isInside: dialogs.length === 0 || focused.closest('[role=dialog], [role=alertdialog], .popup') !== null,
    };
  });
}
