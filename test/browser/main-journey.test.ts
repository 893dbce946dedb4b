import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { isLongForm } from '../long-form.ts';
import { shareSandbox } from './page/share-sandbox.ts';
import { composer, createAccount, follow, onlyVisibleToYou, switchPerson, type } from './page/slack-page.ts';

describe('The sandbox page', () => {
  const sandbox = shareSandbox();
  let page: Page;

  test('takes a first visitor from an empty page to a stored key and the list of accounts', async () => {
    page = await sandbox.open();
    await page.getByRole('button', { name: 'Try /wandb service-account new' }).click();
    await composer(page).press('Enter');
    await page.getByLabel('Name', { exact: true }).fill('nightly-eval');
    await page.getByRole('button', { name: 'Create' }).click();

    const message = onlyVisibleToYou(page).filter({ hasText: 'nightly-eval' });
    await message.waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await message.locator('pre').first().textContent()).toMatch(API_KEY_PATTERN);
    expect(await message.locator('pre').last().textContent()).toMatch(
      /^WANDB_API_KEY=keysmith_\S+\nWANDB_ENTITY=ml-platform\nWANDB_BASE_URL=http:\/\/\S+$/,
    );

    await message.getByRole('button', { name: 'I’ve stored it' }).click();
    await message.waitFor({ state: 'detached' });
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);

    await type(page, '/wandb sa list');
    await onlyVisibleToYou(page).filter({ hasText: 'nightly-eval' }).waitFor();
  });

  test('no longer has the key after a reload, and never shows it to anyone else', async () => {
    page = await sandbox.open();
    await createAccount(page, 'weekly-report');
    await page.reload();
    await composer(page).waitFor();
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
    await switchPerson(page, 'Ben');
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
  });

  test.runIf(isLongForm)('shows no animation to a person who prefers reduced motion', async () => {
    page = await sandbox.open();
    const animationOf = (className: string) =>
      page.evaluate((name) => {
        const element = document.createElement('span');
        element.className = name;
        document.body.append(element);
        const { animationName } = getComputedStyle(element);
        element.remove();
        return animationName;
      }, className);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await animationOf('panel-spinner')).toBe('panel-spin');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await animationOf('panel-spinner')).toBe('none');
  });

  test.runIf(isLongForm)('tells a member which admin to ask', async () => {
    page = await sandbox.open();
    await switchPerson(page, 'Ben');
    await type(page, '/wandb service-account revoke nightly-eval');
    const response = onlyVisibleToYou(page).filter({ hasText: 'Only admins of' });
    await response.waitFor();
    expect(await response.textContent()).toContain('@');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test.runIf(isLongForm)('tells a person without a team whom to ask', async () => {
    page = await sandbox.open();
    await switchPerson(page, 'Dee');
    await type(page, '/wandb service-account new');
    await onlyVisibleToYou(page).filter({ hasText: 'You’re not in any W&B team' }).waitFor();
  });

  test('creates a federated account without a key: the method swaps the fields, and the message shows the JWT’s claims', async () => {
    page = await sandbox.open();
    await type(page, '/wandb sa new train-on-github');
    await page.getByRole('radio', { name: 'Federated identity (External)' }).check();
    await page.getByRole('button', { name: 'Issuer' }).click();
    await page.getByRole('option', { name: 'https://token.actions.githubusercontent.com' }).click();
    await page.getByLabel('Subject').fill('repo:acme/train:ref:refs/heads/main');
    expect(await page.getByLabel('Expires').count()).toBe(0);
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('train-on-github');
    await page.getByRole('button', { name: 'Create' }).click();
    const message = onlyVisibleToYou(page).filter({ hasText: 'train-on-github' });
    await message.waitFor();
    const text = await message.textContent();
    expect(text).toContain('repo:acme/train:ref:refs/heads/main');
    expect(text).toContain('WANDB_IDENTITY_TOKEN_FILE');
    expect(text).not.toMatch(API_KEY_PATTERN);
  });

  test('asks before revoking and then removes the key from view', async () => {
    page = await sandbox.open();
    await createAccount(page, 'short-lived');
    const message = onlyVisibleToYou(page).filter({ hasText: 'short-lived' });
    await message.getByRole('button', { name: 'Revoke' }).click();
    const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog'));
    await dialog.getByText('Revoke this key?').waitFor();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Its keys no longer work.').waitFor();
    expect(await page.content()).not.toMatch(API_KEY_PATTERN);
  });

  test.runIf(isLongForm)('shows the key in every kind of conversation', async () => {
    page = await sandbox.open();
    for (const conversation of ['random', 'ml-secrets', 'ben']) {
      await follow(page, 'Conversations', conversation);
      await createAccount(page, `eval-for-${conversation.toLowerCase()}`);
    }
  });
});
