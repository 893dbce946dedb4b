import type { Caller, LoggedInCaller } from './caller.ts';
import type { Membership, WandbState, WandbTeam, WandbUser } from './wandb-state.ts';

/**
 * An error in W&B's words. Its HTTP status applies to the GraphQL response as well.
 * @see https://github.com/wandb/wandb/issues/8609 for 403 and https://github.com/wandb/wandb/pull/11749 for 404
 */
export class WandbError extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(message: string, { status, code }: { status: number; code?: string }) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const notLoggedIn = () =>
  new WandbError('user is not logged in', { status: 401, code: 'PERMISSION_ERROR' });

export const permissionDenied = (status: 401 | 403 = 403) =>
  new WandbError('permission denied', { status, code: 'PERMISSION_ERROR' });

export const notFound = (what: string, operation: string) =>
  new WandbError(`${what} not found during ${operation}`, { status: 404 });

export function requireLogin(caller: Caller): WandbUser {
  return requireLoggedIn(caller).user;
}

export function requireLoggedIn(caller: Caller): LoggedInCaller {
  if (caller.kind === 'user') return caller;
  throw notLoggedIn();
}

/** W&B's error for a client without the headers that an access needs. */
export const reloginRequired = () =>
  new WandbError('relogin required', { status: 200, code: 'PERMISSION_ERROR' });

/** Whether the caller has the access of an organization admin. */
export function hasAdminAccess({ user, withheld }: LoggedInCaller): boolean {
  if (user.admin && withheld.admin) throw reloginRequired();
  return user.admin;
}

export function requireOrganizationAdmin(caller: Caller): WandbUser {
  const loggedIn = requireLoggedIn(caller);
  if (!hasAdminAccess(loggedIn)) throw permissionDenied();
  return loggedIn.user;
}

/** Returns the team of a mutation's input if the caller is one of its admins or an organization admin. */
export function requireTeamAdmin(
  state: WandbState,
  caller: Caller,
  { entityName, operation }: { entityName: string; operation: string },
): WandbTeam {
  const loggedIn = requireLoggedIn(caller);
  const team = state.team(entityName);
  if (!team) throw notFound(`entity ${entityName}`, operation);
  if (!isTeamAdmin(loggedIn, team)) throw permissionDenied();
  return team;
}

/** Whether the user is an admin of the team or of the organization. */
export function isTeamAdmin(caller: LoggedInCaller, team: WandbTeam): boolean {
  return membershipOf(caller, team)?.role === 'admin' || hasAdminAccess(caller);
}

export function canSeeTeam(caller: LoggedInCaller, team: WandbTeam): boolean {
  return membershipOf(caller, team) !== undefined || hasAdminAccess(caller);
}

function membershipOf({ user }: LoggedInCaller, { memberships }: WandbTeam): Membership | undefined {
  return memberships.find((membership) => membership.user === user && !membership.pending);
}

/** Returns the team if the caller may read its projects: a member, a service account of it, or an organization admin. */
export function visibleTeam(
  state: WandbState,
  caller: Caller,
  entityName: string | null | undefined,
): WandbTeam | undefined {
  const loggedIn = requireLoggedIn(caller);
  const team = entityName ? state.team(entityName) : state.teamsOf(loggedIn.user)[0];
  return team && canSeeTeam(loggedIn, team) ? team : undefined;
}

/** Returns the team if the caller may log runs in it: anyone who may read it, except with a view-only seat. */
export function requireTeamWriter(
  state: WandbState,
  caller: Caller,
  { entityName, operation }: { entityName: string | null | undefined; operation: string },
): WandbTeam {
  const loggedIn = requireLoggedIn(caller);
  const { user } = loggedIn;
  const team = entityName ? state.team(entityName) : state.teamsOf(user)[0];
  if (!team) throw notFound(`entity ${entityName ?? user.username}`, operation);
  const own = membershipOf(loggedIn, team);
  const isWriter = own !== undefined && own.role !== 'viewer' && user.accountType !== 'VIEWER';
  if (!isWriter && !hasAdminAccess(loggedIn)) throw permissionDenied();
  return team;
}
