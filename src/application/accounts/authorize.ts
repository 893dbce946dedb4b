import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { AuditAction } from '../../domain/audit/audit-actions.ts';
import type { AuditDetail } from '../../domain/audit/audit-event.ts';
import { identifyPerson, type Person } from '../../domain/organization/person.ts';
import {
  decideManageAccount,
  decideManageTeam,
  mayContactGetKey,
  type TeamAccess,
} from '../../domain/organization/team.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AdministeredTeams } from '../ports/backend.ts';
import {
  type NotIdentified,
  type Refusal,
  refusalForNonAdmin,
  refusalForOrganizationScope,
  refusalForTeam,
  refusalForUnknownTeam,
} from './refusal.ts';

/** One thing a Slack user asks for, and how its refusal is recorded. */
export interface Attempt {
  slackUserId: string;
  /** The audit action of a refusal. */
  action: AuditAction;
  /** The audit subject of a refusal; the organization by default. */
  subject?: string;
  details?: Record<string, AuditDetail>;
  requestId: string;
}

/** What a check grants, or why it refuses. */
export type Check<Granted, Denied extends { reason: string }> =
  | { ok: true; granted: Granted }
  | { ok: false; refusal: Denied };

export type AuthorizeResult<Granted, Denied extends { reason: string }> =
  | { ok: true; person: Person; granted: Granted }
  | { ok: false; refusal: Denied | NotIdentified };

/**
 * Identifies the Slack user from fresh data, runs the check for that person, and records a refusal. Every use case calls
 * it exactly once, so a command reads the Slack profile once.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function authorize<Granted, Denied extends { reason: string }>(
  ports: Ports,
  attempt: Attempt,
  check: (person: Person) => Promise<Check<Granted, Denied>>,
): Promise<AuthorizeResult<Granted, Denied>> {
  const identified = await identify(ports, attempt.slackUserId);
  if (!identified.ok) {
    recordRefusal(ports, attempt, { reason: identified.refusal.reason });
    return identified;
  }
  const { person } = identified;
  const checked = await check(person);
  if (checked.ok) return { ok: true, person, granted: checked.granted };
  recordRefusal(ports, attempt, { person, reason: checked.refusal.reason });
  return checked;
}

/** Checks that the person may administer the service accounts of one team, from fresh data. */
export async function checkTeam(
  ports: Ports,
  person: Person,
  teamName: string,
): Promise<Check<TeamAccess, Refusal>> {
  const access = await ports.backend.teamAccess(person, teamName);
  if (access === undefined) return { ok: false, refusal: { reason: 'team_unknown' } };
  const decision = decideManageTeam(access);
  if (decision.allowed) return { ok: true, granted: access };
  const refusal: Refusal =
    decision.reason === 'not_admin' ? await refusalForTeam(ports, teamName) : { reason: 'team_unknown' };
  return { ok: false, refusal };
}

/** Like {@link checkTeam}, for a name that the person typed: an unknown one comes with the nearest of their teams. */
async function checkTypedTeam(
  ports: Ports,
  person: Person,
  teamName: string,
): Promise<Check<TeamAccess, Refusal>> {
  const checked = await checkTeam(ports, person, teamName);
  if (checked.ok || checked.refusal.reason !== 'team_unknown') return checked;
  return { ok: false, refusal: await refusalForUnknownTeam(ports, person, teamName) };
}

/** Checks that the person administers the named team, or any team when none is named. */
export async function checkTeamOrAny(
  ports: Ports,
  person: Person,
  teamName: string | undefined,
): Promise<Check<TeamAccess | AdministeredTeams, Refusal>> {
  if (teamName !== undefined) return checkTypedTeam(ports, person, teamName);
  const administered = await ports.backend.administeredTeams(person, { limit: 1 });
  if (administered.total > 0) return { ok: true, granted: administered };
  return { ok: false, refusal: await refusalForNonAdmin(ports, person, administered) };
}

/** Checks that an account exists and the person may manage it, or may do what `check` is about, from fresh data. */
export async function checkAccount(
  ports: Ports,
  person: Person,
  accountId: string,
  check: typeof checkManage = checkManage,
): Promise<Check<ServiceAccount, Refusal | { reason: 'account_unknown' }>> {
  const account = await ports.backend.findAccount(accountId);
  if (account === undefined) return { ok: false, refusal: { reason: 'account_unknown' } };
  return check(ports, person, account);
}

/** Checks that the person may manage an account and its keys, from fresh data. */
export async function checkManage(
  ports: Ports,
  person: Person,
  account: ServiceAccount,
): Promise<Check<ServiceAccount, Refusal>> {
  const checked = await checkTeam(ports, person, account.teamName);
  if (!checked.ok) return checked;
  return decideManageAccount(checked.granted, account).allowed
    ? { ok: true, granted: account }
    : { ok: false, refusal: await refusalForOrganizationScope(ports) };
}

/** Like {@link checkManage}, and also grants access to the account's contact while they are in its team. */
export async function checkManageOrContact(
  ports: Ports,
  person: Person,
  account: ServiceAccount,
): Promise<Check<ServiceAccount, Refusal>> {
  const checked = await checkManage(ports, person, account);
  if (checked.ok || account.contact !== person.slackUserId) return checked;
  return checked.refusal.reason === 'team_unknown' ? checked : { ok: true, granted: account };
}

/** Like {@link checkManageOrContact}, for a new key: the contact gets one only if they may do what the key may do. */
export async function checkNewKey(
  ports: Ports,
  person: Person,
  account: ServiceAccount,
): Promise<Check<ServiceAccount, Refusal>> {
  const checked = await checkManage(ports, person, account);
  if (checked.ok || account.contact !== person.slackUserId) return checked;
  const access = await ports.backend.teamAccess(person, account.teamName);
  if (access === undefined || checked.refusal.reason === 'team_unknown') return checked;
  if (mayContactGetKey(access, account)) return { ok: true, granted: account };
  return account.scope === 'organization'
    ? { ok: false, refusal: await refusalForOrganizationScope(ports) }
    : checked;
}

/**
 * Identifies a Slack user.
 *
 * @param options.maxAgeMs the maximum age of the profile. The default of 0 reads it from Slack, which every effect needs.
 * @throws DirectoryUnavailableError when Slack doesn't return the profile
 */
export async function identify(
  { directory }: Pick<Ports, 'directory'>,
  slackUserId: string,
  options: { maxAgeMs: number } = { maxAgeMs: 0 },
): Promise<{ ok: true; person: Person } | { ok: false; refusal: NotIdentified }> {
  const profile = await directory.profile(slackUserId, options);
  if (profile === undefined) return { ok: false, refusal: { reason: 'unknown_user' } };
  const identification = identifyPerson(profile, directory.workspace);
  return identification.ok
    ? { ok: true, person: identification.person }
    : { ok: false, refusal: { reason: identification.reason } };
}

/** Logs and audits a refusal. Doesn't wait for the write: what Keysmith refuses must not depend on the disk. */
export function recordRefusal(
  { refusals }: Pick<Ports, 'refusals'>,
  { slackUserId, action, subject, details = {}, requestId }: Attempt,
  { person, reason }: { person?: Person; reason: string },
): void {
  refusals.note({ slackUserId, person, action, reason, subject, details, requestId });
}
