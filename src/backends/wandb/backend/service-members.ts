import type { ServerIdentity } from '../../../application/ports/operation-store.ts';
import type { WandbTeam } from '../operations/read-team.ts';

export type ServiceMember = WandbTeam['members'][number];

export function serviceMembersOf(team: WandbTeam): ServiceMember[] {
  return team.members.filter(({ accountType }) => accountType === 'SERVICE');
}

export function isNameTaken(team: WandbTeam, name: string): boolean {
  return serviceMembersOf(team).some((member) => member.name === name);
}

/** What no operation that begins now can have made. */
export function standingBefore({ members }: WandbTeam): { membersBefore: string[]; clientsBefore: string[] } {
  return {
    membersBefore: members.map(({ id }) => id),
    clientsBefore: members.flatMap(({ oauthClients = [] }) => oauthClients.map(({ id }) => id)),
  };
}

/** What an operation may have made: service accounts of exactly this name that were not there before it. */
export function candidatesOf(
  team: WandbTeam,
  made: { name: string; membersBefore: readonly string[] },
): ServiceMember[] {
  return serviceMembersOf(team).filter(
    ({ id, name }) => name === made.name && !made.membersBefore.includes(id),
  );
}

/**
 * Is this member the account? An ID alone does not say so: answers may be wrong, and people have IDs too. Asked before
 * anything is removed.
 */
export function isMemberOf(
  { accountType, name, oauthClients }: ServiceMember,
  account: { name: string; clientId: string | undefined },
): boolean {
  if (accountType !== 'SERVICE') return false;
  const { clientId } = account;
  return (
    name === account.name || (clientId !== undefined && !!oauthClients?.some(({ id }) => id === clientId))
  );
}

/** The account's member in the team; by its client where the membership was never seen. */
export function memberOf(team: WandbTeam, server: ServerIdentity): ServiceMember | undefined {
  if (server.memberId !== undefined) return team.members.find(({ id }) => id === server.memberId);
  if (server.clientId === undefined) return undefined;
  return team.members.find((member) => member.oauthClients?.some(({ id }) => id === server.clientId));
}
