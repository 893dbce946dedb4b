import { and, asc, desc, eq, gt, inArray, lte, type SQL } from 'drizzle-orm';
import type { UnusedKey, UnusedReview } from '../../application/care/care-records.ts';
import type { CareStore, TeamToReview } from '../../application/care/care-store.ts';
import { isReviewDue } from '../../domain/care/unused-key.ts';
import { CLOCK_TOLERANCE_MS } from '../../domain/stored-time.ts';
import { accountColumns, accountOfKey, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import { scheduleCards } from '../cards/cards.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { insertJob, scheduleJob } from '../jobs/job-scheduling.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { apiKeys, serviceAccounts, teams, unusedReviews } from '../schema/schema.ts';
import { showCard } from './shown-cards.ts';

const JOB = { kind: 'unused_review', subject: 'organization' } as const;

export function startReviews(tx: SqliteConnection, context: WriteContext, nowMs: number): void {
  insertJob(tx, context, {
    id: context.newId('job'),
    ...JOB,
    payload: { after: '' },
    start: { atMs: nowMs },
  });
}

export function continueReviews(
  tx: SqliteConnection,
  context: WriteContext,
  { after, runAtMs }: Parameters<CareStore['continueReviews']>[0],
): void {
  scheduleJob(tx, context, { ...JOB, payload: { after }, runAtMs });
}

export function readTeamsToReview(
  db: SqliteConnection,
  context: OrganizationContext,
  { after, limit, nowMs }: Parameters<CareStore['teamsToReview']>[0],
): TeamToReview[] {
  const { organizationId } = context;
  return db
    .select({ id: teams.id, name: teams.name })
    .from(teams)
    .where(and(isActiveTeam(organizationId), gt(teams.id, after)))
    .orderBy(asc(teams.id))
    .limit(limit)
    .all()
    .map((team) => ({ ...team, reviewedAtMs: readLastReviewMs(db, context, team.id, nowMs) }));
}

function readLastReviewMs(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamId: string,
  nowMs: number,
): number | undefined {
  return db
    .select({ atMs: unusedReviews.createdAtMs })
    .from(unusedReviews)
    .where(
      and(
        eq(unusedReviews.organizationId, organizationId),
        eq(unusedReviews.teamId, teamId),
        isFromBefore(nowMs),
      ),
    )
    .orderBy(desc(unusedReviews.createdAtMs))
    .limit(1)
    .get()?.atMs;
}

/** A review in the future was posted before the clock was set back. */
function isFromBefore(nowMs: number): SQL {
  return lte(unusedReviews.createdAtMs, nowMs + CLOCK_TOLERANCE_MS);
}

export function openReview(
  tx: SqliteConnection,
  context: WriteContext,
  { teamId, keyIds, places, nowMs }: Parameters<CareStore['openReview']>[0],
): boolean {
  if (!isReviewDue(readLastReviewMs(tx, context, teamId, nowMs), nowMs)) return false;
  const id = context.newId('review');
  tx.insert(unusedReviews)
    .values({
      organizationId: context.organizationId,
      id,
      teamId,
      keyIds: keyIds.map((keyId) => ({ keyId })),
      createdAtMs: nowMs,
    })
    .run();
  scheduleCards(tx, context, { card: 'unused_review', id }, places, nowMs);
  return true;
}

/** As many as a message has room for. */
const MAX_SHOWN = 15;

export function readUnusedReview(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  reviewId: string,
  nowMs: number,
): UnusedReview | undefined {
  const review = db
    .select({ keyIds: unusedReviews.keyIds, createdAtMs: unusedReviews.createdAtMs, teamName: teams.name })
    .from(unusedReviews)
    .innerJoin(
      teams,
      and(eq(teams.organizationId, unusedReviews.organizationId), eq(teams.id, unusedReviews.teamId)),
    )
    .where(and(eq(unusedReviews.organizationId, organizationId), eq(unusedReviews.id, reviewId)))
    .get();
  if (review === undefined) return undefined;
  const { keyIds, createdAtMs, teamName } = review;
  const shown = keyIds.slice(0, MAX_SHOWN);
  const rows = db
    .select({ key: apiKeys, account: accountColumns })
    .from(apiKeys)
    .innerJoin(serviceAccounts, accountOfKey)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        inArray(
          apiKeys.keyId,
          shown.map(({ keyId }) => keyId),
        ),
      ),
    )
    .all();
  const keys = shown.flatMap(({ keyId, keptBy }): UnusedKey[] => {
    const row = rows.find(({ key }) => key.keyId === keyId);
    if (row === undefined) return [];
    const { key } = row;
    const hasEnded = key.revokedAtMs !== null || (key.expiresAtMs !== null && key.expiresAtMs <= nowMs);
    const isUsed = key.lastUsedAtMs !== null && key.lastUsedAtMs > createdAtMs;
    const state = hasEnded ? 'ended' : keptBy !== undefined ? 'kept' : isUsed ? 'used' : 'open';
    return [
      {
        keyId,
        keyName: key.name,
        account: toServiceAccount(row.account),
        createdAtMs: key.createdAtMs,
        lastUsedAtMs: key.lastUsedAtMs ?? undefined,
        state,
        keptBy,
      },
    ];
  });
  return { reviewId, teamName, createdAtMs, keys, more: keyIds.length - shown.length };
}

