import type { BackendFailure } from '../../../application/ports/backend.ts';
import type {
  BackendOperation,
  EndingKind,
  HeldOperation,
  ServerIdentity,
} from '../../../application/ports/operation-store.ts';
import { COLLECTION_LIFETIME_MS } from '../../../application/ports/store.ts';
import type { AuditAction } from '../../../domain/audit/audit-actions.ts';
import type { AuditDetail } from '../../../domain/audit/audit-event.ts';
import { nextLateCheckMs } from '../../../domain/backoff.ts';
import type { WandbTeam } from '../client/queries/read-team.ts';
import { identityOf } from './make-on-server.ts';
import { accountEvent, actorOf, SYSTEM } from './operation-events.ts';
import { removeFromServer } from './revoke-account.ts';
import { candidatesOf, isMemberOf, memberOf, type ServiceMember } from './team-directory.ts';
import { CALLS_MS, type WandbContext } from './wandb-context.ts';

/** Goes on with a revocation until the server has an answer. */
async function settleRemoval(
  context: WandbContext,
  operation: BackendOperation,
  deadlineMs: number,
): Promise<boolean> {
  const { id: operationId, leaseUntilMs, account, memberId, clientId, person, requestId } = operation;
  const { store, now } = context;
  const server = { memberId, clientId };
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  const event = (action: AuditAction, details: Record<string, AuditDetail> = {}) => {
    const actor = action === 'service_account.revoked' ? actorOf(person) : SYSTEM;
    return accountEvent(account, { action, actor, atMs: now(), requestId, details });
  };
  switch (removal.kind) {
    case 'removed': {
      const completed = await store.completeRemoval({
        operationId,
        server,
        ending: 'revoked_late',
        nowMs: now(),
        auditEvent: event('service_account.revoked'),
      });
      return completed !== 'recreated';
    }
    case 'refused':
      if (isPassing(removal.failure.reason)) return false;
      return store.failRemoval({
        operationId,
        leaseUntilMs,
        ending: 'not_revoked',
        nowMs: now(),
        auditEvent: event('service_account.deletion_failed', { cause: removal.failure.reason }),
      });
    case 'unclear':
      return false;
  }
}

/** The person was told that it is tried until it is cut off: only a real no ends that. */
function isPassing(reason: BackendFailure['reason']): boolean {
  return PASSING.includes(reason);
}

const PASSING: readonly BackendFailure['reason'][] = [
  'not_reached',
  'broken_off',
  'too_slow',
  'under_way',
  'server_error',
  'rate_limited',
];

/**
 * Finishes what was begun and lost its process, or its answer. What stands on the server under exactly this name, and did
 * not before, is taken for what was made: none, nothing was made; one, a federated account is completed and one with a
 * key, which is never read later, is removed again; several, none is touched; nor is one that an admin may have made
 * since. An ID that the server answered comes first, but is no more than its word: where nobody of that ID is there, it is
 * looked for by name all the same. False where it has to be tried again.
 */
export async function settleOperation(context: WandbContext, operation: BackendOperation): Promise<boolean> {
  const deadlineMs = context.now() + CALLS_MS;
  if (operation.kind === 'remove') return settleRemoval(context, operation, deadlineMs);
  const read = await context.teams.tryFresh(operation.account.teamName, { deadlineMs });
  // A team that can't be seen says nothing about what is in it.
  if (!read.ok || read.value === undefined) return false;
  const made = await madeBy(context, read.value, operation);
  if (made === undefined) return false;
  const [found, ...others] = made.members;
  if (others.length > 0) return giveUp(context, operation, 'several_candidates');
  if (found === undefined) return settleNone(context, operation);
  const { externalIdentity } = operation.account;
  const server = identityOf(found, externalIdentity?.subject);
  if (externalIdentity !== undefined && server !== undefined && !operation.isAbandoned) {
    return completeLate(context, operation, server);
  }
  // By now an admin may have made it anew, as they were asked to see to it: an account of theirs must not be removed.
  if (operation.needsManualAction && !made.isProven) return giveUp(context, operation, 'appeared_late');
  return takeBack(context, operation, server ?? { memberId: found.id, clientId: undefined }, deadlineMs);
}

/** Undefined where Keysmith is making another one of the name at this moment. */
async function madeBy(
  { store }: WandbContext,
  team: WandbTeam,
  operation: BackendOperation,
): Promise<{ members: ServiceMember[]; isProven: boolean } | undefined> {
  const { id: exceptOperationId, memberId, clientId, account, membersBefore } = operation;
  const { name, teamId } = account;
  const candidates = candidatesOf(team, { name, membersBefore });
  if (memberId === undefined && clientId === undefined) return { members: candidates, isProven: false };
  const known = memberOf(team, { memberId, clientId });
  if (known !== undefined && isMemberOf(known, { name, clientId }))
    return { members: [known], isProven: true };
  // The ID of a client is no membership's, and of a membership that has a client it was read in the team.
  if (clientId !== undefined || candidates.length === 0) return { members: [], isProven: false };
  const made = await store.createdUnderName({ teamId, name, exceptOperationId });
  if (made.isUnderWay) return undefined;
  return { members: candidates.filter(({ id }) => !made.memberIds.includes(id)), isProven: false };
}

