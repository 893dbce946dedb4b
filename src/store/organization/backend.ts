import { and, asc, eq, isNull } from 'drizzle-orm';
import type { ClaimBackendResult, ClaimedBackend } from '../../application/ports/server-account-store.ts';
import type { Team } from '../../domain/organization/team.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { organizations, teams } from '../schema/schema.ts';
import { isActiveTeam } from './teams.ts';

export function claimBackend(
  tx: SqliteConnection,
  context: OrganizationContext,
  backend: ClaimedBackend,
): ClaimBackendResult {
  const { organizationId } = context;
  const isOrganization = eq(organizations.organizationId, organizationId);
  tx.update(organizations)
    .set({ backend: backend.kind })
    .where(and(isOrganization, isNull(organizations.backend)))
    .run();
  const claimed = readOrganization(tx, context);
  if (claimed?.backend !== backend.kind) return { ok: false, reason: 'other_backend' };
  if (backend.kind === 'builtin') return { ok: true };
  const { address, movedFrom } = backend;
  const stored = claimed.backendAddress ?? undefined;
  if (stored !== undefined && stored !== address && stored !== movedFrom) {
    return { ok: false, reason: 'other_server', address: stored };
  }
  if (stored !== address)
    tx.update(organizations).set({ backendAddress: address }).where(isOrganization).run();
  return { ok: true };
}

export function readKeysNotShownAtMs(db: SqliteConnection, context: OrganizationContext): number | undefined {
  return readOrganization(db, context)?.keysNotShownAtMs ?? undefined;
}

function readOrganization(db: SqliteConnection, { organizationId }: OrganizationContext) {
  return db.select().from(organizations).where(eq(organizations.organizationId, organizationId)).get();
}

export function recordKeysNotShown(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  atMs: number | undefined,
): void {
  tx.update(organizations)
    .set({ keysNotShownAtMs: atMs ?? null })
    .where(eq(organizations.organizationId, organizationId))
    .run();
}

export function ensureTeam(
  tx: SqliteConnection,
  { organizationId, newId }: WriteContext,
  name: string,
  nowMs: number,
): Team {
  tx.insert(teams)
    .values({ organizationId, id: newId('team'), name, subjects: [], createdAtMs: nowMs })
    .onConflictDoNothing()
    .run();
  const row = tx
    .select({ id: teams.id, name: teams.name, subjects: teams.subjects })
    .from(teams)
    .where(and(eq(teams.organizationId, organizationId), eq(teams.name, name)))
    .get();
  if (row === undefined) throw new Error(`The team ${name} wasn't inserted.`);
  return row;
}

export function readTeamNames(db: SqliteConnection, { organizationId }: OrganizationContext): string[] {
  return db
    .select({ name: teams.name })
    .from(teams)
    .where(isActiveTeam(organizationId))
    .orderBy(asc(teams.name))
    .all()
    .map(({ name }) => name);
}
