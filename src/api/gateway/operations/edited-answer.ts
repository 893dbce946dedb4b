import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { AnswerEdit } from '../graphql/guarded-operation.ts';
import type { UpstreamResponse } from '../upstream/forward.ts';
import type { Held } from './memory-budget.ts';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export type ReadAnswerResult =
  | { ok: true; answer: unknown }
  /** `busy`: too many answers are held at the same time. */
  | { ok: false; reason: 'too_large' | 'busy' | 'unreadable' };

/**
 * Reads a whole answer of the W&B server, which may be compressed although it was asked for plain JSON.
 *
 * @throws when the connection to the W&B server breaks
 */
export async function readAnswer(
  { headers, body }: UpstreamResponse,
  held: Held,
  maxBytes = MAX_ANSWER_BYTES,
): Promise<ReadAnswerResult> {
  const plain = decompressed(body, headers['content-encoding']);
  if (plain === undefined) {
    body.destroy();
    return { ok: false, reason: 'unreadable' };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop early destroys the stream.
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > maxBytes) return { ok: false, reason: 'too_large' };
      if (!held.resize(size)) return { ok: false, reason: 'busy' };
      chunks.push(chunk);
    }
  } catch (error) {
    if (isZlibError(error)) return { ok: false, reason: 'unreadable' };
    throw error;
  }
  try {
    return { ok: true, answer: JSON.parse(Buffer.concat(chunks).toString()) };
  } catch {
    return { ok: false, reason: 'unreadable' };
  }
}

function decompressed(body: Readable, encoding: string | string[] | undefined): Readable | undefined {
  switch (encoding?.toString().trim().toLowerCase() ?? 'identity') {
    case '':
    case 'identity':
      return body;
    case 'gzip':
    case 'x-gzip':
      return through(body, createGunzip());
    case 'deflate':
      return through(body, createInflate());
    case 'br':
      return through(body, createBrotliDecompress());
    default:
      return undefined;
  }
}

/** An error reaches the reader of the result. */
function through<Stream extends NodeJS.ReadWriteStream & Readable>(body: Readable, stream: Stream): Stream {
  pipeline(body, stream, () => {});
  return stream;
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:Z_|ERR_BROTLI|ERR__)/.test(String(error.code));
}

/**
 * Returns the text of an answer with its credentials masked and its URLs rewritten. Undefined for an answer that is nested too deeply.
 */
export function editedText(
  edit: AnswerEdit | undefined,
  answer: unknown,
  rewriteUrl: (url: string) => string,
): string | undefined {
  try {
    edit?.apply(answer, rewriteUrl);
    return JSON.stringify(answer);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
