import { FREE_TEXT_LENGTH, freeTextProblem } from '../../domain/accounts/names.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { nearestName } from '../../domain/nearest-name.ts';
import { identifyPerson, type Person } from '../../domain/organization/person.ts';
import type { Role, TeamMember } from '../../domain/organization/team.ts';
import type { TeamEdit, TeamEditProblem } from '../../domain/organization/team-edits.ts';
import { readTeamName, TEAM_NAME_MAX_LENGTH } from '../../domain/organization/team-name.ts';
import { type Attempt, authorize, type Check } from '../accounts/authorize.ts';
import { type Refusal, refusalForOrganizationScope } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import { type KeyedPage, pageAfter } from './pages.ts';
import {
  POLICY_FIELDS,
  type PolicyField,
  type PolicyFieldProblem,
  type PolicyValues,
  readPolicyValues,
} from './policy-choices.ts';
import type { ManagedTeam } from './team-store.ts';

/** `on_server`: teams live on the W&B server. `link`: its page, if the team is known. */
export type TeamsUnavailable =
  | { kind: 'on_server'; link: string | undefined }
  | { kind: 'refused'; refusal: Refusal };

interface TeamRequest {
  slackUserId: string;
  requestId: string;
}

/** Teams or members in one message: each is a block, and a message has at most 50. */
const PAGE_SIZE = 40;

export type ListTeamsResult =
  | { kind: 'listed'; page: KeyedPage<ManagedTeam>; total: number }
  | TeamsUnavailable;

/** Lists the teams of the organization after a key for an organization admin. */
export async function listTeams(
  ports: Ports,
  request: TeamRequest & { after?: string },
): Promise<ListTeamsResult> {
  const checked = await checkManageTeams(ports, request, undefined);
  if (!('person' in checked)) return checked;
  const after = request.after ?? '';
  const { total, ...page } = await ports.store.managedTeams({ after, size: PAGE_SIZE });
  return { kind: 'listed', page, total };
}

export type ShownTeam = Omit<StoredTeam, 'members'> & { members: KeyedPage<TeamMember> };
type StoredTeam = NonNullable<Awaited<ReturnType<Ports['store']['managedTeam']>>>;
export type ShowTeamResult =
  | { kind: 'shown'; team: ShownTeam }
  | { kind: 'unknown_team'; nearest: string | undefined }
  | TeamsUnavailable;

/** Enough for nearly every organization, and few enough to compare at once. */
const MAX_COMPARED_TEAMS = 1_000;

/** Returns one team with its members for an organization admin. */
export async function showTeam(
  ports: Ports,
  request: TeamRequest & { teamName: string; after?: string },
): Promise<ShowTeamResult> {
  const checked = await checkManageTeams(ports, request, request.teamName);
  if (!('person' in checked)) return checked;
  const team = await ports.store.managedTeam(request.teamName);
  if (team !== undefined) return { kind: 'shown', team: toShownTeam(team, request.after) };
  const { items } = await ports.store.managedTeams({ after: '', size: MAX_COMPARED_TEAMS });
  const names = items.map(({ name }) => name);
  return { kind: 'unknown_team', nearest: nearestName(request.teamName, names) };
}

function toShownTeam(team: StoredTeam, after = ''): ShownTeam {
  return { ...team, members: pageAfter(team.members, ({ email }) => email, { after, size: PAGE_SIZE }) };
}

/** Checks that the person may create a team, before the form opens. */
export async function openTeamForm(
  ports: Ports,
  request: TeamRequest,
): Promise<{ kind: 'open' } | TeamsUnavailable> {
  const checked = await checkManageTeams(ports, request, undefined);
  return 'person' in checked ? { kind: 'open' } : checked;
}

/** What an organization admin asks for. People are Slack users, whose address is read when the edit is applied. */
export type TeamForm = { teamName: string } & (
  | { kind: 'create'; subjects: readonly string[]; admin: string }
  /** `username`: undefined for the one that the person has in another team, or the beginning of their address. */
  | { kind: 'set_member'; member: string; role: Role; username: string | undefined }
  | { kind: 'remove_person'; member: string }
  | { kind: 'remove_member'; email: string }
  /** `subjects`, `channel`: undefined for those that the team has. `version`: of the settings that the form showed. */
  | {
      kind: 'change_settings';
      subjects: readonly string[] | undefined;
      /** Empty: direct messages. */
      channel: string | undefined;
      policy: PolicyValues;
      version: string;
    }
  | { kind: 'archive' | 'restore' }
);

