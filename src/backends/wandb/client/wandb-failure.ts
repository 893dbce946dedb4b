import type { z } from 'zod';

/**
 * Why a call to the W&B server gave no value. Nothing in it is secret: messages of the server are cleaned and bounded,
 * answers are never quoted. `messages` is empty where the server gave none that can be read.
 */
export type WandbFailure = {
  /** Of a mutation: may its effect stand on the server? Always false for a query. */
  mayHaveHappened: boolean;
} & (
  | { reason: 'unauthorized' }
  | { reason: 'forbidden' | 'conflict'; messages: readonly string[] }
  /** With `messages` the server knows no such thing; without, the base URL is most likely wrong. */
  | { reason: 'not_found'; messages: readonly string[] }
  | { reason: 'rate_limited'; retryAfterSeconds: number | undefined }
  | {
      reason: 'server_error';
      status: number;
      retryAfterSeconds: number | undefined;
      messages: readonly string[];
    }
  /** A status that no other reason stands for, such as 405 or 413. */
  | { reason: 'refused'; status: number; messages: readonly string[] }
  /** `host` with its port; undefined where the server named none. */
  | { reason: 'redirected'; host: string | undefined }
  /** No JSON: a log-in page, or something in between that answers itself. */
  | { reason: 'not_json' }
  /** GraphQL errors, also beside data. */
  | { reason: 'errors'; messages: readonly string[] }
  /** JSON, but another one than was asked for; `paths` says where, without the values. */
  | { reason: 'unexpected_shape'; paths: readonly string[] }
  | { reason: 'too_large' }
  /** Nothing was sent: `code` is of the system, TLS or undici, or `PROXY_<status>`. */
  | { reason: 'unreachable'; code: string }
  | { reason: 'connection_lost'; code: string }
  /** After the client's own time-out or the caller's deadline. */
  | { reason: 'timed_out' }
  /** The caller's signal ended the call. */
  | { reason: 'cancelled' }
);

export type WandbResult<Value> = { ok: true; value: Value } | { ok: false; failure: WandbFailure };

/** One thing that can be asked of the server's GraphQL. */
export interface WandbOperation<Data> {
  /** Decides what may be repeated: a mutation that may have happened is not. */
  kind: 'query' | 'mutation';
  /** Of a mutation: done twice is as good as done once. */
  isIdempotent?: true;
  /** As in the query text; also in the log. */
  name: string;
  query: string;
  /** Of the answer's `data`. */
  data: z.ZodType<Data>;
  /**
   * Fields that the server may refuse while the rest is good, such as `entity.members.*.OAuthClients`: errors there
   * don't fail the call as long as what holds the field is there.
   */
  optionalPaths?: readonly string[];
}

/** Whatever fails while a connection is made comes before the request is sent. */
const CONNECTING_CALLS = ['connect', 'getaddrinfo', 'queryA', 'queryAaaa'];
const CONNECTING_CODES =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS|EPROTO)$/;
/** Of OpenSSL and Node, for a handshake that failed. */
const TLS_CODES =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$|ERR_TLS_|ERR_SSL_(?!.*(?:BAD_RECORD_MAC|INTERNAL_ERROR)))/;
const MAX_CAUSES = 8;

/** What an error of `fetch`, or of reading its answer, means. Its text is not kept: it may name anything. */
export function transportFailure(error: unknown): WandbFailure {
  const causes = causesOf(error);
  const proxyStatus = causes.map(refusedByProxy).find((status) => status !== undefined);
  if (proxyStatus !== undefined) return unreachable(`PROXY_${proxyStatus}`);
  const cause = causes.find((one) => codeOf(one) !== undefined);
  const code = codeOf(cause) ?? 'UNKNOWN';
  // An answer whose compression is broken: the server did answer.
  if (/^Z_|^ERR_BROTLI|^ERR_ZSTD/.test(code)) return { reason: 'not_json', mayHaveHappened: true };
  if (isConnecting(cause, code)) return unreachable(code);
  return { reason: 'connection_lost', code, mayHaveHappened: true };
}

function unreachable(code: string): WandbFailure {
  return { reason: 'unreachable', code, mayHaveHappened: false };
}

/** The error, what caused it, and the parts of an `AggregateError` (one for each address that was tried). */
function causesOf(error: unknown): object[] {
  const found: object[] = [];
  const open: unknown[] = [error];
  while (open.length > 0 && found.length < MAX_CAUSES) {
    const one = open.shift();
    if (typeof one !== 'object' || one === null || found.includes(one)) continue;
    found.push(one);
    if (one instanceof AggregateError) open.push(...one.errors);
    if ('cause' in one) open.push(one.cause);
  }
  return found;
}

function codeOf(error: object | undefined): string | undefined {
  if (error === undefined || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^[A-Z][A-Z0-9_]{1,63}$/.test(error.code) ? error.code : undefined;
}

function isConnecting(error: object | undefined, code: string): boolean {
  if (CONNECTING_CODES.test(code) || TLS_CODES.test(code)) return true;
  const parts = error instanceof AggregateError ? error.errors : [error];
  return parts.length > 0 && parts.every((part) => CONNECTING_CALLS.includes(part?.syscall));
}

/** undici names the status of a proxy that refuses to connect in its message only. */
function refusedByProxy(error: object): string | undefined {
  if (codeOf(error) !== 'UND_ERR_ABORTED' || !('message' in error)) return undefined;
  return /^Proxy response \((\d{3})\)/.exec(String(error.message))?.[1];
}
