import type { IncomingHttpHeaders } from 'node:http';
import { removeWhere, type WandbState, type WandbUser } from './wandb-state.ts';

export interface LoggedInCaller {
  kind: 'user';
  user: WandbUser;
  secret: string;
  /** What the client may not use because of missing headers, although the user may. */
  withheld: { admin: boolean; keys: boolean };
}

/** `anonymous` sent no credentials, `unknown` sent invalid ones. */
export type Caller = LoggedInCaller | { kind: 'anonymous' } | { kind: 'unknown' };

/** Authenticates an API key, in HTTP Basic (the user `api` with the key as the password) or Bearer, or an access token in Bearer. */
export function authenticate(
  { keys, clients, accessTokens }: WandbState,
  authorization: string | undefined,
  now: () => number,
): Caller {
  if (authorization === undefined) return { kind: 'anonymous' };
  const [, bearer] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  const secret = bearer ?? passwordOf(authorization);
  const key = keys.find((one) => one.secret === secret && one.user.active);
  if (key) return loggedIn(key);
  const token = accessTokens.find((one) => one.secret === bearer);
  const isValid = token && token.expiresAtMs > now() && clients.includes(token.client);
  return isValid ? loggedIn({ user: token.client.user, secret: token.secret }) : { kind: 'unknown' };
}

const loggedIn = ({ user, secret }: Pick<LoggedInCaller, 'user' | 'secret'>): LoggedInCaller => ({
  kind: 'user',
  user,
  secret,
  withheld: { admin: false, keys: false },
});

/** Withholds what servers from 0.80 on give only to clients that send the headers of the SDK's public client. */
export function withholdPrivileges(caller: Caller, headers: IncomingHttpHeaders): Caller {
  if (caller.kind !== 'user') return caller;
  const admin = headers['use-admin-privileges'] !== 'true';
  const keys = !/^W&B Public Client \d/.test(headers['user-agent'] ?? '');
  return { ...caller, withheld: { admin, keys } };
}

function passwordOf(authorization: string, username = 'api'): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  const credentials = Buffer.from(encoded ?? '', 'base64').toString();
  return credentials.startsWith(`${username}:`) ? credentials.slice(username.length + 1) : undefined;
}

/**
 * Authenticates an API key where W&B's documentation wants the owner's name: in HTTP Basic, the password of the person's username
 * or, for a service account, of an empty one; or in Bearer.
 */
export function authenticateByName(
  { keys }: WandbState,
  authorization: string | undefined,
  { takesBearer }: { takesBearer: boolean },
): Caller {
  if (authorization === undefined) return { kind: 'anonymous' };
  const [, bearer] = (takesBearer && /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)) || [];
  const key = keys.find(({ secret, user }) => {
    const username = user.accountType === 'SERVICE' ? '' : user.username;
    return user.active && secret === (bearer ?? passwordOf(authorization, username));
  });
  return key ? loggedIn(key) : { kind: 'unknown' };
}

/** The access of the app's own API key: an admin's in the organization, as a person or a service account, or roles in some teams. */
export type ConfiguredCaller =
  | 'organization_admin'
  | 'organization_service_account'
  | { adminOf?: readonly string[]; memberOf?: readonly string[] };

interface CallerAccount {
  user: WandbUser;
  apiKey: string;
  /** Changes the access from the next call on; the key stays the same. */
  become(caller: ConfiguredCaller): void;
}

/** Adds the user `keysmith`, whose API key the app uses. */
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
      const isAdmin = typeof become === 'string';
      const isOrganizationAccount = become === 'organization_service_account';
      const { adminOf = [], memberOf = [] } = isAdmin ? {} : become;
      for (const team of state.teams) {
        removeWhere(team.memberships, (membership) => membership.user === user);
        const role = adminOf.includes(team.name) ? 'admin' : 'member';
        const isIn = role === 'admin' || memberOf.includes(team.name) || isOrganizationAccount;
        if (isIn) team.memberships.unshift({ user, role, pending: false });
      }
      Object.assign(user, {
        admin: isAdmin,
        isOrganizationAccount,
        accountType: isOrganizationAccount ? 'SERVICE' : 'USER',
        email: isOrganizationAccount ? null : email,
      });
    },
  };
  account.become(caller);
  return account;
}
