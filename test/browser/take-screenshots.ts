import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startSandboxInBrowser } from './page/sandbox-in-browser.ts';

/*
 * `npm run screenshots`: takes the README's screenshots. Names and dates differ between runs, so no test compares them.
 */

const size = { width: 1200, height: 800 };
const folder = join(import.meta.dirname, 'screenshots');

// The default port, because it appears in the lines to paste.
const sandbox = await startSandboxInBrowser({ port: 3000 });
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await sandbox.open({ ...size, colorScheme });
    await fillForm(page, colorScheme === 'light' ? 'nightly-eval' : 'nightly-train');
    await takeScreenshot(page, `form-${colorScheme}.png`);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('article').filter({ hasText: 'Only visible to you' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await takeScreenshot(page, `key-${colorScheme}.png`);
    await page.close();
  }
} finally {
  await sandbox.stop();
}

async function fillForm(page: Page, name: string): Promise<void> {
  const composer = page.getByRole('combobox', { name: /Message/ });
  await composer.fill('/wandb service-account new');
  await composer.press('Enter');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Purpose').fill('Evaluates the newest checkpoint every night');
}

/** Takes a screenshot without the blinking caret, once the fonts are loaded. */
async function takeScreenshot(page: Page, file: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, file), caret: 'hide', animations: 'disabled' });
}
