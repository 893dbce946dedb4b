export type FreeTextProblem = 'too_long' | 'invisible_characters';

/** Longest texts of a service account's record, in characters. */
export const FREE_TEXT_LENGTH = {
  purpose: 300,
  usedBy: 150,
  subject: 255,
} as const;

/**
 * Checks what people type freely: no control or formatting characters (line breaks apart where `multiline`), among them
 * the marks that turn the direction of writing and so make a text read as another one.
 */
export function freeTextProblem(
  text: string,
  limits: { maxLength: number; multiline?: boolean },
): FreeTextProblem | undefined {
  if ([...text].length > limits.maxLength) return 'too_long';
  const visible = limits.multiline ? text.replaceAll('\n', ' ') : text;
  // U+200D joins emoji into one and is harmless there.
  return /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(visible.replaceAll('\u200d', ''))
    ? 'invisible_characters'
    : undefined;
}