function settleNone(context: WandbContext, operation: BackendOperation): Promise<boolean> {
  const { clientId, memberId, account, isAbandoned, kind } = operation;
  // The server may still be at it: what it was asked for and nobody has seen is looked for later.
  const lookFromMs = nextLateCheckMs(context.now(), context.now());
  if (isAbandoned) return giveUp(context, operation, 'removed_again', lookFromMs);
  // On a server that shows no membership for it.
  if (clientId !== undefined && memberId === undefined) {
    return completeLate(context, operation, { memberId, clientId });
  }
  const wasMade = memberId !== undefined;
  if (account.method === 'api_key' && (wasMade || kind === 'recreate')) {
    return offerAgain(context, operation, lookFromMs);
  }
  return giveUp(context, operation, 'not_made', lookFromMs);
}

async function takeBack(
  context: WandbContext,
  operation: BackendOperation,
  server: ServerIdentity,
  deadlineMs: number,
): Promise<boolean> {
  const { id: operationId, account, isAbandoned } = operation;
  const { store, now, logger } = context;
  // The next try then knows that it was made, also when it finds it gone.
  const noted = { operationId, server, nowMs: now(), leaseUntilMs: operation.leaseUntilMs };
  await store.recordServerIdentity(noted);
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  if (removal.kind !== 'removed') {
    logger.error({ operationId, ...removal }, 'what was made on the server still stands there');
    return false;
  }
  return isAbandoned || account.method === 'federated'
    ? giveUp(context, operation, 'removed_again')
    : offerAgain(context, operation);
}

async function completeLate(
  context: WandbContext,
  operation: BackendOperation,
  server: ServerIdentity,
): Promise<boolean> {
  const { externalIdentity, method } = operation.account;
  const completed = await context.store.completeCreation({
    ...heldOf(operation),
    server,
    key: undefined,
    ending: 'created_late',
    nowMs: context.now(),
    auditEvent: event(context, operation, 'service_account.created', {
      method,
      issuer: externalIdentity?.issuer,
      subject: externalIdentity?.subject,
      member: server.memberId,
    }),
  });
  return completed === 'completed';
}

/** The account stands, without a key: the person collects one, and is told so by the offer. */
async function offerAgain(
  context: WandbContext,
  operation: BackendOperation,
  lookFromMs?: number,
): Promise<boolean> {
  const nowMs = context.now();
  await context.store.undoCreation({
    ...heldOf(operation),
    nowMs,
    auditEvent: event(context, operation, 'service_account.creation_abandoned', { cause: 'lease_lapsed' }),
    newCollection: { id: context.newId('col'), expiresAtMs: nowMs + COLLECTION_LIFETIME_MS },
    lookFromMs,
  });
  return true;
}

function giveUp(
  context: WandbContext,
  operation: BackendOperation,
  ending: EndingKind,
  lookFromMs?: number,
): Promise<boolean> {
  const isUnclear = ending === 'several_candidates' || ending === 'appeared_late';
  const action = isUnclear ? 'service_account.creation_unknown' : 'service_account.creation_failed';
  return context.store.failCreation({
    ...heldOf(operation),
    state: isUnclear ? 'unclear' : 'failed',
    ending,
    lookFromMs,
    nowMs: context.now(),
    auditEvent: event(context, operation, action, { cause: ending }),
  });
}

function heldOf({ id, leaseUntilMs }: BackendOperation): HeldOperation {
  return { operationId: id, leaseUntilMs };
}

function event(
  { now }: WandbContext,
  { account, requestId }: BackendOperation,
  action: AuditAction,
  details: Record<string, AuditDetail | undefined>,
) {
  return accountEvent(account, { action, actor: SYSTEM, atMs: now(), requestId, details });
}

/**
 * Looks for what an operation made after it was given up. What is found is told, and left alone: an account that the server
 * made late for Keysmith and one that an admin has made by hand, having read that it was not made, are the same on the wire.
 * W&B shows neither who made a member nor when, and takes no mark of ours but the name. To remove an admin's account would
 * stop jobs that run; a key that nobody has seen waits for a person to remove it.
 */
export async function checkForLateEffect(
  context: WandbContext,
  operation: BackendOperation,
): Promise<boolean> {
  const { id: operationId, account, membersBefore, requestId } = operation;
  const { store, teams, now } = context;
  const read = await teams.tryFresh(account.teamName, { deadlineMs: now() + CALLS_MS });
  if (!read.ok || read.value === undefined) return false;
  const candidates = candidatesOf(read.value, { name: account.name, membersBefore });
  if (candidates.length === 0) return false;
  // Read after the server, so that one which Keysmith makes meanwhile, at another try of the person's, is known by now.
  const { memberIds, isUnderWay } = await store.createdUnderName(account);
  const unknown = candidates.map(({ id }) => id).filter((id) => !memberIds.includes(id));
  // It may be what that one is making.
  if (isUnderWay || unknown.length === 0) return false;
  return store.recordLateEffect({
    operationId,
    nowMs: now(),
    auditEvent: accountEvent(account, {
      action: 'service_account.appeared_late',
      actor: SYSTEM,
      atMs: now(),
      requestId,
      details: { members: unknown },
    }),
  });
}
