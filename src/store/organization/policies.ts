import { and, asc, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm';
import type { KeysBeyondPolicy } from '../../application/teams/team-store.ts';
import {
  type EffectivePolicy,
  effectivePolicy,
  isLongerThanPolicy,
  type Policy,
} from '../../domain/organization/policy.ts';
import {
  type DesiredPolicies,
  type PolicyChange,
  policyChanges,
} from '../../domain/organization/policy-changes.ts';
import { accountOfKey, teamOfAccount } from '../accounts/account-row.ts';
import type { OrganizationContext, SqliteConnection, WriteContext } from '../database/connection.ts';
import { apiKeys, organizations, serviceAccounts, teams } from '../schema/schema.ts';
import { ensureTeam } from './backend.ts';
import { isActiveTeam } from './teams.ts';

export function readOrganizationPolicy(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
): Policy {
  const row = db
    .select({ policy: organizations.policy })
    .from(organizations)
    .where(eq(organizations.organizationId, organizationId))
    .get();
  return row?.policy ?? {};
}

export function writeOrganizationPolicy(
  tx: SqliteConnection,
  { organizationId }: OrganizationContext,
  policy: Policy,
): void {
  tx.update(organizations).set({ policy }).where(eq(organizations.organizationId, organizationId)).run();
}

export function readPolicyOf(
  db: SqliteConnection,
  context: OrganizationContext,
  teamName: string,
): EffectivePolicy {
  return effectivePolicy(
    readOrganizationPolicy(db, context),
    readTeamRules(db, context, teamName)?.policy ?? {},
  );
}

export function hasTeamPolicies(db: SqliteConnection, { organizationId }: OrganizationContext): boolean {
  const row = db
    .select({ id: teams.id })
    .from(teams)
    .where(and(isActiveTeam(organizationId), isNotNull(teams.policy)))
    .limit(1)
    .get();
  return row !== undefined;
}

export function readTeamChannel(
  db: SqliteConnection,
  context: OrganizationContext,
  teamName: string,
): string | undefined {
  return readTeamRules(db, context, teamName)?.channel ?? undefined;
}

function readTeamRules(db: SqliteConnection, { organizationId }: OrganizationContext, teamName: string) {
  return db
    .select({ policy: teams.policy, channel: teams.channel })
    .from(teams)
    .where(and(isActiveTeam(organizationId), eq(teams.name, teamName)))
    .get();
}

export function applyPolicies(
  tx: SqliteConnection,
  context: WriteContext,
  desired: DesiredPolicies,
  nowMs: number,
): { changes: number } {
  const changes = policyChanges(readCurrentPolicies(tx, context), desired);
  for (const change of changes) {
    write(tx, context, change, nowMs);
    const { action, subject, details } = change;
    const actor = { type: 'system', name: 'teams-file' } as const;
    context.appendAudit({ atMs: nowMs, actor, action, subject, details, requestId: null });
  }
  return { changes: changes.length };
}

function readCurrentPolicies(tx: SqliteConnection, context: OrganizationContext): DesiredPolicies {
  const rows = tx
    .select({ name: teams.name, policy: teams.policy, channel: teams.channel })
    .from(teams)
    .where(eq(teams.organizationId, context.organizationId))
    .all();
  return {
    organization: readOrganizationPolicy(tx, context),
    teams: rows.map(({ name, policy, channel }) => ({
      name,
      ...(policy !== null && { policy }),
      ...(channel !== null && { channel }),
    })),
  };
}

function write(tx: SqliteConnection, context: WriteContext, change: PolicyChange, nowMs: number): void {
  if (change.action === 'organization.changed') {
    writeOrganizationPolicy(tx, context, change.policy);
    return;
  }
  const { name, policy = null, channel = null } = change.team;
  const { id } = ensureTeam(tx, context, name, nowMs);
  tx.update(teams)
    .set({ policy, channel })
    .where(and(eq(teams.organizationId, context.organizationId), eq(teams.id, id)))
    .run();
}

/** Enough to begin with. The list of accounts marks each of them. */
const MAX_LISTED = 10;
const KEYS_AT_ONCE = 1_000;

/** Reads every working key that Keysmith verifies. */
export function readKeysBeyondPolicy(
  db: SqliteConnection,
  context: OrganizationContext,
  nowMs: number,
): KeysBeyondPolicy {
  const ofOrganization = readOrganizationPolicy(db, context);
  const policies = new Map<string, EffectivePolicy>();
  const found: KeysBeyondPolicy = { count: 0, some: [] };
  for (let after = '', isLast = false; !isLast; ) {
    const keys = readWorkingKeys(db, context, { nowMs, after });
    for (const { teamId, keyId, name, teamName, ...key } of keys) {
      const policy = policies.get(teamId) ?? effectivePolicy(ofOrganization, key.teamPolicy ?? {});
      policies.set(teamId, policy);
      if (!isLongerThanPolicy(policy, { ...key, expiresAtMs: key.expiresAtMs ?? undefined })) continue;
      found.count += 1;
      if (found.some.length < MAX_LISTED) found.some.push({ keyId, name, teamName });
    }
    isLast = keys.length < KEYS_AT_ONCE;
    after = keys.at(-1)?.keyId ?? '';
  }
  return found;
}

/** In the order of the primary key, so that nothing is sorted. */
function readWorkingKeys(
  db: SqliteConnection,
  { organizationId }: OrganizationContext,
  { nowMs, after }: { nowMs: number; after: string },
) {
  return db
    .select({
      keyId: apiKeys.keyId,
      createdAtMs: apiKeys.createdAtMs,
      expiresAtMs: apiKeys.expiresAtMs,
      name: serviceAccounts.name,
      teamId: teams.id,
      teamName: teams.name,
      teamPolicy: teams.policy,
    })
    .from(apiKeys)
    .innerJoin(serviceAccounts, accountOfKey)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(apiKeys.organizationId, organizationId),
        gt(apiKeys.keyId, after),
        isNotNull(apiKeys.secretHash),
        isNull(apiKeys.revokedAtMs),
        // The plus sign keeps SQLite from reading the index of the expiry, which has another order.
        sql`(+${apiKeys.expiresAtMs} is null or +${apiKeys.expiresAtMs} > ${nowMs})`,
        eq(serviceAccounts.state, 'active'),
        isNull(teams.archivedAtMs),
      ),
    )
    .orderBy(asc(apiKeys.keyId))
    .limit(KEYS_AT_ONCE)
    .all();
}
