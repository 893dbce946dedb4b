import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type SandboxInBrowser, startSandboxInBrowser } from './sandbox-in-browser.ts';

/** One sandbox for the tests of a block; each closes its pages, and fails for what went wrong in them. */
export function shareSandbox(): Pick<SandboxInBrowser, 'open'> {
  let sandbox: SandboxInBrowser;
  beforeAll(async () => {
    sandbox = await startSandboxInBrowser();
  });
  afterEach(async () => {
    await sandbox.closePages();
    expect(sandbox.errors.splice(0)).toEqual([]);
  });
  afterAll(() => sandbox.stop());
  return { open: (options) => sandbox.open(options) };
}
