import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { BackendFailure, UnknownOutcomeCause } from '../ports/backend.ts';
import {
  administerTeam,
  administerTeamAs,
  type Caller,
  identify,
  type Refusal,
  recordRefusal,
  refuseNonAdmin,
} from './authorize.ts';

export type RevokeServiceAccountResult =
  | { kind: 'revoked' | 'already_revoked'; account: ServiceAccount }
  /** The backend said no: the account is as it was. `link`: where an admin does it by hand. */
  | { kind: 'not_revoked'; account: ServiceAccount; failure: BackendFailure; link: string | undefined }
  /** It is tried until it is cut off; the person hears it in a direct message. */
  | { kind: 'outcome_unknown'; account: ServiceAccount; cause: UnknownOutcomeCause; link: string | undefined }
  | { kind: 'unknown' }
  | { kind: 'refused'; refusal: Refusal };

/** Cuts an account and its keys off at once. Whose account is not the person's to see does not exist to them. */
export async function revokeServiceAccount(
  ports: Ports,
  { slackUserId, accountId, requestId }: { slackUserId: string; accountId: string; requestId: string },
): Promise<RevokeServiceAccountResult> {
  const refuse = (who: Caller, reason: string) =>
    recordRefusal(ports, {
      who,
      action: 'service_account.revoke_refused',
      reason,
      subject: `service_account:${accountId.slice(0, 64)}`,
      requestId,
    });
  const identified = await identify(ports, slackUserId);
  if (!identified.ok) {
    const { refusal } = identified;
    await refuse({ slackUserId }, refusal.reason);
    return { kind: 'refused', refusal };
  }
  const { person } = identified;
  const account = await ports.backend.findAccount(accountId);
  if (account === undefined) {
    await refuse(person, 'account_unknown');
    return { kind: 'unknown' };
  }
  const administering = await administerTeamAs(ports, person, account.teamName);
  if (!administering.ok) {
    const { reason } = administering.refusal;
    await refuse(administering.who, reason);
    return reason === 'team_unknown'
      ? { kind: 'unknown' }
      : { kind: 'refused', refusal: administering.refusal };
  }
  const outcome = await ports.backend.revokeAccount(account, person, requestId);
  if (outcome === 'not_found') return { kind: 'unknown' };
  if (typeof outcome === 'string') {
    ports.logger.info({ accountId, outcome }, 'service account revoked');
    return { kind: outcome, account };
  }
  const link = ports.backend.teamPage(account.teamName);
  return 'refused' in outcome
    ? { kind: 'not_revoked', account, failure: outcome.refused, link }
    : { kind: 'outcome_unknown', account, cause: outcome.outcomeUnknown, link };
}

export type FindAccountToRevokeResult =
  | { kind: 'found'; account: ServiceAccount }
  /** The name stands in several of the person's teams: which one is meant? */
  | { kind: 'ambiguous'; teamNames: string[] }
  | { kind: 'unknown' }
  | { kind: 'refused'; refusal: Refusal };

/** Finds the account that `/wandb sa revoke NAME` means, among those that the person may revoke. */
export async function findAccountToRevoke(
  ports: Ports,
  request: {
    slackUserId: string;
    name: string;
    teamName: string | undefined;
    requestId: string;
  },
): Promise<FindAccountToRevokeResult> {
  const { slackUserId, name, teamName, requestId } = request;
  const identified = await identify(ports, slackUserId);
  const refuse = async (who: Caller, refusal: Refusal) => {
    const { reason } = refusal;
    await recordRefusal(ports, {
      who,
      action: 'service_account.revoke_refused',
      reason,
      requestId,
    });
    return { kind: 'refused' as const, refusal };
  };
  if (!identified.ok) return refuse({ slackUserId }, identified.refusal);
  const { person } = identified;
  if (teamName !== undefined) {
    const administering = await administerTeam(ports, slackUserId, teamName);
    if (!administering.ok) return refuse(administering.who, administering.refusal);
  } else {
    const administered = await ports.backend.administeredTeams(person, { limit: 1 });
    if (administered.total === 0) return refuse(person, await refuseNonAdmin(ports, person, administered));
  }
  const [account, ...others] = await ports.backend.findAccountsByName(person, name, teamName);
  if (account === undefined) return { kind: 'unknown' };
  if (others.length > 0)
    return {
      kind: 'ambiguous',
      teamNames: [account, ...others].map((one) => one.teamName),
    };
  return { kind: 'found', account };
}
