import type { Clock } from '../../../application/ports/clock.ts';
import type { CallOptions } from '../client/wandb-client.ts';
import type { WandbFailure, WandbResult } from '../client/wandb-failure.ts';

/** Whether the server has SCIM, and lets this credential use it. */
export type ScimAvailability = 'available' | 'absent' | 'not_allowed';

/** How long an upgrade of the server, or a new role of the credential's owner, may stay unnoticed. */
const VALID_FOR_MS = 24 * 60 * 60 * 1000;

/** Asks once and remembers the outcome for a day. A temporary failure isn't remembered. */
export function createAvailability(dependencies: {
  probe: (options?: CallOptions) => Promise<WandbResult<unknown>>;
  monotonicMs: Clock['monotonicMs'];
}): (options?: CallOptions) => Promise<WandbResult<ScimAvailability>> {
  const { probe, monotonicMs } = dependencies;
  let known: { availability: ScimAvailability; atMs: number } | undefined;
  return async (options) => {
    if (known !== undefined && monotonicMs() - known.atMs < VALID_FOR_MS) {
      return { ok: true, value: known.availability };
    }
    const result = await probe(options);
    const unavailability = result.ok ? undefined : unavailabilityOf(result.failure);
    if (!result.ok && unavailability === undefined) return result;
    const availability = unavailability ?? 'available';
    known = { availability, atMs: monotonicMs() };
    return { ok: true, value: availability };
  };
}

/** Returns why SCIM can't be used on this server; undefined for a failure that says nothing about that. */
function unavailabilityOf(failure: WandbFailure): 'absent' | 'not_allowed' | undefined {
  switch (failure.reason) {
    case 'unauthorized':
    case 'forbidden':
      return 'not_allowed';
    case 'not_found':
    // A server without SCIM may send its web page, or the sign-in page in front of it.
    case 'not_json':
    case 'unexpected_shape':
    case 'redirected':
      return 'absent';
    case 'refused':
      return [404, 405, 410].includes(failure.status) ? 'absent' : undefined;
    case 'server_error':
      return failure.status === 501 ? 'absent' : undefined;
    case 'rate_limited':
    case 'conflict':
    case 'errors':
    case 'too_large':
    case 'unreachable':
    case 'connection_lost':
    case 'timed_out':
    case 'cancelled':
      return undefined;
  }
}
