import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import {
  type SandboxInBrowser,
  type SandboxInBrowserOptions,
  startSandboxInBrowser,
} from './sandbox-in-browser.ts';

/**
 * Shares one sandbox among the tests of a `describe`. Each test closes its pages and fails if they reported an
 * error.
 */
export function shareSandbox(options?: SandboxInBrowserOptions): Pick<SandboxInBrowser, 'open'> {
  let sandbox: SandboxInBrowser;
  beforeAll(async () => {
    sandbox = await startSandboxInBrowser(options);
  });
  afterEach(async () => {
    await sandbox.closePages();
    expect(sandbox.errors.splice(0)).toEqual([]);
  });
  afterAll(() => sandbox.stop());
  return { open: (options) => sandbox.open(options) };
}
