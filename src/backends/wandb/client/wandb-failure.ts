import type { z } from 'zod';

/**
 * Why a call to the W&B server returned no value. Contains no secrets: the server's messages are cleaned and bounded, and
 * responses are never quoted. `messages` is empty when the server sent none that could be read.
 */
export type WandbFailure = {
  /** Whether a mutation may have taken effect on the server. Always false for a query. */
  mayHaveHappened: boolean;
} & (
  | { reason: 'unauthorized' }
  | { reason: 'forbidden' | 'conflict'; messages: readonly string[] }
  /** With `messages`, the server doesn't know the object; without, the base URL is most likely wrong. */
  | { reason: 'not_found'; messages: readonly string[] }
  | { reason: 'rate_limited'; retryAfterSeconds: number | undefined }
  | {
      reason: 'server_error';
      status: number;
      retryAfterSeconds: number | undefined;
      messages: readonly string[];
    }
  /** A status without a reason of its own, such as 405 or 413. */
  | { reason: 'refused'; status: number; messages: readonly string[] }
  /** `host` includes the port; undefined when the response names none. */
  | { reason: 'redirected'; host: string | undefined }
  /** For example a login page, or an error page of a proxy. */
  | { reason: 'not_json' }
  /** GraphQL errors, with or without data. */
  | { reason: 'errors'; messages: readonly string[] }
  /** JSON that doesn't match the query; `paths` name the fields, without their values. */
  | { reason: 'unexpected_shape'; paths: readonly string[] }
  | { reason: 'too_large' }
  /** The request wasn't sent. `code` comes from the system, TLS or undici, or is `PROXY_<status>`. */
  | { reason: 'unreachable'; code: string }
  | { reason: 'connection_lost'; code: string }
  /** At the client's timeout or the caller's deadline. */
  | { reason: 'timed_out' }
  /** The caller's signal ended the call. */
  | { reason: 'cancelled' }
);

export type WandbResult<Value> = { ok: true; value: Value } | { ok: false; failure: WandbFailure };

/** A GraphQL operation, and the shape of the data that it returns. */
export interface WandbOperation<Data> {
  /** A mutation that may have taken effect isn't retried. */
  kind: 'query' | 'mutation';
  /** A mutation that has the same effect when it is carried out twice. */
  isIdempotent?: true;
  /** As in the query text; also logged. */
  name: string;
  /**
   * The field that the operation is for, such as `Mutation.deleteInvite`. The server counts as lacking it when it refuses the
   * document as invalid for another reason than a field that the operation can do without.
   */
  needs?: string;
  query: string;
  /** Schema of the response's `data`. */
  data: z.ZodType<Data>;
  /**
   * Fields that the server may refuse without making the rest unusable, such as `entity.members.*.OAuthClients`. Errors
   * there don't fail the call as long as the parent of the field is present.
   */
  optionalPaths?: readonly string[];
  /** Entries of lists, such as `entity.members.*`. An error there doesn't fail the call if the server left null in its place. */
  entryPaths?: readonly string[];
  /** Returns whether a failure is one of the answers that the caller asks for. It isn't worth a warning. */
  isExpected?: (failure: WandbFailure) => boolean;
  /** Counts the entries of lists that were skipped, for the log. */
  skippedIn?: (data: Data) => number;
}

/** Returns whether the server doesn't know the object. Without a message, something else responded: the base URL is most likely wrong. */
export function isUnknownObject(failure: WandbFailure): boolean {
  return failure.reason === 'not_found' && failure.messages.length > 0;
}

const DENIAL =
  /permission|not allowed|not permitted|forbidden|unauthori[sz]ed|not authori[sz]ed|access denied|must be (?:an )?admin|admins? only|relogin required/i;

/** Returns whether the server denies the API key this operation. Most servers do so in GraphQL errors, each in its own words. */
export function isDenial(failure: WandbFailure): boolean {
  if (failure.reason === 'forbidden') return true;
  return failure.reason === 'errors' && failure.messages.some((message) => DENIAL.test(message));
}

/** Failures of these calls happen before the request is sent. */
const CONNECTING_CALLS = ['connect', 'getaddrinfo', 'queryA', 'queryAaaa'];
const CONNECTING_CODES =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS|EPROTO)$/;
/** Codes of OpenSSL and Node for a failed handshake. */
const TLS_CODES =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|INVALID_PURPOSE$|HOSTNAME_MISMATCH$|ERR_TLS_|ERR_SSL_(?!.*(?:BAD_RECORD_MAC|INTERNAL_ERROR)))/;
const MAX_CAUSES = 8;

/** Returns what an error of `fetch`, or of reading its response, means. Drops the message, which may quote the request. */
export function transportFailure(error: unknown): WandbFailure {
  const causes = causesOf(error);
  const proxyStatus = causes.map(proxyStatusOf).find((status) => status !== undefined);
  if (proxyStatus !== undefined) return unreachable(`PROXY_${proxyStatus}`);
  const cause = causes.find((one) => codeOf(one) !== undefined);
  const code = codeOf(cause) ?? 'UNKNOWN';
  // Broken compression: a response did arrive.
  if (/^Z_|^ERR_BROTLI|^ERR_ZSTD/.test(code)) return { reason: 'not_json', mayHaveHappened: true };
  if (isConnecting(cause, code)) return unreachable(code);
  return { reason: 'connection_lost', code, mayHaveHappened: true };
}

function unreachable(code: string): WandbFailure {
  return { reason: 'unreachable', code, mayHaveHappened: false };
}

/** Returns the error, its causes, and the parts of an `AggregateError` (one for each address that was tried). */
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

/** undici reports the status of a proxy that refuses to connect only in the error message. */
function proxyStatusOf(error: object): string | undefined {
  if (codeOf(error) !== 'UND_ERR_ABORTED' || !('message' in error)) return undefined;
  return /^Proxy response \((\d{3})\)/.exec(String(error.message))?.[1];
}
