import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { readStartArguments } from '../../src/bootstrap/start-arguments.ts';
import { startFailure } from '../../src/bootstrap/start-failure.ts';
import { startSandbox } from '../../src/bootstrap/start-sandbox.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { temporaryFolder } from './live-setup.ts';
import { type MainProcess, startMain } from './main-process.ts';

const OPEN = /Open (http:\/\/localhost:\d+) in a browser/;

async function startVersion084(cwd: string): Promise<{ main: MainProcess; url: string; baseUrl: string }> {
  const main = startMain(cwd, { PORT: '0', LOG_LEVEL: 'trace' }, ['sandbox', '--wandb-version', '0.84']);
  await main.waitForOutput(OPEN);
  const url = OPEN.exec(main.output())?.[1]?.replace('localhost', '127.0.0.1') ?? '';
  const { baseUrl } = main.lines().find((line) => 'baseUrl' in line) ?? {};
  return { main, url, baseUrl: String(baseUrl) };
}

describe('The sandbox with a local W&B server of version 0.84', () => {
  test('uses its SCIM and audit log, without a gateway, logs its address, keeps its own folder, and exits with 0 on SIGTERM', async () => {
    const cwd = temporaryFolder();
    const databaseFile = join(cwd, 'data/sandbox-wandb/keysmith.db');
    mkdirSync(dirname(databaseFile), { recursive: true });
    writeFileSync(databaseFile, 'left by an earlier run');
    const { main, url, baseUrl } = await startVersion084(cwd);

    const { api } = main.lines().find((line) => 'api' in line) ?? {};
    const forwarded = await fetch(`${api}/files/ml-platform/demo/run1/file_stream`, { method: 'POST' });
    expect(forwarded.status).toBe(404);
    const page = await fetch(`${baseUrl}/ml-platform/service-accounts`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('ml-platform')]);
    await typeAsAda(url, '/wandb service-account list');
    for (const operation of ['ReadTeam', 'ScimFindUsers', 'ReadAuditLog']) {
      await main.waitForOutput(new RegExp(`"operation":"${operation}".*"msg":"W&B call succeeded"`));
    }
    expect(main.output()).toContain('database migrated');
    expect(existsSync(join(cwd, 'data/sandbox'))).toBe(false);

    // As the developers' panel does.
    const planned = await postJson(`${url}/sandbox/panel/failure`, {
      method: 'wandb: *',
      failure: { kind: 'status', status: 503 },
    });
    expect((await planned.json()).failures).toMatchObject([{ method: 'wandb: *' }]);
    const call = await postJson(`${baseUrl}/graphql`, { query: '{ viewer { username } }' });
    expect(call.status).toBe(503);

    main.signal('SIGTERM');
    expect(await main.ended).toMatchObject({ code: 0 });
    expect(existsSync(databaseFile) && !existsSync(`${databaseFile}-wal`)).toBe(true);
    expect(main.output()).not.toMatch(/local-[0-9a-f]{40}/);
  });
});

/** Runs a command as the page does. */
async function typeAsAda(url: string, line: string): Promise<void> {
  const as = 'U0ADA00001';
  const state = await fetch(`${url}/sandbox/state?as=${as}`).then((response) => response.json());
  const conversation = state.conversations.find(({ name }: { name: string }) => name === 'ml-platform').id;
  const typed = await postJson(`${url}/sandbox/command`, { as, conversation, line });
  expect(typed.status).toBe(200);
}

function postJson(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('The arguments of the process', () => {
  test('print the usage and exit with 64 if they are invalid', async () => {
    const cwd = temporaryFolder();
    const main = startMain(cwd, { PORT: '0' }, ['sandbox', '--wand']);
    expect(await main.ended).toMatchObject({ code: 64 });
    expect(main.output()).toContain('npm run sandbox -- --wandb');
    expect(existsSync(join(cwd, 'data'))).toBe(false);
  });

  test.each([
    [[], { sandbox: undefined }],
    [['sandbox'], { sandbox: 'builtin' }],
    [['sandbox', '--wandb'], { sandbox: 'local_wandb' }],
    [['sandbox', '--wandb-version', '0.84'], { sandbox: 'local_wandb', wandbVersion: '0.84' }],
    [['sandbox', '--wandb-version'], undefined],
    [['sandbox', 'wandb'], undefined],
    [['sandbox', '--wandb=yes'], undefined],
    [['--wandb'], undefined],
    [['frobnicate'], undefined],
    [[''], undefined],
  ])('%j select %j', (args, expected) => {
    expect(readStartArguments(args)).toEqual(expected);
  });

  test('can’t start a sandbox of an unknown version of W&B', async () => {
    const loaded = loadConfig({
      env: {},
      cwd: temporaryFolder(),
      sandbox: 'local_wandb',
      wandbVersion: '0.1',
    });
    if (!loaded.ok || loaded.config.kind !== 'sandbox') throw new Error('no sandbox');
    const error = await startSandbox(loaded.config, pino({ level: 'silent' })).catch((reason) => reason);
    const message = expect.stringContaining('Choose one of 0.74, 0.76');
    expect(startFailure(error, 3000)).toEqual({ exit: 64, message, details: {} });
  });

  test('can’t start the sandbox when NODE_ENV is production', async () => {
    const main = startMain(temporaryFolder(), { NODE_ENV: 'production' }, ['sandbox']);
    expect(await main.ended).toMatchObject({ code: 78 });
    expect(main.output()).toContain('NODE_ENV: The sandbox doesn’t run with NODE_ENV=production');
  });
});
