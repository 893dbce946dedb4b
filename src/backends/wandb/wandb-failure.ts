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
