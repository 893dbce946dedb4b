import { administers, loggedIn } from '../permissions.ts';
import type { Membership, WandbTeam } from '../wandb-state.ts';
import type { RequestContext } from './request-context.ts';
import { shownOrganization } from './shown-organization.ts';

/** `Entity`: a team. */
export function shownEntity(context: RequestContext, team: WandbTeam) {
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
    organization: () => shownOrganization(context),
    members: () => team.memberships.map((membership) => shownMember(context, team, membership)),
  };
}

function shownMember(context: RequestContext, team: WandbTeam, { user, role, pending }: Membership) {
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
