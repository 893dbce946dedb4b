import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import type { Person } from '../../domain/organization/person.ts';
import { DEFAULT_POLICY, type EffectivePolicy } from '../../domain/organization/policy.ts';
import { foldText } from '../../domain/organization/team-name.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { Backend, BackendFeatures } from '../ports/backend.ts';
import type { RunAccess } from '../ports/gateway.ts';
import { checkFormTeams } from '../requests/form-teams.ts';
import { authorize, identify } from './authorize.ts';
import type { Refusal } from './refusal.ts';

/** Slack's limit for the options of a select. Longer lists use an external select, which searches. */
const MAX_SELECT_OPTIONS = 100;

/** What the form *New service account* offers to one person. */
export interface AccountFormOffer {
  /** Undefined when there are too many to list or they can't be read now: the form searches instead. */
  teams: string[] | undefined;
  presetTeam: string | undefined;
  /** Whether some teams can only be found by searching for their full name. */
  hasUnlistedTeams: boolean;
  /** Undefined as for `teams`. */
  issuers: string[] | undefined;
  /** Undefined when they can't be read now: the form offers everything. */
  features: BackendFeatures | undefined;
  /** Whether the person creates an account in the preset team, or requests one. Undefined when it can't be read now. */
  asks: 'create' | 'request' | undefined;
  /** Whether the choice of another team may change that. */
  mayRequest: boolean;
  /** The preset team's page on the server, for what Keysmith can't create. */
  teamPage: string | undefined;
  administeredIn: Backend['administeredIn'] | undefined;
  /** Of the preset team. The default where it can't be read now: a submission is checked again. */
  policy: EffectivePolicy;
  /** Whether the person is an organization admin, and so may create accounts that use every team. */
  isOrganizationAdmin: boolean;
  /** Whether other teams may have another policy. */
  hasTeamPolicies: boolean;
  /** Of the preset team. Undefined where every team has the same. */
  runAccess: { of: RunAccess | undefined } | undefined;
}

/** The offer of a form that has to open before anything can be looked up: every list is a search. */
export const SEARCH_ONLY_OFFER: AccountFormOffer = {
  teams: undefined,
  presetTeam: undefined,
  hasUnlistedTeams: false,
  issuers: undefined,
  features: undefined,
  asks: undefined,
  mayRequest: false,
  teamPage: undefined,
  administeredIn: undefined,
  policy: DEFAULT_POLICY,
  hasTeamPolicies: false,
  isOrganizationAdmin: false,
  runAccess: undefined,
};

export type OpenAccountFormResult =
  | { ok: true; person: Person; offer: AccountFormOffer }
  | { ok: false; refusal: Refusal };

export interface OpenAccountForm {
  slackUserId: string;
  /** The value of `--team`, as typed, or the team that is chosen in the form. */
  teamName: string | undefined;
  /** The conversation's name. A team of this name is preset if the person administers it. */
  channelName: string | undefined;
  /** Set when the form is already open and its offer is read again, because the person chose a team. */
  isOpen?: true;
  requestId: string;
}

/**
 * Decides whether a person gets the form, and what it offers. A refusal is recorded.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function openAccountForm(
  ports: Ports,
  request: OpenAccountForm,
): Promise<OpenAccountFormResult> {
  const { slackUserId, requestId } = request;
  const attempt = { slackUserId, action: 'service_account.create_refused', requestId } as const;
  const authorized = await authorize(ports, attempt, (person) =>
    checkFormTeams(ports, person, request, MAX_SELECT_OPTIONS),
  );
  if (!authorized.ok) return authorized;
  const { person, granted } = authorized;
  const { hasUnlisted, requestable } = granted;
  const administered = granted.teams.map((team) => team.name);
  const names = [...administered, ...requestable];
  const isListed = granted.total + requestable.length <= MAX_SELECT_OPTIONS;
  const [issuers, features] = await Promise.all([ports.backend.issuers(), ports.backend.features()]);
  const presetTeam = request.teamName ?? granted.preset?.name ?? (isListed ? names[0] : undefined);
  const isOnlyMember =
    presetTeam === undefined ? administered.length === 0 && !hasUnlisted : requestable.includes(presetTeam);
  return {
    ok: true,
    person,
    offer: {
      teams: isListed && !hasUnlisted ? names : undefined,
      presetTeam,
      hasUnlistedTeams: hasUnlisted,
      issuers: issuers.length <= MAX_SELECT_OPTIONS ? issuers : undefined,
      features,
      asks: granted.preset?.asks ?? (isOnlyMember ? 'request' : 'create'),
      mayRequest: requestable.length > 0,
      teamPage: presetTeam === undefined ? undefined : ports.backend.teamPage(presetTeam),
      administeredIn: ports.backend.administeredIn,
      policy: presetTeam === undefined ? DEFAULT_POLICY : await ports.store.policyOf(presetTeam),
      hasTeamPolicies: await ports.store.hasTeamPolicies(),
      isOrganizationAdmin: (await ports.backend.organizationAdmins()).includes(person.email),
      // Without a gateway, no team differs.
      runAccess: ports.writingRuns && {
        of: presetTeam === undefined ? undefined : await ports.runAccess(presetTeam),
      },
    },
  };
}

/** A search runs with every keystroke and changes nothing, so its profile may be a minute old. */
const SEARCH_PROFILE_MAX_AGE_MS = 60_000;

/** Finds the teams that a person administers or is a member of by part of the name, for the searchable select. At most 100. */
export async function findTeams(ports: Ports, slackUserId: string, query: string): Promise<string[]> {
  // A query may be sent to a W&B server, as the name of a team.
  if (containsCredential(query)) return [];
  const identified = await identify(ports, slackUserId, { maxAgeMs: SEARCH_PROFILE_MAX_AGE_MS });
  if (!identified.ok) return [];
  const found = await ports.backend.administeredTeams(identified.person, {
    query,
    limit: MAX_SELECT_OPTIONS,
  });
  const own = await ports.backend.teamsOf(identified.person);
  const folded = foldText(query);
  const requestable = own
    .filter(({ team, role }) => role === 'member' && foldText(team.name).includes(folded))
    .map(({ team }) => team.name);
  const names = [...found.teams.map((team) => team.name), ...requestable];
  return [...new Set(names)].slice(0, MAX_SELECT_OPTIONS);
}

/** Finds issuers by part of the URL, for the searchable select of a person who administers a team or is a member. At most 100. */
export async function findIssuers(ports: Ports, slackUserId: string, query: string): Promise<string[]> {
  const identified = await identify(ports, slackUserId, { maxAgeMs: SEARCH_PROFILE_MAX_AGE_MS });
  if (!identified.ok) return [];
  const { total, hasUnlisted } = await ports.backend.administeredTeams(identified.person, { limit: 1 });
  const own = total === 0 && !hasUnlisted ? await ports.backend.teamsOf(identified.person) : [];
  if (total === 0 && !hasUnlisted && own.every(({ role }) => role === 'view-only')) return [];
  const issuers = await ports.backend.issuers();
  return issuers.filter((url) => url.toLowerCase().includes(query)).slice(0, MAX_SELECT_OPTIONS);
}
