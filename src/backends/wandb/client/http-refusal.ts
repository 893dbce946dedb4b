import type { Secret } from '../../../domain/keys/secret.ts';
import { exceedsJsonBounds } from '../../../net/json-bounds.ts';
import type { HttpResponse } from './graphql-exchange.ts';
import type { WandbFailure, WandbOperation, WandbResult } from './wandb-failure.ts';

/** Makes what a server says fit for a log line and a person. */
export interface TextCleaner {
  /** Without secrets and invisible characters, at most 300 characters. */
  message(text: string): string;
  /** Undefined for a host that is none, or that has the API key in it. */
  host(text: string): string | undefined;
}

const MAX_LENGTH = 300;
const MAX_READ = 10_000;
const MAX_HOST_LENGTH = 261;
const PLACEHOLDER = '[redacted]';
/** Looked behind, so that no other place of a long word is tried. */
const LAST_WORD = /(?<!\S)\S*$/;
const LONG_WORD = /[\w+/=~-]{20,}/g;

/** @param apiKey the key that the server is called with; taken out letter for letter, whatever its shape */
export function createTextCleaner(apiKey: Secret): TextCleaner {
  const key = apiKey.reveal();
  const basic = Buffer.from(`api:${key}`).toString('base64').replace(/=+$/, '');
  const exact = [key, encodeURIComponent(key), basic].filter((secret) => secret !== '');
  return {
    message: (text) => {
      let cleaned = whole(text)
        .replace(/\p{Cf}/gu, '')
        .replace(/[\p{C}\s]+/gu, ' ');
      for (const secret of exact) cleaned = cleaned.replaceAll(secret, PLACEHOLDER);
      cleaned = cleaned.replace(LONG_WORD, withoutSecret).trim();
      return cleaned.length <= MAX_LENGTH ? cleaned : `${cleaned.slice(0, MAX_LENGTH - 1)}…`;
    },
    host: (text) => {
      if (text === '' || text.length > MAX_HOST_LENGTH) return undefined;
      return exact.some((secret) => text.includes(secret.toLowerCase())) ? undefined : text;
    },
  };
}

/** Keys, tokens and their base64 have a digit or a capital letter in them; names made of words stay. */
function withoutSecret(word: string): string {
  return /[0-9A-Z]/.test(word) ? PLACEHOLDER : word;
}

/** The beginning of a long text, without a last word that the cut may have made a part of a secret. */
function whole(text: string): string {
  if (text.length <= MAX_READ) return text;
  const beginning = text.slice(0, MAX_READ);
  return beginning.slice(0, beginning.search(LAST_WORD));
}

const MAX_SECONDS = 24 * 60 * 60;

/** IMF-fixdate and the two obsolete forms of RFC 9110, 5.6.7; `Date.parse` alone reads far more than dates. */
const HTTP_DATE = /^(?:[A-Z][a-z]{2,8},? )[A-Za-z0-9 :-]{8,24}(?: GMT)?$/;

/** Seconds to wait by a `Retry-After` header (RFC 9110, 10.2.3), at most a day; undefined where it says nothing. */
export function readRetryAfterSeconds(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_SECONDS);
  if (!HTTP_DATE.test(text)) return undefined;
  // The form of asctime names no zone and means GMT.
  const atMs = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(Math.ceil((atMs - nowMs) / 1000), 0), MAX_SECONDS);
}

const MAX_MESSAGES = 5;

/** Are there errors in an answer? `null` and an empty list, which the specification forbids, count as none. */
function hasErrors(answer: Record<string, unknown>): boolean {
  const { errors } = answer;
  return Array.isArray(errors) ? errors.length > 0 : errors !== undefined && errors !== null;
}

/** The first messages of an answer's `errors`, cleaned. */
function errorMessages(answer: Record<string, unknown>, cleaner: TextCleaner): string[] {
  const errors = Array.isArray(answer.errors) ? answer.errors : [answer.errors];
  return errors
    .slice(0, MAX_MESSAGES)
    .map(messageOf)
    .filter((message) => message !== undefined)
    .map((message) => cleaner.message(message));
}

