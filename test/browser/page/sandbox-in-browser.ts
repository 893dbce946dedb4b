import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startSandbox } from '../../../src/bootstrap/start-sandbox.ts';
import type { SandboxConfig } from '../../../src/config/configuration.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createLogger } from '../../../src/log/create-logger.ts';
import { closePages, openPage, type PageOptions } from './open-page.ts';

/** The sandbox of `npm start` without settings, on free ports, with a browser. */
export interface SandboxInBrowser {
  url: string;
  /** Opens a page whose errors are collected in `errors`. */
  open(options?: PageOptions): Promise<Page>;
  /** Errors from the consoles and scripts of the pages. */
  errors: string[];
  closePages(): Promise<void>;
  stop(): Promise<void>;
}

export interface SandboxInBrowserOptions {
  port?: number;
  demoRun?: { secondsPerStep: number };
  /** Changes the settings with which the sandbox starts. */
  configure?: (config: SandboxConfig) => SandboxConfig;
}

export async function startSandboxInBrowser({
  port = 0,
  configure = (config) => config,
  ...options
}: SandboxInBrowserOptions = {}): Promise<SandboxInBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'keysmith-sandbox-'));
  const loaded = loadConfig({ env: { PORT: String(port) }, cwd: folder });
  if (!loaded.ok || loaded.config.kind !== 'sandbox')
    throw new Error('Keysmith without settings didn’t load as a sandbox.');
  const logger = createLogger({ level: 'error', secrets: [], destination: process.stderr });
  const sandbox = await startSandbox(configure(loaded.config), logger, options);
  const errors: string[] = [];
  return {
    url: sandbox.url,
    errors,
    open: (options = {}) => openPage({ url: sandbox.url, ...options, errors }),
    closePages,
    async stop() {
      await closePages();
      await sandbox.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
