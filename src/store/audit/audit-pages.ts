import { and, asc, desc, eq, getTableColumns, gt, gte, inArray, lt, sql } from 'drizzle-orm';
import type { AuditHead, AuditPage } from '../../application/audit/audit-store.ts';
import type { AuditRecord } from '../../domain/audit/audit-event.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import {
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { auditEvents, auditSubjects, serviceAccounts, teams } from '../schema/schema.ts';

const { organizationId: ofOrganization, ...columns } = getTableColumns(auditEvents);

export function readAuditPage(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { subjects, before = Number.MAX_SAFE_INTEGER, from = 0, limit }: AuditPage,
): AuditRecord[] {
  if (subjects === undefined) {
    return db
      .select(columns)
      .from(auditEvents)
      .where(
        and(
          eq(ofOrganization, organizationId),
          lt(auditEvents.sequence, before),
          gte(auditEvents.sequence, from),
        ),
      )
      .orderBy(desc(auditEvents.sequence))
      .limit(limit)
      .all();
  }
  // One look-up for each, because SQLite would sort all events of several subjects.
  const query = db.once(sequencesOfSubject);
  const found = subjects.flatMap((subject) => query.all({ organizationId, subject, before, from, limit }));
  const sequences = [...new Set(found.map(({ sequence }) => sequence))].sort((one, other) => other - one);
  if (sequences.length === 0) return [];
  return db
    .select(columns)
    .from(auditEvents)
    .where(and(eq(ofOrganization, organizationId), inArray(auditEvents.sequence, sequences.slice(0, limit))))
    .orderBy(desc(auditEvents.sequence))
    .all();
}

const sequencesOfSubject = (db: SqliteConnection) =>
  db
    .select({ sequence: auditSubjects.sequence })
    .from(auditSubjects)
    .where(
      and(
        eq(auditSubjects.organizationId, organizationParameter),
        eq(auditSubjects.subject, sql.placeholder('subject')),
        lt(auditSubjects.sequence, sql.placeholder('before')),
        gte(auditSubjects.sequence, sql.placeholder('from')),
      ),
    )
    .orderBy(desc(auditSubjects.sequence))
    .limit(sql.placeholder('limit'))
    .prepare();

export function readFirstAuditSequence(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  sinceMs: number,
): number | undefined {
  return db
    .select({ sequence: auditEvents.sequence })
    .from(auditEvents)
    .where(and(eq(ofOrganization, organizationId), gte(auditEvents.atMs, sinceMs)))
    .orderBy(asc(auditEvents.atMs), asc(auditEvents.sequence))
    .limit(1)
    .get()?.sequence;
}

export function readAuditRecordsAfter(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  sequence: number,
  limit: number,
): AuditRecord[] {
  return db
    .select(columns)
    .from(auditEvents)
    .where(and(eq(ofOrganization, organizationId), gt(auditEvents.sequence, sequence)))
    .orderBy(asc(auditEvents.sequence))
    .limit(limit)
    .all();
}

export function readAuditHead(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): AuditHead | undefined {
  return db
    .select({ sequence: auditEvents.sequence, hash: auditEvents.hash })
    .from(auditEvents)
    .where(eq(ofOrganization, organizationId))
    .orderBy(desc(auditEvents.sequence))
    .limit(1)
    .get();
}

/** More namesakes than the teams of an organization have over the years. */
const MAX_NAMESAKES = 500;

export function readAccountsEverNamed(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  name: string,
): { id: string; teamName: string }[] {
  return db
    .select({ id: serviceAccounts.id, teamName: teams.name })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(and(eq(serviceAccounts.organizationId, organizationId), eq(serviceAccounts.name, name)))
    .limit(MAX_NAMESAKES)
    .all();
}
