import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { logDemoRun } from '../../src/sandbox/demo-run/demo-run.ts';
import { endBrowser } from './page/open-page.ts';
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
    const [apiKey = ''] = API_KEY_PATTERN.exec((await page.textContent('main')) ?? '') ?? [];
    await whileDemoRunLogs(apiKey, async (link) => {
      await page.goto(link);
      await page
        .getByRole('img', { name: /^Line chart of .*: 6\d values/ })
        .first()
        .waitFor();
      await takeScreenshot(page, `wandb-${colorScheme}.png`);
    });
    await page.close();
  }
} finally {
  await sandbox.stop();
  await endBrowser();
}

async function fillForm(page: Page, name: string): Promise<void> {
  const composer = page.getByRole('combobox', { name: /Message/ });
  await composer.fill('/wandb service-account new');
  await composer.press('Enter');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Purpose').fill('Evaluates the newest checkpoint every night');
}

/** Logs a demo run until `look` is done. It gets the link of the run, as the SDK prints it. */
async function whileDemoRunLogs(apiKey: string, look: (link: string) => Promise<void>): Promise<void> {
  const baseUrl = 'http://localhost:3001';
  const ending = new AbortController();
  const started = Promise.withResolvers<string>();
  const logged = logDemoRun({
    baseUrl,
    credential: { kind: 'api_key', secret: apiKey },
    project: 'demo',
    steps: 100,
    secondsPerStep: 0.05,
    signal: ending.signal,
    onProgress(progress) {
      if (progress.kind !== 'started') return;
      const { entity, project, run } = progress.at;
      started.resolve(`${baseUrl}/${entity}/${project}/runs/${run}`);
    },
  });
  void logged.then((outcome) => started.reject(new Error(`The run ended: ${JSON.stringify(outcome)}`)));
  await look(await started.promise);
  ending.abort();
  await logged;
}

/** Takes a screenshot without the blinking caret, once the fonts are loaded. */
async function takeScreenshot(page: Page, file: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, file), caret: 'hide', animations: 'disabled' });
}
