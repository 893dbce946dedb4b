import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import type { CallOptions } from '../client/wandb-client.ts';
import type { WandbFailure, WandbResult } from '../client/wandb-failure.ts';

/** Whether the server has SCIM, and lets this credential use it. */
export type ScimAvailability = 'available' | 'absent' | 'not_allowed';

/** How long an upgrade of the server, or a new role of the credential's owner, can go unnoticed. */
const VALID_FOR_MS = 24 * 60 * 60 * 1000;

/** Asks once and remembers the outcome for a day. A temporary failure isn't remembered. */
export function createAvailability(dependencies: {
  probe: (
    isExpected: (failure: WandbFailure) => boolean,
    options?: CallOptions,
  ) => Promise<WandbResult<unknown>>;
  monotonicMs: Clock['monotonicMs'];
  logger: Logger;
}): (options?: CallOptions) => Promise<WandbResult<ScimAvailability>> {
  const { probe, monotonicMs, logger } = dependencies;
  let known: { availability: ScimAvailability; atMs: number } | undefined;
  return async (options) => {
    if (known !== undefined && monotonicMs() - known.atMs < VALID_FOR_MS) {
      return { ok: true, value: known.availability };
    }
    const probed = availabilityAfter(
      await probe((failure) => unavailabilityOf(failure) !== undefined, options),
    );
    if (probed.ok) {
      known = { availability: probed.value, atMs: monotonicMs() };
      logger.info({ availability: probed.value }, 'W&B SCIM checked');
    }
    return probed;
  };
}

function availabilityAfter(probe: WandbResult<unknown>): WandbResult<ScimAvailability> {
  if (probe.ok) return { ok: true, value: 'available' };
  const value = unavailabilityOf(probe.failure);
  return value === undefined ? probe : { ok: true, value };
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
    // A server that refuses or ignores the filter of the probe can't look people up either.
    case 'errors':
    case 'too_large':
      return 'absent';
    case 'refused':
      return failure.status === 408 ? undefined : 'absent';
    case 'server_error':
      return failure.status === 501 ? 'absent' : undefined;
    case 'rate_limited':
    case 'conflict':
    case 'unreachable':
    case 'connection_lost':
    case 'timed_out':
    case 'cancelled':
      return undefined;
  }
}
