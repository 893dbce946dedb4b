import { and, asc, eq, gt, inArray, isNotNull, isNull, type SQL } from 'drizzle-orm';
import type { LeftContact, UnownedCard } from '../../application/care/care-records.ts';
import type { CareStore, ContactToCheck } from '../../application/care/care-store.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { FIRST_REMINDER_AFTER_MS, REMINDER_EVERY_MS } from '../../domain/care/contact-check.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import { scheduleCards } from '../cards/cards.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { finishJobOf, insertJob, scheduleJob } from '../jobs/job-scheduling.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';
import { cardSubjects, showCard } from './shown-cards.ts';

const CHECK = { kind: 'contact_check', subject: 'organization' } as const;

export function startContactChecks(tx: SqliteConnection, context: WriteContext, nowMs: number): void {
  insertJob(tx, context, {
    id: context.newId('job'),
    ...CHECK,
    payload: { after: '' },
    start: { atMs: nowMs },
  });
}

export function continueContactChecks(
  tx: SqliteConnection,
  context: WriteContext,
  { after, runAtMs }: Parameters<CareStore['continueContactChecks']>[0],
): void {
  scheduleJob(tx, context, { ...CHECK, payload: { after }, runAtMs });
}

export function recheckContact(
  tx: SqliteConnection,
  context: WriteContext,
  { runAtMs, ...payload }: Parameters<CareStore['recheckContact']>[0],
): void {
  insertJob(tx, context, {
    id: context.newId('job'),
    kind: 'contact_recheck',
    subject: subjectOf(payload),
    payload,
    start: { atMs: runAtMs },
  });
}

export function readContactsToCheck(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { after, limit }: Parameters<CareStore['contactsToCheck']>[0],
): ContactToCheck[] {
  const ofOrganization = and(eq(serviceAccounts.organizationId, organizationId), hasNotEnded);
  const contacts = db
    .selectDistinct({ contact: serviceAccounts.contact })
    .from(serviceAccounts)
    .where(and(ofOrganization, gt(serviceAccounts.contact, after)))
    .orderBy(asc(serviceAccounts.contact))
    .limit(limit)
    .all();
  return contacts.map(({ contact }) => {
    const rows = db
      .select({ id: teams.id, name: teams.name, unownedSinceMs: serviceAccounts.unownedSinceMs })
      .from(serviceAccounts)
      .innerJoin(teams, teamOfAccount)
      .where(
        and(
          ofOrganization,
          eq(serviceAccounts.contact, contact),
          eq(serviceAccounts.state, 'active'),
          isActiveTeam(organizationId),
        ),
      )
      .all();
    const byTeam = new Map<string, ContactToCheck['teams'][number]>();
    for (const { id, name, unownedSinceMs } of rows) {
      // An account that was added since isn't marked yet.
      const isUnowned = (byTeam.get(id)?.isUnowned ?? true) && unownedSinceMs !== null;
      byTeam.set(id, { id, name, isUnowned });
    }
    return { contact, teams: [...byTeam.values()] };
  });
}

export function readContactScopes(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { contact, teamId }: LeftContact,
): ServiceAccount['scope'][] {
  const accounts = db
    .select({ scope: serviceAccounts.scope })
    .from(serviceAccounts)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.contact, contact),
        eq(serviceAccounts.teamId, teamId),
        hasNotEnded,
        eq(serviceAccounts.state, 'active'),
      ),
    )
    .all();
  return [...new Set(accounts.map(({ scope }) => scope))];
}

export function markUnowned(
  tx: SqliteConnection,
  context: WriteContext,
  { places, nowMs, eventOf, ...left }: Parameters<CareStore['markUnowned']>[0],
): number {
  const found = readAccounts(tx, context, left, isNull(serviceAccounts.unownedSinceMs));
  const [first] = found;
  if (first === undefined) return 0;
  setUnowned(tx, context, found, nowMs);
  for (const account of found) context.appendAudit(eventOf(account));
  scheduleCards(tx, context, { card: 'unowned', id: cardId(left, 0) }, places, nowMs);
  insertReminder(
    tx,
    context,
    { ...left, teamName: first.teamName, round: 1 },
    nowMs + FIRST_REMINDER_AFTER_MS,
  );
  return found.length;
}

export function markOwned(
  tx: SqliteConnection,
  context: WriteContext,
  { nowMs, eventOf, ...back }: Parameters<CareStore['markOwned']>[0],
): number {
  const found = readAccounts(tx, context, back, isNotNull(serviceAccounts.unownedSinceMs));
  if (found.length === 0) return 0;
  setUnowned(tx, context, found, null);
  for (const account of found) context.appendAudit(eventOf(account));
  showUnowned(tx, context, back, nowMs);
  return found.length;
}

