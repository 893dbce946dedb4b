import type { Fidelity } from './slack-fidelity.ts';

const supported: Fidelity = { level: 'supported' };
const partial = (why: string): Fidelity => ({ level: 'partial', why });
const notStarted = (why: string): Fidelity => ({ level: 'not_started', why });
const notPublic = 'The field names are known, the answer is inferred: W&B publishes no schema.';

/** Root fields, and the near ones that the schema has not got. */
export const operationFidelity: Record<string, Fidelity> = {
  'Query.viewer': partial('Null without credentials; no anonymous accounts.'),
  'Query.entity': partial(
    'Teams only, no personal entities; null also for teams that the caller may not see.',
  ),
  'Query.users': partial('All at once, no paging; admins only, and service accounts are among the found.'),
  'Query.serverInfo': partial('No features; answers also without credentials.'),
  'Query.user': notStarted('The app finds people through teams and users.'),
  'Query.organization': notStarted('The organization is reached through an entity or the viewer.'),
  'Query.projects': notStarted('No runs and projects: the app manages accounts.'),
  'Mutation.createServiceAccount': partial(
    'Always makes a key, shown or not; no organization-wide accounts.',
  ),
  'Mutation.generateApiKey': supported,
  'Mutation.deleteApiKey': partial('404 for a key that is gone is inferred.'),
  'Mutation.createInvite': partial(
    'No e-mail is sent, no seats are counted; 409 for who is in already is inferred.',
  ),
  'Mutation.deleteInvite': partial('404 for who is not in the team is inferred.'),
  'Mutation.createClient': partial(notPublic),
  'Mutation.revokeClient': partial(`${notPublic} The account stays a member.`),
  'Mutation.createOAuthProvider': partial(`${notPublic} \`jwk\` has no effect.`),
  'Mutation.createTeam': notStarted('Teams are made by people.'),
  'Mutation.deleteTeam': notStarted('Teams are ended by people.'),
  'Mutation.createUser': notStarted('People come from the identity provider.'),
  'Mutation.removeUserFromOrganization': notStarted('People are managed elsewhere.'),
};

/** Object types but those of connections and payloads. */
export const typeFidelity: Record<string, Fidelity> = {
  User: partial('`flags` is empty, `deletedAt` always null.'),
  Entity: partial('Storage, photos and plans are constants.'),
  Member: partial('`memberRole` repeats `role`: no custom roles; photos are null.'),
  ApiKey: partial('No `ips`, `rateLimit` and times.'),
  Organization: partial('Name and OAuth providers only.'),
  OAuthProvider: partial('No fetched keys.'),
  OAuthClient: supported,
  Invite: partial('Its ID is that of the invited person.'),
  ServerInfo: supported,
  LocalVersionInfo: supported,
  ServerFeature: supported,
  Project: notStarted('No runs and projects: the app manages accounts.'),
};

/** What else a server answers to, and how. */
export const wireFidelity: Record<string, Fidelity> = {
  basic_authentication: supported,
  bearer_authentication: notStarted('Nothing here exchanges tokens: POST /oidc/token is not served.'),
  introspection: supported,
  errors: partial('Status and code as seen in public reports of 401, 403 and 404; the rest is inferred.'),
  service_accounts_page: partial('A list to look at, without log-in.'),
};
