import type { ServiceAccount } from '../accounts/service-account.ts';
import { normalizeEmailAddress } from './person.ts';
import type { TeamMember } from './team.ts';
import { readTeamName } from './team-name.ts';

/** A project as the teams file lists it. */
export interface ListedProject {
  visibility: 'private' | 'public' | 'open' | 'restricted';
  /** The accounts that may log to a restricted project: names in its own team, or `team/name`. */
  serviceAccounts: readonly string[];
}

export interface RunQuestion {
  /** Must be verified: active, in an active team. */
  account: Pick<ServiceAccount, 'name' | 'teamName' | 'scope'>;
  /** The team that the run names; the account's own team by default. */
  entity: string;
  /** Undefined if no active team has this name. */
  team:
    | {
        /** Undefined if the teams file doesn't list it. */
        project: ListedProject | undefined;
        /** The team member that the run names, in any role including `view-only`. */
        namedMember: TeamMember | undefined;
      }
    | undefined;
  /** The user that the run names, if any. The email address is in lowercase. */
  named: { username: string | undefined; email: string | undefined };
}

/** Every reason of a decision. Programs read the codes, so they never change. */
export const RUN_REASONS = {
  /** Why an allowed run is attributed to a user, or isn't. */
  allowed: {
    attributed: 'The run is attributed to the team member it names.',
    no_user_named: 'The run doesn’t name a user.',
    user_not_in_team: 'The team has no member with this name or address.',
    user_names_disagree: 'The username and the email address belong to different members.',
  },
  refused: {
    /** The account must not learn which of these it is. */
    not_open_to_account:
      'The project isn’t open and belongs to another team, or the team or project doesn’t exist.',
    not_added_to_project: 'The account has access to the team, but isn’t listed for this restricted project.',
    no_such_team: 'No team has this name. Only accounts with access to every team get this reason.',
  },
} as const;

type AttributionReason = keyof (typeof RUN_REASONS)['allowed'];
type RunRefusalReason = keyof (typeof RUN_REASONS)['refused'];

export type RunDecision =
  | {
      allowed: true;
      attributedTo: { username: string; email: string } | null;
      reason: AttributionReason;
    }
  | { allowed: false; reason: RunRefusalReason };

/**
 * Decides whether a service account may log a run, and to whom the run is attributed. Follows the table in W&B's
 * documentation on service accounts; where it leaves a case open, the decision grants less access. A user that can't be attributed never
 * fails the run.
 */
export function decideRun(question: RunQuestion): RunDecision {
  const refusal = refusalOf(question);
  if (refusal !== undefined) return { allowed: false, reason: refusal };
  return { allowed: true, ...attribution(question) };
}

function refusalOf({ account, entity, team }: RunQuestion): RunRefusalReason | undefined {
  const reachesEveryTeam = account.scope === 'organization';
  const isOwnTeam = entity === account.teamName;
  if (team === undefined) return reachesEveryTeam ? 'no_such_team' : 'not_open_to_account';
  if (!isOwnTeam && !reachesEveryTeam) {
    return team.project?.visibility === 'open' ? undefined : 'not_open_to_account';
  }
  if (team.project?.visibility !== 'restricted') return undefined;
  return isAdded(account, entity, team.project) ? undefined : 'not_added_to_project';
}

/** A plain name means an account of the project's own team, because another team may use the same name. */
function isAdded(
  account: RunQuestion['account'],
  entity: string,
  { serviceAccounts }: ListedProject,
): boolean {
  const isOwnTeam = entity === account.teamName;
  return (
    serviceAccounts.includes(`${account.teamName}/${account.name}`) ||
    (isOwnTeam && serviceAccounts.includes(account.name))
  );
}

function attribution({ team, named }: RunQuestion): {
  attributedTo: { username: string; email: string } | null;
  reason: AttributionReason;
} {
  const { username, email } = named;
  if (username === undefined && email === undefined) return { attributedTo: null, reason: 'no_user_named' };
  const member = team?.namedMember;
  if (member === undefined) return { attributedTo: null, reason: 'user_not_in_team' };
  const agrees =
    (username === undefined || isNameOf(member, username)) && (email === undefined || email === member.email);
  return agrees
    ? { attributedTo: { username: member.username, email: member.email }, reason: 'attributed' }
    : { attributedTo: null, reason: 'user_names_disagree' };
}

/** People set `WANDB_USERNAME` to their address too. */
function isNameOf(member: TeamMember, username: string): boolean {
  return username === member.username || normalizeEmailAddress(username) === member.email;
}

/**
 * Decides whether an account may reach a team of this name: its own, or any if its scope is the organization. Doesn't check
 * that the team exists.
 */
export function mayReachTeam(
  { scope, teamName: own }: Pick<ServiceAccount, 'scope' | 'teamName'>,
  teamName: string,
): boolean {
  return teamName === own || (scope === 'organization' && readTeamName(teamName) !== undefined);
}
