import type { Caller } from './caller.ts';
import type { WandbState, WandbTeam, WandbUser } from './wandb-state.ts';

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
  if (caller.kind === 'user') return caller.user;
  throw notLoggedIn();
}

export function requireOrganizationAdmin(caller: Caller): WandbUser {
  const user = requireLogin(caller);
  if (!user.admin) throw permissionDenied();
  return user;
}

/** Returns the team of a mutation's input if the caller is one of its admins or an organization admin. */
export function requireTeamAdmin(
  state: WandbState,
  caller: Caller,
  { entityName, operation }: { entityName: string; operation: string },
): WandbTeam {
  const user = requireLogin(caller);
  const team = state.team(entityName);
  if (!team) throw notFound(`entity ${entityName}`, operation);
  if (!isTeamAdmin(user, team)) throw permissionDenied();
  return team;
}

/** Whether the user is an admin of the team or of the organization. */
export function isTeamAdmin(user: WandbUser, team: WandbTeam): boolean {
  const own = team.memberships.find((membership) => membership.user === user);
  return user.admin || (own?.role === 'admin' && !own.pending);
}

export function canSeeTeam(user: WandbUser, team: WandbTeam): boolean {
  return user.admin || team.memberships.some((membership) => membership.user === user && !membership.pending);
}

/** Returns the team if the caller may read its projects: a member, a service account of it, or an organization admin. */
export function visibleTeam(
  state: WandbState,
  caller: Caller,
  entityName: string | null | undefined,
): WandbTeam | undefined {
  const user = requireLogin(caller);
  const team = entityName ? state.team(entityName) : state.teamsOf(user)[0];
  return team && canSeeTeam(user, team) ? team : undefined;
}

/** Returns the team if the caller may log runs in it: anyone who may read it, except with a view-only seat. */
export function requireTeamWriter(
  state: WandbState,
  caller: Caller,
  { entityName, operation }: { entityName: string | null | undefined; operation: string },
): WandbTeam {
  const user = requireLogin(caller);
  const team = entityName ? state.team(entityName) : state.teamsOf(user)[0];
  if (!team) throw notFound(`entity ${entityName ?? user.username}`, operation);
  const own = team.memberships.find((membership) => membership.user === user && !membership.pending);
  const isWriter = own !== undefined && own.role !== 'viewer' && user.accountType !== 'VIEWER';
  if (!user.admin && !isWriter) throw permissionDenied();
  return team;
}
