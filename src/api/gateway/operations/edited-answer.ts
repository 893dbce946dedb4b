import { parseBoundedJson } from '../../../net/json-bounds.ts';
import type { AnswerEdit } from '../graphql/guarded-operation.ts';
import { isZlibError, type SafeResponse } from '../upstream/safe-response.ts';
import type { Held } from './memory-budget.ts';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Many times what SDKs ask for at once. 64 MiB of empty arrays would take 20 seconds and gigabytes to parse. */
const JSON_BOUNDS = { maxDepth: 512, maxCommas: 1_000_000, maxContainers: 500_000 };

/** Each step with an answer of 64 MiB blocks the process for one to three seconds. */
const LARGE_BYTES = 1024 * 1024;

/** Lets other requests run between the steps of a large answer. */
async function betweenSteps(size: number): Promise<void> {
  if (size > LARGE_BYTES) await new Promise((resolve) => setImmediate(resolve));
}

export type ReadAnswerResult =
  /** `size`: in bytes. */
  | { ok: true; answer: unknown; size: number }
  /** `busy`: too many answers are held at the same time. */
  | { ok: false; reason: 'too_large' | 'busy' | 'unreadable' };

/**
 * Reads a whole answer of the W&B server.
 *
 * @throws when the connection to the W&B server breaks
 */
export async function readAnswer(
  { body }: Pick<SafeResponse, 'body'>,
  held: Held,
  maxBytes = MAX_ANSWER_BYTES,
): Promise<ReadAnswerResult> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop early destroys the stream.
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > maxBytes) return { ok: false, reason: 'too_large' };
      if (!held.resize(size)) return { ok: false, reason: 'busy' };
      chunks.push(chunk);
    }
  } catch (error) {
    if (isZlibError(error)) return { ok: false, reason: 'unreadable' };
    throw error;
  }
  const text = Buffer.concat(chunks).toString();
  await betweenSteps(size);
  const parsed = parseBoundedJson(text, JSON_BOUNDS);
  await betweenSteps(size);
  if (parsed.ok) return { ok: true, answer: parsed.value, size };
  return { ok: false, reason: parsed.reason === 'too_large' ? 'too_large' : 'unreadable' };
}

/**
 * Returns the text of an answer with its credentials masked and its URLs rewritten. Undefined for an answer that is nested too deeply.
 */
export async function editedText(
  edit: AnswerEdit | undefined,
  answer: unknown,
  { rewriteUrl, size }: { rewriteUrl: (url: string) => string; size: number },
): Promise<string | undefined> {
  try {
    edit?.apply(answer, rewriteUrl);
    await betweenSteps(size);
    return JSON.stringify(answer);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
