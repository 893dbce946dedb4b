import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

export type RegularFileResult =
  | { ok: true; bytes: Buffer }
  | {
      ok: false;
      reason: 'absent' | 'forbidden' | 'not_a_file' | 'too_large' | 'unreadable';
    };

/** Reads a file of at most `maxBytes`. Refuses pipes and devices, which could block. */
export function readRegularFile(path: string, maxBytes: number): RegularFileResult {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(descriptor);
    if (!status.isFile()) return { ok: false, reason: 'not_a_file' };
    if (status.size > maxBytes) return { ok: false, reason: 'too_large' };
    return { ok: true, bytes: readFileSync(descriptor) };
  } catch (error) {
    return {
      ok: false,
      reason: reasonOf((error as NodeJS.ErrnoException).code),
    };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function reasonOf(code: string | undefined): 'absent' | 'forbidden' | 'unreadable' {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
  return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'unreadable';
}

/** Decodes UTF-8 text without its byte order mark. Returns undefined for other bytes. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
