/** What became of a request to the app. */
export type AppAnswer =
  /** `noRetry`: the app asked that an event is not sent again. */
  | { kind: 'answered'; status: number; contentType: string; body: string; noRetry?: boolean }
  /** Not within the time to acknowledge. */
  | { kind: 'timed_out' }
  | { kind: 'unreachable'; reason: string };

/** The body of a 200: empty, JSON or plain text. */
export type AnswerBody =
  | { kind: 'empty' }
  | { kind: 'json'; value: unknown }
  | { kind: 'text'; text: string };

export function readAnswerBody({ contentType, body }: { contentType: string; body: string }): AnswerBody {
  const trimmed = body.trim();
  if (trimmed === '') return { kind: 'empty' };
  if (!contentType.startsWith('application/json')) return { kind: 'text', text: body };
  try {
    const value: unknown = JSON.parse(trimmed);
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    return isEmpty ? { kind: 'empty' } : { kind: 'json', value };
  } catch {
    return { kind: 'text', text: body };
  }
}
