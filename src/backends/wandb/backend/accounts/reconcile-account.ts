import { accountEvent, actorOf } from '../../../../application/accounts/account-event.ts';
import type { BackendFailure } from '../../../../application/ports/backend.ts';
import type { JobResult, ServerAccountJob } from '../../../../application/ports/job-store.ts';
import type { ServerAccount, ServerIdentity } from '../../../../application/ports/server-account-store.ts';
import { type AdminProblem, reconcile } from '../../../../domain/accounts/reconciliation.ts';
import type { AuditAction } from '../../../../domain/audit/audit-actions.ts';
import { LONGEST_PAUSE_MS, nextLateCheckMs, STALLED_AFTER_TRIES } from '../../../../domain/backoff.ts';
import { storedAgeMs } from '../../../../domain/stored-time.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import { backendFailureOf } from '../backend-failure.ts';
import { administers, roleIn } from '../team-members.ts';
import { OPERATION_TIMEOUT_MS, SYSTEM, type WandbContext } from '../wandb-context.ts';
import { newAttempt, providerOf, type StoredAttempt } from './attempt.ts';
import { deleteOnServer } from './delete-on-server.ts';
import { readShown } from './read-shown.ts';
import { abandonAttempt, completeAttempt, REQUEST_ENDED, runAttempt } from './run-attempt.ts';

export interface Reconciled {
  result: JobResult;
  /** This run ended the revocation of the account. */
  revoked?: true;
  /** Why the job has to be retried. */
  failure?: BackendFailure;
}

/** Enough for a deletion and a read that confirms it, and one more if the server is slow to show it. */
const MAX_STEPS = 3;

/** Brings one account on the server to its desired state: reads what the server shows, and acts on the difference. May be repeated. */
export async function reconcileAccount(
  context: WandbContext,
  job: ServerAccountJob,
  options: { attempts: number },
): Promise<Reconciled> {
  const deadlineMs = context.monotonicMs() + OPERATION_TIMEOUT_MS;
  const seen = { hasDeleted: false, wasShown: false };
  let server: ServerAccount | undefined;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    server = await context.store.serverAccount(job.serverAccountId);
    if (server === undefined) return { result: 'done' };
    if (server.desired === 'present' && job.key !== undefined) {
      const { abandoned } = await abandonLost(context, server, job);
      if (!abandoned) return { result: 'done' };
      continue;
    }
    const read = await readShown(context, server.account, server, { deadlineMs });
    if (!read.ok) return retry(context, server, job, options, backendFailureOf(read.failure));
    if (read.value === undefined) {
      // A deleted team isn't shown again, and the hidden account reserves its subject.
      return isTooLate(context, server)
        ? giveUp(context, server, job, 'too_late')
        : retry(context, server, job, options, { reason: 'team_not_shown' });
    }
    const { shown } = read.value;
    if (shown.length > 0) seen.wasShown = true;
    const next = reconcile(server, shown);
    switch (next.kind) {
      case 'done':
        return server.desired === 'present'
          ? complete(context, server, job)
          : recordGone(context, server, job, seen);
      case 'adopt': {
        await recordIdentity(context, server, next.shown);
        continue;
      }
      case 'create':
        return create(context, server, job, options, deadlineMs);
      case 'delete': {
        // On some servers, the client outlives the member that shows it.
        if (server.clientId === undefined && next.shown?.clientId !== undefined) {
          await recordIdentity(context, server, next.shown);
        }
        const failure = await deleteOnServer(context, server, next.shown, { ...seen, deadlineMs });
        if (failure !== undefined) return retry(context, server, job, options, failure);
        seen.hasDeleted = true;
        // Only the client was left.
        if (next.shown === undefined)
          await recordIdentity(context, server, { ...server, clientId: undefined });
        continue;
      }
      case 'needs_admin':
        await recordProblem(context, server, job, options, next.problem);
        return {
          result: { again: context.now() + LONGEST_PAUSE_MS },
          failure: { reason: 'another_account' },
        };
    }
  }
  if (server !== undefined) await recordStalled(context, server, job, options);
  return { result: { retry: 'still_shown' }, failure: { reason: 'under_way' } };
}

/** Only the process that created the account can read its key, and it was lost. */
function abandonLost(context: WandbContext, server: ServerAccount, job: ServerAccountJob) {
  const options = { isCertain: false, cause: 'process_lost', opensCollection: true };
  return abandonAttempt(context, attemptOf(server, job), options);
}

/** Returns the attempt that an earlier request or run has stored. */
function attemptOf({ account, id, name, tag }: ServerAccount, job: ServerAccountJob): StoredAttempt {
  const { person, requestId } = job;
  return { account, person, requestId, notice: undefined, server: { id, name, tag, job } };
}

async function complete(
  context: WandbContext,
  server: ServerAccount,
  job: ServerAccountJob,
): Promise<Reconciled> {
  if (server.account.state !== 'provisioning') return { result: 'done' };
  await completeAttempt(context, attemptOf(server, job), undefined);
  context.logger.warn({ serverAccountId: server.id }, 'creation completed late');
  return { result: 'done' };
}

