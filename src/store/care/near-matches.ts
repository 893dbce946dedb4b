import { and, eq, isNull, type SQL } from 'drizzle-orm';
import type { CardPlace } from '../../application/cards/card.ts';
import type { NearMatchRecord } from '../../application/care/care-records.ts';
import type { CareStore } from '../../application/care/care-store.ts';
import { storedAgeMs } from '../../domain/stored-time.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import { scheduleCards } from '../cards/cards.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { insertJob } from '../jobs/job-scheduling.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { issuers, nearMatches, serviceAccounts, teams } from '../schema/schema.ts';
import { showCard } from './shown-cards.ts';

/** More open cards of one account help nobody. */
const MAX_OPEN = 5;
const ONE_CARD_IN_MS = 24 * 60 * 60 * 1000;

type OpenNearMatch = Parameters<CareStore['openNearMatch']>[0];

/** Returns the match to insert, if any. A read, because a workload sends its JWT again and again. */
export function readMissingNearMatch(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  match: OpenNearMatch,
): OpenNearMatch[] {
  const { accountId, subject, nowMs } = match;
  const ofAccount = db
    .select({
      subject: nearMatches.subject,
      state: nearMatches.state,
      firstSeenAtMs: nearMatches.firstSeenAtMs,
    })
    .from(nearMatches)
    .where(and(eq(nearMatches.organizationId, organizationId), eq(nearMatches.accountId, accountId)))
    .all();
  if (ofAccount.some((one) => one.subject === subject)) return [];
  if (ofAccount.filter(({ state }) => state === 'open').length >= MAX_OPEN) return [];
  // A time in the future is from before the clock was set back.
  const isRecent = ({ firstSeenAtMs }: { firstSeenAtMs: number }) =>
    (storedAgeMs(firstSeenAtMs, nowMs) ?? ONE_CARD_IN_MS) < ONE_CARD_IN_MS;
  return ofAccount.some(isRecent) ? [] : [match];
}

export function openNearMatch(
  tx: SqliteConnection,
  context: WriteContext,
  match: OpenNearMatch,
): OpenNearMatch[] {
  const missing = readMissingNearMatch(tx, context, match);
  for (const { accountId, subject, nowMs } of missing) {
    const id = context.newId('near');
    tx.insert(nearMatches)
      .values({
        organizationId: context.organizationId,
        id,
        accountId,
        subject,
        state: 'open',
        firstSeenAtMs: nowMs,
      })
      .run();
    insertJob(tx, context, {
      id: context.newId('job'),
      kind: 'near_match',
      subject: id,
      payload: { nearMatchId: id },
      start: { atMs: nowMs },
    });
  }
  return missing;
}

export function readNearMatch(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  id: string,
): NearMatchRecord | undefined {
  const row = db
    .select({ match: nearMatches, account: accountColumns, archivedAtMs: teams.archivedAtMs })
    .from(nearMatches)
    .innerJoin(
      serviceAccounts,
      and(
        eq(serviceAccounts.organizationId, nearMatches.organizationId),
        eq(serviceAccounts.id, nearMatches.accountId),
      ),
    )
    .innerJoin(teams, teamOfAccount)
    .where(isMatch(organizationId, id))
    .get();
  if (row === undefined) return undefined;
  const { subject, state, decidedAtMs, decidedBySlackUserId } = row.match;
  const account = toServiceAccount(row.account);
  return {
    id,
    account,
    subject,
    state: state === 'open' && (account.state !== 'active' || row.archivedAtMs !== null) ? 'ended' : state,
    decidedAtMs: decidedAtMs ?? undefined,
    decidedBySlackUserId: decidedBySlackUserId ?? undefined,
  };
}

/** Posts the card of a near match, in the transaction that decides where it is. */
export function showNearMatchIn(
  tx: SqliteConnection,
  context: WriteContext,
  id: string,
  places: readonly CardPlace[],
  nowMs: number,
): void {
  scheduleCards(tx, context, { card: 'near_match', id }, places, nowMs);
}

export function acceptNearMatch(
  tx: SqliteConnection,
  context: WriteContext,
  { id, by, nowMs, auditEvent }: Parameters<CareStore['acceptNearMatch']>[0],
): Awaited<ReturnType<CareStore['acceptNearMatch']>> {
  const match = readNearMatch(tx, context, id);
  if (match?.state !== 'open' || match.account.externalIdentity === undefined) return 'already_decided';
  const { account, subject } = match;
  const { issuer } = account.externalIdentity as { issuer: string };
  const { organizationId } = context;
  const registered = tx
    .select({ url: issuers.url })
    .from(issuers)
    .where(
      and(eq(issuers.organizationId, organizationId), eq(issuers.url, issuer), isNull(issuers.removedAtMs)),
    )
    .get();
  if (registered === undefined) return 'issuer_removed';
  const taken = tx
    .select({ id: serviceAccounts.id })
    .from(serviceAccounts)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.issuer, issuer),
        eq(serviceAccounts.subject, subject),
        hasNotEnded,
      ),
    )
    .get();
  if (taken !== undefined) return 'subject_taken';
  tx.update(serviceAccounts)
    .set({ subject })
    .where(and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, account.id)))
    .run();
  decide(tx, context, { id, state: 'used', by, nowMs });
  context.appendAudit(auditEvent);
  // Their cards compare with the registered subject.
  showNearMatchesOf(tx, context, account.id, nowMs);
  return 'used';
}

/** Shows the new state of an account on the cards of its open near matches. */
export function showNearMatchesOf(
  tx: SqliteConnection,
  context: WriteContext,
  accountId: string,
  nowMs: number,
): void {
  for (const id of readOpenOf(tx, context, accountId)) showNearMatch(tx, context, id, nowMs);
}

export function ignoreNearMatch(
  tx: SqliteConnection,
  context: WriteContext,
  { id, by, nowMs, auditEvent }: Parameters<CareStore['ignoreNearMatch']>[0],
): boolean {
  if (readNearMatch(tx, context, id)?.state !== 'open') return false;
  decide(tx, context, { id, state: 'ignored', by, nowMs });
  context.appendAudit(auditEvent);
  return true;
}

function decide(
  tx: SqliteConnection,
  context: WriteContext,
  { id, state, by, nowMs }: { id: string; state: 'used' | 'ignored'; by: string; nowMs: number },
): void {
  tx.update(nearMatches)
    .set({ state, decidedAtMs: nowMs, decidedBySlackUserId: by })
    .where(isMatch(context.organizationId, id))
    .run();
  showNearMatch(tx, context, id, nowMs);
}

function showNearMatch(tx: SqliteConnection, context: WriteContext, id: string, nowMs: number): void {
  showCard(tx, context, { card: 'near_match', id }, nowMs);
}

function readOpenOf(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  accountId: string,
): string[] {
  return db
    .select({ id: nearMatches.id })
    .from(nearMatches)
    .where(
      and(
        eq(nearMatches.organizationId, organizationId),
        eq(nearMatches.accountId, accountId),
        eq(nearMatches.state, 'open'),
      ),
    )
    .all()
    .map(({ id }) => id);
}

function isMatch(organizationId: string, id: string): SQL | undefined {
  return and(eq(nearMatches.organizationId, organizationId), eq(nearMatches.id, id));
}
