import { and, eq, isNotNull } from 'drizzle-orm';
import type { NotificationPayload } from '../../application/ports/notifications.ts';
import { teamOfAccount } from '../accounts/account-row.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { enqueueNotification } from '../jobs/notifications.ts';
import { readOrganizationAdmins } from '../organization/organizations.ts';
import { readTeamAdmins } from '../organization/teams.ts';
import { serviceAccounts, teams } from '../schema/schema.ts';

/** Bounds the messages about one account. */
const MAX_RECIPIENTS = 20;

/** A workload is about to fail, or does already. */
const URGENT: readonly NotificationPayload['message'][] = ['rotation_ending', 'old_key_used', 'key_expiring'];

/** Queues a notification for the admins instead of the contact who left. */
export function forwardToAdmins(
  tx: SqliteConnection,
  context: WriteContext,
  payload: NotificationPayload,
  nowMs: number,
): void {
  if (!('accountId' in payload)) return;
  const isUrgent = URGENT.includes(payload.message);
  const account = tx
    .select({ teamName: teams.name, scope: serviceAccounts.scope })
    .from(serviceAccounts)
    .innerJoin(teams, teamOfAccount)
    .where(
      and(
        eq(serviceAccounts.organizationId, context.organizationId),
        eq(serviceAccounts.id, payload.accountId),
        isUrgent ? undefined : isNotNull(serviceAccounts.unownedSinceMs),
      ),
    )
    .get();
  if (account === undefined) return;
  const ofTeam =
    account.scope === 'organization'
      ? []
      : readTeamAdmins(tx, context, account.teamName).map(({ email }) => email);
  const admins = ofTeam.length > 0 ? ofTeam : readOrganizationAdmins(tx, context);
  for (const email of admins.slice(0, MAX_RECIPIENTS)) {
    enqueueNotification(tx, context, { payload: { ...payload, to: { email } }, start: { atMs: nowMs } });
  }
}
