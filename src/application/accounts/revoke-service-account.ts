import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { withoutCredentials } from '../../domain/keys/pasted-credential.ts';
import type { Person } from '../../domain/organization/person.ts';
import { holdNotification } from '../jobs/notification-jobs.ts';
import { type RevokeKeyResult, revokeKey } from '../keys/change-key.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { UnknownOutcomeCause } from '../ports/backend.ts';
import type { InterruptedRuns } from '../ports/gateway.ts';
import type { HeldJob } from '../ports/job-store.ts';
import { type Attempt, authorize, checkAccount, recordRefusal } from './authorize.ts';
import { type Refusal, refusalForTeam } from './refusal.ts';
import { checkShownKey, isOutdated, type ShownKey } from './shown-key.ts';

export type RevokeServiceAccountResult =
  /**
   * `notice`: to be ended once Slack has accepted the message about it. `runs`: which the account was still writing through the
   * gateway. `link`: the team's page on the W&B server, if there is one.
   */
  | {
      kind: 'revoked';
      account: ServiceAccount;
      notice: HeldJob;
      runs: InterruptedRuns | undefined;
      link: string | undefined;
    }
  | { kind: 'already_revoked'; account: ServiceAccount; link: string | undefined }
  /**
   * The server hasn't deleted the account yet. Keysmith retries until it has, and sends the person a direct message. `link`: the page
   * where an admin can delete it manually. `serverNames`: what to delete there, if known.
   */
  | {
      kind: 'pending';
      account: ServiceAccount;
      cause: UnknownOutcomeCause;
      serverNames: readonly string[];
      link: string | undefined;
    }
  /** No such account, or one of a team the person may not see. The two must look the same. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

type NotRevoked = Extract<RevokeServiceAccountResult, { kind: 'not_found' | 'refused' }>;

/**
 * Revokes an account and its keys immediately.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was revoked
 */
export async function revokeServiceAccount(
  ports: Ports,
  { slackUserId, accountId, requestId }: { slackUserId: string; accountId: string; requestId: string },
): Promise<RevokeServiceAccountResult> {
  const attempt = revokeAttempt({ slackUserId, accountId, requestId });
  const authorized = await authorize(ports, attempt, (person) => checkAccount(ports, person, accountId));
  if (!authorized.ok) return notAuthorized(authorized.refusal);
  return revoke(ports, authorized.person, authorized.granted, { requestId });
}

/**
 * Revokes an account whose name the person typed to confirm it.
 *
 * @throws as {@link revokeServiceAccount}
 */
export async function revokeConfirmedAccount(
  ports: Ports,
  request: { slackUserId: string; accountId: string; typedName: string; requestId: string },
): Promise<RevokeServiceAccountResult | { kind: 'name_differs'; account: ServiceAccount }> {
  const { slackUserId, accountId, typedName, requestId } = request;
  const attempt = revokeAttempt({ slackUserId, accountId, requestId });
  const authorized = await authorize(ports, attempt, (person) => checkAccount(ports, person, accountId));
  if (!authorized.ok) return notAuthorized(authorized.refusal);
  const account = authorized.granted;
  if (typedName !== account.name) return { kind: 'name_differs', account };
  return revoke(ports, authorized.person, account, { requestId });
}

/**
 * Revokes a key on a person's screen: with its account if that has no other key, and alone otherwise. Revokes nothing if the
 * key's message is out of date. The member who requested the account can only do that where its key can't be revoked alone.
 *
 * @throws as {@link revokeServiceAccount}
 */
export async function revokeShownKey(
  ports: Ports,
  request: { slackUserId: string; accountId: string; keyId: string; requestId: string },
): Promise<
  | RevokeServiceAccountResult
  | { kind: 'key_outdated'; key: ShownKey }
  /** The account's other keys stay as they are. */
  | { kind: 'key_only'; revoked: RevokeKeyResult }
