import type { ServiceAccount } from '../accounts/service-account.ts';
import type { TeamMember } from './team.ts';

/** A project as its team's entry in the teams file says. */
export interface ListedProject {
  visibility: 'private' | 'public' | 'open' | 'restricted';
  /** Who may enter it where it is restricted: names of accounts of its own team, or `team/name`. */
  serviceAccounts: readonly string[];
}

export interface RunQuestion {
  /** Verified: active, of an active team. */
  account: Pick<ServiceAccount, 'name' | 'teamName' | 'scope'>;
  /** The team that the run names, or else the account's own. */
  entity: string;
  /** What is known of that team; undefined where no active team has this name. */
  team:
    | {
        /** Undefined where the teams file does not list it. */
        project: ListedProject | undefined;
        /** The member of that team whom the run names, if any, in any role: also who may only view. */
        namedMember: TeamMember | undefined;
      }
    | undefined;
  /** Whom the run names; undefined what it does not say. E-mail addresses in lower case. */
  named: { username: string | undefined; email: string | undefined };
}

/** Every reason of a decision. Programs read the codes: they stay as they are. */
export const RUN_REASONS = {
  /** Of a run that may go there: why it is, or is not, attributed to somebody. */
  allowed: {
    attributed: 'It is attributed to the member whom it names.',
    no_user_named: 'It names nobody.',
    user_not_in_team: 'Nobody of the team that it goes to has this name or address.',
    user_names_disagree: 'Its user name and its e-mail address are not of one member.',
  },
  refused: {
    /** Which of these, the account may not know. */
    not_open_to_account:
      'The project is another team’s and not open, or there is no such team or project there.',
    not_added_to_project: 'The account reaches the team, but was not added to this restricted project.',
    no_such_team: 'For accounts that reach every team: none has this name.',
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
 * May a service account log a run there, and to whom is it attributed? The table of W&B's documentation on service accounts,
 * with what it leaves open decided for less access: a project that is not listed is allowed in the own team only, and a
 * user whose names disagree is not attributed. A name that can't be attributed never fails the run.
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

/** A plain name is of the project's own team: another team may have an account of the same one. */
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
    (username === undefined || username === member.username) &&
    (email === undefined || email === member.email);
  return agrees
    ? { attributedTo: { username: member.username, email: member.email }, reason: 'attributed' }
    : { attributedTo: null, reason: 'user_names_disagree' };
}

/** No team is called so; a database need not be asked, and Postgres refuses text with a zero byte. */
const NO_TEAM_NAME = /^$|\p{Cc}|^.{129}/su;

/**
 * May this account reach a team of this name: its own, or any where its scope is the organization? Says nothing of whether
 * there is one.
 */
export function mayReachTeam(
  { scope, teamName: own }: Pick<ServiceAccount, 'scope' | 'teamName'>,
  teamName: string,
): boolean {
  return teamName === own || (scope === 'organization' && !NO_TEAM_NAME.test(teamName));
}