export type TeamFormProblem =
  | { field: 'team_name'; reason: 'invalid' | 'contains_credential' }
  | { field: 'subjects'; reason: 'invalid' | 'too_many' | 'contains_credential' }
  | { field: 'person'; reason: 'not_a_member_of_slack' }
  | { field: 'username'; reason: 'invalid' | 'contains_credential' }
  | { field: 'channel'; reason: 'invalid' }
  | PolicyFieldProblem
  | { field: PolicyField; reason: 'contains_credential' };

export type EditTeamOutcome =
  /** `hasChanged`: false if the team already was as wanted. `lacksAdmin`: organization admins act for it. */
  | { kind: 'done'; team: ShownTeam; hasChanged: boolean; lacksAdmin: boolean }
  | { kind: 'not_done'; problem: TeamEditProblem }
  | { kind: 'invalid'; problems: TeamFormProblem[] }
  | TeamsUnavailable;

const MAX_SUBJECTS = 50;

/**
 * Changes a team that is managed in Slack. Permission is checked from fresh data, and the decision, the change and its audit events are
 * one transaction: the same form has no second effect.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError: nothing was changed
 */
export async function editTeam(
  ports: Ports,
  request: TeamRequest & { form: TeamForm },
): Promise<EditTeamOutcome> {
  const { form, requestId } = request;
  const problems = formProblems(form);
  if (problems.length > 0) return { kind: 'invalid', problems };
  const checked = await checkManageTeams(ports, request, form.teamName);
  if (!('person' in checked)) return checked;
  const edit = form.kind === 'change_settings' ? await settingsEdit(ports, form) : await editOf(ports, form);
  if (edit === undefined)
    return { kind: 'invalid', problems: [{ field: 'person', reason: 'not_a_member_of_slack' }] };
  if ('problems' in edit) return { kind: 'invalid', problems: edit.problems };
  const { slackUserId, email } = checked.person;
  const result = await ports.store.editTeam(edit, {
    actor: { type: 'person', slackUserId, email },
    nowMs: ports.now(),
    requestId,
  });
  if (!result.ok) return { kind: 'not_done', problem: result.problem };
  const team = await ports.store.managedTeam(edit.name);
  if (team === undefined) return { kind: 'not_done', problem: 'unknown_team' };
  ports.logger.info({ team: team.name, edit: edit.kind, changes: result.changes }, 'team edited');
  const lacksAdmin = !team.isArchived && team.members.every(({ role }) => role !== 'admin');
  return { kind: 'done', team: toShownTeam(team), hasChanged: result.changes > 0, lacksAdmin };
}

async function checkManageTeams(
  ports: Ports,
  { slackUserId, requestId }: TeamRequest,
  teamName: string | undefined,
): Promise<{ person: Person } | TeamsUnavailable> {
  const attempt: Attempt = {
    slackUserId,
    action: 'team.edit_refused',
    ...(teamName !== undefined && {
      details: { team: teamName.slice(0, TEAM_NAME_MAX_LENGTH).toWellFormed() },
    }),
    requestId,
  };
  const authorized = await authorize(ports, attempt, (person) => checkOrganizationAdmin(ports, person));
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  if (ports.backend.administeredIn === 'teams_file') return { person: authorized.person };
  const named = teamName === undefined ? undefined : readTeamName(teamName);
  return { kind: 'on_server', link: named === undefined ? undefined : ports.backend.teamPage(named) };
}

async function checkOrganizationAdmin(ports: Ports, person: Person): Promise<Check<undefined, Refusal>> {
  const admins = await ports.backend.organizationAdmins();
  return admins.includes(person.email)
    ? { ok: true, granted: undefined }
    : { ok: false, refusal: await refusalForOrganizationScope(ports) };
}

