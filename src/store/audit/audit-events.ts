import type { KeyObject } from 'node:crypto';
import { and, asc, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import { type AuditRecord, chainAuditEvent } from '../../domain/audit/audit-event.ts';
import { auditSubjects } from '../../domain/audit/audit-subjects.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import {
  type AppendAudit,
  type OrganizationContext,
  organizationParameter,
  type SqliteConnection,
} from '../database/connection.ts';
import { auditEvents, auditSubjects as auditSubjectRows, serviceAccounts, teams } from '../schema/schema.ts';

/**
 * Returns a function that appends events to one organization's chain. The transaction must hold the write lock from its
 * start, because the end of the chain is read only once.
 */
export function createAuditAppender(
  tx: SqliteConnection,
  organizationId: string,
  auditKey: KeyObject,
): AppendAudit {
  const insert = tx.once(insertEvent);
  const insertOne = tx.once(insertSubject);
  let previous = tx.once(lastRecord).get({ organizationId });
  return (event) => {
    const record = chainAuditEvent(event, previous, organizationId, auditKey);
    insert.run({ organizationId, ...record });
    for (const subject of subjectsOf(tx, organizationId, record)) {
      insertOne.run({ organizationId, subject, sequence: record.sequence });
    }
    previous = record;
  };
}

/** Adds the team of an account, where the event names the account alone. */
function subjectsOf(tx: SqliteConnection, organizationId: string, event: AuditRecord): string[] {
  const subjects = auditSubjects(event);
  if (subjects.some((subject) => subject.startsWith('team:'))) return subjects;
  const named = subjects.flatMap((subject) => {
    const accountId = subject.slice(subject.indexOf(':') + 1);
    const team = tx.once(teamOfAccountId).get({ organizationId, accountId });
    return team === undefined ? [] : [`team:${team.name}`];
  });
  return [...new Set([...subjects, ...named])];
}

const insertSubject = (db: SqliteConnection) =>
  db
    .insert(auditSubjectRows)
    .values({
      organizationId: organizationParameter,
      subject: sql.placeholder('subject'),
      sequence: sql.placeholder('sequence'),
    })
    .prepare();

const teamOfAccountId = (db: SqliteConnection) =>
  db
    .select({ name: teams.name })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, organizationParameter),
        eq(serviceAccounts.id, sql.placeholder('accountId')),
      ),
    )
    .prepare();

const insertEvent = (db: SqliteConnection) =>
  db
    .insert(auditEvents)
    .values({
      organizationId: organizationParameter,
      sequence: sql.placeholder('sequence'),
      atMs: sql.placeholder('atMs'),
      actor: sql.placeholder('actor'),
      action: sql.placeholder('action'),
      subject: sql.placeholder('subject'),
      details: sql.placeholder('details'),
      requestId: sql.placeholder('requestId'),
      previousHash: sql.placeholder('previousHash'),
      hash: sql.placeholder('hash'),
    })
    .prepare();

const lastRecord = (db: SqliteConnection) =>
  db
    .select({ sequence: auditEvents.sequence, hash: auditEvents.hash })
    .from(auditEvents)
    .where(eq(auditEvents.organizationId, organizationParameter))
    .orderBy(desc(auditEvents.sequence))
    .limit(1)
    .prepare();

export function readAuditRecords(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): AuditRecord[] {
  const { organizationId: ofOrganization, ...columns } = getTableColumns(auditEvents);
  return db
    .select(columns)
    .from(auditEvents)
    .where(eq(ofOrganization, organizationId))
    .orderBy(asc(auditEvents.sequence))
    .all();
}
