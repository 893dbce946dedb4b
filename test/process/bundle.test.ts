import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { liveSetup, startSlack, temporaryFolder } from './live-setup.ts';
import { fatalLine, startMain } from './main-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

describe('the bundle of the container image', () => {
  beforeAll(() => {
    // npm from the PATH, as in the image; its output would only repeat esbuild's list of files.
    execFileSync('npm', ['run', 'bundle'], { cwd: ROOT, stdio: 'pipe' });
  });

  test('serves a workspace and its gateway with the command of the Dockerfile, and stops on SIGTERM with 0', async () => {
    const command = JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? '[]') as string[];
    expect(command[0]).toBe('node');
    const slack = await startSlack();
    try {
      const { cwd, settings } = liveSetup(slack.apiUrl);
      const upstream = { KEYSMITH_UPSTREAM_URL: 'http://127.0.0.1:9' };
      const main = startMain(cwd, { ...settings, ...upstream }, [], join(ROOT, command[1] ?? ''));
      await main.waitForOutput('Keysmith started');
      const { url } = main.lines().find(({ msg }) => msg === 'Keysmith started') as { url: string };
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      const lines = await fetch(`${url}/files/ml-platform/demo/run1/file_stream`, { method: 'POST' });
      expect([lines.status, await lines.text()]).toEqual([401, expect.stringContaining('Keysmith')]);
      main.signal('SIGTERM');
      expect((await main.ended).code).toBe(0);
    } finally {
      await slack.stop();
    }
  });

  test('refuses to start the sandbox in production, which it does not contain', async () => {
    const main = startMain(temporaryFolder(), { NODE_ENV: 'production' }, [], join(ROOT, 'bundle/main.mjs'));
    expect((await main.ended).code).toBe(78);
    expect(main.output()).toContain('SLACK_BOT_TOKEN');
  });

  test('says what is missing when neither a workspace nor the sandbox can run', async () => {
    const main = startMain(temporaryFolder(), {}, [], join(ROOT, 'bundle/main.mjs'));
    expect((await main.ended).code).toBe(78);
    expect(fatalLine(main)).toContain('The sandbox needs the development dependencies');
  });

  test('contains the command line', () => {
    const help = execFileSync(process.execPath, [join(ROOT, 'bundle/keysmith.mjs'), 'help'], {
      encoding: 'utf8',
    });
    expect(help).toContain('doctor');
  });
});

describe('the Dockerfile', () => {
  test('copies only files that exist, and runs only npm scripts that exist', () => {
    const scripts = [...dockerfile.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(scripts.filter((name) => !(name in packageJson.scripts))).toEqual([]);
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    expect(copied.length).toBeGreaterThan(4);
    for (const path of copied) expect(ignored).toContain(`!${path.replace(/^\.\//, '')}`);
  });
});