/** Uses a new tag, because an earlier attempt may have been sent. */
async function create(
  context: WandbContext,
  server: ServerAccount,
  job: ServerAccountJob,
  options: { attempts: number },
  deadlineMs: number,
): Promise<Reconciled> {
  const { account } = server;
  const { person, requestId } = job;
  const nowMs = context.now();
  const read = await context.teams.tryFresh(account.teamName, { deadlineMs, email: person.email });
  if (!read.ok) return retry(context, server, job, options, backendFailureOf(read.failure));
  const team = read.value;
  if (team === undefined) return retry(context, server, job, options, { reason: 'team_not_shown' });
  const attempt = newAttempt(context, {
    account,
    person,
    providerId: providerOf(team, account),
    key: undefined,
    requestId,
    notice: undefined,
    deadlineMs,
  });
  const refusal = await creationRefusal(context, team, attempt);
  const isPossible = account.method !== 'federated' || attempt.providerId !== undefined;
  if (isTooLate(context, server)) return giveUp(context, server, job, 'too_late');
  if (refusal !== undefined) return giveUp(context, server, job, refusal);
  if (!isPossible) return giveUp(context, server, job, 'not_supported');
  const renewed = { serverAccountId: server.id, server: attempt.server, nowMs };
  if (await context.store.renewTag(renewed)) await runAttempt(context, attempt);
  return { result: 'done' };
}

/** Returns why the account may not be created now. For a member's request, its approval stands for the permission. */
async function creationRefusal(
  context: WandbContext,
  team: WandbTeam,
  { account, person }: StoredAttempt,
): Promise<string | undefined> {
  const request = await context.store.requestOfAccount(account.id);
  if (request === undefined) return administers(context, team, person) ? undefined : 'not_admin';
  if (request.state !== 'approved' && request.state !== 'granted') return REQUEST_ENDED;
  const isMember = administers(context, team, person) || roleIn(team, person.email) === 'member';
  return isMember ? undefined : 'not_member';
}

/** Returns whether the person asked too long ago for an account to be created now. Also if the clock was set back since. */
function isTooLate({ now }: WandbContext, { account, desired }: ServerAccount): boolean {
  if (account.state !== 'provisioning' || desired === 'absent') return false;
  const ageMs = storedAgeMs(account.createdAtMs, now());
  return ageMs === undefined || ageMs > LONGEST_PAUSE_MS;
}

async function giveUp(
  context: WandbContext,
  server: ServerAccount,
  job: ServerAccountJob,
  cause: string,
): Promise<Reconciled> {
  await abandonAttempt(context, attemptOf(server, job), { isCertain: false, cause });
  return { result: 'done' };
}

async function recordGone(
  context: WandbContext,
  server: ServerAccount,
  job: ServerAccountJob,
  { hasDeleted, wasShown }: { hasDeleted: boolean; wasShown: boolean },
): Promise<Reconciled> {
  const { account, goneAtMs } = server;
  const nowMs = context.now();
  // If this run hasn't seen it, the server may only be slow to show it.
  const isMissing = !wasShown && goneAtMs === undefined;
  const abandonedAtMs = server.abandonedAtMs ?? (isMissing ? nowMs : undefined);
  const again = abandonedAtMs === undefined ? undefined : nextLateCheckMs(abandonedAtMs, nowMs);
  const event = (action: AuditAction) =>
    accountEvent(account, {
      action,
      actor: job.actor ?? actorOf(job.person),
      atMs: nowMs,
      requestId: job.requestId,
      details: { server_name: server.name, member: server.memberId },
    });
  const recorded = await context.store.recordGone({
    serverAccountId: server.id,
    nowMs,
    isFinal: again === undefined,
    revokedEvent: event('service_account.revoked'),
    deletedEvent: hasDeleted ? { ...event('server_account.deleted'), actor: SYSTEM } : undefined,
    recheckedFromMs: abandonedAtMs,
  });
  const result: JobResult = again === undefined ? 'done' : { again };
  return recorded === 'revoked' ? { result, revoked: true } : { result };
}

function recordIdentity(
  { store }: WandbContext,
  { id }: ServerAccount,
  { memberId, clientId, scimId }: ServerIdentity,
) {
  return store.recordServerIdentity({ serverAccountId: id, memberId, clientId, scimId });
}

async function retry(
  context: WandbContext,
  server: ServerAccount,
  job: ServerAccountJob,
  options: { attempts: number },
  failure: BackendFailure,
): Promise<Reconciled> {
  await recordStalled(context, server, job, options);
  return { result: { retry: failure.reason }, failure };
}

async function recordStalled(
  context: WandbContext,
  server: ServerAccount,
  job: ServerAccountJob,
  options: { attempts: number },
): Promise<void> {
  if (options.attempts >= STALLED_AFTER_TRIES) await recordProblem(context, server, job, options, 'stalled');
}

async function recordProblem(
  context: WandbContext,
  server: ServerAccount,
  job: ServerAccountJob,
  { attempts }: { attempts: number },
  problem: AdminProblem,
): Promise<void> {
  const { account, id: serverAccountId, name, memberId, clientId } = server;
  if (server.problem !== undefined) return;
  const line = { serverAccountId, accountId: account.id, serverName: name, problem };
  context.logger.warn(line, 'account needs an admin in W&B');
  const nowMs = context.now();
  const { slackUserId } = job.person;
  const content = {
    message: 'server_account_problem',
    accountId: account.id,
    serverAccountId,
    problem,
  } as const;
  const action =
    problem === 'stalled' ? 'service_account.reconciliation_stalled' : 'server_account.needs_admin';
  await context.store.recordProblem({
    serverAccountId,
    problem,
    nowMs,
    notifications: [
      { payload: { ...content, to: { slackUserId }, requestId: job.requestId }, start: { atMs: nowMs } },
    ],
    auditEvent: accountEvent(account, {
      action,
      actor: SYSTEM,
      atMs: nowMs,
      requestId: job.requestId,
      details: { problem, tries: attempts, server_name: name, member: memberId, client: clientId },
    }),
  });
}
