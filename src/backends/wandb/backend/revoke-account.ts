import type { BackendFailure, RevokeAccountResult } from '../../../application/ports/backend.ts';
import {
  type HeldOperation,
  OPERATION_LEASE_MS,
  type ServerIdentity,
} from '../../../application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import type { AuditAction } from '../../../domain/audit/audit-actions.ts';
import type { Person } from '../../../domain/organization/person.ts';
import { deleteInvite, revokeClient } from '../client/mutations.ts';
import type { WandbCapabilities } from '../client/queries/read-capabilities.ts';
import type { WandbFailure } from '../client/wandb-failure.ts';
import { backendFailureOf } from './backend-failure-of.ts';
import { accountEvent, actorOf, notRecorded, SYSTEM } from './operation-events.ts';
import { isMemberOf, memberOf } from './team-directory.ts';
import { CALLS_MS, type WandbContext } from './wandb-context.ts';

export type Removal =
  /** `wasGone`: nobody of that ID was there any more, or ever. */
  | { kind: 'removed'; wasGone?: true }
  /** The server said no, and it is there. */
  | { kind: 'refused'; failure: BackendFailure }
  /** Nobody can say whether it is there. */
  | { kind: 'unclear'; failure: BackendFailure };

type TeamAccess = { account: Pick<ServiceAccount, 'teamName' | 'name'>; server: ServerIdentity };
type Ask = TeamAccess & { able: WandbCapabilities; deadlineMs: number };
type Team = Parameters<typeof memberOf>[0];

/**
 * Takes a service account, with its keys, out of its team. May be repeated: what is gone counts as removed. What the server
 * shows under its ID is touched only where it is this account: the call removes people as well.
 */
export async function removeFromServer(
  context: WandbContext,
  { account, server }: TeamAccess,
  deadlineMs: number,
): Promise<Removal> {
  const able = await context.capabilities({ deadlineMs });
  if (!able.ok) return { kind: 'refused', failure: backendFailureOf(able.failure) };
  const ask: Ask = { account, server, able: able.value, deadlineMs };
  // Before the client: without it a membership that is not known could not be found any more.
  const ofMember = await removeMember(context, ask);
  context.teams.forget(account.teamName);
  const isKnown = server.memberId !== undefined;
  if (ofMember.kind !== 'removed' && !isKnown) return ofMember;
  const ofClient = await removeClient(context, ask);
  if (ofClient?.kind === 'removed' && ofMember.kind === 'removed') return { kind: 'removed' };
  if (ofClient === undefined || ofMember.kind === ofClient.kind) return ofMember;
  // Of one half of it it may be cut off already: it is not as it was.
  return { kind: 'unclear', failure: 'failure' in ofMember ? ofMember.failure : failureOf(ofClient) };
}

function failureOf(removal: Removal): BackendFailure {
  return removal.kind === 'removed' ? { reason: 'under_way' } : removal.failure;
}

async function removeMember(
  context: WandbContext,
  { account, server, able, deadlineMs }: Ask,
): Promise<Removal> {
  const { teamName, name } = account;
  const read = await context.teams.tryFresh(teamName, { deadlineMs });
  if (!read.ok) return { kind: 'refused', failure: backendFailureOf(read.failure) };
  if (read.value === undefined) {
    const failure = { reason: 'team_not_shown' } as const;
    return { kind: server.memberId === undefined ? 'refused' : 'unclear', failure };
  }
  const member = memberOf(read.value, server);
  if (member === undefined) return { kind: 'removed', wasGone: true };
  if (!isMemberOf(member, { name, clientId: server.clientId })) {
    return { kind: 'refused', failure: { reason: 'another_account' } };
  }
  const memberId = member.id;
  if (!able.deleteInvite) return { kind: 'refused', failure: { reason: 'not_supported' } };
  const result = await deleteInvite(context.client, { team: teamName, memberId }, { deadlineMs });
  if (result.ok && result.value) return { kind: 'removed' };
  const failure = result.ok ? undefined : result.failure;
  const asked = askedFor(failure);
  if (failure !== undefined && !isReached(failure)) return { kind: 'refused', failure: asked };
  const isThere = (team: Team) => team.members.some(({ id }) => id === memberId);
  return look(
    context,
    { teamName, deadlineMs, isThere },
    { failure: asked, isAnswered: isAnswered(failure) },
  );
}

