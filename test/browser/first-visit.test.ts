import { expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import { createAccount, openPanel, panel } from './page/slack-page.ts';

const sandbox = shareSandbox({ demoRun: { secondsPerStep: 0.3 } });

test('A first visit leads from a new account to a finished run and to one that its revocation stops', async () => {
  const page = await sandbox.open();
  const message = await createAccount(page, 'nightly-eval');
  const key = API_KEY_PATTERN.exec((await message.textContent()) ?? '')?.[0] ?? '';
  await openPanel(page);
  await panel(page).getByRole('tab', { name: 'Demo run' }).click();
  const tab = panel(page).getByRole('tabpanel', { name: 'Demo run' });
  const status = tab.getByRole('status', { name: 'Demo run' });

  await tab.getByRole('button', { name: 'Log a demo run' }).click();
  await tab.getByText('Paste the key of a service account.').waitFor();

  const field = tab.getByLabel('API key');
  expect(await field.getAttribute('type')).toBe('password');
  await field.fill(key);
  await field.press('Enter');
  await tab.getByText(/Step \d+ of 40/).waitFor();
  expect(await field.inputValue()).toBe('');
  await tab.getByRole('link', { name: 'Show the run in the W&B tab' }).press('Enter');
  const wandb = page.getByRole('main');
  await wandb.getByText('loss', { exact: true }).first().waitFor();
  await status.getByText('The run finished.').waitFor({ timeout: 90_000 });

  await field.fill(key);
  await field.press('Enter');
  await tab.getByText(/Step [1-9]\d* of 40/).waitFor();
  await page.getByRole('navigation', { name: 'Applications' }).getByRole('link', { name: 'Slack' }).click();
  await message.getByRole('button', { name: 'Revoke' }).click();
  const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog'));
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await status.getByText(/^The run was stopped after step \d+/).waitFor({ timeout: 60_000 });
  await panel(page).getByRole('tab', { name: 'Requests' }).click();
  expect(await panel(page).textContent()).not.toMatch(API_KEY_PATTERN);
});
