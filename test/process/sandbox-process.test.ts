import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isLongForm } from '../long-form.ts';
import { temporaryFolder } from './live-setup.ts';
import { fatalLine, type MainProcess, startMain } from './main-process.ts';
import { createKeyInSandbox, logShortRun, waitForFinishedRuns } from './sandbox-run.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const OPEN = /Open (http:\/\/localhost:\d+) in a browser/;

async function startSandbox(
  cwd = temporaryFolder(),
): Promise<{ main: MainProcess; url: string; cwd: string }> {
  // Set by the W&B SDK's users and by conda on many machines.
  const main = startMain(cwd, { PORT: '0', WANDB_API_KEY: 'x', HOST: 'x86_64-conda-linux-gnu' });
  await main.waitForOutput(OPEN);
  const url = OPEN.exec(main.output())?.[1]?.replace('localhost', '127.0.0.1') ?? '';
  return { main, url, cwd };
}

/** Returns where Keysmith serves workloads. */
const apiOf = (main: MainProcess) => /"api":"([^"]+)"/.exec(main.output())?.[1] ?? '';

/** GitHub's keys are on the internet, so the sandbox doesn't fetch them. */
async function exchangeGithubJwt(main: MainProcess): Promise<void> {
  const api = apiOf(main);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = { iss: GITHUB, sub: 'repo:acme/train', aud: 'acme', iat: nowSeconds, exp: nowSeconds + 300 };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const assertion = `${part({ alg: 'RS256', kid: 'k1' })}.${part(claims)}.${part('signature')}`;
  const response = await fetch(`${api}/oidc/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
  });
  expect(response.status).toBe(503);
  const reason = 'discovery outside_sandbox: the sandbox connects only to loopback addresses';
  await main.waitForOutput(new RegExp(`"issuer":"${GITHUB}","reason":"${reason}"`));
}

/** SQLite removes the WAL when the last connection closes properly. */
function isDatabaseClosed(cwd: string): boolean {
  const file = join(cwd, 'data/sandbox/keysmith.db');
  return existsSync(file) && !existsSync(`${file}-wal`);
}

describe('A process without settings', () => {
  test('runs one sandbox in a folder, exits with 0 on SIGTERM, and restarts with the same database, secret and runs', async () => {
    const { main, url, cwd } = await startSandbox();
    const page = await fetch(url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const fromOtherOrigin = await fetch(url, { headers: { origin: 'https://evil.test' } });
    expect(fromOtherOrigin.status).toBe(403);
    await exchangeGithubJwt(main);
    const key = await createKeyInSandbox(url, 'nightly-eval');
    expect(await logShortRun(apiOf(main), key)).toContain('The run finished.');
    const second = startMain(cwd, { PORT: '0' });
    expect(await second.ended).toMatchObject({ code: 1 });
    expect(fatalLine(second)).toContain('Another sandbox is already running with the data in ');
    main.signal('SIGTERM');
    expect(await main.ended).toMatchObject({ code: 0 });
    expect(main.output()).toContain('"msg":"shutdown complete"');
    expect(isDatabaseClosed(cwd)).toBe(true);

    const runs = () => readdirSync(join(cwd, 'data/sandbox/wandb/runs'));
    expect(runs()).toHaveLength(1);
    const again = await startSandbox(cwd);
    // The local W&B forgot its accounts, so this works only with new keys of teams.
    expect(await logShortRun(apiOf(again.main), key)).toContain('The run finished.');
    await waitForFinishedRuns(again.url, 2);
    again.main.signal('SIGINT');
    expect(await again.main.ended).toMatchObject({ code: 0 });
    expect(again.main.output()).not.toContain('database migrated');
    expect(isDatabaseClosed(cwd)).toBe(true);
  });

  test.runIf(isLongForm)(
    'exits once, within ten seconds, although a browser is connected and further signals arrive',
    async () => {
      const { main, url, cwd } = await startSandbox();
      const browser = new AbortController();
      const events = await fetch(`${url}/sandbox/events?as=U0ADA00001`, { signal: browser.signal });
      expect(events.status).toBe(200);
      const signalledAtMs = performance.now();
      main.signal('SIGTERM');
      main.signal('SIGTERM');
      main.signal('SIGINT');

      expect(await main.ended).toMatchObject({ code: 0 });
      expect(performance.now() - signalledAtMs).toBeLessThan(10_000);
      expect(main.lines().filter(({ msg }) => msg === 'shutdown complete')).toHaveLength(1);
      expect(isDatabaseClosed(cwd)).toBe(true);
      browser.abort();
    },
  );

  test('exits with 0 on a SIGTERM that arrives while the program is still loading', async () => {
    const cwd = temporaryFolder();
    execFileSync('mkfifo', [join(cwd, 'continue')]);
    const hold = new URL('./hold-loading.ts', import.meta.url);
    const main = startMain(cwd, { PORT: '0', NODE_OPTIONS: `--import=${hold}` });
    await main.waitForOutput('loading');
    main.signal('SIGTERM');
    await writeFile(join(cwd, 'continue'), '');
    expect(await main.ended).toMatchObject({ code: 0 });
    expect(main.output()).not.toContain('Open http');
  });
});
