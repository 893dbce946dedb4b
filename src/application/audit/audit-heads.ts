import { utcDay } from '../../domain/accounts/outside-change.ts';
import { AUDIT_HEAD_MESSAGE } from '../../domain/audit/logged-heads.ts';
import { retryPauseMs } from '../../domain/backoff.ts';
import type { JobHandler } from '../jobs/job-worker.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AuditHeadCard } from './audit-store.ts';

const EVERY_MS = 60 * 60_000;

/**
 * Returns the handler of the job that logs the head of the audit chain every hour, and posts it to a channel once a day (UTC). Of
 * several processes, one runs it.
 */
export function auditHeadHandler(
  ports: Pick<Ports, 'store' | 'now' | 'logger' | 'auditChannel'>,
): JobHandler<'audit_head'> {
  const { store, now, logger, auditChannel } = ports;
  return {
    concurrency: 1,
    longestDelayMs: EVERY_MS,
    maxAttempts: Number.POSITIVE_INFINITY,
    pauseMs: retryPauseMs,
    async run() {
      const nowMs = now();
      const head = await store.auditHead();
      if (head === undefined) return { again: nowMs + EVERY_MS };
      logger.info({ sequence: head.sequence, head: head.hash }, AUDIT_HEAD_MESSAGE);
      if (auditChannel !== undefined) {
        await store.postAuditHead({ day: utcDay(nowMs), channelId: auditChannel, nowMs });
      }
      return { again: nowMs + EVERY_MS };
    },
  };
}

/** Returns the card of the day, with the head of this moment. */
export async function auditHeadCard({ store }: Pick<Ports, 'store'>): Promise<AuditHeadCard | undefined> {
  const head = await store.auditHead();
  return head && { card: 'audit_head', ...head };
}
