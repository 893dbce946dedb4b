import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import { endBrowser } from './page/open-page.ts';
import { startSandboxInBrowser } from './page/sandbox-in-browser.ts';
import {
  composer,
  controlsTab,
  createAccount,
  onlyVisibleToYou,
  openAppMessages,
  openPanel,
  type,
} from './page/slack-page.ts';

/*
 * `npm run screenshots:tour -- FOLDER`: takes a screenshot of each surface in the life of an account, in light, dark and
 * on a phone, for a person to look at. Months pass while it runs.
 */

const [folder = 'screenshots'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const DAY_MS = 24 * 60 * 60 * 1000;
let aheadMs = 0;
const now = Date.now;
Date.now = () => now() + aheadMs;

const people = { ada: 'U0ADA00001', ben: 'U0BEN00002', cy: 'U0CYX00003' };
const channels = { platform: 'C0MLPLAT01', random: 'C0RANDOM01' };

const sandbox = await startSandboxInBrowser();
/** Numbers the surfaces in the order in which a person meets them. */
let pictures = 0;

async function as(person: keyof typeof people, channel: keyof typeof channels): Promise<Page> {
  const page = await sandbox.open({ hash: `#as=${people[person]}&in=${channels[channel]}` });
  // The browser's clock also goes on, for the words "today" and "yesterday".
  await page.clock.setSystemTime(Date.now());
  await page.reload();
  await composer(page).waitFor();
  return page;
}

/** Takes the three pictures of what the page shows now. */
async function shoot(page: Page, name: string): Promise<void> {
  pictures += 1;
  const looks = [
    { look: 'light', colorScheme: 'light', viewport: { width: 1200, height: 800 } },
    { look: 'dark', colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
    { look: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  ] as const;
  for (const { look, colorScheme, viewport } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await page.evaluate(() => document.fonts.ready);
    const file = `${String(pictures).padStart(2, '0')}-${name}-${look}.png`;
    await page.screenshot({ path: join(folder, file), caret: 'hide', animations: 'disabled' });
  }
  await page.setViewportSize({ width: 1200, height: 800 });
}

async function openHome(page: Page): Promise<Locator> {
  await page
    .getByRole('navigation', { name: 'Conversations' })
    .getByRole('link', { name: 'Keysmith' })
    .click();
  await page.getByRole('tab', { name: 'Home' }).click();
  const home = page.getByRole('tabpanel', { name: 'Home' });
  await home.getByRole('button', { name: 'New service account' }).waitFor();
  return home;
}

const dialog = (page: Page) => page.getByRole('dialog').last();

async function closeDialog(page: Page): Promise<void> {
  const open = dialog(page);
  await open
    .getByRole('button', { name: /^(Close|Cancel)$/ })
    .last()
    .click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Types a command and waits for its answer, in a message or in a dialog with the text. */
async function ask(page: Page, line: string, text: string | RegExp): Promise<void> {
  await type(page, line);
  await page.getByText(text).last().waitFor();
}

async function store(message: Locator): Promise<void> {
  await message.getByRole('button', { name: 'I’ve stored it' }).click();
  await message.waitFor({ state: 'detached' });
}

async function createAndShow(): Promise<string> {
  const page = await as('ada', 'platform');
  await shoot((await openHome(page)).page(), 'home-empty');
  await page.close();
  const channel = await as('ada', 'platform');
  const created = await createAccount(channel, 'nightly-eval');
  const [key = ''] = API_KEY_PATTERN.exec((await created.textContent()) ?? '') ?? [];
  await shoot(channel, 'key');
  await store(created);
  for (const name of ['weekly-report', 'ci-release', 'data-sync'])
    await store(await createAccount(channel, name));
  await ask(channel, '/wandb sa list', /data-sync/);
  await shoot(channel, 'list');
  await onlyVisibleToYou(channel).last().locator('.overflow-opener').first().click();
  await shoot(channel, 'list-menu');
  await channel.keyboard.press('Escape');
  await ask(channel, '/wandb sa show nightly-eval', 'Contact');
  await shoot(channel, 'show');
  await type(channel, '/wandb sa edit nightly-eval');
  await dialog(channel).getByLabel('Purpose').waitFor();
  await shoot(channel, 'edit');
  await closeDialog(channel);
  await type(channel, '/wandb sa revoke data-sync');
  await dialog(channel).getByLabel('Name of the account').waitFor();
  await shoot(channel, 'revoke');
  await dialog(channel).getByLabel('Name of the account').fill('data-sync');
  await dialog(channel).getByRole('button', { name: 'Revoke' }).click();
  await dialog(channel).getByText('no longer').first().waitFor();
  await shoot(channel, 'revoked');
  await closeDialog(channel);
  await channel.close();
  return key;
}

async function rotate(): Promise<void> {
  const page = await as('ada', 'platform');
  await type(page, '/wandb sa rotate weekly-report');
  await dialog(page).getByRole('button', { name: 'Rotate' }).waitFor();
  await shoot(page, 'rotate');
  await dialog(page).getByRole('button', { name: 'Rotate' }).click();
  const message = onlyVisibleToYou(page).filter({ hasText: 'key-2' });
  await message.waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await shoot(page, 'rotated');
  await store(message);
  await openAppMessages(page);
  await page.getByRole('tab', { name: 'Messages' }).click();
  const card = page.getByRole('article').filter({ hasText: 'Rotation of key' });
  await card.getByText('The old key was never used').waitFor();
  await shoot(page, 'rotation-card');
  await card.getByRole('button', { name: 'Finish now' }).click();
  await dialog(page).getByRole('button', { name: 'Finish now' }).waitFor();
  await shoot(page, 'finish-now');
  await closeDialog(page);
  await page.close();
}

async function request(): Promise<void> {
  const ben = await as('ben', 'platform');
  await type(ben, '/wandb sa new sweep-agent');
  await ben.getByLabel('Reason').fill('Runs the sweeps of the vision group');
  await shoot(ben, 'request-form');
  await ben.getByRole('button', { name: 'Request', exact: true }).click();
  await dialog(ben).getByText('Its approvers have been asked').waitFor();
  await shoot(ben, 'requested');
  await closeDialog(ben);
  const ada = await as('ada', 'platform');
  await ada.getByRole('button', { name: 'Approve' }).waitFor();
  await shoot(ada, 'request-card');
  await ada.getByRole('button', { name: 'Deny' }).click();
  await dialog(ada).getByRole('button', { name: 'Deny' }).waitFor();
  await shoot(ada, 'deny');
  await closeDialog(ada);
  const home = await openHome(ada);
  await home.getByText('sweep-agent').first().waitFor();
  await shoot(ada, 'home-request');
  await ada.close();
  const again = await as('ada', 'platform');
  await again.getByRole('button', { name: 'Approve' }).click();
  const card = again.getByRole('article').filter({ hasText: 'Approved by' });
  await card.getByRole('button', { name: '2 replies' }).click();
  await again.getByRole('complementary', { name: 'Thread' }).getByText('Requested by').waitFor();
  await shoot(again, 'request-thread');
  await again.close();
  await openAppMessages(ben);
  await ben.getByRole('button', { name: 'Collect key' }).waitFor();
  await shoot(ben, 'collect');
  await ben.getByRole('button', { name: 'Collect key' }).click();
  await onlyVisibleToYou(ben).filter({ hasText: 'sweep-agent' }).waitFor();
  await shoot(ben, 'collected');
  await ben.close();
}

async function checkAndAudit(): Promise<void> {
  const cy = await as('cy', 'platform');
  await type(cy, '/wandb sa check');
  await dialog(cy).getByRole('button', { name: 'Check' }).waitFor();
  await shoot(cy, 'check-form');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    sub: 'repo:acme/eval:ref:refs/heads/main',
    aud: 'wandb',
    exp: 1_700_000_000,
    iat: 1_699_999_000,
  };
  const jwt = `${encode({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${encode(claims)}.${'A'.repeat(86)}`;
  await dialog(cy).getByRole('textbox').fill(jwt);
  await dialog(cy).getByRole('button', { name: 'Check' }).click();
  await dialog(cy).getByText('aud').first().waitFor();
  await shoot(cy, 'check');
  await closeDialog(cy);
  await ask(cy, '/wandb team list', 'ml-platform');
  await shoot(cy, 'team-list');
  await ask(cy, '/wandb team show ml-platform', 'Ada');
  await shoot(cy, 'team-show');
  if ((await cy.getByRole('dialog').count()) > 0) await closeDialog(cy);
  await type(cy, '/wandb team new');
  await dialog(cy).getByRole('button').first().waitFor();
  await shoot(cy, 'team-new');
  if ((await cy.getByRole('dialog').count()) > 0) await closeDialog(cy);
  await ask(cy, '/wandb audit', 'sweep-agent');
  await shoot(cy, 'audit');
  await type(cy, '/wandb sa new for-everyone');
  await dialog(cy).getByText('Scope').first().waitFor();
  await shoot(cy, 'form-scope');
  await closeDialog(cy);
  await openHome(cy);
  await shoot(cy, 'home-organization-admin');
  await cy.close();
}

async function report(key: string): Promise<void> {
  const ada = await as('ada', 'random');
  await type(ada, `Use ${key} for now`);
  const message = ada.getByRole('article').filter({ hasText: 'for now' });
  await message.hover();
  await message.getByRole('button', { name: 'More actions' }).click();
  await shoot(ada, 'shortcut-menu');
  await ada.getByRole('menuitem', { name: 'This is a key' }).click();
  await dialog(ada).getByText('works.').waitFor();
  await shoot(ada, 'this-is-a-key');
  await closeDialog(ada);
  await ada.close();
}

/** Lets time pass, step by step so that each job finds its day. */
async function pass(days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    aheadMs += DAY_MS;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function askUrgently(): Promise<void> {
  const ben = await as('ben', 'platform');
  await type(ben, '/wandb sa new hot-fix');
  await ben.getByLabel('Reason').fill('Tonight’s release waits for it');
  await ben.getByRole('checkbox', { name: 'Urgent' }).check();
  await ben.getByRole('button', { name: 'Request', exact: true }).click();
  await dialog(ben).getByText('hot-fix').first().waitFor();
  await shoot(ben, 'urgent-requested');
  await closeDialog(ben);
  await openAppMessages(ben);
  await ben.getByText('hot-fix').first().waitFor();
  await shoot(ben, 'urgent-granted');
  await openHome(ben);
  await shoot(ben, 'home-requester');
  await ben.close();
  const ada = await as('ada', 'platform');
  await ada.getByRole('button', { name: 'Confirm' }).waitFor();
  await shoot(ada, 'urgent-card');
  await ada.getByRole('button', { name: 'Confirm' }).click();
  await ada.getByRole('article').filter({ hasText: 'Confirmed by' }).waitFor();
  await ada.close();
}

/** Ben is the contact of accounts, and leaves. */
async function leave(): Promise<void> {
  const ada = await as('ada', 'platform');
  await openPanel(ada);
  const controls = await controlsTab(ada);
  await controls
    .locator('label')
    .filter({ hasText: /Ben.* is active/ })
    .click();
  await ada.close();
  await pass(3);
  const later = await as('ada', 'platform');
  await openAppMessages(later);
  await later.getByRole('button', { name: 'Take over' }).first().waitFor();
  await shoot(later, 'unowned-card');
  await openHome(later);
  await shoot(later, 'home-unowned');
  await later.close();
}

async function grow(): Promise<void> {
  await pass(80);
  const ada = await as('ada', 'platform');
  await openAppMessages(ada);
  await shoot(ada, 'messages-after-months');
  await openHome(ada);
  await shoot(ada, 'home-after-months');
  const home = ada.getByRole('tabpanel', { name: 'Home' });
  await home.getByRole('button', { name: 'Settings' }).click();
  await dialog(ada).getByRole('checkbox').first().waitFor();
  await shoot(ada, 'settings');
  await closeDialog(ada);
  await ada.close();
  const listed = await as('ada', 'platform');
  await composer(listed).waitFor();
  for (const status of ['active', 'expiring', 'unused', 'revoked']) {
    await type(listed, `/wandb sa list --status ${status}`);
    await onlyVisibleToYou(listed).last().waitFor();
  }
  await shoot(listed, 'list-by-status');
  await ask(listed, '/wandb sa show weekly-report', 'History');
  await shoot(listed, 'show-after-months');
  await listed.close();
}

try {
  const key = await createAndShow();
  await rotate();
  await request();
  await checkAndAudit();
  await report(key);
  await askUrgently();
  await leave();
  await grow();
} finally {
  await sandbox.stop();
  await endBrowser();
}
