/** Returns the part of W&B's schema with which clients log small artifacts and read them back. */
export const artifactSchemaText = `
type ClientIDMapping { serverID: ID! }

type ArtifactType { id: ID! name: String! artifactCollection(name: String!): ArtifactSequence artifact(name: String!): Artifact }
interface ArtifactCollection {
  id: ID!
  name: String!
  project: Project!
  artifactMembership(aliasName: String!): ArtifactCollectionMembership
}
type ArtifactSequence implements ArtifactCollection {
  id: ID!
  name: String!
  description: String
  project: Project!
  latestArtifact: Artifact
  artifactMembership(aliasName: String!): ArtifactCollectionMembership
  artifacts(after: String, first: Int, order: String, filters: JSONString): ArtifactConnection
}
type ArtifactCollectionMembership {
  id: ID!
  versionIndex: Int
  createdAt: DateTime
  aliases: [ArtifactAlias!]!
  artifactCollection: ArtifactCollection
  artifact: Artifact
  files(names: [String!], after: String, first: Int): FileConnection
}
type Artifact {
  id: ID!
  state: String!
  digest: String!
  digestAlgorithm: ArtifactDigestAlgorithm!
  description: String
  metadata: JSONString
  artifactSequence: ArtifactSequence!
  artifactType: ArtifactType!
  versionIndex: Int
  ttlDurationSeconds: Int64
  ttlIsInherited: Boolean
  tags: [Tag!]!
  historyStep: Int64
  size: Int64
  commitHash: String
  fileCount: Int
  createdAt: DateTime!
  updatedAt: DateTime
  aliases: [ArtifactAlias!]!
  currentManifest: ArtifactManifest
  createdBy: Run
  files(names: [String!], after: String, first: Int): FileConnection
}
type ArtifactConnection { edges: [ArtifactEdge!]! pageInfo: PageInfo! totalCount: Int! }
type ArtifactEdge { node: Artifact version: String cursor: String! }
type ArtifactAlias { id: ID! alias: String! artifactCollection: ArtifactCollection }
type ArtifactManifest { id: ID! file: File! }
type Tag { id: ID! name: String! }

enum ArtifactDigestAlgorithm { MANIFEST_MD5 }
enum ArtifactManifestType { FULL PATCH INCREMENTAL }
enum ArtifactStorageLayout { V1 V2 }

extend type Mutation {
  createArtifact(input: CreateArtifactInput!): CreateArtifactPayload
  createArtifactType(input: CreateArtifactTypeInput!): CreateArtifactTypePayload
  updateArtifact(input: UpdateArtifactInput!): UpdateArtifactPayload
  useArtifact(input: UseArtifactInput!): UseArtifactPayload
  createArtifactManifest(input: CreateArtifactManifestInput!): CreateArtifactManifestPayload
  updateArtifactManifest(input: UpdateArtifactManifestInput!): UpdateArtifactManifestPayload
  createArtifactFiles(input: CreateArtifactFilesInput!): CreateArtifactFilesPayload
  commitArtifact(input: CommitArtifactInput!): CommitArtifactPayload
}

input ArtifactAliasInput { artifactCollectionName: String! alias: String! }
input CreateArtifactInput {
  entityName: String!
  projectName: String!
  runName: String
  artifactTypeName: String!
  artifactCollectionName: String
  artifactCollectionNames: [String!]
  digest: String!
  digestAlgorithm: ArtifactDigestAlgorithm
  description: String
  aliases: [ArtifactAliasInput!]
  labels: JSONString
  metadata: JSONString
  tags: [TagInput!]
  ttlDurationSeconds: Int64
  historyStep: Int64
  distributedID: String
  clientID: ID
  sequenceClientID: ID
  enableDigestDeduplication: Boolean
  storageRegion: String
  clientMutationId: String
}
input TagInput { tagName: String! }
type CreateArtifactPayload { artifact: Artifact! clientMutationId: String }

input CreateArtifactTypeInput {
  entityName: String!
  projectName: String!
  name: String!
  description: String
  clientMutationId: String
}
type CreateArtifactTypePayload { artifactType: ArtifactType! clientMutationId: String }

input UpdateArtifactInput {
  artifactID: ID!
  description: String
  metadata: JSONString
  aliases: [ArtifactAliasInput!]
  ttlDurationSeconds: Int64
  clientMutationId: String
}
type UpdateArtifactPayload { artifact: Artifact! clientMutationId: String }

input UseArtifactInput {
  entityName: String!
  projectName: String!
  runName: String!
  artifactID: ID!
  usedAs: String
  artifactEntityName: String
  artifactProjectName: String
  clientMutationId: String
}
type UseArtifactPayload { artifact: Artifact! clientMutationId: String }

input CreateArtifactManifestInput {
  artifactID: ID!
  baseArtifactID: ID
  name: String!
  digest: String!
  entityName: String
  projectName: String
  runName: String
  type: ArtifactManifestType
  clientMutationId: String
}
type CreateArtifactManifestPayload { artifactManifest: ArtifactManifest! clientMutationId: String }
input UpdateArtifactManifestInput {
  artifactManifestID: ID!
  digest: String
  baseArtifactID: ID
  clientMutationId: String
}
type UpdateArtifactManifestPayload { artifactManifest: ArtifactManifest! clientMutationId: String }

input CreateArtifactFilesInput {
  artifactFiles: [CreateArtifactFileSpecInput!]!
  storageLayout: ArtifactStorageLayout
  cloudRegionID: ID
  clientMutationId: String
}
input CreateArtifactFileSpecInput {
  artifactID: ID!
  artifactManifestID: ID
  name: String!
  md5: String!
  mimetype: String
  uploadPartsInput: [UploadPartsInput!]
}
input UploadPartsInput { partNumber: Int64! hexMD5: String! }
type CreateArtifactFilesPayload { files: FileConnection! clientMutationId: String }

input CommitArtifactInput { artifactID: ID! clientMutationId: String }
type CommitArtifactPayload { artifact: Artifact! clientMutationId: String }
`;
