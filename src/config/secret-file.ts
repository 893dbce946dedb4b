import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Secret } from '../domain/keys/secret.ts';
import { decodeUtf8, readRegularFile } from './regular-file.ts';
import { masterSecret } from './setting-schemas.ts';

export type SecretFileResult =
  | { ok: true; secret: Secret<Uint8Array> }
  | { ok: false; reason: 'absent' | 'unusable'; message: string };

/** Reads the master secret in base64 from a file, with or without a trailing line break. */
export function readSecretFile(path: string): SecretFileResult {
  const content = readRegularFile(path, 4096);
  if (!content.ok) {
    const absent = content.reason === 'absent';
    return {
      ok: false,
      reason: absent ? 'absent' : 'unusable',
      message: absent
        ? 'File not found.'
        : 'The file can’t be read. It must be a small text file that this user can read.',
    };
  }
  const result = masterSecret.safeParse(decodeUtf8(content.bytes)?.trim() ?? '');
  if (result.success) return { ok: true, secret: result.data };
  return {
    ok: false,
    reason: 'unusable',
    message: result.error.issues.map((issue) => issue.message).join(' '),
  };
}

/**
 * Creates the sandbox's secret, readable only by its owner, and returns it. If another process creates it at the same time,
 * returns that one.
 *
 * @throws Error if the folder can't be written or the existing file can't be used
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
    throw new Error(`The sandbox’s secret can’t be used. ${existing.message}`);
  }
  try {
    writeSync(descriptor, `${bytes.toString('base64')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return new Secret<Uint8Array>(bytes);
}
