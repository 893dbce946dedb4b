import type { Capabilities } from '../capabilities.ts';
import { artifactSchemaText } from './artifact-schema-text.ts';
import { runSchemaText } from './run-schema-text.ts';

/** Returns the part of W&B's schema that account management and runs use, without what the server lacks. */
export function schemaText(capabilities: Capabilities): string {
  const { hasOAuthClients, hasOAuthClientsOnMember, hasDeleteApiKey, keepsRuns } = capabilities;
  return [
    queries,
    hasOAuthClients ? organizationWithProviders : 'type Organization { id: ID! name: String! }',
    memberType(hasOAuthClients && hasOAuthClientsOnMember),
    mutations({ hasOAuthClients, hasDeleteApiKey }),
    inputs,
    ...(hasOAuthClients ? [oauthClients] : []),
    ...(hasDeleteApiKey ? [deleteApiKey] : []),
    ...(keepsRuns ? [runSchemaText, artifactSchemaText] : []),
  ].join('\n');
}

const queries = `
scalar JSON
scalar JSONString
scalar Int64
scalar DateTime

enum AccountType { USER SERVICE VIEWER ANONYMOUS }

type Query {
  viewer: User
  entity(name: String): Entity
  users(query: String): UserConnection
  serverInfo: ServerInfo
}

type User {
  id: ID!
  name: String!
  username: String
  email: String
  admin: Boolean
  flags: JSONString
  entity: String
  deletedAt: DateTime
  apiKeys: ApiKeyConnection
  teams: EntityConnection
  organizations: [Organization!]!
}
type UserConnection { edges: [UserEdge]! }
type UserEdge { node: User }

type ApiKey { id: ID! name: String! description: String user: User }
type ApiKeyConnection { edges: [ApiKeyEdge]! }
type ApiKeyEdge { node: ApiKey }

type Entity {
  id: ID!
  name: String!
  available: Boolean
  photoUrl: String
  readOnly: Boolean
  readOnlyAdmin: Boolean
  isTeam: Boolean!
  entityType: String
  privateOnly: Boolean
  storageBytes: Int64
  codeSavingEnabled: Boolean
  defaultAccess: String
  isPaid: Boolean
  organization: Organization
  members: [Member]!
}
type EntityConnection { edges: [EntityEdge]! }
type EntityEdge { node: Entity }

type ServerInfo {
  cliVersionInfo: JSON
  latestLocalVersionInfo: LocalVersionInfo
  features: [ServerFeature]!
}
type LocalVersionInfo {
  outOfDate: Boolean!
  latestVersionString: String!
  versionOnThisInstanceString: String!
}
type ServerFeature { name: String! isEnabled: Boolean! }
`;

const organizationWithProviders = `
type Organization { id: ID! name: String! OAuthProviders: [OAuthProvider!]! }
`;

const memberType = (hasOAuthClients: boolean) => `
type Member {
  id: ID
  name: String
  username: String
  email: String
  photoUrl: String
  admin: Boolean
  pending: Boolean
  role: String
  memberRole: String
  accountType: AccountType
  apiKey: String
  ${hasOAuthClients ? 'OAuthClients: [OAuthClient!]!' : ''}
}
`;

const mutations = (has: Pick<Capabilities, 'hasOAuthClients' | 'hasDeleteApiKey'>) => `
type Mutation {
  createServiceAccount(input: CreateServiceAccountInput!): CreateServiceAccountPayload
  generateApiKey(input: GenerateApiKeyInput!): GenerateApiKeyPayload
  createInvite(input: CreateInviteInput!): CreateInvitePayload
  deleteInvite(input: DeleteInviteInput!): DeleteInvitePayload
  ${has.hasDeleteApiKey ? 'deleteApiKey(input: DeleteApiKeyInput!): DeleteApiKeyPayload' : ''}
  ${
    has.hasOAuthClients
      ? `createClient(input: CreateClientInput!): CreateClientPayload
  revokeClient(input: RevokeClientInput!): RevokeClientPayload
  createOAuthProvider(input: CreateOAuthProviderInput!): CreateOAuthProviderPayload`
      : ''
  }
}
`;

const inputs = `
input CreateServiceAccountInput { entityName: String! description: String! clientMutationId: String }
type CreateServiceAccountPayload { user: User clientMutationId: String }

input GenerateApiKeyInput { description: String clientMutationId: String }
type GenerateApiKeyPayload { apiKey: ApiKey clientMutationId: String }

input CreateInviteInput {
  entityName: String!
  email: String
  username: String
  admin: Boolean
  role: String
  clientMutationId: String
}
type CreateInvitePayload { invite: Invite clientMutationId: String }
type Invite { id: ID! name: String email: String createdAt: DateTime! toUser: User }

input DeleteInviteInput { id: String entityName: String clientMutationId: String }
type DeleteInvitePayload { success: Boolean clientMutationId: String }
`;

const deleteApiKey = `
input DeleteApiKeyInput { id: String! clientMutationId: String }
type DeleteApiKeyPayload { success: Boolean clientMutationId: String }
`;

const oauthClients = `
type OAuthProvider { id: ID! issuerUrl: String! }
type OAuthClient { id: ID! subject: String! }

input CreateOAuthProviderInput {
  organizationId: ID!
  issuerUrl: String!
  jwk: JSONString
  clientMutationId: String
}
type CreateOAuthProviderPayload { providerId: ID success: Boolean clientMutationId: String }

input CreateClientInput {
  entityName: String!
  providerId: ID!
  subject: String!
  name: String
  clientMutationId: String
}
type CreateClientPayload { clientId: ID success: Boolean clientMutationId: String }

input RevokeClientInput { entityName: String! clientId: ID! clientMutationId: String }
type RevokeClientPayload { success: Boolean clientMutationId: String }
`;
