import type { Readable, Writable } from 'node:stream';
import { log, password, select, text } from '@clack/prompts';

/** The answer when the person presses Ctrl-C. */
export const cancelled = Symbol('cancelled');
export type Cancelled = typeof cancelled;

/** Returns what is wrong with an answer, or undefined if it is valid. */
export type Validate = (answer: string) => string | undefined;

interface QuestionText {
  message: string;
  placeholder?: string;
  initial?: string;
  validate: Validate;
}

/** Asks a person questions at a terminal. */
export interface Prompt {
  note(title: string, text: string): void;
  choose(question: {
    message: string;
    options: readonly { value: string; label: string; hint?: string }[];
  }): Promise<string | Cancelled>;
  text(question: QuestionText): Promise<string | Cancelled>;
  /** Doesn't show what the person types. */
  secret(question: Pick<QuestionText, 'message' | 'validate'>): Promise<string | Cancelled>;
}

/** Creates a prompt with `@clack/prompts`. Default: on the process's own terminal. */
export function createClackPrompt(streams: { input?: Readable; output?: Writable } = {}): Prompt {
  const answerOrCancelled = (answer: string | symbol): string | Cancelled => {
    if (typeof answer === 'string') return answer;
    log.warn('Cancelled.', streams);
    return cancelled;
  };
  const trimming = (validate: Validate) => (answer: string | undefined) => validate(answer?.trim() ?? '');
  return {
    // Not `note`: people copy the commands, and it draws a frame around them.
    note: (title, body) => log.info(`${title}\n${body}`, streams),
    choose: async ({ message, options }) =>
      answerOrCancelled(await select({ ...streams, message, options: [...options] })),
    text: async ({ message, placeholder, initial, validate }) =>
      answerOrCancelled(
        await text({
          ...streams,
          message,
          ...(placeholder === undefined ? {} : { placeholder }),
          ...(initial === undefined ? {} : { initialValue: initial }),
          validate: trimming(validate),
        }),
      ),
    secret: async ({ message, validate }) =>
      answerOrCancelled(await password({ ...streams, message, validate: trimming(validate) })),
  };
}

/** Longer input isn't one line of text. */
const MAX_INPUT_BYTES = 64 * 1024;

/**
 * Reads standard input to its end, or until it is too long for a line of text. Returns undefined if it is a terminal, which shows
 * what is typed.
 */
export async function readInput(input: Readable & { isTTY?: boolean }): Promise<string | undefined> {
  if (input.isTTY === true) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk));
    bytes += chunks.at(-1)?.length ?? 0;
    if (bytes > MAX_INPUT_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
