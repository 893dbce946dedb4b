import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, type Page, chromium as playwright } from 'playwright-core';

/** The host of the test apps' images, which don't exist. */
const PICTURES = 'https://acme.test/';

export interface PageOptions {
  colorScheme?: 'light' | 'dark';
  /** Uses a phone's viewport and touch instead of a mouse. */
  isPhone?: boolean;
  /** Opens a tab in the context of this page instead of a new context. */
  beside?: Page;
  /** Overrides the sandbox's URL. */
  url?: string;
  /** The URL fragment, such as `#as=U0BEN00002`. */
  hash?: string;
}

/** A single-process browser exits with its first page, and emulating a GPU doubles the time of the tests. */
const unwanted = ['--single-process', '--no-zygote', '--ignore-gpu-blocklist', '--in-process-gpu'];

function ownArguments(): string[] {
  chromium.setGraphicsMode = false;
  return chromium.args.filter((argument) => !unwanted.includes(argument));
}

/** In the clone, because another user's copy in the shared temporary folder couldn't be executed. */
const UNPACKED = join(import.meta.dirname, '../../../node_modules/.cache/chromium');

/**
 * Returns the path of Chromium, which is unpacked at the first use. The folder gets its name when it is complete, so that of
 * several workers none finds a part of it.
 */
async function chromiumPath(): Promise<string> {
  if (!existsSync(UNPACKED)) {
    mkdirSync(dirname(UNPACKED), { recursive: true });
    const unpacking = mkdtempSync(`${UNPACKED}-`);
    await unpackInto(unpacking);
    try {
      renameSync(unpacking, UNPACKED);
    } catch {
      // Another worker was first.
      rmSync(unpacking, { recursive: true });
    }
  }
  return unpackInto(UNPACKED);
}

/** The package unpacks into the temporary folder, whose name it reads before it first waits. */
function unpackInto(folder: string): Promise<string> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    return chromium.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

/** Of all tests of a process, and ends with it: to launch one for each file takes longer than to open its pages. */
let browser: Promise<Browser> | undefined;

/** Launches the Chromium that comes inside an npm package, so that nothing has to be installed. */
async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromiumPath(),
    args: [
      ...ownArguments(),
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
    ],
    headless: true,
  });
}

/** Opens the sandbox in a page whose errors are collected in `errors`. */
export async function openPage({
  url,
  errors,
  ...options
}: PageOptions & { url: string; errors: string[] }): Promise<Page> {
  browser ??= launchBrowser();
  const context = options.beside?.context() ?? (await newContext(await browser, options));
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => {
    const isPicture = message.location().url.startsWith(PICTURES);
    if (message.type() === 'error' && !isPicture) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(url + (options.hash ?? ''));
  return page;
}

function newContext(
  browser: Browser,
  { colorScheme = 'light', isPhone = false }: PageOptions,
): Promise<BrowserContext> {
  const device = isPhone
    ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
    : { viewport: { width: 1200, height: 800 } };
  return browser.newContext({
    ...device,
    colorScheme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-US',
  });
}

/** Closes all pages of the process. */
export async function closePages(): Promise<void> {
  const contexts = (await browser)?.contexts() ?? [];
  await Promise.all(contexts.map((context) => context.close()));
}

/** Ends the browser. A script wouldn't exit before. */
export async function endBrowser(): Promise<void> {
  await (await browser)?.close();
}
