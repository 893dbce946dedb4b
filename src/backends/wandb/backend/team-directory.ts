import { BackendUnavailableError } from '../../../application/ports/backend.ts';
import type { ServerIdentity } from '../../../application/ports/operation-store.ts';
import type { ReadCapabilities } from '../client/queries/read-capabilities.ts';
import { readTeam, type WandbTeam } from '../client/queries/read-team.ts';
import type { CallOptions, WandbClient } from '../client/wandb-client.ts';
import type { WandbResult } from '../client/wandb-failure.ts';
import { createRecentReads } from '../recent-reads.ts';
import { backendFailureOf } from './backend-failure-of.ts';

/** The organization's teams as the server has them; undefined for one that is not there or not to be seen. */
export interface TeamDirectory {
  /** May be a minute old: for showing. @throws BackendUnavailableError */
  recent(name: string): Promise<WandbTeam | undefined>;
  /** @throws BackendUnavailableError */
  fresh(name: string, options?: CallOptions): Promise<WandbTeam | undefined>;
  tryFresh(name: string, options?: CallOptions): Promise<WandbResult<WandbTeam | undefined>>;
  /** The name of a team that was there when it was last read; undefined before any was. */
  lastSeen(): string | undefined;
  /** After a change of its members. */
  forget(name: string): void;
}

/** How long what people are shown may be old, and for how many keys it is kept. */
export const RECENT = { validForMs: 60_000, maxEntries: 1000 };
/** As W&B names teams, and longer; what people type is not sent on whatever it is. */
const TEAM_NAME = /^[\w.-]{1,128}$/;

export function createTeamDirectory(dependencies: {
  client: WandbClient;
  capabilities: ReadCapabilities;
  organizationName: string;
  now: () => number;
}): TeamDirectory {
  const { client, capabilities, organizationName, now } = dependencies;
  let lastSeen: string | undefined;
  const tryFresh: TeamDirectory['tryFresh'] = async (name, options) => {
    if (!TEAM_NAME.test(name)) return { ok: true, value: undefined };
    const able = await capabilities(options);
    if (!able.ok) return able;
    const result = await readTeam(client, name, able.value, options);
    if (!result.ok) return result;
    const team = result.value;
    // The key may see teams of other organizations, and a server may look a name up loosely. Where it has organizations and
    // does not say which, the team is nobody's.
    const isOurs =
      team?.name === name &&
      (able.value.organizationOnEntity ? team.organization?.name === organizationName : true);
    if (isOurs) lastSeen = name;
    return { ok: true, value: isOurs ? team : undefined };
  };
  const fresh: TeamDirectory['fresh'] = async (name, options) => {
    const result = await tryFresh(name, options);
    if (!result.ok) throw new BackendUnavailableError(backendFailureOf(result.failure));
    return result.value;
  };
  const recent = createRecentReads({ ...RECENT, now, read: (name) => fresh(name) });
  return {
    tryFresh,
    fresh,
    lastSeen: () => lastSeen,
    recent: recent.get,
    forget: recent.forget,
  };
}

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
