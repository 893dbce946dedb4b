import type { Logger } from 'pino';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { UpstreamRejection, UpstreamStore } from '../ports/upstream-store.ts';
import type { UpstreamCredential } from './upstream-credential.ts';

/** Asks W&B whose credential this is, by the value of `Authorization`. `unknown`: W&B couldn't be asked. Never throws. */
export type ProbeUpstream = (authorization: Secret) => Promise<'accepted' | 'rejected' | 'unknown'>;

/** Which team's credential of which kind. */
type Named = Pick<UpstreamRejection, 'teamName' | 'kind'>;

/** Returns a name for a team's credential of one kind. */
export function rejectionName({ teamName, kind }: Named): string {
  return `${kind}:${teamName}`;
}

interface RejectionRecordDependencies extends Clock {
  store: Pick<UpstreamStore, 'recordUpstreamRejection' | 'recordUpstreamRecovery'>;
  probe: ProbeUpstream;
  /** Whether a rejection is recorded, as far as this process knows. */
  isRejected: (credential: Named) => boolean;
  onRecorded: () => Promise<unknown>;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** How often one credential is checked: a workload can cause any number of 401 responses. */
const LOOK_EVERY_MS = 15_000;
/** A server of which one replica rejects the credential must not fill the audit record. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Records which credentials W&B rejects, and since when, in the background. A response alone proves nothing: a path may refuse a
 * credential that works, and an overloaded server may respond without looking at it. So Keysmith asks W&B itself before it writes.
 */
export function createRejectionRecord(dependencies: RejectionRecordDependencies) {
  const { probe, isRejected, monotonicMs, logger } = dependencies;
  const lookedAtMs = new Map<string, number>();
  const background = new Set<Promise<void>>();

  const look = (credential: Named, everyMs: number, work: () => Promise<void>) => {
    const name = rejectionName(credential);
    const nowMs = monotonicMs();
    if (nowMs - (lookedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    lookedAtMs.set(name, nowMs);
    const done = work()
      .catch((error: unknown) => {
        logger.error({ err: error, team: credential.teamName }, 'upstream credential state not recorded');
      })
      .finally(() => void background.delete(done));
    background.add(done);
  };

  const probeAndRecord = (credential: UpstreamCredential, everyMs: number, teamKeyId: string | undefined) =>
    look(credential, everyMs, async () => {
      const outcome = await probe(credential.authorization);
      if (outcome === 'rejected') await recordRejection(dependencies, credential, teamKeyId);
      if (outcome === 'accepted') await recordRecovery(dependencies, credential);
    });

  return {
    /** W&B refused to issue an access token. */
    rejected(credential: Named): void {
      if (isRejected(credential)) return;
      look(credential, LOOK_EVERY_MS, () => recordRejection(dependencies, credential, undefined));
    },
    /** A stored key can't be unsealed. Only another key ends this. */
    unreadable(credential: Named, teamKeyId: string): void {
      if (isRejected(credential)) return;
      look(credential, LOOK_EVERY_MS, () => recordRejection(dependencies, credential, teamKeyId, true));
    },
    /** W&B responded with 401 to a request with the credential. */
    suspect(credential: UpstreamCredential, teamKeyId?: string): void {
      if (!isRejected(credential)) probeAndRecord(credential, LOOK_EVERY_MS, teamKeyId);
    },
    /** W&B responded with another status. Costs nothing unless the credential was rejected before. */
    accepted(credential: UpstreamCredential): void {
      if (isRejected(credential)) probeAndRecord(credential, LOOK_AGAIN_MS, undefined);
    },
    async settled(): Promise<void> {
      while (background.size > 0) await Promise.all(background);
    },
  };
}

async function recordRejection(
  { store, now, onRecorded, logger }: RejectionRecordDependencies,
  { teamName, kind }: Named,
  teamKeyId: string | undefined,
  isUnreadable = false,
): Promise<void> {
  const sinceMs = now();
  const rejected = auditEvent('upstream_credential.rejected', { teamName, kind }, sinceMs, 'gateway');
  const event = isUnreadable
    ? { ...rejected, details: { ...rejected.details, reason: 'unreadable' } }
    : rejected;
  const notified = await store.recordUpstreamRejection({ teamName, kind, sinceMs, teamKeyId }, event);
  await onRecorded();
  if (notified === undefined) return;
  logger.warn({ team: teamName, kind, notified: notified.length }, 'upstream credential rejected');
}

async function recordRecovery(
  { store, now, onRecorded, logger }: RejectionRecordDependencies,
  { teamName, kind }: Named,
): Promise<void> {
  const event = recoveryEvent({ teamName, kind }, now(), 'gateway');
  const isRecorded = await store.recordUpstreamRecovery({ teamName, kind }, event);
  await onRecorded();
  if (isRecorded) logger.info({ team: teamName, kind }, 'upstream credential accepted again');
}

/** Returns the audit event of a credential that W&B accepts again. `by`: the part of Keysmith that noticed. */
export function recoveryEvent(credential: Named, atMs: number, by: 'gateway' | 'command-line'): AuditEvent {
  return auditEvent('upstream_credential.recovered', credential, atMs, by);
}

function auditEvent(
  action: 'upstream_credential.rejected' | 'upstream_credential.recovered',
  { teamName, kind }: Named,
  atMs: number,
  by: string,
): AuditEvent {
  return {
    atMs,
    actor: { type: 'system', name: by },
    action,
    subject: `upstream_credential:${teamName}`,
    details: { team: teamName, kind },
    requestId: null,
  };
}
