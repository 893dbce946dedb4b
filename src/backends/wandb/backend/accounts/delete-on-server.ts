import type { BackendFailure } from '../../../../application/ports/backend.ts';
import type { ServerAccount } from '../../../../application/ports/server-account-store.ts';
import type { ShownAccount } from '../../../../domain/accounts/reconciliation.ts';
import { deleteInvite, revokeClient } from '../../client/mutations.ts';
import type { WandbResult } from '../../client/wandb-failure.ts';
import { backendFailureOf } from '../backend-failure.ts';
import type { WandbContext } from '../wandb-context.ts';

/**
 * Deletes an account that is certainly Keysmith's. May be repeated. The next read shows whether the account is gone, so a lost
 * response does no harm.
 *
 * @param options.hasDeleted whether this run already had the account deleted, and the server still shows it
 * @returns why the server didn't delete it; undefined if it did
 */
export async function deleteOnServer(
  context: WandbContext,
  { account, clientId }: ServerAccount,
  shown: ShownAccount | undefined,
  { deadlineMs, hasDeleted }: { deadlineMs: number; hasDeleted: boolean },
): Promise<BackendFailure | undefined> {
  const { client, teams } = context;
  const { teamName: team } = account;
  // After a deletion by SCIM that had no effect, only GraphQL is left.
  const isLeftToGraphql = hasDeleted && shown?.memberId !== undefined;
  if (shown?.scimId !== undefined && !isLeftToGraphql) {
    // Deletes the account, not only its membership.
    const deleted = await context.scim.deleteUser(shown.scimId, { deadlineMs });
    teams.forget(team);
    if (!deleted.ok && shown.memberId === undefined) return backendFailureOf(deleted.failure);
    if (deleted.ok) return undefined;
  }
  if (shown?.memberId !== undefined) {
    const deleted = await deleteInvite(client, { team, memberId: shown.memberId }, { deadlineMs });
    teams.forget(team);
    if (!isGone(deleted) && !isUnreadable(deleted)) return failureOf(deleted);
  }
  const ofClient = shown?.clientId ?? clientId;
  if (ofClient === undefined) return undefined;
  // Most servers delete the client with its member. On others it must be deleted too, because it lets the workload sign in.
  const revoked = await revokeClient(client, { team, clientId: ofClient }, { deadlineMs });
  return isGone(revoked) || shown !== undefined ? undefined : failureOf(revoked);
}

/** `not_found`: an earlier call, whose response was lost, deleted it. */
function isGone(result: WandbResult<boolean>): boolean {
  return result.ok ? result.value : result.failure.reason === 'not_found';
}

/** The server did something and returned `null`, for example. The next read shows what it did. */
function isUnreadable(result: WandbResult<boolean>): boolean {
  return !result.ok && result.failure.reason === 'unexpected_shape';
}

function failureOf(result: WandbResult<boolean>): BackendFailure {
  return result.ok ? { reason: 'refused', message: undefined } : backendFailureOf(result.failure);
}
