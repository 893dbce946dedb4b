import {
  type BackendFailure,
  BackendUnavailableError,
  type RefusedFailure,
} from '../../../application/ports/backend.ts';
import { isDenial, type WandbFailure, type WandbResult } from '../client/wandb-failure.ts';

/**
 * Returns the value of a result.
 *
 * @throws BackendUnavailableError when the call failed
 */
export function required<Value>(result: WandbResult<Value>): Value {
  if (result.ok) return result.value;
  throw new BackendUnavailableError(backendFailureOf(result.failure));
}

const UNSUPPORTED = /disabled|not enabled|not supported|cannot query field|unknown (?:field|type|argument)/i;

/** Maps a failure of the client to the reasons that matter to people. */
export function backendFailureOf(failure: WandbFailure): BackendFailure {
  switch (failure.reason) {
    case 'unauthorized':
      return { reason: 'credential_refused' };
    case 'forbidden':
      return { reason: 'not_allowed' };
    case 'rate_limited':
      return { reason: 'rate_limited', retryAfterSeconds: failure.retryAfterSeconds };
    case 'server_error':
      return { reason: 'server_error' };
    case 'unreachable':
      return { reason: 'not_reached' };
    case 'connection_lost':
      return { reason: 'broken_off' };
    case 'timed_out':
    case 'cancelled':
      return { reason: 'too_slow' };
    case 'redirected':
      return { reason: 'redirected', host: failure.host };
    case 'not_json':
      return { reason: 'other_page' };
    case 'unexpected_shape':
      return { reason: 'other_answer' };
    case 'too_large':
      return { reason: 'answer_too_large' };
    case 'not_found':
      return failure.messages.length === 0
        ? { reason: 'no_api' }
        : withMessage('not_found', failure.messages);
    case 'refused':
      if (failure.status === 408) return { reason: 'too_slow' };
      // A W&B server sends a message with these statuses, so something else responded.
      return failure.messages.length === 0
        ? { reason: 'other_page' }
        : withMessage('refused', failure.messages);
    case 'conflict':
      return withMessage('conflict', failure.messages);
    case 'errors':
      if (isDenial(failure)) return { reason: 'not_allowed' };
      if (failure.messages.some((message) => UNSUPPORTED.test(message))) return { reason: 'not_supported' };
      return withMessage('refused', failure.messages);
  }
}

function withMessage(reason: RefusedFailure['reason'], [message]: readonly string[]): BackendFailure {
  return { reason, message };
}
