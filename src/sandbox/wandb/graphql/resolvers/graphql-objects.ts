import type { AccountChanges } from '../../account-changes.ts';
import type { Caller } from '../../caller.ts';
import type { Capabilities, Oddity } from '../../capabilities.ts';
import {
  hasAdminAccess,
  isTeamAdmin,
  reloginRequired,
  requireLoggedIn,
  requireLogin,
} from '../../permissions.ts';
import type { RunKeeping } from '../../runs/run-keeping.ts';
import {
  keyPrefix,
  type Membership,
  type WandbApiKey,
  type WandbState,
  type WandbTeam,
  type WandbUser,
} from '../../wandb-state.ts';

/** GraphQL's context, which every resolver gets. */
export interface RequestContext {
  state: WandbState;
  caller: Caller;
  /** What the caller changes. */
  changes: AccountChanges;
  capabilities: Readonly<Capabilities>;
  runs: RunKeeping;
  /** The member whom the client names in its headers. */
  attribution: { username: string | undefined; email: string | undefined };
  now: () => number;
}

function organizationObject({ state, caller }: RequestContext) {
  requireLogin(caller);
  return {
    ...state.organization,
    coreWeaveOrganizationId: null,
    orgEntity: null,
    OAuthProviders: () => state.providers.map(({ id, issuerUrl }) => ({ id, issuerUrl })),
  };
}

/** Returns a team as an `Entity`. */
export function entityObject(context: RequestContext, team: WandbTeam) {
  return {
    id: team.id,
    name: team.name,
    available: false,
    photoUrl: null,
    readOnly: false,
    readOnlyAdmin: false,
    isTeam: true,
    entityType: 'team',
    privateOnly: false,
    storageBytes: '0',
    codeSavingEnabled: true,
    defaultAccess: 'PRIVATE',
    isPaid: true,
    organization: () => organizationObject(context),
    members: () => [
      ...(hasOddity(context, 'null_members') ? [null, { OAuthClients: [] }] : []),
      ...team.memberships.map((membership) => memberObject(context, team, membership)),
    ],
  };
}

function memberObject(context: RequestContext, team: WandbTeam, { user, role, pending }: Membership) {
  const { state, caller, capabilities } = context;
  const loggedIn = requireLoggedIn(caller);
  const shownKey = () => {
    if (loggedIn.withheld.keys) throw reloginRequired();
    const isShown = capabilities.showsServiceAccountKeys && user.accountType === 'SERVICE';
    return isShown && isTeamAdmin(loggedIn, team) ? (state.keysOf(user)[0]?.secret ?? null) : null;
  };
  return {
    id: user.id,
    name: user.name,
    username: user.username,
    email: user.email,
    photoUrl: null,
    admin: role === 'admin',
    pending,
    role,
    memberRole: role,
    accountType: user.accountType,
    apiKey: shownKey,
    OAuthClients: () =>
      state.clients.filter((client) => client.user === user).map(({ id, subject }) => ({ id, subject })),
  };
}

export const hasOddity = ({ capabilities }: RequestContext, oddity: Oddity): boolean =>
  capabilities.oddities.includes(oddity);

/** Returns a Relay connection without page information, which W&B's clients don't read here. */
export function connection<T>(context: RequestContext, nodes: T[]): { edges: ({ node: T | null } | null)[] } {
  const odd = hasOddity(context, 'null_edges') ? [null, { node: null }] : [];
  return { edges: [...odd, ...nodes.map((node) => ({ node }))] };
}

/** Returns a `User`, with keys only for callers who may read them. */
export function userObject(context: RequestContext, user: WandbUser) {
  const { state } = context;
  const teams = () => state.teamsOf(user);
  return {
    id: user.id,
    name: user.name,
    username: user.username,
    email: user.email,
    admin: user.admin,
    flags: '{}',
    entity: () => teams()[0]?.name ?? user.username,
    deletedAt: null,
    apiKeys: () => {
      if (requireLoggedIn(context.caller).withheld.keys) throw reloginRequired();
      return canReadKeys(context, user)
        ? connection(
            context,
            state.keysOf(user).map((key) => apiKeyObject(context, key)),
          )
        : null;
    },
    teams: () =>
      connection(
        context,
        teams().map((team) => entityObject(context, team)),
      ),
    organizations: () => [organizationObject(context)],
  };
}

/** Returns an `ApiKey` for lists; only `generateApiKey` returns the secret on every server. */
export function apiKeyObject(context: RequestContext, key: WandbApiKey) {
  return {
    id: key.id,
    name: context.capabilities.keysListedWithSecrets ? key.secret : keyPrefix(key.secret),
    description: key.description,
    user: () => userObject(context, key.user),
  };
}

export function canReadKeys({ state, caller }: RequestContext, owner: WandbUser): boolean {
  const reader = requireLoggedIn(caller);
  if (reader.user === owner || hasAdminAccess(reader)) return true;
  if (owner.accountType !== 'SERVICE') return false;
  return state.teamsOf(owner).some((team) => isTeamAdmin(reader, team));
}
