import { accountEvent, actorOf } from '../../../../application/accounts/account-event.ts';
import { newServiceAccount } from '../../../../application/accounts/create-service-account.ts';
import type { AccountRequest, CreateAccountResult } from '../../../../application/ports/backend.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import { FIRST_KEY_NAME } from '../../../../domain/keys/key-name.ts';
import { administers } from '../team-members.ts';
import { OPERATION_TIMEOUT_MS, type WandbContext } from '../wandb-context.ts';
import { type Attempt, newAttempt, providerOf } from './attempt.ts';
import { runAttempt } from './run-attempt.ts';

/**
 * Creates an account on the server after checking the role against the team as it is now.
 *
 * @throws BackendUnavailableError, StoreUnavailableError when nothing was created
 */
export async function createAccount(
  context: WandbContext,
  request: AccountRequest,
): Promise<CreateAccountResult> {
  const { store, teams, now, monotonicMs } = context;
  const { authentication, requestedBy: person, requestId, notice, ofRequest } = request;
  const startedAtMs = now();
  const deadlineMs = monotonicMs() + OPERATION_TIMEOUT_MS;
  const read = await teams.fresh(request.team.name, { deadlineMs, email: person.email });
  if (read === undefined) return { ok: false, reason: 'team_archived' };
  if (ofRequest === undefined && !administers(context, read, person))
    return { ok: false, reason: 'not_admin' };
  const team = await store.ensureTeam(read.name, startedAtMs);
  const account = newServiceAccount(request, {
    id: context.newId('sa'),
    organizationId: store.organizationId,
    teamId: team.id,
    createdAtMs: startedAtMs,
    state: 'provisioning',
  });
  if (authentication.method === 'api_key_to_collect') return createWithoutKey(context, request, account);
  const providerId = providerOf(read, account);
  if (account.method === 'federated' && providerId === undefined) {
    return { ok: false, reason: 'backend_refused', failure: { reason: 'not_supported' } };
  }
  const key =
    authentication.method === 'api_key'
      ? { ...authentication, name: FIRST_KEY_NAME, collectionId: undefined }
      : undefined;
  const attempt = newAttempt(context, { account, person, providerId, key, requestId, notice, deadlineMs });
  const begun = await begin(context, request, attempt);
  if (!begun.ok) return begun;
  const result = await runAttempt(context, attempt);
  const created = { ...account, state: 'active' } as const;
  if (result.ok) {
    return { ok: true, account: created, issued: result.issued, serverName: attempt.server.name };
  }
  if (result.reason === 'outcome_unknown') {
    const { failure: cause, collection } = result;
    return { ok: false, reason: 'outcome_unknown', cause, account, collection };
  }
  if (result.isConflict && account.method === 'federated') return { ok: false, reason: 'subject_taken' };
  return { ok: false, reason: 'backend_refused', failure: result.failure };
}

/** Stores an account whose key is collected later. The server creates it at that click, as it shows a new key only then. */
async function createWithoutKey(
  { store }: WandbContext,
  { submissionId, requestedBy, requestId, ofRequest }: AccountRequest,
  provisioning: ServiceAccount,
): Promise<CreateAccountResult> {
  const account: ServiceAccount = { ...provisioning, state: 'active' };
  const inserted = await store.insertAccount({
    account,
    submissionId,
    key: undefined,
    auditEvent: accountEvent(account, {
      action: 'service_account.created',
      actor: actorOf(requestedBy),
      atMs: account.createdAtMs,
      requestId,
      details: { method: account.method },
    }),
    ofRequest,
  });
  return inserted.ok ? { ok: true, account, issued: undefined } : inserted;
}

function begin(
  { store, now }: WandbContext,
  { submissionId, requestedBy, requestId, ofRequest }: AccountRequest,
  { account, server }: Attempt,
) {
  const nowMs = now();
  return store.beginCreation({
    account,
    submissionId,
    server,
    nowMs,
    ofRequest,
    auditEvent: accountEvent(account, {
      action: 'service_account.creation_started',
      actor: actorOf(requestedBy),
      atMs: nowMs,
      requestId,
      details: {
        method: account.method,
        issuer: account.externalIdentity?.issuer,
        subject: account.externalIdentity?.subject,
        server_name: server.name,
      },
    }),
  });
}
