import type { Secret } from '../domain/secret.ts';
import { decodeUtf8, readRegularFile } from '../regular-file.ts';
import { masterSecret } from './setting-schemas.ts';

export type SecretFileResult =
  | { ok: true; secret: Secret<Uint8Array> }
  | { ok: false; reason: 'absent' | 'unusable'; message: string };

/** Reads a file that holds the master secret in base64, with or without a line break at its end. */
export function readSecretFile(path: string): SecretFileResult {
  const content = readRegularFile(path, 4096);
  if (!content.ok) {
    const absent = content.reason === 'absent';
    return {
      ok: false,
      reason: absent ? 'absent' : 'unusable',
      message: absent
        ? 'There is no such file.'
        : 'The file can not be read: it must be a small text file that this user may read.',
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