/**
 * Is every error about a field that may be missing? An error of a field that must not be null also takes what holds the
 * field (GraphQL, 6.4.4): then too much is missing.
 *
 * @param optionalPaths as in `WandbOperation`
 */
function onlyOptionalErrors(answer: Record<string, unknown>, optionalPaths: readonly string[]): boolean {
  const { errors } = answer;
  if (!Array.isArray(errors)) return false;
  return errors.every((error) => {
    const path = pathOf(error);
    return optionalPaths.some((optional) => isAtOrBelow(path, optional.split('.'), answer.data));
  });
}

function isAtOrBelow(path: readonly unknown[], optional: readonly string[], data: unknown): boolean {
  if (path.length < optional.length) return false;
  if (!optional.every((name, at) => (name === '*' ? typeof path[at] === 'number' : path[at] === name))) {
    return false;
  }
  let holder = data;
  for (const step of path.slice(0, optional.length - 1)) holder = property(holder, String(step));
  return typeof holder === 'object' && holder !== null;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function pathOf(error: unknown): readonly unknown[] {
  const path = property(error, 'path');
  return Array.isArray(path) ? path : [];
}

function messageOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error;
  const message = property(error, 'message');
  return typeof message === 'string' ? message : undefined;
}

const MAX_PATHS = 5;

/** Reads what a server answered with a status of success. The body counts, whatever its content type. */
export function readGraphqlAnswer<Data>(
  text: string,
  operation: WandbOperation<Data>,
  cleaner: TextCleaner,
): WandbResult<Data> {
  if (exceedsJsonBounds(text)) return failed({ reason: 'too_large', mayHaveHappened: true });
  const json = parseJson(text);
  if (json === undefined) return failed({ reason: 'not_json', mayHaveHappened: true });
  if (!isObject(json)) return failed(unexpectedShape(['']));
  if (hasErrors(json) && !onlyOptionalErrors(json, operation.optionalPaths ?? [])) {
    return failed({
      reason: 'errors',
      messages: errorMessages(json, cleaner),
      // Without `data` nothing was executed (GraphQL, 7.1: a request error).
      mayHaveHappened: Object.hasOwn(json, 'data'),
    });
  }
  const data = operation.data.safeParse(json.data);
  if (data.success) return { ok: true, value: data.data };
  return failed(unexpectedShape(data.error.issues.map((issue) => ['data', ...issue.path].join('.'))));
}

/** The messages of a refusal; none where its body is no GraphQL. */
function readRefusalMessages(text: string, cleaner: TextCleaner): string[] {
  if (exceedsJsonBounds(text)) return [];
  const json = parseJson(text);
  return isObject(json) && hasErrors(json) ? errorMessages(json, cleaner) : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unexpectedShape(paths: string[]): WandbFailure {
  return { reason: 'unexpected_shape', paths: paths.slice(0, MAX_PATHS), mayHaveHappened: true };
}

function failed(failure: WandbFailure): { ok: false; failure: WandbFailure } {
  return { ok: false, failure };
}

/** After these a client goes elsewhere for the outcome of what was done; the other redirects come instead of doing it. */
const REDIRECTS_AFTER_THE_DEED = [302, 303];

/** What an answer whose status is no success means; statuses by RFC 9110, 15. */
export function failureOfStatus(
  answer: HttpResponse,
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

const DENIAL =
  /permission|not allowed|not permitted|forbidden|unauthori[sz]ed|not authori[sz]ed|access denied|must be (?:an )?admin|admins? only/i;

/** Does the server say that the key may not do this? Most say it in GraphQL errors, in words of their own. */
export function isDenial(failure: WandbFailure): boolean {
  if (failure.reason === 'forbidden') return true;
  return failure.reason === 'errors' && failure.messages.some((message) => DENIAL.test(message));
}