export function takeOver(
  tx: SqliteConnection,
  context: WriteContext,
  { accountId, by, nowMs, auditEvent }: Parameters<CareStore['takeOver']>[0],
): 'taken' | 'not_unowned' {
  const isThis = and(
    eq(serviceAccounts.organizationId, context.organizationId),
    eq(serviceAccounts.id, accountId),
    eq(serviceAccounts.state, 'active'),
    isNotNull(serviceAccounts.unownedSinceMs),
  );
  const columns = { contact: serviceAccounts.contact, teamId: serviceAccounts.teamId };
  const left = tx.select(columns).from(serviceAccounts).where(isThis).get();
  if (left === undefined) return 'not_unowned';
  tx.update(serviceAccounts)
    .set({ contact: by, unownedSinceMs: null, takenOverFrom: left.contact })
    .where(isThis)
    .run();
  context.appendAudit(auditEvent);
  showUnowned(tx, context, left, nowMs);
  return 'taken';
}

export function repeatUnowned(
  tx: SqliteConnection,
  context: WriteContext,
  { places, nowMs, round, teamName, ...left }: Parameters<CareStore['repeatUnowned']>[0],
): boolean {
  if (readAccounts(tx, context, left, isNotNull(serviceAccounts.unownedSinceMs)).length === 0) return false;
  scheduleCards(tx, context, { card: 'unowned', id: cardId(left, round) }, places, nowMs);
  const about = { kind: 'unowned_reminder', subject: subjectOf(left) } as const;
  finishJobOf(tx, context, { ...about, nowMs });
  insertReminder(tx, context, { ...left, teamName, round: round + 1 }, nowMs + REMINDER_EVERY_MS);
  return true;
}

function insertReminder(
  tx: SqliteConnection,
  context: WriteContext,
  payload: LeftContact & { teamName: string; round: number },
  atMs: number,
): void {
  insertJob(tx, context, {
    id: context.newId('job'),
    kind: 'unowned_reminder',
    subject: subjectOf(payload),
    payload,
    start: { atMs },
  });
}

/** As many as a message has room for. */
const MAX_SHOWN = 15;

export function readUnownedCard(
  db: SqliteConnection,
  context: OrganizationContext,
  id: string,
): UnownedCard | undefined {
  const [teamId = '', contact = ''] = id.split('/', 2);
  const team = db
    .select({ name: teams.name })
    .from(teams)
    .where(and(isActiveTeam(context.organizationId), eq(teams.id, teamId)))
    .get();
  if (team === undefined) return undefined;
  const accounts = readAccounts(db, context, { contact, teamId }, isNotNull(serviceAccounts.unownedSinceMs));
  const takenOver = readTakenOver(db, context, { contact, teamId });
  return {
    card: 'unowned',
    contact,
    teamName: team.name,
    accounts: accounts.slice(0, MAX_SHOWN),
    more: Math.max(0, accounts.length - MAX_SHOWN),
    takenOver: takenOver.slice(0, MAX_SHOWN),
    moreTakenOver: Math.max(0, takenOver.length - MAX_SHOWN),
  };
}

function readTakenOver(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { contact, teamId }: LeftContact,
): { name: string; contact: string }[] {
  return db
    .select({ name: serviceAccounts.name, contact: serviceAccounts.contact })
    .from(serviceAccounts)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.teamId, teamId),
        eq(serviceAccounts.takenOverFrom, contact),
        eq(serviceAccounts.state, 'active'),
      ),
    )
    .orderBy(asc(serviceAccounts.name))
    .all();
}

/** Shows the new state on every card about a contact who left a team, in the transaction that changes it. */
export function showUnowned(
  tx: SqliteConnection,
  context: WriteContext,
  left: LeftContact,
  nowMs: number,
): void {
  const subjects = cardSubjects(tx, context, `unowned:${subjectOf(left)}/`);
  const ids = subjects.map((subject) => subject.split(':')[1] ?? '');
  for (const id of new Set(ids)) showCard(tx, context, { card: 'unowned', id }, nowMs);
}

/** The subject of a contact and team, without a colon: the subject of a card has its own. */
function subjectOf({ teamId, contact }: LeftContact): string {
  return `${teamId}/${contact}`;
}

function cardId(left: LeftContact, round: number): string {
  return `${subjectOf(left)}/${round}`;
}

function readAccounts(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { contact, teamId }: LeftContact,
  which: SQL,
): ServiceAccount[] {
  return db
    .select(accountColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationId),
        eq(serviceAccounts.contact, contact),
        eq(serviceAccounts.teamId, teamId),
        hasNotEnded,
        eq(serviceAccounts.state, 'active'),
        which,
      ),
    )
    .orderBy(asc(serviceAccounts.name))
    .all()
    .map(toServiceAccount);
}

/** SQLite has a limit for the parameters of a statement. */
const PART_SIZE = 500;

function setUnowned(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  accounts: readonly ServiceAccount[],
  unownedSinceMs: number | null,
): void {
  for (let start = 0; start < accounts.length; start += PART_SIZE) {
    const ids = accounts.slice(start, start + PART_SIZE).map(({ id }) => id);
    tx.update(serviceAccounts)
      .set({ unownedSinceMs, takenOverFrom: null })
      .where(and(eq(serviceAccounts.organizationId, organizationId), inArray(serviceAccounts.id, ids)))
      .run();
  }
}
