import {
  notFound,
  permissionDenied,
  requireLogin,
  requireOrganizationAdmin,
  requireTeamAdmin,
  WandbError,
} from '../../permissions.ts';
import type { TeamRole } from '../../wandb-seed.ts';
import type { WandbUser } from '../../wandb-state.ts';
import { apiKeyObject, canReadKeys, type RequestContext, userObject } from './graphql-objects.ts';

/** Relay returns the ID of the input unchanged. */
interface MutationInput {
  clientMutationId?: string | null;
}

interface CreateServiceAccountInput extends MutationInput {
  entityName: string;
  description: string;
}

export const serviceAccountMutations = {
  /** Creates an account as the last member of the team, on older servers with a key. W&B accepts duplicate names. */
  createServiceAccount({ input }: { input: CreateServiceAccountInput }, context: RequestContext) {
    const { state, caller, changes, capabilities } = context;
    const { entityName, description } = input;
    const team = requireTeamAdmin(state, caller, { entityName, operation: 'createServiceAccount' });
    if (!capabilities.teamServiceAccountsEnabled) {
      throw new WandbError('team service accounts are disabled', { status: 200 });
    }
    const user = changes.createServiceAccount(team, description);
    if (capabilities.createsKeyWithAccount && capabilities.keyCreationEnabled) changes.createKey(user);
    return { user: () => userObject(context, user), clientMutationId: input.clientMutationId };
  },
};

interface GenerateApiKeyInput extends MutationInput {
  description?: string | null;
}

interface DeleteApiKeyInput extends MutationInput {
  id: string;
}

export const apiKeyMutations = {
  /** Creates a key of the caller. Only this response has the secret in `name` on every server. */
  generateApiKey({ input }: { input: GenerateApiKeyInput }, context: RequestContext) {
    const user = requireLogin(context.caller);
    if (!context.capabilities.keyCreationEnabled && !user.isOrganizationAccount) {
      const message = 'API key creation has been disabled by your organization administrator';
      throw new WandbError(message, { status: 403 });
    }
    const key = context.changes.createKey(user, input.description);
    const apiKey = { ...apiKeyObject(context, key), name: key.secret };
    return { apiKey, clientMutationId: input.clientMutationId };
  },

  deleteApiKey({ input }: { input: DeleteApiKeyInput }, context: RequestContext) {
    requireLogin(context.caller);
    const { keys } = context.state;
    const key = keys.find(({ id }) => id === input.id);
    if (!key) throw notFound(`api key ${input.id}`, 'deleteApiKey');
    if (!canReadKeys(context, key.user)) throw permissionDenied();
    context.changes.deleteKey(key);
    return { success: true, clientMutationId: input.clientMutationId };
  },
};

interface CreateInviteInput extends MutationInput {
  entityName: string;
  email?: string | null;
  username?: string | null;
  admin?: boolean | null;
  role?: string | null;
}

interface DeleteInviteInput extends MutationInput {
  id?: string | null;
  entityName?: string | null;
}

export const inviteMutations = {
  /** Adds the person as a pending member until they accept. */
  createInvite({ input }: { input: CreateInviteInput }, context: RequestContext) {
    const { state, caller, changes, now } = context;
    const { entityName } = input;
    const team = requireTeamAdmin(state, caller, { entityName, operation: 'createInvite' });
    const role = invitedRole(input);
    const user = invitedUser(input, context);
    if (team.memberships.some((membership) => membership.user === user)) {
      throw new WandbError(`${user.username} is already a member or invited`, { status: 409 });
    }
    changes.invite(team, user, role);
    const invite = {
      id: user.id,
      name: user.name,
      email: user.email,
      createdAt: new Date(now()).toISOString(),
      toUser: () => userObject(context, user),
    };
    return { invite, clientMutationId: input.clientMutationId };
  },

  /** Withdraws an invitation, removes a member, or deletes a service account. */
  deleteInvite({ input }: { input: DeleteInviteInput }, { state, caller, changes }: RequestContext) {
    const operation = 'deleteInvite';
    const team = requireTeamAdmin(state, caller, { entityName: input.entityName ?? '', operation });
    const membership = team.memberships.find(({ user }) => user.id === input.id);
    if (!membership) throw notFound(`invite ${input.id}`, operation);
    changes.removeMember(team, membership.user);
    return { success: true, clientMutationId: input.clientMutationId };
  },
};

function invitedRole({ admin, role }: CreateInviteInput): TeamRole {
  if (admin || role === 'admin') return 'admin';
  if (role === undefined || role === null || role === 'member') return 'member';
  if (role === 'viewer') return 'viewer';
  throw new WandbError(`role ${role} not found`, { status: 400 });
}

function invitedUser({ email, username }: CreateInviteInput, { state }: RequestContext): WandbUser {
  const known = state.person(email ?? username ?? '');
  if (known) return known;
  if (!email) throw notFound(`user ${username ?? ''}`, 'createInvite');
  return state.addPerson({ username: email, name: email, email });
}

interface CreateOAuthProviderInput extends MutationInput {
  organizationId: string;
  issuerUrl: string;
}

interface CreateClientInput extends MutationInput {
  entityName: string;
  providerId: string;
  subject: string;
  name?: string | null;
}

interface RevokeClientInput extends MutationInput {
  entityName: string;
  clientId: string;
}

/** An issuer is an OAuth provider; an external service account is an OAuth client with a subject in a team. */
export const oauthMutations = {
  createOAuthProvider({ input }: { input: CreateOAuthProviderInput }, { state, caller }: RequestContext) {
    requireOrganizationAdmin(caller);
    const { organizationId, issuerUrl, clientMutationId } = input;
    if (organizationId !== state.organization.id) {
      throw notFound(`organization ${organizationId}`, 'createOAuthProvider');
    }
    if (state.providers.some((provider) => provider.issuerUrl === issuerUrl)) {
      throw new WandbError('an OAuth provider with this issuer already exists', { status: 409 });
    }
    return { providerId: state.addProvider(issuerUrl).id, success: true, clientMutationId };
  },

  /** Adds a member without keys. */
  createClient({ input }: { input: CreateClientInput }, { state, caller, changes }: RequestContext) {
    const { entityName, providerId, subject, name, clientMutationId } = input;
    const team = requireTeamAdmin(state, caller, { entityName, operation: 'createClient' });
    const provider = state.providers.find(({ id }) => id === providerId);
    if (!provider) throw notFound(`OAuth provider ${providerId}`, 'createClient');
    if (state.clients.some((client) => client.provider === provider && client.subject === subject)) {
      throw new WandbError('a client with this subject already exists', { status: 409 });
    }
    const user = changes.createServiceAccount(team, name ?? subject);
    const client = state.addClient({ subject, provider, team, user });
    return { clientId: client.id, success: true, clientMutationId };
  },

  /** The account stays a member but can no longer authenticate. */
  revokeClient({ input }: { input: RevokeClientInput }, { state, caller }: RequestContext) {
    const { entityName, clientId, clientMutationId } = input;
    const team = requireTeamAdmin(state, caller, { entityName, operation: 'revokeClient' });
    const client = state.clients.find((one) => one.id === clientId && one.team === team);
    if (!client) throw notFound(`client ${clientId}`, 'revokeClient');
    state.clients.splice(state.clients.indexOf(client), 1);
    return { success: true, clientMutationId };
  },
};