export function keepKey(
  tx: SqliteConnection,
  context: WriteContext,
  { reviewId, keyId, by, untilMs, nowMs, auditEvent }: Parameters<CareStore['keepKey']>[0],
): Awaited<ReturnType<CareStore['keepKey']>> {
  const key = readUnusedReview(tx, context, reviewId, nowMs)?.keys.find((one) => one.keyId === keyId);
  if (key === undefined || key.state === 'ended') return 'not_found';
  if (key.state === 'kept') return 'already_kept';
  const { organizationId } = context;
  const isReview = and(eq(unusedReviews.organizationId, organizationId), eq(unusedReviews.id, reviewId));
  const { keyIds = [] } =
    tx.select({ keyIds: unusedReviews.keyIds }).from(unusedReviews).where(isReview).get() ?? {};
  tx.update(unusedReviews)
    .set({ keyIds: keyIds.map((one) => (one.keyId === keyId ? { keyId, keptBy: by } : one)) })
    .where(isReview)
    .run();
  tx.update(apiKeys)
    .set({ keptUntilMs: untilMs })
    .where(and(eq(apiKeys.organizationId, organizationId), eq(apiKeys.keyId, keyId)))
    .run();
  context.appendAudit(auditEvent);
  showCard(tx, context, { card: 'unused_review', id: reviewId }, nowMs);
  return 'kept';
}

/** Shows on the last review of its team that keys of an account were revoked, in the transaction that revokes them. */
export function showRevokedInReview(
  tx: SqliteConnection,
  context: WriteContext,
  { accountId, keyIds }: { accountId: string; keyIds: readonly string[] },
  nowMs: number,
): void {
  const { organizationId } = context;
  const review = tx
    .select({ id: unusedReviews.id, keyIds: unusedReviews.keyIds })
    .from(serviceAccounts)
    .innerJoin(
      unusedReviews,
      and(
        eq(unusedReviews.organizationId, serviceAccounts.organizationId),
        eq(unusedReviews.teamId, serviceAccounts.teamId),
      ),
    )
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.id, accountId),
        isFromBefore(nowMs),
      ),
    )
    .orderBy(desc(unusedReviews.createdAtMs))
    .limit(1)
    .get();
  if (review?.keyIds.some(({ keyId }) => keyIds.includes(keyId)) !== true) return;
  showCard(tx, context, { card: 'unused_review', id: review.id }, nowMs);
}
