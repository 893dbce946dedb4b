import type { Readable, Writable } from 'node:stream';
import { log, password, select, text } from '@clack/prompts';

/** What a question answers when the person leaves with Ctrl-C. */
export const cancelled = Symbol('cancelled');
export type Cancelled = typeof cancelled;

/** Says what is wrong with an answer; undefined where nothing is. */
export type Validate = (answer: string) => string | undefined;

interface QuestionText {
  message: string;
  placeholder?: string;
  initial?: string;
  validate: Validate;
}

/** Asks a person at a terminal. */
export interface Prompt {
  note(title: string, text: string): void;
  choose(question: {
    message: string;
    options: readonly { value: string; label: string; hint?: string }[];
  }): Promise<string | Cancelled>;
  text(question: QuestionText): Promise<string | Cancelled>;
  /** What is typed is not shown. */
  secret(question: Pick<QuestionText, 'message' | 'validate'>): Promise<string | Cancelled>;
}

/** The prompts of `@clack/prompts`; on this process's terminal unless other streams are given. */
export function createClackPrompt(streams: { input?: Readable; output?: Writable } = {}): Prompt {
  const answerOf = (answer: string | symbol): string | Cancelled => {
    if (typeof answer === 'string') return answer;
    log.warn('Cancelled.', streams);
    return cancelled;
  };
  const trimming = (validate: Validate) => (answer: string | undefined) => validate(answer?.trim() ?? '');
  return {
    // Not `note`: its frame stands around commands that people copy.
    note: (title, body) => log.info(`${title}\n${body}`, streams),
    choose: async ({ message, options }) =>
      answerOf(await select({ ...streams, message, options: [...options] })),
    text: async ({ message, placeholder, initial, validate }) =>
      answerOf(
        await text({
          ...streams,
          message,
          ...(placeholder === undefined ? {} : { placeholder }),
          ...(initial === undefined ? {} : { initialValue: initial }),
          validate: trimming(validate),
        }),
      ),
    secret: async ({ message, validate }) =>
      answerOf(await password({ ...streams, message, validate: trimming(validate) })),
  };
}
