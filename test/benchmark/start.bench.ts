import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'vitest';
import { liveSetup, startSlack } from '../process/live-setup.ts';
import { freePort, NODE_COMPILE_CACHE } from '../process/main-process.ts';

const root = join(import.meta.dirname, '../..');
/** The arguments of `npm start`. */
const fromSource = ['--disable-warning=ExperimentalWarning', join(root, 'src/main.ts')];
/** Few iterations, because one takes seconds. */
const fewIterations = { iterations: 8, time: 1, warmup: true };

async function end(child: ReturnType<typeof spawn>, signal?: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'close');
  if (signal) child.kill(signal);
  await ended;
}

/** Starts a program, waits until it writes that it has started, and stops it. */
async function startAndStop(
  args: readonly string[],
  { cwd, settings, started }: { cwd: string; settings: Record<string, string>; started: string },
): Promise<void> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, args, { cwd, env: { PATH, NODE_COMPILE_CACHE, ...settings } });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text;
      if (output.includes(started)) resolve();
    });
    child.once('close', () => reject(new Error(output)));
  });
  await end(child, 'SIGTERM');
}

test('starting with the settings of a workspace, and a bare Bolt app', async ({ bench }) => {
  execFileSync('npm', ['run', 'bundle'], { cwd: root, stdio: 'pipe' });
  const slack = await startSlack();
  const { cwd, settings } = liveSetup(slack.apiUrl);
  const bolt = { cwd, settings, started: 'Bolt started' };
  const keysmith = { cwd, settings, started: 'Keysmith started' };
  await bench.compare(
    bench('baseline: a bare Bolt app', () =>
      startAndStop([join(import.meta.dirname, 'bare-bolt.mjs')], bolt),
    ),
    bench('npm start', () => startAndStop(fromSource, keysmith)),
    bench('the bundle of the container image', () => startAndStop([join(root, 'bundle/main.mjs')], keysmith)),
    fewIterations,
  );
  await slack.stop();
}, 240_000);

/** Starts the sandbox as `npm start` does, and fetches the page and its script. */
async function startAndFetchPage(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keysmith-start-'));
  const port = await freePort();
  // Runs the command of `npm start` in its own folder, because `npm --prefix` would use the checkout's data.
  const child = spawn(process.execPath, fromSource, {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: String(port) },
    stdio: 'ignore',
  });
  for (const path of ['/', '/page.js']) await untilFetched(`http://127.0.0.1:${port}${path}`);
  await end(child, 'SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}

async function untilFetched(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) {
      await response.arrayBuffer();
      return;
    }
    await pause(10);
  }
}

test('starting the sandbox until its page is loaded', async ({ bench }) => {
  await bench.compare(
    bench('baseline: start and stop Node', () => end(spawn(process.execPath, ['--eval', '']))),
    bench('start the sandbox, fetch its page and script, and stop it', startAndFetchPage),
    { ...fewIterations, iterations: 5, warmup: false },
  );
}, 120_000);
