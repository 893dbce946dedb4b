import { asc, eq } from 'drizzle-orm';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { organizationAdmins, organizations } from '../schema/schema.ts';

export function readOrganizationName(db: SqliteConnection): string | undefined {
  return db
    .select({ name: organizations.name })
    .from(organizations)
    .orderBy(asc(organizations.createdAtMs), asc(organizations.organizationId))
    .limit(1)
    .get()?.name;
}

export function findOrganizationId(db: SqliteConnection, name: string): string | undefined {
  return db
    .select({ organizationId: organizations.organizationId })
    .from(organizations)
    .where(eq(organizations.name, name))
    .get()?.organizationId;
}

export function insertOrganization(
  tx: SqliteConnection,
  { organizationId, appendAudit }: WriteContext,
  name: string,
  nowMs: number,
): void {
  tx.insert(organizations).values({ organizationId, name, createdAtMs: nowMs }).run();
  appendAudit({
    atMs: nowMs,
    actor: { type: 'system', name: 'keysmith' },
    action: 'organization.created',
    subject: `organization:${name}`,
    details: { name },
    requestId: null,
  });
}

export function readOrganizationAdmins(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): string[] {
  return db
    .select({ email: organizationAdmins.email })
    .from(organizationAdmins)
    .where(eq(organizationAdmins.organizationId, organizationId))
    .orderBy(asc(organizationAdmins.email))
    .all()
    .map(({ email }) => email);
}
