import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './live-setup.ts';
import { type MainProcess, startMain } from './main-process.ts';

const OPEN = /Open (http:\/\/localhost:\d+) in a browser/;

async function startSandbox(cwd: string): Promise<{ main: MainProcess; url: string; baseUrl: string }> {
  const main = startMain(cwd, { PORT: '0', LOG_LEVEL: 'trace' }, ['sandbox', '--wandb']);
  await main.waitForOutput(OPEN);
  const url = OPEN.exec(main.output())?.[1]?.replace('localhost', '127.0.0.1') ?? '';
  const { baseUrl } = main.lines().find((line) => 'baseUrl' in line) ?? {};
  return { main, url, baseUrl: String(baseUrl) };
}

describe('The sandbox with a stand-in for W&B', () => {
  test('logs where that is, has a folder of its own, and ends on SIGTERM with 0; it may start again', async () => {
    const cwd = temporaryFolder();
    const { main, url, baseUrl } = await startSandbox(cwd);
    expect((await fetch(url)).status).toBe(200);
    const page = await fetch(`${baseUrl}/ml-platform/service-accounts`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('ml-platform')]);
    expect(existsSync(join(cwd, 'data/sandbox'))).toBe(false);
    expect(existsSync(join(cwd, 'data/sandbox-wandb/keysmith.db'))).toBe(true);
    main.signal('SIGTERM');
    expect(await main.ended).toMatchObject({ code: 0 });
    expect(main.output()).not.toMatch(/local-[0-9a-f]{40}/);

    const again = await startSandbox(cwd);
    again.main.signal('SIGTERM');
    expect(await again.main.ended).toMatchObject({ code: 0 });
    // What the first one made there is none of the second's.
    expect(again.main.output()).toContain('database migrated');
  });
});

describe('What is asked of the process', () => {
  test.each([
    [['sandbox', '--wand']],
    [['sandbox', 'wandb']],
    [['sandbox', '--wandb=yes']],
    [['--wandb']],
    [['frobnicate']],
  ])('is no mystery to it, or ends it with 64 and how it is used (%j)', async (args) => {
    const cwd = temporaryFolder();
    const main = startMain(cwd, { PORT: '0' }, args);
    expect(await main.ended).toMatchObject({ code: 64 });
    expect(main.output()).toContain('npm run sandbox -- --wandb');
    expect(existsSync(join(cwd, 'data'))).toBe(false);
  });

  test('is refused in production, where it is the sandbox', async () => {
    const main = startMain(temporaryFolder(), { NODE_ENV: 'production' }, ['sandbox']);
    expect(await main.ended).toMatchObject({ code: 78 });
    expect(main.output()).toContain('NODE_ENV: The sandbox refuses NODE_ENV=production');
  });
});
