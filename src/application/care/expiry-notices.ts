import { retryPauseMs } from '../../domain/backoff.ts';
import { decideNotice, LONGEST_WAIT_MS } from '../../domain/care/expiry-notice.ts';
import type { Person } from '../../domain/organization/person.ts';
import { accountEvent, actorOf } from '../accounts/account-event.ts';
import { authorize, type Check, checkManageOrContact } from '../accounts/authorize.ts';
import type { Refusal } from '../accounts/refusal.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { JobResult } from '../ports/job-store.ts';
import { DELIVERY_LEASE_MS } from '../ports/store.ts';
import type { ExpiringKey } from './care-store.ts';
import { peopleToRotate } from './people-to-notify.ts';

type NoticePorts = Pick<Ports, 'store' | 'backend' | 'directory' | 'now'>;

/** Returns the handler that notifies people before a key expires. It repeats itself until no more notices are due. */
export function expiryNoticeHandler(ports: NoticePorts): JobHandler<'expiry_notice'> {
  return {
    concurrency: 5,
    longestDelayMs: LONGEST_WAIT_MS,
    maxAttempts: Number.POSITIVE_INFINITY,
    pauseMs: retryPauseMs,
    run: ({ payload }) => notify(ports, payload.keyId),
  };
}

/** A rotation may be canceled, and then the key expires at its own time again. */
const ROTATION_CHECK_MS = 24 * 60 * 60 * 1000;

async function notify(ports: NoticePorts, keyId: string): Promise<JobResult> {
  const { store, now } = ports;
  const key = await store.expiringKey(keyId);
  if (key === undefined) return 'done';
  const nowMs = now();
  const decision = decideNotice(key, nowMs);
  if (decision.kind === 'done') return 'done';
  if (decision.kind === 'wait') return { again: Math.min(decision.untilMs, nowMs + LONGEST_WAIT_MS) };
  if (key.isBeingRotated) return { again: nowMs + ROTATION_CHECK_MS };
  // Its delivery may end with its revocation.
  if (!key.isDelivered) return { again: nowMs + DELIVERY_LEASE_MS };
  const { daysBefore } = decision;
  const to = await peopleToRotate(ports, key.account);
  await store.queueExpiryNotice({ keyId, daysBefore, to, nowMs });
  const next = decideNotice({ ...key, noticedDaysBefore: daysBefore }, nowMs);
  return next.kind === 'wait' ? { again: Math.min(next.untilMs, nowMs + LONGEST_WAIT_MS) } : 'done';
}

export type LetKeyExpireResult =
  | { kind: 'recorded' | 'already_recorded'; key: ExpiringKey }
  /** Another key is replacing it. */
  | { kind: 'being_rotated'; key: ExpiringKey }
  /** The key is revoked, or has no expiry, or is one of a team the person may not see. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

/**
 * *Let it expire*: ends the notices of a key. An admin of the team or the account's contact may do so.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was changed
 */
export async function letKeyExpire(
  ports: Ports,
  request: { slackUserId: string; keyId: string; requestId: string },
): Promise<LetKeyExpireResult> {
  const { slackUserId, requestId } = request;
  // Bounded: it comes from the request and may be anything.
  const keyId = request.keyId.slice(0, 64);
  const subject = `api_key:${keyId}`;
  const attempt = { slackUserId, action: 'api_key.expiry_refused', subject, requestId } as const;
  const authorized = await authorize(ports, attempt, (person) => checkKey(ports, person, keyId));
  if (!authorized.ok) {
    const { refusal } = authorized;
    return refusal.reason === 'key_unknown' || refusal.reason === 'team_unknown'
      ? { kind: 'not_found' }
      : { kind: 'refused', refusal };
  }
  const { person, granted: key } = authorized;
  if (key.isBeingRotated) return { kind: 'being_rotated', key };
  const isNew = await ports.store.letKeyExpire({
    keyId,
    auditEvent: accountEvent(key.account, {
      action: 'api_key.expiry_accepted',
      actor: actorOf(person),
      atMs: ports.now(),
      requestId,
      details: { key_id: keyId, key_name: key.keyName, expires_at_ms: key.expiresAtMs },
    }),
  });
  if (isNew) return { kind: 'recorded', key };
  // It was decided before, or the key was revoked or is being replaced since.
  const current = await ports.store.expiringKey(keyId);
  if (current === undefined) return { kind: 'not_found' };
  return { kind: current.isLetExpire ? 'already_recorded' : 'being_rotated', key: current };
}

async function checkKey(
  ports: Ports,
  person: Person,
  keyId: string,
): Promise<Check<ExpiringKey, Refusal | { reason: 'key_unknown' }>> {
  const key = await ports.store.expiringKey(keyId);
  if (key === undefined || key.expiresAtMs <= ports.now()) {
    return { ok: false, refusal: { reason: 'key_unknown' } };
  }
  const checked = await checkManageOrContact(ports, person, key.account);
  return checked.ok ? { ok: true, granted: key } : checked;
}
