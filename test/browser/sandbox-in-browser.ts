import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/log/create-logger.ts';
import { startSandbox } from '../../src/start-sandbox.ts';

/** `npm start` without settings, on any free ports, and a real browser to look at it. */
export interface SandboxInBrowser {
  url: string;
  /** A new page; what goes wrong in it fails the test at the end. */
  open(options?: { width?: number; height?: number; colorScheme?: 'light' | 'dark' }): Promise<Page>;
  /** Errors that the pages' consoles and scripts have reported. */
  errors: string[];
  stop(): Promise<void>;
}

export async function startSandboxInBrowser(): Promise<SandboxInBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'keysmith-sandbox-'));
  const loaded = loadConfig({ env: { PORT: '0' }, cwd: folder });
  if (!loaded.ok || loaded.config.kind !== 'sandbox')
    throw new Error('The sandbox has no settings to be wrong.');
  const logger = createLogger({ level: 'error', secrets: [], destination: process.stderr });
  const sandbox = await startSandbox(loaded.config, logger);
  const browser = await launch();
  const errors: string[] = [];
  return {
    url: sandbox.url,
    errors,
    async open({ width = 1200, height = 800, colorScheme = 'light' } = {}) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      page.setDefaultTimeout(15_000);
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(sandbox.url);
      return page;
    },
    async stop() {
      await browser.close();
      await sandbox.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** In a single process the browser would end with its first page. */
function ownArguments(): string[] {
  return chromium.args.filter((argument) => argument !== '--single-process' && argument !== '--no-zygote');
}

/** The browser comes inside an npm package: nothing is downloaded, nothing needs to be installed. */
async function launch(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [
      ...ownArguments(),
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
    ],
    headless: true,
  });
}
