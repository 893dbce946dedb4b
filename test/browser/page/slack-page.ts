import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';

export function composer(page: Page): Locator {
  return page.getByRole('combobox', { name: /Message/ });
}

export function onlyVisibleToYou(page: Page): Locator {
  return page.getByRole('article').filter({ hasText: 'Only visible to you' });
}

export async function type(page: Page, line: string): Promise<void> {
  await composer(page).fill(line);
  await composer(page).press('Enter');
}

export async function switchPerson(page: Page, name: string): Promise<void> {
  await follow(page, 'People', name);
}

/** Follows a link of the sidebar and waits until the composer has been replaced. */
export async function follow(page: Page, navigation: string, name: string): Promise<void> {
  await composer(page).evaluate((element) => element.setAttribute('data-before', ''));
  await page.getByRole('navigation', { name: navigation }).getByRole('link', { name }).click();
  await page.locator('[data-before]').waitFor({ state: 'detached' });
  await composer(page).waitFor();
}

/** Opens the direct messages with the app, which have a notice in place of the composer. */
export async function openAppMessages(page: Page): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Conversations' })
    .getByRole('link', { name: 'Keysmith' })
    .click();
  await page.getByText('Sending messages to this app has been turned off.').waitFor();
  await composer(page).waitFor({ state: 'detached' });
}

/** Opens the app's Home tab, and waits until Keysmith has published it. */
export async function openHome(page: Page): Promise<Locator> {
  await page
    .getByRole('navigation', { name: 'Conversations' })
    .getByRole('link', { name: 'Keysmith' })
    .click();
  await page.getByRole('tab', { name: 'Home' }).click();
  const home = page.getByRole('tabpanel', { name: 'Home' });
  await home.getByRole('button', { name: 'New service account' }).waitFor();
  return home;
}

/** Creates an account with a key. Resolves with the message that shows the key. */
export async function createAccount(page: Page, name: string): Promise<Locator> {
  await type(page, `/wandb sa new ${name}`);
  await page.getByRole('button', { name: 'Create' }).click();
  const message = onlyVisibleToYou(page).filter({ hasText: name });
  await message.waitFor();
  expect(await message.textContent()).toMatch(API_KEY_PATTERN);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return message;
}

/** Returns a block of a modal, with its elements and their errors. */
export function block(scope: Page | Locator, blockId: string): Locator {
  return scope.locator(`[data-block-id="${blockId}"]`);
}

/** Opens a select, searches for an option and chooses it. */
export async function choose(page: Page, select: Locator, name: string): Promise<void> {
  await select.click();
  await page.getByRole('searchbox', { name: 'Search' }).fill(name);
  await page.getByRole('option', { name }).click();
}

/** Waits until the element has the focus. */
export async function expectFocus(target: Locator): Promise<void> {
  await expect
    .poll(() => target.evaluate((element) => element === document.activeElement), { timeout: 5_000 })
    .toBe(true);
}

export function panel(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Developer tools' });
}

/** Opens the developer tools if they aren't open yet. */
export async function openPanel(page: Page): Promise<Locator> {
  const opener = page.getByRole('button', { name: 'Developer tools', exact: true });
  if ((await opener.getAttribute('aria-pressed')) !== 'true') await opener.click();
  await panel(page).waitFor();
  return panel(page);
}

export async function controlsTab(page: Page): Promise<Locator> {
  await panel(page).getByRole('tab', { name: 'Controls' }).click();
  const controls = panel(page).getByRole('tabpanel', { name: 'Controls' });
  await controls.getByRole('heading', { name: 'Failures' }).waitFor();
  return controls;
}

export async function requestsTab(page: Page): Promise<Locator> {
  await panel(page).getByRole('tab', { name: 'Requests' }).click();
  const requests = panel(page).getByRole('tabpanel', { name: 'Requests' });
  await requests.waitFor();
  return requests;
}

/** Returns the line that shows the outcome of the last action. */
export function outcome(page: Page): Locator {
  return panel(page).getByRole('status', { name: 'Outcome' });
}
