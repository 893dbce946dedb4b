import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';

export interface MainProcess {
  child: ChildProcess;
  /** Returns everything written to stdout and stderr so far. */
  output(): string;
  /** Returns the log lines so far, parsed. */
  lines(): Record<string, unknown>[];
  waitForOutput(wanted: string | RegExp): Promise<void>;
  signal(signal: 'SIGTERM' | 'SIGINT'): void;
  /** `code` is null if a signal killed the process. */
  ended: Promise<{ code: number | null; afterMs: number }>;
}

/** Node's default folder. The tests start the same program some twenty times, which takes a quarter less with it. */
export const NODE_COMPILE_CACHE = join(tmpdir(), 'node-compile-cache');
const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** Runs `node src/main.ts`, or another entry, with only these settings in its environment. Killed after the test. */
export function startMain(
  cwd: string,
  settings: Record<string, string> = {},
  args: readonly string[] = [],
  entry = MAIN,
): MainProcess {
  const startedAtMs = performance.now();
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { PATH, NODE_COMPILE_CACHE, ...settings },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    afterMs: performance.now() - startedAtMs,
  }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const isWritten = (wanted: string | RegExp) =>
    typeof wanted === 'string' ? output.includes(wanted) : wanted.test(output);
  return {
    child,
    output: () => output,
    lines: () => output.split('\n').flatMap(parseLine),
    waitForOutput: (wanted) =>
      expect
        .poll(() => isWritten(wanted) || output, { timeout: 60_000, interval: 20, message: String(wanted) })
        .toBe(true),
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

function parseLine(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** Returns the message of the only fatal log line, and expects no stack anywhere. */
export function fatalLine(main: MainProcess): string {
  const fatal = main.lines().filter(({ level }) => level === 60);
  expect(fatal).toHaveLength(1);
  expect(fatal[0]).not.toHaveProperty('err');
  expect(main.output()).not.toMatch(/\n\s+at /);
  return String(fatal[0]?.msg);
}

/** Returns a port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
