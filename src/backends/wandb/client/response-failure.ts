import type { HttpResponse } from './graphql-exchange.ts';
import { readErrorMessages } from './graphql-response.ts';
import type { TextCleaner } from './server-text.ts';
import type { WandbFailure } from './wandb-failure.ts';

/** These redirects lead to the result of a request that was carried out; the others ask to send it elsewhere instead. */
const REDIRECTS_TO_RESULT = [302, 303];

/**
 * Returns what a response without a 2xx status means (statuses: RFC 9110, section 15).
 *
 * @param context.readMessages reads the messages from the body of an error response; by default those of GraphQL
 */
export function failureOfResponse(
  response: HttpResponse,
  context: {
    url: string;
    nowMs: number;
    cleaner: TextCleaner;
    readMessages?: (text: string, cleaner: TextCleaner) => string[];
  },
): WandbFailure {
  const { url, nowMs, cleaner, readMessages = readErrorMessages } = context;
  const { status } = response;
  const retryAfterSeconds = readRetryAfterSeconds(response.retryAfter, nowMs);
  const messages = readMessages(response.text, cleaner);
  if (status >= 300 && status < 400) {
    const host = hostOf(response.location, url, cleaner);
    return { reason: 'redirected', host, mayHaveHappened: REDIRECTS_TO_RESULT.includes(status) };
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
      // A proxy may send 429 after it has forwarded the request.
      return { reason: 'rate_limited', retryAfterSeconds, mayHaveHappened: true };
    case 400:
    case 422:
      // GraphQL over HTTP uses these for requests that it doesn't execute.
      if (messages.length > 0) return { reason: 'errors', messages, mayHaveHappened: false };
      return { reason: 'refused', status, messages, mayHaveHappened: false };
    default:
      // A proxy may send 408 after it has forwarded the request.
      return { reason: 'refused', status, messages, mayHaveHappened: status === 408 };
  }
}

function hostOf(location: string | null, url: string, cleaner: TextCleaner): string | undefined {
  if (location === null || !URL.canParse(location, url)) return undefined;
  return cleaner.host(new URL(location, url).host);
}

const MAX_RETRY_AFTER_SECONDS = 24 * 60 * 60;

/** IMF-fixdate and the two obsolete forms of RFC 9110, section 5.6.7; `Date.parse` accepts much more than dates. */
const HTTP_DATE = /^(?:[A-Z][a-z]{2,8},? )[A-Za-z0-9 :-]{8,24}(?: GMT)?$/;

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3).
 *
 * @returns seconds to wait, at most a day; undefined without a valid header
 */
export function readRetryAfterSeconds(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_RETRY_AFTER_SECONDS);
  if (!HTTP_DATE.test(text)) return undefined;
  // The asctime form has no time zone and means GMT.
  const atMs = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(Math.ceil((atMs - nowMs) / 1000), 0), MAX_RETRY_AFTER_SECONDS);
}
