import { BackendUnavailableError } from '../../../application/ports/backend-failure.ts';
import type { ReadCapabilities } from '../cached-capabilities.ts';
import { readTeam, type WandbTeam } from '../operations/read-team.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbResult } from '../wandb-failure.ts';
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

const VALID_FOR_MS = 60_000;
const MAX_TEAMS = 1000;
/** As W&B names teams, and longer; what people type is not sent on whatever it is. */
const TEAM_NAME = /^[\w.-]{1,128}$/;

export function createTeamDirectory(dependencies: {
  client: WandbClient;
  capabilities: ReadCapabilities;
  organizationName: string;
  now: () => number;
}): TeamDirectory {
  const { client, capabilities, organizationName, now } = dependencies;
  const known = new Map<string, { atMs: number; team: Promise<WandbTeam | undefined> }>();

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
  return {
    tryFresh,
    fresh,
    lastSeen: () => lastSeen,
    forget: (name) => void known.delete(name),
    recent(name) {
      const found = known.get(name);
      if (found !== undefined && now() < found.atMs + VALID_FOR_MS) return found.team;
      if (known.size >= MAX_TEAMS) known.clear();
      const read = { atMs: now(), team: fresh(name) };
      known.set(name, read);
      // A failure is not kept; who waits for it gets it.
      read.team.catch(() => known.get(name) === read && known.delete(name));
      return read.team;
    },
  };
}
