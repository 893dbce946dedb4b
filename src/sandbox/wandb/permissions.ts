import { notFound, notLoggedIn, permissionDenied } from './wandb-error.ts';
import type { WandbState, WandbTeam, WandbUser } from './wandb-state.ts';

/** `anonymous` sent no credentials, `unknown` some that are nobody's. */
export type Caller =
  | { kind: 'user'; user: WandbUser; secret: string }
  | { kind: 'anonymous' }
  | { kind: 'unknown' };

/** Basic, user `api`, the password an API key. */
export function authenticate({ keys }: WandbState, authorization: string | undefined): Caller {
  if (authorization === undefined) return { kind: 'anonymous' };
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  const credentials = Buffer.from(encoded ?? '', 'base64').toString();
  const secret = credentials.startsWith('api:') ? credentials.slice('api:'.length) : undefined;
  const key = keys.find((one) => one.secret === secret);
  return key ? { kind: 'user', user: key.user, secret: key.secret } : { kind: 'unknown' };
}

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

/** Whose key the app has: an admin of the organization, or who is in some teams only. */
export type ConfiguredCaller =
  | 'organization_admin'
  | { adminOf?: readonly string[]; memberOf?: readonly string[] };

export interface CallerAccount {
  user: WandbUser;
  apiKey: string;
  /** From now on; the key stays. */
  become(caller: ConfiguredCaller): void;
}

/** The person as whom the app calls: `keysmith`, beside those of the seed. */
export function addConfiguredCaller(
  state: WandbState,
  { caller, apiKey }: { caller: ConfiguredCaller; apiKey: string | undefined },
): CallerAccount {
  const email = `keysmith@${state.organization.name}.test`;
  const user = state.addPerson({ username: 'keysmith', name: 'Keysmith', email });
  const account: CallerAccount = {
    user,
    apiKey: state.addKey(user, 'Keysmith', apiKey).secret,
    become(become) {
      const isAdmin = become === 'organization_admin';
      const { adminOf = [], memberOf = [] } = isAdmin ? {} : become;
      user.admin = isAdmin;
      for (const team of state.teams) {
        state.removeMember(team, user);
        const role = adminOf.includes(team.name) ? 'admin' : 'member';
        const isIn = role === 'admin' || memberOf.includes(team.name);
        if (isIn) team.memberships.unshift({ user, role, pending: false });
      }
    },
  };
  account.become(caller);
  return account;
}
