import type { IncomingHttpHeaders } from 'node:http';

/**
 * The headers that go upstream. A list of what passes, not of what doesn't: servers and proxies know many more headers that
 * change whose request it is (`X-Forwarded-User`), or which (`X-Original-URL`, `X-HTTP-Method-Override`).
 */
const REQUEST_HEADERS = new Set([
  'accept',
  'accept-language',
  'content-encoding',
  'content-length',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'user-agent',
]);

/** Without underscores, which many servers read as hyphens: `X-WANDB-USER_EMAIL` would be `X-WANDB-USER-EMAIL`. */
const WANDB_HEADER = /^x-wandb-[a-z\d-]+$/;

/** Keysmith sets these itself: W&B books a service account's run on the user they name. */
const ATTRIBUTION_HEADERS = { username: 'x-wandb-username', email: 'x-wandb-user-email' } as const;
const ATTRIBUTION = new Set<string>(Object.values(ATTRIBUTION_HEADERS));

export interface Attribution {
  email: string;
  /** Undefined unless the teams file states it: W&B may know the person by another one. */
  username: string | undefined;
}

/** Returns the headers to forward a request with, without its credential. */
export function requestHeaders(
  { headers }: { headers: IncomingHttpHeaders },
  attribution: Attribution | undefined,
): Record<string, string> {
  const named = namedByConnection(headers);
  const forwarded: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    const passes = REQUEST_HEADERS.has(name) || (WANDB_HEADER.test(name) && !ATTRIBUTION.has(name));
    if (passes && typeof value === 'string' && !named.has(name)) forwarded[name] = value;
  }
  if (attribution === undefined) return forwarded;
  forwarded[ATTRIBUTION_HEADERS.email] = attribution.email;
  if (attribution.username !== undefined) forwarded[ATTRIBUTION_HEADERS.username] = attribution.username;
  return forwarded;
}

/** Returns the user that a request asks to attribute its run to. */
export function namedUser({ headers }: { headers: IncomingHttpHeaders }) {
  const read = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value.trim() || undefined : undefined;
  };
  return { username: read(ATTRIBUTION_HEADERS.username), email: read(ATTRIBUTION_HEADERS.email) };
}

/** The headers that go back. Cookies, challenges, and what a server says about its own origin (`Alt-Svc`, HSTS) stay behind. */
const RESPONSE_HEADERS = new Set([
  'accept-ranges',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'last-modified',
  'retry-after',
  'vary',
  'x-request-id',
]);

const RESPONSE_HEADER = /^(?:x-(?:wandb|goog|amz)-|(?:x-)?rate-?limit-)/;

/** Returns the headers to send a response back with. `Location` isn't among them. */
export function responseHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const named = namedByConnection(headers);
  const returned: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    const passes = RESPONSE_HEADERS.has(name) || RESPONSE_HEADER.test(name);
    if (passes && typeof value === 'string' && !named.has(name)) returned[name] = value;
  }
  return returned;
}

const NONE: ReadonlySet<string> = new Set();

/** RFC 9110, section 7.6.1: these are for the connection only. */
function namedByConnection({ connection = '' }: IncomingHttpHeaders): ReadonlySet<string> {
  if (connection === '' || connection === 'keep-alive') return NONE;
  return new Set(
    connection
      .toString()
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  );
}
