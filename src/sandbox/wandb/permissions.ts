import type { Caller } from './authenticate.ts';
import { notFound, notLoggedIn, permissionDenied } from './wandb-error.ts';
import type { WandbState, WandbTeam, WandbUser } from './wandb-state.ts';

export function loggedIn(caller: Caller): WandbUser {
  if (caller.kind === 'user') return caller.user;
  throw notLoggedIn();
}

function isMember(user: WandbUser, team: WandbTeam): boolean {
  return team.memberships.some((membership) => membership.user === user && !membership.pending);
}

/** An admin of the team or of the organization. */
export function administers(user: WandbUser, team: WandbTeam): boolean {
  const own = team.memberships.find((membership) => membership.user === user);
  return user.admin || (own?.role === 'admin' && !own.pending);
}

export function maySee(user: WandbUser, team: WandbTeam): boolean {
  return user.admin || isMember(user, team);
}

/** The team of a mutation's input, for who administers it. */
export function administeredTeam(
  state: WandbState,
  caller: Caller,
  { entityName, operation }: { entityName: string; operation: string },
): WandbTeam {
  const user = loggedIn(caller);
  const team = state.team(entityName);
  if (!team) throw notFound(`entity ${entityName}`, operation);
  if (!administers(user, team)) throw permissionDenied();
  return team;
}

export function requireOrganizationAdmin(caller: Caller): WandbUser {
  const user = loggedIn(caller);
  if (!user.admin) throw permissionDenied();
  return user;
}
