import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

interface Focus {
  /** The HTML of the element, for failure messages. */
  element: string;
  isVisible: boolean;
  /** Whether the focus is inside the open dialog; true if none is open. */
  isInside: boolean;
}

/** Presses a key and checks that the focus is visible, and inside the dialog if one is open. */
export async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await expect
    .poll(() => focusOf(page), { timeout: 5_000, message: `the focus after ${key}` })
    .toMatchObject({ isVisible: true, isInside: true });
}

/** Presses Tab until `target` has the focus. Throws after 40 stops. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
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