/** Its subject is what somebody could sign in with. Undefined where there is none. */
async function removeClient(
  context: WandbContext,
  { account: { teamName }, server: { clientId }, able, deadlineMs }: Ask,
): Promise<Removal | undefined> {
  if (clientId === undefined) return undefined;
  const result = able.revokeClient
    ? await revokeClient(context.client, { team: teamName, clientId }, { deadlineMs })
    : undefined;
  if (result?.ok && result.value) return { kind: 'removed' };
  const failure = result === undefined || result.ok ? undefined : result.failure;
  const asked: BackendFailure = result === undefined ? { reason: 'not_supported' } : askedFor(failure);
  // On most servers it goes with its member.
  const isThere = (team: Team) =>
    team.members.some((member) => member.oauthClients?.some(({ id }) => id === clientId));
  return look(
    context,
    { teamName, deadlineMs, isThere },
    { failure: asked, isAnswered: isAnswered(failure) },
  );
}

/** Looks, where the answer alone does not say whether it is gone. */
async function look(
  { teams }: WandbContext,
  where: { teamName: string; deadlineMs: number; isThere: (team: Team) => boolean },
  { failure, isAnswered }: { failure: BackendFailure; isAnswered: boolean },
): Promise<Removal> {
  const { teamName, deadlineMs, isThere } = where;
  const team = await teams.tryFresh(teamName, { deadlineMs });
  // A team that is not to be seen says nothing about its members; who may not even read was refused.
  if (!team.ok) return { kind: isAnswered ? 'refused' : 'unclear', failure };
  if (team.value === undefined) return { kind: 'unclear', failure };
  if (!isThere(team.value)) return { kind: 'removed' };
  return { kind: isAnswered ? 'refused' : 'unclear', failure };
}

function askedFor(failure: WandbFailure | undefined): BackendFailure {
  return failure === undefined ? { reason: 'refused', message: undefined } : backendFailureOf(failure);
}

/** Was the server asked at all? */
function isReached({ reason, mayHaveHappened }: WandbFailure): boolean {
  return mayHaveHappened || !['unreachable', 'timed_out', 'cancelled'].includes(reason);
}

/** Has the server itself said no? Then it does not go on working at it. */
function isAnswered(failure: WandbFailure | undefined): boolean {
  if (failure === undefined || !failure.mayHaveHappened) return true;
  return failure.reason === 'errors' || failure.reason === 'rate_limited';
}

export async function revokeAccount(
  context: WandbContext,
  account: ServiceAccount,
  by: Person,
  requestId: string,
): Promise<RevokeAccountResult> {
  const { store, now, newId } = context;
  const nowMs = now();
  const event = (action: AuditAction) =>
    accountEvent(account, { action, actor: actorOf(by), atMs: now(), requestId });
  const begun = await store.beginRemoval({
    operationId: newId('op'),
    accountId: account.id,
    person: by,
    leaseUntilMs: nowMs + OPERATION_LEASE_MS,
    requestId,
    nowMs,
    auditEvent: event('service_account.deletion_started'),
    revokedEvent: event('service_account.revoked'),
  });
  if (begun.kind !== 'begun') return begun.kind;
  const { operation, server } = begun;
  const removal = await removeFromServer(context, { account, server }, nowMs + CALLS_MS);
  try {
    return await write(context, account, { operation, server, removal }, event('service_account.revoked'));
  } catch (error) {
    return { outcomeUnknown: await notRecorded(context, operation.operationId, error) };
  }
}

async function write(
  { store, now }: WandbContext,
  account: ServiceAccount,
  { operation, server, removal }: { operation: HeldOperation; server: ServerIdentity; removal: Removal },
  revokedEvent: ReturnType<typeof accountEvent>,
): Promise<RevokeAccountResult> {
  const { requestId } = revokedEvent;
  switch (removal.kind) {
    case 'removed': {
      const { operationId } = operation;
      const removed = { operationId, server, nowMs: now(), auditEvent: revokedEvent };
      const completed = await store.completeRemoval(removed);
      return completed === 'recreated' ? { outcomeUnknown: { reason: 'under_way' } } : completed;
    }
    case 'refused': {
      const details = { cause: removal.failure.reason };
      await store.failRemoval({
        ...operation,
        nowMs: now(),
        auditEvent: accountEvent(account, {
          action: 'service_account.deletion_failed',
          actor: SYSTEM,
          atMs: now(),
          requestId,
          details,
        }),
      });
      return { refused: removal.failure };
    }
    case 'unclear':
      return { outcomeUnknown: removal.failure };
  }
}
