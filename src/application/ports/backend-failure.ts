/**
 * Why a backend on another system did not do its part, as far as people are concerned. The reasons of the wire are more;
 * this is what makes a difference to what somebody does next.
 */
export type BackendFailure =
  /** Not reached, did not answer in time, cut the connection, answered with a 5xx. */
  | { reason: 'no_answer' | 'server_error' }
  | { reason: 'rate_limited'; retryAfterSeconds: number | undefined }
  /** 401: the configured credential is not valid (any more). */
  | { reason: 'credential_refused' }
  /** 403, or an error that says so: the configured credential may not do this. */
  | { reason: 'not_allowed' }
  /** The server has no such operation, or it is switched off there. */
  | { reason: 'not_supported' }
  /** 404, a redirect, a log-in page, an answer of another shape: most likely the wrong base URL, or a proxy between. */
  | { reason: 'not_a_wandb_server' }
  /** The server's own words, cleaned and bounded. */
  | { reason: 'refused'; message: string | undefined };

/** The backend could not be read. Nothing was changed. The message is for the log, `failure` for the person. */
export class BackendUnavailableError extends Error {
  override name = 'BackendUnavailableError';
  readonly failure: BackendFailure;

  constructor(failure: BackendFailure) {
    super(`The backend is unavailable: ${failure.reason}.`);
    this.failure = failure;
  }
}
