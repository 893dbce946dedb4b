import { administeredTeam, requireOrganizationAdmin } from '../permissions.ts';
import { notFound, WandbError } from '../wandb-error.ts';
import type { MutationInput, RequestContext } from './request-context.ts';

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

/** A federation is an OAuth provider; an external service account is a client with a subject in a team. */
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

  /** The account is a member without keys. */
  createClient({ input }: { input: CreateClientInput }, { state, caller }: RequestContext) {
    const { entityName, providerId, subject, name, clientMutationId } = input;
    const team = administeredTeam(state, caller, { entityName, operation: 'createClient' });
    const provider = state.providers.find(({ id }) => id === providerId);
    if (!provider) throw notFound(`OAuth provider ${providerId}`, 'createClient');
    if (state.clients.some((client) => client.provider === provider && client.subject === subject)) {
      throw new WandbError('a client with this subject already exists', { status: 409 });
    }
    const user = state.addServiceAccount(team, name ?? subject);
    const client = state.addClient({ subject, provider, team, user });
    return { clientId: client.id, success: true, clientMutationId };
  },

  /** The account stays a member, which can no longer authenticate. */
  revokeClient({ input }: { input: RevokeClientInput }, { state, caller }: RequestContext) {
    const { entityName, clientId, clientMutationId } = input;
    const team = administeredTeam(state, caller, { entityName, operation: 'revokeClient' });
    const client = state.clients.find((one) => one.id === clientId && one.team === team);
    if (!client) throw notFound(`client ${clientId}`, 'revokeClient');
    state.clients.splice(state.clients.indexOf(client), 1);
    return { success: true, clientMutationId };
  },
};
