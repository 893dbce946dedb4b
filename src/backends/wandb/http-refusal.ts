import type { TextCleaner } from './cleaned-text.ts';
import { readRefusalMessages } from './graphql-answer.ts';
import type { HttpAnswer } from './graphql-exchange.ts';
import { readRetryAfterSeconds } from './retry-after.ts';
import type { WandbFailure } from './wandb-failure.ts';

/** After these a client goes elsewhere for the outcome of what was done; the other redirects come instead of doing it. */
const REDIRECTS_AFTER_THE_DEED = [302, 303];

/** What an answer whose status is no success means; statuses by RFC 9110, 15. */
export function failureOfStatus(
  answer: HttpAnswer,
  { url, nowMs, cleaner }: { url: string; nowMs: number; cleaner: TextCleaner },
): WandbFailure {
  const { status } = answer;
  const retryAfterSeconds = readRetryAfterSeconds(answer.retryAfter, nowMs);
  const messages = readRefusalMessages(answer.text, cleaner);
  if (status >= 300 && status < 400) {
    const host = hostOf(answer.location, url, cleaner);
    return { reason: 'redirected', host, mayHaveHappened: REDIRECTS_AFTER_THE_DEED.includes(status) };
  }
  if (status >= 500) {
    return { reason: 'server_error', status, retryAfterSeconds, messages, mayHaveHappened: true };
  }
  switch (status) {
    case 401:
      return { reason: 'unauthorized', mayHaveHappened: false };
    case 403:
      return { reason: 'forbidden', messages, mayHaveHappened: false };
    case 404:
      return { reason: 'not_found', messages, mayHaveHappened: false };
    case 409:
      return { reason: 'conflict', messages, mayHaveHappened: false };
    case 429:
      // Mostly nothing was done; but it also comes from what stands before the server and has passed the request on.
      return { reason: 'rate_limited', retryAfterSeconds, mayHaveHappened: true };
    case 400:
    case 422:
      // How GraphQL over HTTP answers a request that it does not execute.
      if (messages.length > 0) return { reason: 'errors', messages, mayHaveHappened: false };
      return { reason: 'refused', status, messages, mayHaveHappened: false };
    default:
      // 408 also comes from what stands before the server and has passed the request on.
      return { reason: 'refused', status, messages, mayHaveHappened: status === 408 };
  }
}

function hostOf(location: string | null, url: string, cleaner: TextCleaner): string | undefined {
  if (location === null || !URL.canParse(location, url)) return undefined;
  return cleaner.host(new URL(location, url).host);
}
