import { retryPauseMs } from '../../domain/backoff.ts';
import { LONGEST_LOOK_MS, rotationStep } from '../../domain/keys/rotation.ts';
import { accountEvent } from '../accounts/account-event.ts';
import { contactOrAdmins } from '../care/people-to-notify.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { JobResult, NewNotification } from '../ports/job-store.ts';
import { isLive } from './account-key.ts';
import type { Rotation } from './rotation.ts';

/** Returns the handler that ends rotations, and keeps their cards up to date meanwhile. */
export function rotationHandler(ports: Ports): JobHandler<'rotation'> {
  return {
    maxAttempts: Number.POSITIVE_INFINITY,
    pauseMs: retryPauseMs,
    revokes: true,
    concurrency: 10,
    longestDelayMs: LONGEST_LOOK_MS,
    run: ({ payload }) => lookAtRotation(ports, payload.rotationId),
  };
}

async function lookAtRotation(ports: Ports, rotationId: string): Promise<JobResult> {
  await ports.flushUses();
  const rotation = await ports.store.rotation(rotationId);
  if (rotation?.state !== 'open' || rotation.newKey?.delivery !== 'delivered') return 'done';
  const { oldKey, newKey } = rotation;
  const nowMs = ports.now();
  const step = rotationStep(
    {
      startedAtMs: rotation.startedAtMs,
      // A revoked key has ended.
      endsAtMs: oldKey.revokedAtMs ?? oldKey.expiresAtMs ?? rotation.overlapUntilMs,
      // Without a new key that works, the old one is the last.
      revokesUnused: rotation.revokesUnused && isLive(newKey, nowMs),
      wasAsked: rotation.askedAtMs !== undefined,
      oldLastUsedAtMs: oldKey.lastUse?.atMs,
      oldLongestPauseMs: rotation.oldLongestPauseMs,
      newLastUsedAtMs: newKey.lastUse?.atMs,
    },
    nowMs,
  );
  switch (step.step) {
    case 'end':
    case 'revoke':
      await end(ports, rotation, { revokes: step.step === 'revoke', nowMs });
      return 'done';
    case 'ask':
      await ask(ports, rotation, nowMs);
      return { again: nowMs };
    case 'wait':
      await ports.store.refreshRotation(rotationId, nowMs);
      return { again: step.untilMs };
  }
}

async function end(
  { store }: Ports,
  { id: rotationId, account, oldKey }: Rotation,
  { revokes, nowMs }: { revokes: boolean; nowMs: number },
): Promise<void> {
  await store.finishRotation({
    rotationId,
    revokesOldKey: revokes,
    by: undefined,
    nowMs,
    auditEvent: accountEvent(account, {
      action: 'api_key.rotation_finished',
      actor: { type: 'system', name: 'rotation' },
      atMs: nowMs,
      requestId: null,
      details: { key_id: oldKey.keyId, key_name: oldKey.name, revoked: revokes },
    }),
  });
}

async function ask(ports: Ports, { id: rotationId, account }: Rotation, nowMs: number): Promise<void> {
  const about = { message: 'rotation_ending', accountId: account.id, rotationId, requestId: null } as const;
  const notifications = (await contactOrAdmins(ports, account)).map(
    (to): NewNotification => ({ payload: { ...about, to }, start: { atMs: nowMs } }),
  );
  await ports.store.askAboutOldKey({ rotationId, nowMs, notifications });
}
