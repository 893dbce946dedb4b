import type { Person } from '../../domain/organization/person.ts';
import { decideManageTeam } from '../../domain/organization/policy.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { Backend, BackendFeatures } from '../ports/backend.ts';
import {
  administerTeam,
  type Caller,
  identify,
  type Refusal,
  recordRefusal,
  refuseNonAdmin,
} from './authorize.ts';

/** A select shows at most this many teams or issuers; beyond, it searches. */
const OPTIONS_IN_A_SELECT = 100;

/** What the form *New service account* offers to one person. */
export interface AccountFormOffer {
  /** Undefined where there are too many to list, or none can be read now: the form searches then. */
  teams: string[] | undefined;
  presetTeam: string | undefined;
  /** There may be teams that only a search for the whole name finds. */
  hasUnlistedTeams: boolean;
  /** Undefined as for the teams. */
  issuers: string[] | undefined;
  /** Undefined where it can't be read now: the form offers everything then. */
  features: BackendFeatures | undefined;
  /** The preset team's page on the server, for what can't be made here. */
  teamPage: string | undefined;
  administeredIn: Backend['administeredIn'] | undefined;
}

/** What a form offers that has to be shown while nothing can be looked up: it searches in everything. */
export const SEARCH_ONLY_OFFER: AccountFormOffer = {
  teams: undefined,
  presetTeam: undefined,
  hasUnlistedTeams: false,
  issuers: undefined,
  features: undefined,
  teamPage: undefined,
  administeredIn: undefined,
};

export type OpenAccountFormResult =
  | { ok: true; person: Person; offer: AccountFormOffer }
  | { ok: false; refusal: Refusal };

export interface OpenAccountForm {
  slackUserId: string;
  /** As typed after `--team`. */
  teamName: string | undefined;
  /** A team of this name is preset where the person administers it: `#ml-platform` suggests `ml-platform`. */
  channelName: string | undefined;
  /** What it offers is read again: the person has chosen a team in it. */
  isOpen?: true;
  requestId: string;
}

/** Decides who gets the form and what it offers. A refusal is recorded. */
export async function openAccountForm(
  ports: Ports,
  request: OpenAccountForm,
): Promise<OpenAccountFormResult> {
  const { slackUserId, requestId } = request;
  const identified = await identify(ports, slackUserId);
  const refuse = async (who: Caller, refusal: Refusal) => {
    const { reason } = refusal;
    await recordRefusal(ports, {
      who,
      action: 'service_account.create_refused',
      reason,
      requestId,
    });
    return { ok: false as const, refusal };
  };
  if (!identified.ok) return refuse({ slackUserId }, identified.refusal);
  const { person } = identified;
  const administered = await ports.backend.administeredTeams(person, {
    limit: OPTIONS_IN_A_SELECT,
  });
  const { total, hasUnlisted } = administered;
  const isNamed = request.teamName !== undefined || request.isOpen === true;
  if (total === 0 && !(hasUnlisted && isNamed)) {
    return refuse(person, await refuseNonAdmin(ports, person, administered));
  }
  if (request.teamName !== undefined) {
    const administering = await administerTeam(ports, slackUserId, request.teamName);
    if (!administering.ok) return refuse(administering.who, administering.refusal);
  }
  const names = administered.teams.map((team) => team.name);
  const isListed = total <= OPTIONS_IN_A_SELECT;
  const [issuers, features] = await Promise.all([ports.backend.issuers(), ports.backend.features()]);
  const preset = request.teamName ?? (await suggestedTeam(ports, person, request.channelName));
  const presetTeam = preset ?? (isListed ? names[0] : undefined);
  return {
    ok: true,
    person,
    offer: {
      teams: isListed && !hasUnlisted ? names : undefined,
      presetTeam,
      hasUnlistedTeams: hasUnlisted,
      issuers: issuers.length <= OPTIONS_IN_A_SELECT ? issuers : undefined,
      features,
      teamPage: presetTeam === undefined ? undefined : ports.backend.teamPage(presetTeam),
      administeredIn: ports.backend.administeredIn,
    },
  };
}

/** A team is suggested by the conversation's name only to who administers it. */
async function suggestedTeam(
  { backend }: Ports,
  person: Person,
  channelName: string | undefined,
): Promise<string | undefined> {
  const standing = channelName === undefined ? undefined : await backend.teamAccess(person, channelName);
  return standing !== undefined && decideManageTeam(standing).allowed ? standing.team.name : undefined;
}

/** Who types into the search is asked for once a minute at most: it only shows, the effect checks afresh. */
const PROFILE_MAX_AGE_MS = 60_000;

/** Names of the teams that the person administers and that contain `query`, at most 100, for the searchable select. */
export async function findTeams(ports: Ports, slackUserId: string, query: string): Promise<string[]> {
  const identified = await identify(ports, slackUserId, {
    maxAgeMs: PROFILE_MAX_AGE_MS,
  });
  if (!identified.ok) return [];
  const found = await ports.backend.administeredTeams(identified.person, {
    query,
    limit: OPTIONS_IN_A_SELECT,
  });
  return found.teams.map((team) => team.name);
}

/** Issuers whose URL contains `query`, at most 100, for the searchable select of somebody who administers a team. */
export async function findIssuers(ports: Ports, slackUserId: string, query: string): Promise<string[]> {
  const identified = await identify(ports, slackUserId, { maxAgeMs: PROFILE_MAX_AGE_MS });
  if (!identified.ok) return [];
  const { total, hasUnlisted } = await ports.backend.administeredTeams(identified.person, { limit: 1 });
  if (total === 0 && !hasUnlisted) return [];
  const issuers = await ports.backend.issuers();
  return issuers.filter((url) => url.toLowerCase().includes(query)).slice(0, OPTIONS_IN_A_SELECT);
}
