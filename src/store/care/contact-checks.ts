import { and, asc, count, eq, gt } from 'drizzle-orm';
import type { LeftContact } from '../../application/care/care-records.ts';
import type { CareStore, ContactToCheck } from '../../application/care/care-store.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { insertJob, scheduleJob } from '../jobs/job-scheduling.ts';
import { isActiveTeam } from '../organization/teams.ts';
import { hasNotEnded } from '../schema/accounts.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';
import { isOfContact, unownedSubject } from './unowned-card.ts';

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
    subject: unownedSubject(payload),
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
    const found = db
      .select({
        id: teams.id,
        name: teams.name,
        accounts: count(),
        unowned: count(serviceAccounts.unownedSinceMs),
      })
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
      .groupBy(teams.id)
      .all();
    return {
      contact,
      teams: found.map(({ id, name, accounts, unowned }) => ({
        id,
        name,
        // An account that was added since isn't marked yet.
        isUnowned: unowned === accounts,
        hasUnowned: unowned > 0,
      })),
    };
  });
}

export function readContactScopes(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  left: LeftContact,
): ServiceAccount['scope'][] {
  const isOf = (scope: ServiceAccount['scope']) =>
    and(isOfContact(organizationId, left), eq(serviceAccounts.scope, scope));
  return (['team', 'organization'] as const).filter(
    (scope) =>
      db.select({ id: serviceAccounts.id }).from(serviceAccounts).where(isOf(scope)).limit(1).get() !==
      undefined,
  );
}
