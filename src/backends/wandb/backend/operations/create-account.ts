import { newServiceAccount } from '../../../../application/accounts/create-service-account.ts';
import type { AccountRequest, CreateAccountResult } from '../../../../application/ports/backend.ts';
import { OPERATION_LEASE_MS } from '../../../../application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import { accountEvent, actorOf } from '../../../account-event.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import { administers, isNameTaken, snapshotBefore } from '../team-members.ts';
import { OPERATION_TIMEOUT_MS, type WandbContext } from '../wandb-context.ts';
import type { Creation } from './create-on-server.ts';
import { runCreation } from './run-creation.ts';

/**
 * Creates an account on the server after checking the role and the name against the team as it is now.
 *
 * @throws BackendUnavailableError, StoreUnavailableError when nothing was created
 */
export async function createAccount(
  context: WandbContext,
  request: AccountRequest,
): Promise<CreateAccountResult> {
  const { store, teams, now, monotonicMs } = context;
  const startedAtMs = now();
  const deadlineMs = monotonicMs() + OPERATION_TIMEOUT_MS;
  const before = await teams.fresh(request.team.name, { deadlineMs });
  if (before === undefined) return { ok: false, reason: 'team_archived' };
  if (!administers(context, before, request.requestedBy)) return { ok: false, reason: 'not_admin' };
  if (isNameTaken(before, request.name)) {
    // The same form may have created the account that has the name.
    const earlier = await store.earlierSubmission(request.submissionId);
    if (earlier !== undefined) return { ok: false, reason: 'already_submitted', earlier };
    const ofKeysmith = await store.accountsOfTeams([before.name], { name: request.name, limit: 1 });
    return { ok: false, reason: ofKeysmith.total > 0 ? 'name_taken' : 'name_taken_on_server' };
  }
  const providerId = providerOf(before, request);
  if (request.authentication.method === 'federated' && providerId === undefined) {
    return { ok: false, reason: 'backend_refused', failure: { reason: 'not_supported' } };
  }
  const team = await store.ensureTeam(before.name, startedAtMs);
  const account = newServiceAccount(request, {
    id: context.newId('sa'),
    organizationId: store.organizationId,
    teamId: team.id,
    createdAtMs: startedAtMs,
  });
  const creation = creationOf(context, request, account, { before, providerId, deadlineMs });
  const begun = await begin(context, request, creation);
  if (!begun.ok) return begun;
  const result = await runCreation(context, creation);
  if (result.ok) return { ok: true, account, issued: result.issued };
  switch (result.reason) {
    case 'backend_refused':
      if (result.isConflict && account.method === 'federated') return { ok: false, reason: 'subject_taken' };
      return { ok: false, reason: 'backend_refused', failure: result.failure };
    case 'account_revoked':
      // Can't happen: an account isn't visible before it is created.
      return { ok: false, reason: 'outcome_unknown', cause: { reason: 'not_recorded' } };
    case 'no_key_shown':
    case 'outcome_unknown':
      return result;
  }
}

function providerOf(team: WandbTeam, { authentication }: AccountRequest): string | undefined {
  if (authentication.method !== 'federated') return undefined;
  const { issuer } = authentication.identity;
  return team.organization?.oauthProviders?.find(({ issuerUrl }) => issuerUrl === issuer)?.id;
}

function creationOf(
  { newId, now }: WandbContext,
  { authentication, requestedBy, requestId, notice }: AccountRequest,
  account: ServiceAccount,
  read: { before: WandbTeam; providerId: string | undefined; deadlineMs: number },
): Creation {
  return {
    held: { operationId: newId('op'), leaseUntilMs: now() + OPERATION_LEASE_MS },
    account,
    person: requestedBy,
    ...snapshotBefore(read.before),
    providerId: read.providerId,
    route: authentication.method === 'api_key' ? authentication.route : undefined,
    collectionId: undefined,
    requestId,
    notice: authentication.method === 'federated' ? notice : undefined,
    deadlineMs: read.deadlineMs,
  };
}

function begin(
  { store, now }: WandbContext,
  { authentication, submissionId, requestedBy, requestId }: AccountRequest,
  { held, account, membersBefore }: Creation,
) {
  return store.beginCreation({
    ...held,
    account,
    submissionId,
    keyLifetimeDays: authentication.method === 'api_key' ? authentication.lifetimeDays : undefined,
    membersBefore,
    auditEvent: accountEvent(account, {
      action: 'service_account.creation_started',
      actor: actorOf(requestedBy),
      atMs: now(),
      requestId,
      details: {
        method: account.method,
        issuer: account.externalIdentity?.issuer,
        subject: account.externalIdentity?.subject,
      },
    }),
  });
}
