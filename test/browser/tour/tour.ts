import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import { endBrowser } from '../page/open-page.ts';
import { startSandboxInBrowser } from '../page/sandbox-in-browser.ts';
import { composer, createAccount, type } from '../page/slack-page.ts';
import { createWorkloads, type Workloads } from './workloads.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const people = {
  ada: 'U0ADA00001',
  ben: 'U0BEN00002',
  cy: 'U0CYX00003',
  dee: 'U0DEE00004',
  fay: 'U0FAY00006',
};
const channels = { platform: 'C0MLPLAT01', random: 'C0RANDOM01' };

type Person = keyof typeof people;

export interface Tour {
  /** Opens the page as a person, in a channel. */
  as(person: Person, channel?: keyof typeof channels): Promise<Page>;
  /** Takes the three pictures of what the page shows now. `subject`: scrolled into view in each. */
  shoot(page: Page, name: string, subject?: Locator): Promise<void>;
  /** Lets time pass, step by step so that each job finds its day. */
  pass(days: number): Promise<void>;
  workloads: Workloads;
  stop(): Promise<void>;
}

/** Starts the sandbox and its clock, which goes on as the tour says. */
export async function startTour(folder: string): Promise<Tour> {
  mkdirSync(folder, { recursive: true });
  let aheadMs = 0;
  const now = Date.now;
  Date.now = () => now() + aheadMs;
  const workloads = await createWorkloads();
  const sandbox = await startSandboxInBrowser({ configure: workloads.configure });
  // Numbers the surfaces in the order in which a person meets them.
  let pictures = 0;
  return {
    workloads,
    async as(person, channel = 'platform') {
      const page = await sandbox.open({ hash: `#as=${people[person]}&in=${channels[channel]}` });
      // The browser's clock also goes on, for the words "today" and "yesterday".
      await page.clock.setSystemTime(Date.now());
      await page.reload();
      await composer(page).waitFor();
      return page;
    },
    async shoot(page, name, subject) {
      pictures += 1;
      await takePictures(page, join(folder, `${String(pictures).padStart(2, '0')}-${name}`), subject);
    },
    async pass(days) {
      for (let left = days; left > 0; left -= 1) {
        aheadMs += DAY_MS * Math.min(left, 1);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
    async stop() {
      await sandbox.stop();
      await endBrowser();
    },
  };
}

async function takePictures(page: Page, path: string, subject: Locator | undefined): Promise<void> {
  const looks = [
    { look: 'light', colorScheme: 'light', viewport: { width: 1200, height: 800 } },
    { look: 'dark', colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
    { look: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  ] as const;
  for (const { look, colorScheme, viewport } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await page.evaluate(() => document.fonts.ready);
    await subject?.scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${path}-${look}.png`, caret: 'hide', animations: 'disabled' });
  }
  await page.setViewportSize({ width: 1200, height: 800 });
}

export const dialog = (page: Page) => page.getByRole('dialog').last();

export async function closeDialog(page: Page): Promise<void> {
  await dialog(page)
    .getByRole('button', { name: /^(Close|Cancel)$/ })
    .last()
    .click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Presses a button of the dialog, waits for a text in it, takes the pictures and closes the dialog. */
export async function submitAndShoot(
  tour: Tour,
  page: Page,
  { press, until, name }: { press: string; until: string | RegExp; name: string },
): Promise<void> {
  await dialog(page).getByRole('button', { name: press, exact: true }).click();
  await dialog(page).getByText(until).first().waitFor();
  await tour.shoot(page, name);
  await closeDialog(page);
}

/** Types a command and waits for its answer, in a message or in a dialog with the text. */
export async function ask(page: Page, line: string, text: string | RegExp): Promise<void> {
  await type(page, line);
  await page.getByText(text).last().waitFor();
}

/** Presses *I’ve stored it* below a key. */
export async function store(message: Locator): Promise<void> {
  await message.getByRole('button', { name: 'I’ve stored it' }).click();
  await message.waitFor({ state: 'detached' });
}

/** Returns the key that a message shows, and where workloads send it. */
export async function shownKey(message: Locator): Promise<{ key: string; url: string }> {
  const text = (await message.textContent()) ?? '';
  const [key = ''] = API_KEY_PATTERN.exec(text) ?? [];
  const [, url = ''] = /WANDB_BASE_URL=(https?:\/\/[\w.]+:\d+)/.exec(text) ?? [];
  return { key, url };
}

/** Creates an account and stores its key. */
export async function createKey(page: Page, name: string): Promise<{ key: string; url: string }> {
  const message = await createAccount(page, name);
  const shown = await shownKey(message);
  await store(message);
  return shown;
}
