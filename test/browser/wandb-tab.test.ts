import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isLongForm } from '../long-form.ts';
import { stream, upsert } from '../sandbox/wandb/runs/run-calls.ts';
import { basic } from '../sandbox/wandb/wandb-calls.ts';
import { recordedRunName, replayRun } from '../world/wandb-runs/replay.ts';
import { expectDarkWithoutViolations, expectNoSeriousViolations } from './page/axe-violations.ts';
import { composer, expectFocus } from './page/slack-page.ts';
import { startWandbInBrowser, type WandbInBrowser } from './page/wandb-in-browser.ts';

const run = recordedRunName('0.30.0');
const hostile = `<img src=x onerror="document.title='hacked'">${'very-long-name-'.repeat(12)}`;

describe('The W&B tab of the sandbox page', () => {
  let sandbox: WandbInBrowser;
  let page: Page;
  beforeAll(async () => {
    sandbox = await startWandbInBrowser();
  });
  afterEach(async () => {
    await sandbox.closePages();
    expect(sandbox.errors.splice(0)).toEqual([]);
  });
  afterAll(() => sandbox.stop());

  const chart = (name: string) => page.getByRole('figure', { name, exact: true });

  test('says how to log the first run, and follows a recorded run without a reload until it is finished', async () => {
    page = await sandbox.open('');
    await page.getByRole('heading', { name: 'Log your first run' }).waitFor();
    await page.getByText('export WANDB_BASE_URL=http://localhost:3001').waitFor();
    if (isLongForm) await expectNoSeriousViolations(page, 'no run');
    await page.evaluate(() => document.body.setAttribute('data-loaded-once', ''));
    const { apiKey } = sandbox.wandb.team('ml-platform').createServiceAccount('nightly-eval');
    const { baseUrl } = sandbox.wandb;
    await replayRun({
      sdk: '0.30.0',
      script: 'full',
      baseUrl,
      team: 'ml-platform',
      authorization: basic(apiKey),
    });
    await page.getByRole('link', { name: 'demo' }).click();
    const row = page.getByRole('row', { name: 'quiet-run-1' });
    await row.getByText('Finished').waitFor();
    await row.getByText('nightly-eval').waitFor();
    await expectNoSeriousViolations(page, 'runs');
    await row.getByRole('link').click();
    await chart('loss')
      .getByRole('img', {
        name: 'Line chart of loss by step: 5 values, minimum 0.2, maximum 1, last 0.2 at step 4.',
      })
      .waitFor();
    expect(await page.title()).toBe(`${run} · demo · W&B`);
    expect(await page.locator('[data-loaded-once]').count()).toBe(1);
  });

  test.runIf(isLongForm)(
    'shows a run by keyboard: its charts as tables, its tabs, and the way back',
    async () => {
      page = await sandbox.open(`/ml-platform/demo/runs/${run}`);
      await chart('loss').waitFor();
      await expectNoSeriousViolations(page, 'charts');
      await expectDarkWithoutViolations(page, 'charts');
      await page.getByRole('button', { name: 'loss as a table' }).press('Enter');
      const values = chart('loss').getByRole('row');
      expect(await values.allTextContents()).toEqual([
        'Steploss',
        '01',
        '10.5',
        '20.3333333333333333',
        '30.25',
        '40.2',
      ]);
      await page.getByRole('tab', { name: 'Charts' }).press('ArrowRight');
      await page.keyboard.press('Enter');
      await page.getByRole('rowheader', { name: 'layers' }).waitFor();
      await page.getByText('CPython 3.11.7').waitFor();
      await expectNoSeriousViolations(page, 'overview');
      await page.getByRole('tab', { name: 'Overview' }).press('ArrowRight');
      await page.keyboard.press('Enter');
      await page.getByRole('region', { name: 'Console log' }).getByText('console line 4').waitFor();
      if (isLongForm) await expectNoSeriousViolations(page, 'logs');
      await page.goBack();
      await page.getByRole('rowheader', { name: 'layers' }).waitFor();
      await page.getByRole('tab', { name: 'Files' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'note.txt' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('note.txt');
      await page.getByRole('tab', { name: 'Artifacts' }).click();
      await page.getByRole('row', { name: 'tiny-full-v0300:v0 dataset latest 1 32B' }).waitFor();
      await page.getByRole('link', { name: 'Slack' }).press('Enter');
      await composer(page).waitFor();
      await page.getByRole('link', { name: 'W&B' }).press('Enter');
      await page.getByRole('heading', { name: 'Projects' }).waitFor();
      await expectFocus(page.getByRole('link', { name: 'W&B', exact: true }));
    },
  );

  test('stops a running run on a phone, whatever its name is, and names the person for whom it is logged', async () => {
    page = await sandbox.open('/ml-platform/demo/runs/two', { isPhone: true });
    await page.getByRole('heading', { name: 'Run not found' }).waitFor();
    const { apiKey: key } = sandbox.wandb.team('ml-platform').createServiceAccount('for-ada');
    const forAda = { key, headers: { 'x-wandb-user-email': 'ada@acme.test' } };
    await upsert(sandbox.wandb, { name: 'two', displayName: hostile, tags: [hostile] }, forAda);
    await page.getByRole('heading', { name: '<img src=x' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.getByRole('button', { name: 'Stop run' }).tap();
    await page.getByRole('status').getByText('Stopping').waitFor();
    await stream(sandbox.wandb, { complete: true, exitcode: 255 }, { run: 'two' });
    await page.getByRole('status').getByText('Killed').waitFor();
    await page.getByRole('button', { name: 'Stop run' }).waitFor({ state: 'detached' });
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'demo' }).tap();
    const row = page.getByRole('row', { name: '<img src=x' });
    await row.getByText('for-ada').waitFor();
    await row.getByText('Ada Lindqvist').waitFor();
    if (isLongForm) await expectNoSeriousViolations(page, 'runs on a phone');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await page.title()).toBe('demo · W&B');
  });
});
