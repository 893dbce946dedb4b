import { and, asc, count, eq, isNotNull, type SQL } from 'drizzle-orm';
import type { LeftContact, UnownedCard } from '../../application/care/care-records.ts';
import { COUNTED_ACCOUNTS } from '../../application/ports/account-records.ts';
import { accountColumns, teamOfAccount, toServiceAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';
import { cardSubjects, showCard } from './shown-cards.ts';

/** As many as a message has room for. */
const MAX_SHOWN = 15;

/** The subject of a contact and team, without a colon: the subject of a card has its own. */
export function unownedSubject({ teamId, contact }: LeftContact): string {
  return `${teamId}/${contact}`;
}

/** Each departure and each repetition has a card of its own, so that every one is a new message. */
export function unownedCardId(left: LeftContact, { markedAtMs, round }: UnownedRound): string {
  return `${unownedSubject(left)}/${markedAtMs}-${round}`;
}

interface UnownedRound {
  markedAtMs: number;
  /** Counts the repetitions. */
  round: number;
}

export function readUnownedCard(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  id: string,
): UnownedCard | undefined {
  const [teamId = '', contact = ''] = id.split('/', 2);
  const team = db
    .select({ name: teams.name })
    .from(teams)
    .where(and(isActiveTeam(organizationId), eq(teams.id, teamId)))
    .get();
  if (team === undefined) return undefined;
  const isUnowned = isUnownedOf(organizationId, { contact, teamId });
  const accounts = db
    .select(accountColumns)
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(isUnowned)
    .orderBy(asc(serviceAccounts.name))
    .limit(MAX_SHOWN)
    .all();
  const isTakenOver = and(
    eq(serviceAccounts.organizationId, organizationId),
    eq(serviceAccounts.teamId, teamId),
    eq(serviceAccounts.takenOverFrom, contact),
    eq(serviceAccounts.state, 'active'),
  );
  const takenOver = db
    .select({ name: serviceAccounts.name, contact: serviceAccounts.contact })
    .from(serviceAccounts)
    .where(isTakenOver)
    .orderBy(asc(serviceAccounts.name))
    .limit(MAX_SHOWN)
    .all();
  return {
    card: 'unowned',
    contact,
    teamName: team.name,
    accounts: accounts.map(toServiceAccount),
    more: countMore(db, isUnowned),
    takenOver,
    moreTakenOver: countMore(db, isTakenOver),
  };
}

/** Counts the accounts that aren't shown, to one more than {@link COUNTED_ACCOUNTS}. */
function countMore(db: SqliteConnection, which: SQL | undefined): number {
  const counted = db
    .select({ id: serviceAccounts.id })
    .from(serviceAccounts)
    .where(which)
    .limit(MAX_SHOWN + COUNTED_ACCOUNTS + 1)
    .as('counted');
  const total = db.select({ total: count() }).from(counted).get()?.total ?? 0;
  return Math.max(0, total - MAX_SHOWN);
}

/** Matches the unowned accounts of a contact in a team. */
export function isUnownedOf(organizationId: string, left: LeftContact): SQL | undefined {
  return and(isOfContact(organizationId, left), isNotNull(serviceAccounts.unownedSinceMs));
}

/** Matches the active accounts of a contact in a team. */
export function isOfContact(organizationId: string, { contact, teamId }: LeftContact): SQL | undefined {
  return and(
    eq(serviceAccounts.organizationId, organizationId),
    eq(serviceAccounts.contact, contact),
    eq(serviceAccounts.teamId, teamId),
    hasNotEnded,
    eq(serviceAccounts.state, 'active'),
  );
}

/** Shows the new state on every card about a contact who left a team, in the transaction that changes it. */
export function showUnowned(
  tx: SqliteConnection,
  context: WriteContext,
  left: LeftContact,
  nowMs: number,
): void {
  const subjects = cardSubjects(tx, context, `unowned:${unownedSubject(left)}/`);
  const ids = subjects.map((subject) => subject.split(':')[1] ?? '');
  for (const id of new Set(ids)) showCard(tx, context, { card: 'unowned', id }, nowMs);
}
