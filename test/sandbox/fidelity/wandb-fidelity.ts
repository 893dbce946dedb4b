import { type Fidelity, notStarted, partial, supported } from './slack-fidelity.ts';

const notPublic = 'The field names are known, but the response is inferred, because W&B publishes no schema.';

/** The root fields of the schema, and related ones that it lacks. */
export const operationFidelity: Record<string, Fidelity> = {
  'Query.viewer': partial('Null without credentials. No anonymous accounts.'),
  'Query.entity': partial('Only teams, no personal entities. Null also for teams that the caller can’t see.'),
  'Query.users': partial('No pages. Only for admins; includes service accounts.'),
  'Query.serverInfo': partial('No features. Responses without credentials too.'),
  'Query.user': notStarted('The app finds people through `entity` and `users`.'),
  'Query.organization': notStarted('The app reads the organization of an entity or the viewer.'),
  'Query.projects': notStarted('No runs and projects, because the app manages accounts.'),
  'Mutation.createServiceAccount': partial(
    'Always creates a key, returned or not. No organization-wide accounts.',
  ),
  'Mutation.generateApiKey': supported,
  'Mutation.deleteApiKey': partial('The 404 for a deleted key is inferred.'),
  'Mutation.createInvite': partial('Sends no email and counts no seats. The 409 for a member is inferred.'),
  'Mutation.deleteInvite': partial('The 404 for a person outside the team is inferred.'),
  'Mutation.createClient': partial(notPublic),
  'Mutation.revokeClient': partial(`${notPublic} The account stays a member.`),
  'Mutation.createOAuthProvider': partial(`${notPublic} \`jwk\` has no effect.`),
  'Mutation.createTeam': notStarted('People create teams.'),
  'Mutation.deleteTeam': notStarted('People delete teams.'),
  'Mutation.createUser': notStarted('People come from the identity provider.'),
  'Mutation.removeUserFromOrganization': notStarted('The app doesn’t manage people.'),
};

/** The object types except connections and payloads. */
export const typeFidelity: Record<string, Fidelity> = {
  User: partial('`flags` is empty, `deletedAt` always null.'),
  Entity: partial('Storage, photos and plans are constants.'),
  Member: partial('`memberRole` repeats `role`: no custom roles. Photos are null.'),
  ApiKey: partial('No `ips`, `rateLimit` and timestamps.'),
  Organization: partial('Only the name and OAuth providers.'),
  OAuthProvider: partial('No fetched keys.'),
  OAuthClient: supported,
  Invite: partial('Its ID is the invited person’s ID.'),
  ServerInfo: supported,
  LocalVersionInfo: supported,
  ServerFeature: supported,
  Project: notStarted('No runs and projects, because the app manages accounts.'),
};

/** Features beside the GraphQL schema. */
export const wireFidelity: Record<string, Fidelity> = {
  basic_authentication: supported,
  bearer_authentication: notStarted('There is no token exchange: `POST /oidc/token` isn’t served.'),
  introspection: supported,
  errors: partial(
    'The status and code of 401, 403 and 404 are from public bug reports; the rest is inferred.',
  ),
  service_accounts_page: partial('A read-only list without login.'),
};
