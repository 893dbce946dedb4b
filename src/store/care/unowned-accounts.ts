import { and, asc, eq, gt, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { LeftContact } from '../../application/care/care-records.ts';
import type { CareStore } from '../../application/care/care-store.ts';
import type { JobPayloads } from '../../application/ports/job-store.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { FIRST_REMINDER_AFTER_MS, REMINDER_EVERY_MS } from '../../domain/care/contact-check.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import { scheduleCards } from '../cards/cards.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { isUnfinishedOf, scheduleJob } from '../jobs/job-scheduling.ts';
import { jobs, serviceAccounts, teams } from '../schema/schema.ts';
import { isOfContact, isUnownedOf, showUnowned, unownedCardId, unownedSubject } from './unowned-card.ts';

/** What a transaction changed. `next`: where the next one continues; undefined after the last one. */
export interface ChangedPart {
  changed: number;
  next: number | undefined;
}

/** Posts the card with the last part. The reminder comes with each one, so that it isn't lost if that part never runs. */
export function markUnowned(
  tx: SqliteConnection,
  context: WriteContext,
  { places, nowMs, eventOf, ...left }: Parameters<CareStore['markUnowned']>[0],
  after: number,
): ChangedPart {
  const { accounts, next } = readPart(tx, context, left, isNull(serviceAccounts.unownedSinceMs), after);
  const [first] = accounts;
  if (first !== undefined) {
    setUnowned(tx, context, accounts, nowMs);
    for (const account of accounts) context.appendAudit(eventOf(account));
    // Instead of that of an earlier departure.
    scheduleReminder(
      tx,
      context,
      { ...left, teamName: first.teamName, markedAtMs: nowMs, round: 1 },
      nowMs + FIRST_REMINDER_AFTER_MS,
    );
  }
  if (next === undefined && (first !== undefined || after > 0)) {
    const id = unownedCardId(left, { markedAtMs: nowMs, round: 0 });
    scheduleCards(tx, context, { card: 'unowned', id }, places, nowMs);
  }
  return { changed: accounts.length, next };
}

export function markOwned(
  tx: SqliteConnection,
  context: WriteContext,
  { nowMs, eventOf, ...back }: Parameters<CareStore['markOwned']>[0],
  after: number,
): ChangedPart {
  const { accounts, next } = readPart(tx, context, back, isNotNull(serviceAccounts.unownedSinceMs), after);
  setUnowned(tx, context, accounts, null);
  for (const account of accounts) context.appendAudit(eventOf(account));
  if (next === undefined && (accounts.length > 0 || after > 0)) showUnowned(tx, context, back, nowMs);
  return { changed: accounts.length, next };
}

export function takeOver(
  tx: SqliteConnection,
  context: WriteContext,
  { accountId, by, nowMs, auditEvent }: Parameters<CareStore['takeOver']>[0],
): Awaited<ReturnType<CareStore['takeOver']>> {
  const { organizationId } = context;
  const isThis = and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.id, accountId));
  const account = tx
    .select({
      state: serviceAccounts.state,
      unownedSinceMs: serviceAccounts.unownedSinceMs,
      contact: serviceAccounts.contact,
      teamId: serviceAccounts.teamId,
    })
    .from(serviceAccounts)
    .where(isThis)
    .get();
  if (account?.state !== 'active') return 'ended';
  if (account.unownedSinceMs === null) return 'not_unowned';
  const { contact, teamId } = account;
  tx.update(serviceAccounts)
    .set({ contact: by, unownedSinceMs: null, takenOverFrom: contact })
    .where(isThis)
    .run();
  context.appendAudit(auditEvent);
  showUnowned(tx, context, { contact, teamId }, nowMs);
  return 'taken';
}

export function repeatUnowned(
  tx: SqliteConnection,
  context: WriteContext,
  { places, nowMs, round, markedAtMs, teamName, ...left }: Parameters<CareStore['repeatUnowned']>[0],
): boolean {
  const { organizationId } = context;
  const isUnowned = isUnownedOf(organizationId, left);
  const found = tx.select({ id: serviceAccounts.id }).from(serviceAccounts).where(isUnowned).limit(1).get();
  if (found === undefined) return false;
  const about = { kind: 'unowned_reminder', subject: unownedSubject(left) };
  const reminder = tx
    .select({ payload: jobs.payload })
    .from(jobs)
    .where(isUnfinishedOf(organizationId, about))
    .get();
  const current = reminder?.payload as JobPayloads['unowned_reminder'] | undefined;
  // A later departure has reminders of its own.
  if (current !== undefined && current.markedAtMs !== markedAtMs) return false;
  const id = unownedCardId(left, { markedAtMs, round });
  scheduleCards(tx, context, { card: 'unowned', id }, places, nowMs);
  const next = { ...left, teamName, markedAtMs, round: round + 1 };
  scheduleReminder(tx, context, next, nowMs + REMINDER_EVERY_MS);
  return true;
}

function scheduleReminder(
  tx: SqliteConnection,
  context: WriteContext,
  payload: JobPayloads['unowned_reminder'],
  runAtMs: number,
): void {
  const subject = unownedSubject(payload);
  scheduleJob(tx, context, { kind: 'unowned_reminder', subject, payload, runAtMs });
}

/** SQLite writes are synchronous: requests run between two parts. */
const PART_SIZE = 200;

/** Reads accounts of a contact in a team in the order of the contact's index. */
function readPart(
  db: SqliteConnection,
  { organizationId }: WriteContext,
  left: LeftContact,
  which: SQL,
  after: number,
): { accounts: ServiceAccount[]; next: number | undefined } {
  const position = sql<number>`${serviceAccounts}.rowid`;
  const rows = db
    .select({ account: accountColumns, position })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(and(isOfContact(organizationId, left), which, gt(position, after)))
    .orderBy(asc(position))
    .limit(PART_SIZE + 1)
    .all();
  const part = rows.slice(0, PART_SIZE);
  return {
    accounts: part.map(({ account }) => toServiceAccount(account)),
    next: rows.length > PART_SIZE ? part.at(-1)?.position : undefined,
  };
}

function setUnowned(
  tx: SqliteConnection,
  { organizationId }: WriteContext,
  accounts: readonly ServiceAccount[],
  unownedSinceMs: number | null,
): void {
  if (accounts.length === 0) return;
  const ids = accounts.map(({ id }) => id);
  tx.update(serviceAccounts)
    .set({ unownedSinceMs, takenOverFrom: null })
    .where(and(eq(serviceAccounts.organizationId, organizationId), inArray(serviceAccounts.id, ids)))
    .run();
}
