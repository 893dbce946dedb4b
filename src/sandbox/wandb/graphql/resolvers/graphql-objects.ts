import { administers, loggedIn } from '../../permissions.ts';
import {
  keyPrefix,
  type Membership,
  type WandbApiKey,
  type WandbTeam,
  type WandbUser,
} from '../../wandb-state.ts';
import type { RequestContext } from './request-context.ts';

/** `Organization`. */
function organizationObject({ state, caller }: RequestContext) {
  loggedIn(caller);
  return {
    ...state.organization,
    OAuthProviders: () => state.providers.map(({ id, issuerUrl }) => ({ id, issuerUrl })),
  };
}

/** `Entity`: a team. */
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
    members: () => team.memberships.map((membership) => memberObject(context, team, membership)),
  };
}

function memberObject(context: RequestContext, team: WandbTeam, { user, role, pending }: Membership) {
  const { state, caller, capabilities } = context;
  const seesSecrets = capabilities.showsServiceAccountKeys && administers(loggedIn(caller), team);
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
    apiKey: seesSecrets && user.accountType === 'SERVICE' ? (state.keysOf(user)[0]?.secret ?? null) : null,
    OAuthClients: () =>
      state.clients.filter((client) => client.user === user).map(({ id, subject }) => ({ id, subject })),
  };
}

/** Relay's list, of which W&B's clients here read the nodes only. */
export function connection<T>(nodes: T[]): { edges: { node: T }[] } {
  return { edges: nodes.map((node) => ({ node })) };
}

/** `User`. Its keys are shown to itself and to who administers it. */
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
    apiKeys: () =>
      mayReadKeys(context, user)
        ? connection(state.keysOf(user).map((key) => apiKeyObject(context, key)))
        : null,
    teams: () => connection(teams().map((team) => entityObject(context, team))),
    organizations: () => [organizationObject(context)],
  };
}

/** `ApiKey` in a listing; only `generateApiKey` answers with a secret whatever the server. */
export function apiKeyObject(context: RequestContext, key: WandbApiKey) {
  return {
    id: key.id,
    name: context.capabilities.keysListedWithSecrets ? key.secret : keyPrefix(key.secret),
    description: key.description,
    user: () => userObject(context, key.user),
  };
}

export function mayReadKeys({ state, caller }: RequestContext, owner: WandbUser): boolean {
  const reader = loggedIn(caller);
  if (reader === owner || reader.admin) return true;
  if (owner.accountType !== 'SERVICE') return false;
  return state.teamsOf(owner).some((team) => administers(reader, team));
}
