import { plainText } from './text.ts';

/** Slack refuses a view or an answer with a longer text. */
const MAX_TEXT_LENGTH = 75;

/** One choice of a select or of radio buttons. */
export function option(value: string, label = value) {
  const text = label.length > MAX_TEXT_LENGTH ? `${label.slice(0, MAX_TEXT_LENGTH - 1)}…` : label;
  return { text: plainText(text), value };
}
