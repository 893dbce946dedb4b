import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isLongForm } from '../long-form.ts';
import { liveSetup, startSlack, temporaryFolder } from './live-setup.ts';
import { freePort, NODE_COMPILE_CACHE } from './main-process.ts';

const LOG_LINES = join(import.meta.dirname, 'log-lines.ts');
const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** Starts a process that writes this many lines of a kilobyte to a pipe that nobody reads yet. */
async function writeLines(count: number) {
  const child = fork(LOG_LINES, [String(count)], { silent: true, env: { NODE_COMPILE_CACHE } });
  const { stdout } = child;
  if (stdout === null) throw new Error('no pipe');
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const [{ dropped }] = await once(child, 'message');
  let text = '';
  return {
    child,
    stdout,
    exited,
    dropped: dropped as number,
    read: () => void stdout.setEncoding('utf8').on('data', (part: string) => (text += part)),
    text: () => text,
    lines: () => text.split('\n').slice(0, -1).map(parseLine),
  };
}

function parseLine(line: string): Record<string, unknown> {
  return JSON.parse(line);
}

describe('A reader of standard output that stalls', () => {
  test('doesn’t stop the process, gets what was kept when it reads again, and one line with the number of dropped lines', async () => {
    const { child, read, text, lines, dropped } = await writeLines(8_000);
    expect(dropped).toBeGreaterThan(1_000);

    read();
    await expect.poll(text, { timeout: 10_000 }).toContain('log lines dropped');
    child.send('write');
    await expect.poll(text, { timeout: 10_000 }).toContain('a later line');

    const kept = lines().filter(({ msg }) => msg === 'a line');
    expect(kept.map(({ number }) => number)).toEqual(kept.map((_, index) => index + 1));
    expect(lines().at(-2)).toEqual({
      level: 40,
      time: expect.any(String),
      dropped,
      msg: 'log lines dropped',
    });
    expect(kept.length + dropped).toBe(8_000);
  });

  test.runIf(isLongForm)(
    'gets everything that was kept and the last line when it reads while the process exits',
    async () => {
      const { child, exited, read, text, lines } = await writeLines(1_000);
      read();
      child.send('exit');
      expect(await exited).toEqual([78, null]);
      await expect.poll(text, { timeout: 10_000 }).toContain('the last line');
      expect(lines()).toHaveLength(1_001);
      expect(lines().at(-1)).toMatchObject({ level: 60, msg: 'the last line' });
    },
  );

  test.runIf(isLongForm)('doesn’t keep the process from exiting', async () => {
    const { child, exited } = await writeLines(1_000);
    child.send('exit');
    expect(await exited).toEqual([78, null]);
  });

  test('that is gone doesn’t end the process, which exits with the code that it means', async () => {
    const { child, stdout, exited } = await writeLines(1_000);
    stdout.destroy();
    child.send('write');
    await once(child, 'message');
    child.send('write');
    await once(child, 'message');
    child.send('exit');
    expect(await exited).toEqual([78, null]);
  });
});

describe('Keysmith with a standard output that nobody reads', () => {
  test('starts, serves, and exits with 0 on SIGTERM', async () => {
    const slack = await startSlack();
    onTestFinished(() => slack.stop());
    const { cwd, settings } = liveSetup(slack.apiUrl);
    const port = await freePort();
    const child = spawn(process.execPath, [MAIN], {
      cwd,
      env: { NODE_COMPILE_CACHE, ...settings, PORT: String(port) },
      stdio: ['ignore', fullPipe(), 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const ready = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(ready, { timeout: 20_000 }).toBe(200);

    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});

/** Returns the descriptor of a pipe into which not one more byte fits. */
function fullPipe(): number {
  const path = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(pipe));
  for (const size of [4_096, 1]) fill(pipe, size);
  return pipe;
}

function fill(pipe: number, size: number): void {
  try {
    while (true) writeSync(pipe, Buffer.alloc(size, '\n'));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
}
