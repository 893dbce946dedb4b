import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Secret } from '../domain/secret.ts';
import { readSecretFile } from './secret-file.ts';

/**
 * Makes the sandbox's secret, readable by its owner alone, and answers it; where another process was faster, that one's.
 * Throws where the folder can't be written.
 */
export function createSandboxSecret(secretFile: string): Secret<Uint8Array> {
  mkdirSync(dirname(secretFile), { recursive: true, mode: 0o700 });
  const bytes = randomBytes(32);
  let descriptor: number;
  try {
    descriptor = openSync(secretFile, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const existing = readSecretFile(secretFile);
    if (existing.ok) return existing.secret;
    throw new Error(`The sandbox's secret can not be used: ${existing.message}`);
  }
  try {
    writeSync(descriptor, `${bytes.toString('base64')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return new Secret<Uint8Array>(bytes);
}
