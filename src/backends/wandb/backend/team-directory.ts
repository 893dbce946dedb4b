import type { Clock } from '../../../application/ports/clock.ts';
import { normalizeEmailAddress } from '../../../domain/organization/person.ts';
import { readTeamName } from '../../../domain/organization/team-name.ts';
import { readTeam, type WandbTeam } from '../client/queries/read-team.ts';
import { readViewer, type WandbViewer } from '../client/queries/read-viewer.ts';
import type { CallOptions, WandbClient } from '../client/wandb-client.ts';
import type { WandbResult } from '../client/wandb-failure.ts';
import { required } from './backend-failure.ts';
import { createRecentReads } from './recent-reads.ts';
import { type ScimDirectory, type TeamOfPerson, withScimPerson } from './scim-directory.ts';

interface FreshTeamOptions extends CallOptions {
  /** The address of a person whose role matters. Where the server has SCIM, it is asked about this person too. */
  email?: string;
}

/**
 * The organization's teams on the server, without the service account whose API key Keysmith uses: it must not be listed or deleted. A
 * team is undefined when it doesn't exist or isn't visible to the API key.
 */
export interface TeamDirectory {
  /**
   * Returns a team as it was up to a minute ago; for display only.
   *
   * @throws BackendUnavailableError
   */
  recent(name: string): Promise<WandbTeam | undefined>;
  /**
   * Reads a team now.
   *
   * @throws BackendUnavailableError
   */
  fresh(name: string, options?: FreshTeamOptions): Promise<TeamOfPerson | undefined>;
  /** Like `fresh`, but returns a failure instead of throwing. */
  tryFresh(name: string, options?: FreshTeamOptions): Promise<WandbResult<TeamOfPerson | undefined>>;
  /** Returns the name of a team that existed when it was last read; undefined before the first. */
  lastSeen(): string | undefined;
  /** Drops the recent state of a team whose members have changed. */
  forget(name: string): void;
}

export function createTeamDirectory(dependencies: {
  client: WandbClient;
  scimDirectory: ScimDirectory;
  organizationName: string;
  monotonicMs: Clock['monotonicMs'];
}): TeamDirectory {
  const { client, scimDirectory, organizationName, monotonicMs } = dependencies;
  let lastSeen: string | undefined;
  /** One odd answer must not open the teams of other organizations. */
  let needsOrganization = false;
  const readOurs: TeamDirectory['tryFresh'] = async (name, options) => {
    // Other text that people type isn't sent to the server.
    if (readTeamName(name) === undefined) return { ok: true, value: undefined };
    const result = await readTeam(client, name, { ...options, needsOrganization });
    if (!result.ok) return result;
    const team = result.value;
    if (team?.organization !== undefined) needsOrganization = true;
    // The API key may see teams of other organizations, and a server may match names loosely. On a server with organizations,
    // a team without one belongs to no organization here.
    const isOurs =
      team?.name === name && (!team.hasOrganizations || team.organization?.name === organizationName);
    if (!isOurs) return { ok: true, value: undefined };
    lastSeen = name;
    return withoutOwner(team, options);
  };
  let owner: WandbViewer | undefined;
  const withoutOwner = async (team: WandbTeam, options?: CallOptions): Promise<WandbResult<WandbTeam>> => {
    if (!team.members.some(isServiceAccount)) return { ok: true, value: team };
    if (owner === undefined) {
      const read = await readViewer(client, options);
      if (!read.ok) return read;
      // An API key belongs to one user for good.
      owner = read.value;
    }
    const { id } = owner;
    const members = team.members.filter((member) => !isServiceAccount(member) || member.id !== id);
    return { ok: true, value: { ...team, members } };
  };
  const tryFresh: TeamDirectory['tryFresh'] = async (name, { email, ...options } = {}) => {
    if (email === undefined) return readOurs(name, options);
    const [team, person] = await Promise.all([readOurs(name, options), scimDirectory.person(email, options)]);
    if (!team.ok || team.value === undefined) return team;
    // Some servers compare addresses exactly, so the person is looked up in the server's spelling.
    const spelled = person.ok && person.value === undefined ? otherSpelling(team.value, email) : undefined;
    const user = spelled === undefined ? person : await scimDirectory.person(spelled, options);
    return user.ok ? { ok: true, value: withScimPerson(team.value, email, user.value) } : user;
  };
  const recent = createRecentReads({ monotonicMs, read: async (name) => required(await tryFresh(name)) });
  return {
    tryFresh,
    fresh: async (name, options) => required(await tryFresh(name, options)),
    recent: recent.get,
    forget: recent.forget,
    lastSeen: () => lastSeen,
  };
}

function isServiceAccount({ accountType }: WandbTeam['members'][number]): boolean {
  return accountType === 'SERVICE';
}

function otherSpelling({ members }: WandbTeam, email: string): string | undefined {
  const addresses = members.flatMap((member) => member.email ?? []);
  return addresses.find((address) => address !== email && normalizeEmailAddress(address) === email);
}
