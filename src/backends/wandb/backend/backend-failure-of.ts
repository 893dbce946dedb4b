import type { BackendFailure, RefusedFailure } from '../../../application/ports/backend.ts';
import { isDenial, type WandbFailure } from '../client/wandb-failure.ts';

const UNSUPPORTED = /disabled|not enabled|not supported|cannot query field|unknown (?:field|type|argument)/i;

/** What a failure of the wire means to a person. */
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
      return failure.messages.length === 0 ? { reason: 'no_api' } : inWords('not_found', failure.messages);
    case 'refused':
      if (failure.status === 408) return { reason: 'too_slow' };
      // Of a W&B server such a status comes with words.
      return failure.messages.length === 0 ? { reason: 'other_page' } : inWords('refused', failure.messages);
    case 'conflict':
      return inWords('conflict', failure.messages);
    case 'errors':
      if (isDenial(failure)) return { reason: 'not_allowed' };
      if (failure.messages.some((message) => UNSUPPORTED.test(message))) return { reason: 'not_supported' };
      return inWords('refused', failure.messages);
  }
}

function inWords(reason: RefusedFailure['reason'], [message]: readonly string[]): BackendFailure {
  return { reason, message };
}
