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
