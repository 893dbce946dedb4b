import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'vitest';
import { freePort } from '../process/main-process.ts';

const root = join(import.meta.dirname, '../..');
/** Few iterations, because one takes seconds. */
const fewIterations = { iterations: 5, time: 1, warmup: false };

async function end(child: ReturnType<typeof spawn>, signal?: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'close');
  if (signal) child.kill(signal);
  await ended;
}

/** Starts the sandbox as `npm start` does, and fetches the page and its script. */
async function startAndFetchPage(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keysmith-start-'));
  const port = await freePort();
  // Runs the command of `npm start` in its own folder, because `npm --prefix` would use the checkout's data.
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'src/main.ts')],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, PORT: String(port) },
      stdio: 'ignore',
    },
  );
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
    fewIterations,
  );
}, 120_000);
