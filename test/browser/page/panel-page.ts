import type { Locator, Page } from 'playwright-core';

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
