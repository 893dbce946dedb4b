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

/** Launches the Chromium that comes inside an npm package, so that nothing has to be installed. */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
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
export async function openPage(
  browser: Browser,
  { url, errors, ...options }: PageOptions & { url: string; errors: string[] },
): Promise<Page> {
  const context = options.beside?.context() ?? (await newContext(browser, options));
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