> {
  const { slackUserId, accountId, keyId, requestId } = request;
  const attempt = revokeAttempt({ slackUserId, accountId, requestId });
  const authorized = await authorize(ports, attempt, (person) => checkShownKey(ports, person, request));
  if (!authorized.ok) return notAuthorized(authorized.refusal);
  const { person, granted } = authorized;
  const { account, key, isManager } = granted;
  const isOutdatedKey = key !== undefined && isOutdated(key.state);
  if (!isManager && ports.backend.keys !== undefined && !isOutdatedKey) {
    // The contact can revoke single keys, but not the account.
    if (account.contact === slackUserId)
      return { kind: 'key_only', revoked: await revokeKey(ports, request) };
    const refusal = await refusalForTeam(ports, account.teamName);
    recordRefusal(ports, attempt, { person, reason: refusal.reason });
    return notAuthorized(refusal);
  }
  if (isOutdatedKey) return { kind: 'key_outdated', key };
  const result = await revoke(ports, person, account, { requestId, onlyKeyId: keyId });
  return result === 'has_other_keys'
    ? { kind: 'key_only', revoked: await revokeKey(ports, request) }
    : result;
}

/** @param request.accountId undefined where a command names the account */
export function revokeAttempt({
  slackUserId,
  requestId,
  accountId,
}: {
  slackUserId: string;
  requestId: string;
  accountId?: string;
}): Attempt {
  const subject = accountId === undefined ? {} : { subject: `service_account:${accountId.slice(0, 64)}` };
  return { slackUserId, action: 'service_account.revoke_refused', requestId, ...subject };
}

function notAuthorized(refusal: Refusal | { reason: 'account_unknown' | 'key_unknown' }): NotRevoked {
  switch (refusal.reason) {
    case 'account_unknown':
    case 'key_unknown':
    case 'team_unknown':
      return { kind: 'not_found' };
    default:
      return { kind: 'refused', refusal };
  }
}

async function revoke(
  ports: Ports,
  person: Person,
  account: ServiceAccount,
  request: { requestId: string },
): Promise<RevokeServiceAccountResult>;
async function revoke(
  ports: Ports,
  person: Person,
  account: ServiceAccount,
  request: { requestId: string; onlyKeyId: string },
): Promise<RevokeServiceAccountResult | 'has_other_keys'>;
async function revoke(
  ports: Ports,
  person: Person,
  account: ServiceAccount,
  request: { requestId: string; onlyKeyId?: string },
): Promise<RevokeServiceAccountResult | 'has_other_keys'> {
  const notice = holdNotification(ports);
  const runs = interruptedRuns(ports, account.id);
  const outcome = await ports.backend.revokeAccount(account, person, { ...request, notice, runs });
  if (outcome === 'not_found') return { kind: 'not_found' };
  if (outcome === 'has_other_keys') return outcome;
  const link = ports.backend.teamPage(account.teamName);
  if (typeof outcome === 'string') {
    ports.logger.info(
      { accountId: account.id, outcome, runs: runs?.total ?? 0 },
      link === undefined ? 'service account revoked' : 'service account deleted',
    );
    return outcome === 'revoked'
      ? { kind: outcome, account, notice, runs, link }
      : { kind: outcome, account, link };
  }
  const { pending: cause, serverNames } = outcome;
  return { kind: 'pending', account, cause, serverNames, link };
}

/** Few enough for a message. */
const MAX_SHOWN_RUNS = 5;

/** Workloads choose the names of runs, and a credential may be in one. */
export function interruptedRuns(
  { writingRuns }: Pick<Ports, 'writingRuns'>,
  accountId: string,
): InterruptedRuns | undefined {
  const runs = writingRuns?.ofAccount(accountId) ?? [];
  if (runs.length === 0) return undefined;
  const shown = runs.slice(0, MAX_SHOWN_RUNS).map(({ entity, project, runId }) => ({
    entity,
    project: withoutCredentials(project),
    runId: withoutCredentials(runId),
  }));
  return { shown, total: runs.length };
}
