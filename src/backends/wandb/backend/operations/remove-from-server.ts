import type { BackendFailure } from '../../../../application/ports/backend.ts';
import type { ServerIdentity } from '../../../../application/ports/operation-store.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import { deleteInvite, revokeClient } from '../../client/mutations.ts';
import type { WandbCapabilities } from '../../client/queries/read-capabilities.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import type { WandbFailure } from '../../client/wandb-failure.ts';
import { backendFailureOf } from '../backend-failure.ts';
import { hasUnusableNamesake, isMemberOf, memberOf } from '../team-members.ts';
import type { WandbContext } from '../wandb-context.ts';

export type Removal =
  /** `wasGone`: the server showed no member with this ID; it may have been removed before or never have existed. */
  | { kind: 'removed'; wasGone?: true }
  /** The server refused, and the account exists. */
  | { kind: 'refused'; failure: BackendFailure }
  | { kind: 'unknown'; failure: BackendFailure };

type AccountOnServer = { account: Pick<ServiceAccount, 'teamName' | 'name'>; server: ServerIdentity };
type RemovalRequest = AccountOnServer & { capabilities: WandbCapabilities; deadlineMs: number };

/**
 * Removes a service account and its keys from its team. May be repeated: an account that is already gone counts as removed.
 * Checks that the member with its ID is this account, because the same mutation also removes people.
 */
export async function removeFromServer(
  context: WandbContext,
  { account, server }: AccountOnServer,
  deadlineMs: number,
): Promise<Removal> {
  const capabilities = await context.capabilities({ deadlineMs });
  if (!capabilities.ok) return { kind: 'refused', failure: backendFailureOf(capabilities.failure) };
  const request: RemovalRequest = { account, server, capabilities: capabilities.value, deadlineMs };
  // The member goes first: without its client, a membership with an unknown ID couldn't be found anymore.
  const member = await removeMember(context, request);
  context.teams.forget(account.teamName);
  const isMemberKnown = server.memberId !== undefined;
  if (member.kind !== 'removed' && !isMemberKnown) return member;
  const client = await removeClient(context, request);
  if (client?.kind === 'removed' && member.kind === 'removed') return { kind: 'removed' };
  if (client === undefined || member.kind === client.kind) return member;
  // One half may be gone, so the account is no longer as it was.
  return { kind: 'unknown', failure: 'failure' in member ? member.failure : failureOf(client) };
}

function failureOf(removal: Removal): BackendFailure {
  return removal.kind === 'removed' ? { reason: 'under_way' } : removal.failure;
}

async function removeMember(
  context: WandbContext,
  { account, server, capabilities, deadlineMs }: RemovalRequest,
): Promise<Removal> {
  const { teamName, name } = account;
  const read = await context.teams.tryFresh(teamName, { deadlineMs });
  if (!read.ok) return { kind: 'refused', failure: backendFailureOf(read.failure) };
  if (read.value === undefined) {
    const failure = { reason: 'team_not_shown' } as const;
    return { kind: server.memberId === undefined ? 'refused' : 'unknown', failure };
  }
  const member = memberOf(read.value, server);
  if (member === undefined) {
    return hasUnusableNamesake(read.value, name)
      ? { kind: 'unknown', failure: { reason: 'other_answer' } }
      : { kind: 'removed', wasGone: true };
  }
  if (!isMemberOf(member, { name, clientId: server.clientId })) {
    return { kind: 'refused', failure: { reason: 'another_account' } };
  }
  const memberId = member.id;
  if (!capabilities.deleteInvite) return { kind: 'refused', failure: { reason: 'not_supported' } };
  const result = await deleteInvite(context.client, { team: teamName, memberId }, { deadlineMs });
  if (result.ok && result.value) return { kind: 'removed' };
  const failure = result.ok ? undefined : result.failure;
  const reported = reportedFailure(failure);
  if (failure !== undefined && !hasReachedServer(failure)) return { kind: 'refused', failure: reported };
  const exists = (team: WandbTeam) =>
    team.members.some(({ id }) => id === memberId) || hasUnusableNamesake(team, name);
  return checkRemoval(
    context,
    { teamName, deadlineMs, exists },
    { failure: reported, isFinal: isFinal(failure) },
  );
}

/** Revokes the OAuth client, which lets its subject sign in. Returns undefined for an account without one. */
async function removeClient(
  context: WandbContext,
  { account: { teamName }, server: { clientId }, capabilities, deadlineMs }: RemovalRequest,
): Promise<Removal | undefined> {
  if (clientId === undefined) return undefined;
  const result = capabilities.revokeClient
    ? await revokeClient(context.client, { team: teamName, clientId }, { deadlineMs })
    : undefined;
  if (result?.ok && result.value) return { kind: 'removed' };
  const failure = result === undefined || result.ok ? undefined : result.failure;
  const reported: BackendFailure =
    result === undefined ? { reason: 'not_supported' } : reportedFailure(failure);
  // Most servers remove the client with its member.
  const exists = (team: WandbTeam) =>
    team.members.some((member) => member.oauthClients?.some(({ id }) => id === clientId));
  return checkRemoval(
    context,
    { teamName, deadlineMs, exists },
    { failure: reported, isFinal: isFinal(failure) },
  );
}

/** Reads the team when the response alone doesn't show whether the removal happened. */
async function checkRemoval(
  { teams }: WandbContext,
  {
    teamName,
    deadlineMs,
    exists,
  }: { teamName: string; deadlineMs: number; exists: (team: WandbTeam) => boolean },
  { failure, isFinal }: { failure: BackendFailure; isFinal: boolean },
): Promise<Removal> {
  const team = await teams.tryFresh(teamName, { deadlineMs });
  const notRemoved: Removal = { kind: isFinal ? 'refused' : 'unknown', failure };
  if (!team.ok) return notRemoved;
  // A team that isn't visible says nothing about its members.
  if (team.value === undefined) return { kind: 'unknown', failure };
  return exists(team.value) ? notRemoved : { kind: 'removed' };
}

function reportedFailure(failure: WandbFailure | undefined): BackendFailure {
  return failure === undefined ? { reason: 'refused', message: undefined } : backendFailureOf(failure);
}

function hasReachedServer({ reason, mayHaveHappened }: WandbFailure): boolean {
  return mayHaveHappened || !['unreachable', 'timed_out', 'cancelled'].includes(reason);
}

/** Returns whether the server itself has refused: then it isn't still working on the removal. */
function isFinal(failure: WandbFailure | undefined): boolean {
  if (failure === undefined || !failure.mayHaveHappened) return true;
  return failure.reason === 'errors' || failure.reason === 'rate_limited';
}
