import type { Block, KnownBlock } from '@slack/types';
import type { Route } from '../../application/ports/slack.ts';
import { Secret } from '../../domain/keys/secret.ts';
import { readTextWithin } from '../../net/bounded-body.ts';
import { withDeadline } from '../../net/deadline.ts';
import { parseBoundedJson } from '../../net/json-bounds.ts';

/** Where response URLs may lead: Slack's own host, or the server that stands in for it. */
export interface ResponseUrlPolicy {
  apiUrl: string;
}

/** A message, or what shall become of the message that a button stands on. */
export type ResponseUrlBody =
  | {
      text: string;
      blocks?: (KnownBlock | Block)[];
      response_type?: 'ephemeral';
      replace_original?: boolean;
    }
  | { delete_original: true };

export type PostAttempt =
  | { outcome: 'accepted' }
  | { outcome: 'rejected'; cause: string }
  | { outcome: 'unknown'; cause: string };

const DEFAULT_API_ORIGIN = 'https://slack.com';
const MAX_ANSWER_BYTES = 64 * 1024;
const UNREADABLE = 'unreadable_answer';

/** Is this an address that Slack gives out? Anything else in a payload is never asked. */
export function isResponseUrl(text: string, { apiUrl }: ResponseUrlPolicy): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  const api = new URL(apiUrl);
  // A `blob:` URL has the origin of what it wraps.
  if (api.origin !== DEFAULT_API_ORIGIN) return url.protocol === api.protocol && url.origin === api.origin;
  return url.protocol === 'https:' && url.hostname === 'hooks.slack.com' && url.port === '';
}

/**
 * Posts JSON once: no retry, no redirect, a time-out. `unknown` where nobody can say whether it arrived.
 *
 * @param post.isAccepted reads a 2xx answer's body: undefined for yes, else Slack's error code
 */
export async function postOnce(post: {
  fetch: typeof globalThis.fetch;
  url: string;
  headers?: Record<string, string>;
  body: unknown;
  timeoutMs: number;
  refusalIn: (answer: string) => string | undefined;
}): Promise<PostAttempt> {
  try {
    const { status, answer } = await withDeadline(post, async (signal) => {
      const response = await post.fetch(post.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          ...post.headers,
        },
        body: JSON.stringify(post.body),
        redirect: 'manual',
        signal,
      });
      return {
        status: response.status,
        answer: (await readTextWithin(response, MAX_ANSWER_BYTES)) ?? '',
      };
    });
    if (status >= 400 && status < 500) {
      const code = post.refusalIn(answer);
      const isReadable = code !== undefined && code !== UNREADABLE;
      return { outcome: 'rejected', cause: isReadable ? code : `http_${status}` };
    }
    if (status < 200 || status > 299) return { outcome: 'unknown', cause: `http_${status}` };
    const refusal = post.refusalIn(answer);
    return refusal === undefined ? { outcome: 'accepted' } : { outcome: 'rejected', cause: refusal };
  } catch (error) {
    const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
    return {
      outcome: 'unknown',
      cause: isTimeout ? 'timeout' : 'connection_lost',
    };
  }
}

/** What a response URL's answer says: `ok`, or JSON with Slack's error code. */
export function responseUrlRefusal(answer: string): string | undefined {
  if (answer.trim() === 'ok') return undefined;
  return webApiRefusal(answer);
}

/** What a Web API answer says. An answer that is no such JSON counts as a refusal. */
export function webApiRefusal(answer: string): string | undefined {
  const parsed = parseBoundedJson(answer);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return UNREADABLE;
  if ('ok' in parsed.value && parsed.value.ok === true) return undefined;
  return 'error' in parsed.value && isErrorCode(parsed.value.error) ? parsed.value.error : UNREADABLE;
}

/** It goes into the record: whatever is no code, such as an echo of the request by something in between, stays out. */
function isErrorCode(error: unknown): error is string {
  return typeof error === 'string' && /^[a-z0-9_]{1,64}$/.test(error);
}

/** Slack accepts a response URL for 30 minutes; the last one is left for the way there. */
const RESPONSE_URL_LIFETIME_MS = 29 * 60 * 1000;

/** Chooses how a new credential goes to the person, before it is made: the response URL while it is valid, as it works in every conversation. */
export function chooseRoute(
  from: {
    responseUrl: string;
    openedAtMs: number;
    channelId: string;
    slackUserId: string;
  },
  policy: ResponseUrlPolicy,
  nowMs: number,
): Route {
  const isFresh = nowMs - from.openedAtMs < RESPONSE_URL_LIFETIME_MS;
  if (isFresh && isResponseUrl(from.responseUrl, policy)) {
    return { kind: 'response_url', url: new Secret(from.responseUrl) };
  }
  return {
    kind: 'post_ephemeral',
    channelId: from.channelId,
    slackUserId: from.slackUserId,
  };
}
