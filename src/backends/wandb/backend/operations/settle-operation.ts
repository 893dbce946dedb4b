import type {
  BackendOperation,
  EndingKind,
  HeldOperation,
  ServerIdentity,
} from '../../../../application/ports/operation-store.ts';
import { COLLECTION_LIFETIME_MS } from '../../../../application/ports/store.ts';
import type { AuditAction } from '../../../../domain/audit/audit-actions.ts';
import type { AuditDetail } from '../../../../domain/audit/audit-event.ts';
import { nextLateCheckMs } from '../../../../domain/backoff.ts';
import { accountEvent } from '../../../account-event.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import {
  candidatesOf,
  hasUnusableNamesake,
  identityOf,
  isMemberOf,
  memberOf,
  type ServiceMember,
} from '../team-members.ts';
import { OPERATION_TIMEOUT_MS, SYSTEM, type WandbContext } from '../wandb-context.ts';
import { removeFromServer } from './remove-from-server.ts';
import { settleRemoval } from './revoke-account.ts';

/**
 * Settles an operation whose process or response was lost. For a creation, new service accounts with exactly its name count as
 * its result:
 *
 * - none: nothing was created.
 * - one: a federated account is completed. One with a key, which is never read late, is removed, unless an admin may
 *   have created it since.
 * - several: none is changed.
 *
 * An ID that the server returned is tried first, but the name decides when no member has that ID.
 *
 * @returns false when it has to be tried again
 */
export async function settleOperation(context: WandbContext, operation: BackendOperation): Promise<boolean> {
  const deadlineMs = context.monotonicMs() + OPERATION_TIMEOUT_MS;
  if (operation.kind === 'remove') return settleRemoval(context, operation, deadlineMs);
  const read = await context.teams.tryFresh(operation.account.teamName, { deadlineMs });
  // A team that isn't visible says nothing about its members.
  if (!read.ok || read.value === undefined) return false;
  const created = await createdBy(context, read.value, operation);
  if (created === undefined) return false;
  const [found, ...others] = created.members;
  if (others.length > 0) return giveUp(context, operation, 'several_candidates');
  if (found === undefined && hasUnusableNamesake(read.value, operation.account.name)) return false;
  if (found === undefined) return settleWithoutMember(context, operation);
  const { externalIdentity } = operation.account;
  const server = identityOf(found, externalIdentity?.subject);
  if (externalIdentity !== undefined && server !== undefined && !operation.isAbandoned) {
    return completeLate(context, operation, server);
  }
  // An admin who was asked to check the account may have recreated it, and theirs must not be removed.
  if (operation.needsManualAction && !created.isProven) return giveUp(context, operation, 'appeared_late');
  return removeAgain(context, operation, server ?? { memberId: found.id, clientId: undefined }, deadlineMs);
}

/**
 * Finds the members that an operation may have created.
 *
 * @returns undefined while Keysmith is creating another account of the name
 */
async function createdBy(
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
  // A client's ID can't be mistaken for a membership's, and a member ID stored with a client was read from the team.
  if (clientId !== undefined || candidates.length === 0) return { members: [], isProven: false };
  const created = await store.createdUnderName({ teamId, name, exceptOperationId });
  if (created.isUnderWay) return undefined;
  return { members: candidates.filter(({ id }) => !created.memberIds.includes(id)), isProven: false };
}

function settleWithoutMember(context: WandbContext, operation: BackendOperation): Promise<boolean> {
  const { clientId, memberId, account, isAbandoned, kind } = operation;
  // The server may still be working on the request, so a later check looks for its result.
  const lookFromMs = nextLateCheckMs(context.now(), context.now());
  if (isAbandoned) return giveUp(context, operation, 'removed_again', lookFromMs);
  // Some servers show no membership for a federated account.
  if (clientId !== undefined && memberId === undefined) {
    return completeLate(context, operation, { memberId, clientId });
  }
  const wasCreated = memberId !== undefined;
  if (account.method === 'api_key' && (wasCreated || kind === 'recreate')) {
    return reopenCollection(context, operation, lookFromMs);
  }
  return giveUp(context, operation, 'not_made', lookFromMs);
}

async function removeAgain(
  context: WandbContext,
  operation: BackendOperation,
  server: ServerIdentity,
  deadlineMs: number,
): Promise<boolean> {
  const { id: operationId, account, isAbandoned } = operation;
  const { store, now, logger } = context;
  // Stored first, so that the next try knows the account was created even when it finds it gone.
  const identity = { operationId, server, nowMs: now(), leaseUntilMs: operation.leaseUntilMs };
  await store.recordServerIdentity(identity);
  const removal = await removeFromServer(context, { account, server }, deadlineMs);
  if (removal.kind !== 'removed') {
    logger.error({ operationId, ...removal }, 'account not removed from the server');
    return false;
  }
  return isAbandoned || account.method === 'federated'
    ? giveUp(context, operation, 'removed_again')
    : reopenCollection(context, operation);
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

/** Keeps the account without a key. The person collects one; the offer to do so is the notification. */
async function reopenCollection(
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
  const isUnknown = ending === 'several_candidates' || ending === 'appeared_late';
  const action = isUnknown ? 'service_account.creation_unknown' : 'service_account.creation_failed';
  return context.store.failCreation({
    ...heldOf(operation),
    state: isUnknown ? 'unclear' : 'failed',
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
 * Checks whether a creation that was given up took effect later, and stores what the person is notified of. Removes nothing:
 * W&B shows neither who created a member nor when, so an admin's account of the same name looks the same, and removing it
 * would stop running jobs.
 *
 * @returns true when something was found and stored
 */
export async function checkForLateEffect(
  context: WandbContext,
  operation: BackendOperation,
): Promise<boolean> {
  const { id: operationId, account, membersBefore, requestId } = operation;
  const { store, teams, now, monotonicMs } = context;
  const read = await teams.tryFresh(account.teamName, {
    deadlineMs: monotonicMs() + OPERATION_TIMEOUT_MS,
  });
  if (!read.ok || read.value === undefined) return false;
  const candidates = candidatesOf(read.value, { name: account.name, membersBefore });
  if (candidates.length === 0) return false;
  // The store is read after the server, so it knows an account that another attempt in Keysmith created in between.
  const { memberIds, isUnderWay } = await store.createdUnderName(account);
  const unknown = candidates.map(({ id }) => id).filter((id) => !memberIds.includes(id));
  // While another attempt is under way, the account may be its result.
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