function formProblems(form: TeamForm): TeamFormProblem[] {
  const problems: TeamFormProblem[] = [];
  if (containsCredential(form.teamName)) problems.push({ field: 'team_name', reason: 'contains_credential' });
  else if (form.kind === 'create' && readTeamName(form.teamName) === undefined) {
    problems.push({ field: 'team_name', reason: 'invalid' });
  }
  if (form.kind === 'create' || form.kind === 'change_settings') {
    const reason = subjectsProblem(form.subjects ?? []);
    if (reason !== undefined) problems.push({ field: 'subjects', reason });
  }
  if (form.kind === 'change_settings') problems.push(...settingsProblems(form));
  if (form.kind === 'set_member' && form.username !== undefined) {
    if (containsCredential(form.username))
      problems.push({ field: 'username', reason: 'contains_credential' });
    else if (!/^[\x21-\x7e]{1,128}$/.test(form.username))
      problems.push({ field: 'username', reason: 'invalid' });
  }
  return problems;
}

function settingsProblems({
  channel = '',
  policy,
}: Extract<TeamForm, { kind: 'change_settings' }>): TeamFormProblem[] {
  const problems: TeamFormProblem[] = POLICY_FIELDS.filter((field) =>
    containsCredential(policy[field] ?? ''),
  ).map((field) => ({ field, reason: 'contains_credential' }));
  if (!/^(?:[CG][A-Z0-9]{6,30})?$/.test(channel)) problems.push({ field: 'channel', reason: 'invalid' });
  return problems;
}

/** Reads the settings of a form that may not show all of them. */
async function settingsEdit(
  { store }: Ports,
  form: Extract<TeamForm, { kind: 'change_settings' }>,
): Promise<TeamEdit | { problems: TeamFormProblem[] }> {
  const { teamName: name, version } = form;
  const current = await store.managedTeam(name);
  const read = readPolicyValues(current?.policy ?? {}, form.policy);
  if (!read.ok) return { problems: read.problems };
  const subjects = [...new Set(form.subjects ?? current?.subjects ?? [])];
  const channel = form.channel ?? current?.channel ?? '';
  const rules = { policy: read.policy, ...(channel !== '' && { channel }) };
  return { kind: 'change_settings', name, subjects, ...rules, version };
}

function subjectsProblem(
  subjects: readonly string[],
): Extract<TeamFormProblem, { field: 'subjects' }>['reason'] | undefined {
  if (subjects.some((pattern) => containsCredential(pattern))) return 'contains_credential';
  if (subjects.length > MAX_SUBJECTS) return 'too_many';
  const isInvalid = (pattern: string) =>
    freeTextProblem(pattern, { maxLength: FREE_TEXT_LENGTH.subject }) !== undefined;
  return subjects.some(isInvalid) ? 'invalid' : undefined;
}

/** Returns undefined if the chosen Slack user isn't a person whom Keysmith may serve. */
async function editOf(
  ports: Ports,
  form: Exclude<TeamForm, { kind: 'change_settings' }>,
): Promise<TeamEdit | undefined> {
  const { teamName: name } = form;
  switch (form.kind) {
    case 'create': {
      const email = await confirmedEmail(ports, form.admin);
      if (email === undefined) return undefined;
      const username = await usernameFor(ports, email);
      const subjects = [...new Set(form.subjects)];
      return { kind: 'create', name: readTeamName(name) ?? name, subjects, admin: { email, username } };
    }
    case 'set_member': {
      const email = await confirmedEmail(ports, form.member);
      if (email === undefined) return undefined;
      const username = form.username ?? (await usernameFor(ports, email));
      return { kind: 'set_member', name, member: { email, username, role: form.role } };
    }
    case 'remove_person': {
      const email = await confirmedEmail(ports, form.member);
      return email === undefined ? undefined : { kind: 'remove_member', name, email };
    }
    case 'remove_member':
      return { kind: 'remove_member', name, email: form.email };
    case 'archive':
    case 'restore':
      return { kind: form.kind, name };
  }
}

async function confirmedEmail({ directory }: Ports, slackUserId: string): Promise<string | undefined> {
  const profile = await directory.profile(slackUserId);
  const identified = profile && identifyPerson(profile, directory.workspace);
  return identified?.ok ? identified.person.email : undefined;
}

async function usernameFor({ store }: Ports, email: string): Promise<string> {
  return (await store.usernameOf(email)) ?? email.slice(0, email.indexOf('@'));
}
