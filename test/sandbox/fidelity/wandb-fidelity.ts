import { type Fidelity, notStarted, partial, supported } from './slack-fidelity.ts';

const notPublic = 'The field names are known, but the response is inferred, because W&B publishes no schema.';

/** The root fields of the schema, and related ones that it lacks. */
export const operationFidelity: Record<string, Fidelity> = {
  'Query.viewer': partial('Null without credentials. No anonymous accounts.'),
  'Query.entity': partial('Only teams, no personal entities. Null also for teams that the caller can’t see.'),
  'Query.users': partial('No pages. Only for admins; includes service accounts.'),
  'Query.serverInfo': partial('Features only if configured. Responses without credentials too.'),
  'Query.user': notStarted('The app finds people through `entity` and `users`.'),
  'Query.organization': notStarted('The app reads the organization of an entity or the viewer.'),
  'Query.project': partial('Null also for projects that the caller can’t see. No sweeps, reports or queues.'),
  'Query.model': partial('The old name of `project`.'),
  'Query.projects': partial('In the order of creation.'),
  'Query.models': partial('The old name of `projects`.'),
  'Query.artifact': supported,
  'Query.clientIDMapping': supported,
  'Mutation.upsertBucket': partial(
    'No sweeps, forks and rewinds. Runs that end start again under the same name.',
  ),
  'Mutation.upsertModel': partial('Creates a project. Its access can’t be changed.'),
  'Mutation.createRunFiles': supported,
  'Mutation.markRunFilesUploaded': partial('Has no effect: a file exists once it is uploaded.'),
  'Mutation.stopRun': partial('A run that was stopped ends as finished or failed, not as killed.'),
  'Mutation.notifyScriptableRunAlert': partial('Sends the alert to nobody.'),
  'Mutation.deleteRun': notStarted('The oldest runs make room for new ones.'),
  'Mutation.createArtifact': partial(
    'No tags, time to live and links. A repeated digest returns the known version.',
  ),
  'Mutation.createArtifactType': partial('A type exists as soon as an artifact has it.'),
  'Mutation.updateArtifact': partial('Description, metadata and aliases only.'),
  'Mutation.useArtifact': partial('Isn’t recorded.'),
  'Mutation.createArtifactManifest': partial('Full manifests only: no patches and increments.'),
  'Mutation.updateArtifactManifest': partial('Only returns a new URL.'),
  'Mutation.createArtifactFiles': partial('No uploads in several parts.'),
  'Mutation.commitArtifact': supported,
  'Mutation.createServiceAccount': partial(
    'Creates a key, returned or not, unless the server is a newer one. SCIM creates the organization’s accounts.',
  ),
  'Mutation.generateApiKey': supported,
  'Mutation.deleteApiKey': partial('The 404 for a deleted key is inferred.'),
  'Mutation.createInvite': partial('Sends no email and counts no seats. The 409 for a member is inferred.'),
  'Mutation.deleteInvite': partial(
    'The 404 for a person outside the team is inferred, and that the keys of a deleted account stay on newer servers.',
  ),
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
  Organization: partial('Only the name and OAuth providers; no own entity.'),
  OAuthProvider: partial('No fetched keys.'),
  OAuthClient: supported,
  Invite: partial('Its ID is the invited person’s ID.'),
  ServerInfo: supported,
  LocalVersionInfo: supported,
  ServerFeature: supported,
  Project: partial('Private and without an owner.'),
  Run: partial('Long histories are sampled, long logs shortened. No sweeps and no killed state.'),
  ParquetHistory: partial('All rows are live; there are no parquet files.'),
  LogLine: supported,
  File: partial('At most 16 MiB.'),
  UploadMultipartUrls: partial('Always null.'),
  UploadUrlPart: partial('Never returned.'),
  ServerSettings: partial('No messages.'),
  ServerMessage: partial('Never returned.'),
  ClientIDMapping: supported,
  Artifact: partial('No tags and time to live; the commit hash is made up.'),
  ArtifactType: partial('Collections by name only.'),
  ArtifactSequence: partial('No description. There are no portfolios and registries.'),
  ArtifactCollectionMembership: partial('One per version.'),
  ArtifactAlias: supported,
  ArtifactManifest: supported,
  Tag: partial('Never returned.'),
  PageInfo: supported,
};

/** Features beside the GraphQL schema. */
export const wireFidelity: Record<string, Fidelity> = {
  basic_authentication: supported,
  bearer_authentication: supported,
  token_exchange: partial('RS256 and issuers on this machine only. The errors are inferred.'),
  introspection: partial('On, or refused in the three ways that are known.'),
  admin_privileges: partial('The message is from the SDK’s source; the status is inferred.'),
  audit_log: partial(
    'Changes of accounts, keys and teams only, without `anonymize`. Which entries SCIM’s deletion of an account leaves is inferred.',
  ),
  scim: partial(
    'Users and groups, without ETags, custom roles and the creation of people and teams. Filters compare one value.',
  ),
  errors: partial(
    'The status and code of 401, 403 and 404 are from public bug reports; the rest is inferred.',
  ),
  service_accounts_page: partial('A read-only list without login, with the runs of the team.'),
  file_stream: partial('Stores metrics, system metrics, console lines and the summary.'),
  file_downloads: partial('From this server’s own storage, not a bucket.'),
};
