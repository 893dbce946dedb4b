import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { StoreUnavailableError } from '../../application/ports/store.ts';
import { DatabaseRefusedError } from '../database/refusal.ts';

/** SQLite checks about 300 MB a second. Below this size the start waits for it: a slow start is better than a wrong record. */
const LARGE_FILE_BYTES = 64 * 1024 * 1024;

export interface FileCheck {
  /** Throws {@link StoreUnavailableError} once damage was found. */
  throwIfDamaged(): void;
  /** Resolves when the check has ended, whatever it found. */
  ended: Promise<void>;
  stop(): void;
}

export interface FileCheckLogger {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Runs with `node --eval`, so that a bundle needs no second file. Prints what SQLite found, or why it couldn't look. */
const CHECK_SCRIPT = `
const [sqlite, file] = process.argv.slice(1);
const print = (found) => process.stdout.write(JSON.stringify(found));
try { require('node:os').setPriority(10); } catch {}
try {
  const Database = require(sqlite);
  const client = new Database(file, { readonly: true, fileMustExist: true });
  print({ problems: client.prepare('PRAGMA quick_check(10)').pluck().all().map(String) });
} catch (error) {
  print({ failure: String(error), isDamage: /^SQLITE_(CORRUPT|NOTADB)/.test(error.code) });
}
`;

interface CheckResult {
  problems?: string[];
  failure?: string;
  isDamage?: boolean;
}

/** Returns whether the file is too large to check before the start. */
export function isLargeFile(client: Database.Database, fromBytes = LARGE_FILE_BYTES): boolean {
  return !client.memory && (statSync(client.name, { throwIfNoEntry: false })?.size ?? 0) >= fromBytes;
}

/**
 * Checks a large file for damage while Keysmith serves. In a process of its own: a check blocks its thread for seconds, and a
 * thread of this process could neither be stopped meanwhile nor be left behind.
 */
export function startFileCheck(client: Database.Database, logger?: FileCheckLogger): FileCheck {
  const file = client.name;
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  const startedAtMs = performance.now();
  let damage: StoreUnavailableError | undefined;
  const child = spawn(process.execPath, ['--input-type=commonjs', '--eval', CHECK_SCRIPT, sqlite, file], {
    // Without the settings, which hold secrets.
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.unref();
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const conclude = (found: CheckResult | undefined) => {
    const { problems, failure, isDamage } = found ?? {};
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    if (problems?.length === 1 && problems[0] === 'ok') {
      logger?.info({ file, seconds }, 'database file checked');
    } else if (problems !== undefined || isDamage) {
      const cause = new DatabaseRefusedError('damaged', file, {
        cause: new Error((problems ?? [failure]).join('\n')),
      });
      damage = new StoreUnavailableError('damaged', { cause });
      logger?.error({ err: damage, problems }, 'database file damaged');
    } else {
      logger?.error({ file, failure }, 'database file not checked');
    }
  };
  let isStopped = false;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      if (!isStopped) conclude({ failure: error.message });
      resolve();
    });
    child.once('close', () => {
      if (!isStopped && child.pid !== undefined) conclude(readCheckResult(output));
      resolve();
    });
  });
  return {
    ended,
    throwIfDamaged() {
      if (damage !== undefined) throw damage;
    },
    stop() {
      isStopped = true;
      child.kill('SIGKILL');
    },
  };
}

/** Returns undefined if the process was ended before it printed anything. */
function readCheckResult(output: string): CheckResult | undefined {
  try {
    return JSON.parse(output) as CheckResult;
  } catch {
    return undefined;
  }
}
