/**
 * Why a backend on another system did not do its part, as far as people are concerned. The reasons of the wire are more;
 * this is what makes a difference to what somebody does next.
 */
export type BackendFailure = PassingFailure | LastingFailure | StrangerFailure | RefusedFailure;

/** The same may go well another time. */
export type PassingFailure =
  /** No connection came about: nothing was sent. */
  | { reason: 'not_reached' }
  /** The connection was cut before the whole answer was there. */
  | { reason: 'broken_off' }
  /** The whole answer was not there in time. */
  | { reason: 'too_slow' }
  /** A 5xx. */
  | { reason: 'server_error' }
  | { reason: 'rate_limited'; retryAfterSeconds: number | undefined }
  /** The account that the server says to have made is not among the members of the team. */
  | { reason: 'account_not_shown' }
  /** Somebody else, another replica mostly, is at the same thing and has not finished. */
  | { reason: 'under_way' };

/** It stays so until somebody changes something on the server, or the settings. */
export type LastingFailure =
  /** 401: the configured credential is not valid (any more). */
  | { reason: 'credential_refused' }
  /** 403, or an error that says so: the configured credential may not do this. */
  | { reason: 'not_allowed' }
  /** The server has no such operation, or it is switched off there. */
  | { reason: 'not_supported' }
  /** `entity: null`: the team is gone, or the configured credential may not see it any more. */
  | { reason: 'team_not_shown' }
  /** What the server shows under the account's ID is a person, or of another name: it was not touched. */
  | { reason: 'another_account' };

/** Something answers at the address, but not as the W&B server does. */
export type StrangerFailure =
  /** No JSON: a log-in page, or something in between that answers itself. */
  | { reason: 'other_page' }
  /** `host` with its port; undefined where it is not known. */
  | { reason: 'redirected'; host: string | undefined }
  /** 404 without words of the server: there is no API at that address. */
  | { reason: 'no_api' }
  /** JSON of another shape than was asked for. */
  | { reason: 'other_answer' }
  /** More than is read. */
  | { reason: 'answer_too_large' };

/** 404 with words, 409, any other no: `message` is the server's own, cleaned and bounded. */
export interface RefusedFailure {
  reason: 'not_found' | 'conflict' | 'refused';
  message: string | undefined;
}

/** The backend could not be read. Nothing was changed. The message is for the log, `failure` for the person. */
export class BackendUnavailableError extends Error {
  override name = 'BackendUnavailableError';
  readonly failure: BackendFailure;

  constructor(failure: BackendFailure) {
    super(`The backend is unavailable: ${failure.reason}.`);
    this.failure = failure;
  }
}
