import type { BackendFailure } from '../../../application/ports/backend-failure.ts';
import { isDenial } from '../denial.ts';
import type { WandbFailure } from '../wandb-failure.ts';

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
    case 'connection_lost':
    case 'timed_out':
    case 'cancelled':
      return { reason: 'no_answer' };
    case 'redirected':
    case 'not_json':
    case 'unexpected_shape':
    case 'too_large':
      return { reason: 'not_a_wandb_server' };
    case 'not_found':
      return failure.messages.length === 0 ? { reason: 'not_a_wandb_server' } : inWords(failure.messages);
    case 'refused':
      if (failure.status === 408) return { reason: 'no_answer' };
      return failure.messages.length === 0 ? { reason: 'not_a_wandb_server' } : inWords(failure.messages);
    case 'conflict':
      return inWords(failure.messages);
    case 'errors':
      if (isDenial(failure)) return { reason: 'not_allowed' };
      if (failure.messages.some((message) => UNSUPPORTED.test(message))) return { reason: 'not_supported' };
      return inWords(failure.messages);
  }
}

function inWords(messages: readonly string[]): BackendFailure {
  return { reason: 'refused', message: messages[0] };
}
