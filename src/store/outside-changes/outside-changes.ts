import { and, desc, eq, gte, inArray, lt } from 'drizzle-orm';
import type {
  KnownUser,
  OutsideChangeStore,
} from '../../application/outside-changes/outside-change-store.ts';
import {
  OUTSIDE_CHANGE_KINDS,
  type OutsideChange,
  type TeamChanges,
} from '../../domain/accounts/outside-change.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection } from '../database/connection.ts';
import { outsideChanges, serverAccounts, serviceAccounts, teams, unstoredChanges } from '../schema/schema.ts';
import { accountOfServerAccount } from '../server-accounts/server-account-row.ts';

export function readUsersOnServer(
  db: SqliteConnection,
  context: OrganizationContext,
  userIds: readonly string[],
): KnownUser[] {
  const ids = [...new Set(userIds)];
  const managed = [serverAccounts.memberId, serverAccounts.scimId].flatMap((column) =>
    db
      .select({ userId: column, name: serverAccounts.name, teamName: teams.name })
      .from(serverAccounts)
      .innerJoin(serviceAccounts, accountOfServerAccount)
      .innerJoin(teams, teamOfAccount)
      .where(and(eq(serverAccounts.organizationId, context.organizationId), inArray(column, ids)))
      .all()
      .map(({ userId, ...user }): KnownUser => ({ userId: userId ?? '', ...user, isManaged: true })),
  );
  const created = readCreations(db, context, ids).map(
    ({ userId, subject, teamName }): KnownUser => ({
      userId: userId ?? '',
      name: subject ?? userId ?? '',
      teamName,
      isManaged: false,
    }),
  );
  return [...created, ...managed];
}

export function readOutsideCreations(
  db: SqliteConnection,
  context: OrganizationContext,
  userIds: readonly string[],
): Map<string, Pick<OutsideChange, 'actor' | 'atMs'>> {
  const rows = readCreations(db, context, userIds);
  return new Map(rows.map(({ userId, actor, atMs }) => [userId ?? '', { actor: actor ?? undefined, atMs }]));
}

function readCreations(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  userIds: readonly string[],
) {
  return db
    .select()
    .from(outsideChanges)
    .where(
      and(
        eq(outsideChanges.organizationId, organizationId),
        inArray(outsideChanges.userId, [...userIds]),
        eq(outsideChanges.kind, 'account_created'),
      ),
    )
    .all();
}

export function readChangesOfTeam(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  teamName: string,
  { sinceMs, untilMs, limit }: Parameters<OutsideChangeStore['changesOfTeam']>[1],
): TeamChanges {
  const rows = db
    .select()
    .from(outsideChanges)
    .where(
      and(
        eq(outsideChanges.organizationId, organizationId),
        eq(outsideChanges.teamName, teamName),
        gte(outsideChanges.recordedAtMs, sinceMs),
        lt(outsideChanges.recordedAtMs, untilMs),
      ),
    )
    .orderBy(desc(outsideChanges.atMs))
    .all();
  const unstored = db
    .select({ count: unstoredChanges.count })
    .from(unstoredChanges)
    .where(
      and(
        eq(unstoredChanges.organizationId, organizationId),
        eq(unstoredChanges.teamName, teamName),
        gte(unstoredChanges.recordedAtMs, sinceMs),
        lt(unstoredChanges.recordedAtMs, untilMs),
      ),
    )
    .all();
  const listed = rows.slice(0, limit).map(toOutsideChange);
  const rank = ({ kind }: OutsideChange) => OUTSIDE_CHANGE_KINDS.indexOf(kind);
  listed.sort((one, other) => rank(one) - rank(other) || one.atMs - other.atMs);
  const more = unstored.reduce((sum, { count }) => sum + count, rows.length - listed.length);
  return { changes: listed, more };
}

function toOutsideChange(row: typeof outsideChanges.$inferSelect): OutsideChange {
  const { entryId, teamName, kind, atMs } = row;
  return {
    entryId,
    teamName,
    kind,
    atMs,
    actor: row.actor ?? undefined,
    userId: row.userId ?? undefined,
    subject: row.subject ?? undefined,
  };
}
