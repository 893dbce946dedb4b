/**
 * The part of W&B's schema by which its clients identify themselves and find their teams. It includes the mutations that manage
 * service accounts, so that probes find them and their refusal has a message.
 */
export const SCHEMA_TEXT = `
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
}
type UserConnection { edges: [UserEdge!]! }
type UserEdge { node: User }

type ApiKey { id: ID! name: String! description: String }
type ApiKeyConnection { edges: [ApiKeyEdge!]! }
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
  members: [Member!]!
}
type EntityConnection { edges: [EntityEdge!]! }
type EntityEdge { node: Entity }

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
}

type ServerInfo {
  cliVersionInfo: JSON
  latestLocalVersionInfo: LocalVersionInfo
  features: [ServerFeature!]!
}
type LocalVersionInfo {
  outOfDate: Boolean!
  latestVersionString: String!
  versionOnThisInstanceString: String!
}
type ServerFeature { name: String! isEnabled: Boolean! }

type Mutation {
  createServiceAccount(input: CreateServiceAccountInput!): CreateServiceAccountPayload
  generateApiKey(input: GenerateApiKeyInput!): GenerateApiKeyPayload
  deleteApiKey(input: DeleteApiKeyInput!): DeleteApiKeyPayload
  createInvite(input: CreateInviteInput!): CreateInvitePayload
  deleteInvite(input: DeleteInviteInput!): DeleteInvitePayload
  createOAuthProvider(input: CreateOAuthProviderInput!): CreateOAuthProviderPayload
  createClient(input: CreateClientInput!): CreateClientPayload
  revokeClient(input: RevokeClientInput!): RevokeClientPayload
}

input CreateServiceAccountInput { entityName: String! description: String! clientMutationId: String }
type CreateServiceAccountPayload { user: User clientMutationId: String }

input GenerateApiKeyInput { description: String clientMutationId: String }
type GenerateApiKeyPayload { apiKey: ApiKey clientMutationId: String }

input DeleteApiKeyInput { id: String! clientMutationId: String }
type DeleteApiKeyPayload { success: Boolean clientMutationId: String }

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
