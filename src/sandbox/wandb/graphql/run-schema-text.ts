/** Returns the part of W&B's schema with which clients log runs and read them back. */
export const runSchemaText = `
extend type Query {
  project(name: String, entityName: String): Project
  model(name: String, entityName: String): Project
  projects(entityName: String, after: String, first: Int, order: String): ProjectConnection
  models(entityName: String, after: String, first: Int, order: String): ProjectConnection
  artifact(id: ID!): Artifact
  clientIDMapping(clientID: ID!): ClientIDMapping
}
extend type Organization { coreWeaveOrganizationId: String orgEntity: Entity }

type PageInfo { endCursor: String hasNextPage: Boolean! }

type Project {
  id: ID!
  internalId: ID!
  name: String!
  entityName: String!
  entity: Entity!
  description: String
  createdAt: DateTime!
  isBenchmark: Boolean!
  readOnly: Boolean
  user: User
  access: String
  run(name: String!): Run
  bucket(name: String!, missingOk: Boolean): Run
  runs(filters: JSONString, after: String, first: Int, order: String): RunConnection
  runCount(filters: JSONString): Int!
  artifact(name: String!): Artifact
  artifactType(name: String!): ArtifactType
  artifactCollection(name: String!): ArtifactSequence
  artifactCollectionMembership(name: String!): ArtifactCollectionMembership
}
type ProjectConnection { edges: [ProjectEdge!]! pageInfo: PageInfo! }
type ProjectEdge { node: Project cursor: String! }

type Run {
  id: ID!
  projectId: Int64
  name: String!
  displayName: String
  description: String
  notes: String
  sweepName: String
  state: String
  config: JSONString
  wandbConfig(keys: [String!]): JSONString
  group: String
  groupName: String
  jobType: String
  commit: String
  host: String
  readOnly: Boolean
  stopped: Boolean
  tags: [String!]
  createdAt: DateTime!
  heartbeatAt: DateTime
  systemMetrics: JSONString
  summaryMetrics(keys: [String!]): JSONString
  historyLineCount: Int
  eventsLineCount: Int
  logLineCount: Int
  historyTail: JSONString
  eventsTail: JSONString
  historyKeys: JSON
  history(samples: Int, minStep: Int64, maxStep: Int64): [JSONString!]
  events(samples: Int): [JSONString!]
  sampledHistory(specs: [JSONString!]!, packVersion: Int): [JSON]
  parquetHistory(liveKeys: [String!]!): ParquetHistory
  logLines(first: Int, after: String, last: Int, useImprovedPagination: Boolean): LogLineConnection
  files(names: [String], after: String, first: Int, pattern: String): FileConnection
  fileCount: Int
  outputArtifacts(after: String, first: Int): ArtifactConnection
  user: User
  project: Project
}
type RunConnection { edges: [RunEdge!]! pageInfo: PageInfo! }
type RunEdge { node: Run! cursor: String! }
type ParquetHistory { parquetUrls: [String!]! liveData: [JSON!] }
type LogLineConnection { edges: [LogLineEdge!]! pageInfo: PageInfo! }
type LogLineEdge { node: LogLine! cursor: String! }
type LogLine { number: Int! timestamp: String level: String label: String line: String }

type File {
  id: ID!
  name: String!
  displayName: String
  url(upload: Boolean): String
  directUrl: String
  uploadUrl: String
  uploadHeaders: [String!]
  uploadMultipartUrls: UploadMultipartUrls
  sizeBytes: Int64
  mimetype: String
  updatedAt: DateTime
  md5: String
  digest: String
  storagePath: String
  artifact: Artifact
}
type FileConnection { edges: [FileEdge!]! pageInfo: PageInfo! totalCount: Int }
type FileEdge { node: File cursor: String! }
type UploadMultipartUrls { uploadID: ID! uploadUrlParts: [UploadUrlPart!]! }
type UploadUrlPart { partNumber: Int64! uploadUrl: String! }

extend type Mutation {
  upsertBucket(input: UpsertBucketInput!): UpsertBucketPayload
  upsertModel(input: UpsertModelInput!): UpsertModelPayload
  createRunFiles(input: CreateRunFilesInput!): CreateRunFilesPayload
  markRunFilesUploaded(input: MarkRunFilesUploadedInput!): MarkRunFilesUploadedPayload
  stopRun(input: StopRunInput!): StopRunPayload
  notifyScriptableRunAlert(input: NotifyScriptableRunAlertInput!): NotifyScriptableRunAlertPayload
}

input UpsertBucketInput {
  id: String
  name: String
  groupName: String
  modelName: String
  entityName: String
  description: String
  displayName: String
  notes: String
  config: JSONString
  commit: String
  host: String
  debug: Boolean
  jobProgram: String
  jobRepo: String
  jobType: String
  state: String
  sweep: String
  tags: [String!]
  summaryMetrics: JSONString
  clientMutationId: String
}
type UpsertBucketPayload {
  bucket: Run
  inserted: Boolean
  serverSettings: ServerSettings!
  clientMutationId: String
}
type ServerSettings { serverMessages: [ServerMessage!]! }
type ServerMessage {
  utfText: String
  plainText: String
  htmlText: String
  messageType: String
  messageLevel: Int
}

input UpsertModelInput {
  id: String
  name: String
  entityName: String
  description: String
  access: String
  clientMutationId: String
}
type UpsertModelPayload { model: Project project: Project inserted: Boolean clientMutationId: String }

input CreateRunFilesInput {
  entityName: String
  projectName: String!
  runName: String!
  files: [String!]!
  clientMutationId: String
}
type CreateRunFilesPayload {
  runID: ID!
  uploadHeaders: [String!]!
  files: [File!]!
  clientMutationId: String
}
input MarkRunFilesUploadedInput {
  entityName: String
  projectName: String!
  runName: String!
  files: [String!]!
  clientMutationId: String
}
type MarkRunFilesUploadedPayload { success: Boolean clientMutationId: String }
enum AlertSeverity { INFO WARN ERROR }
input NotifyScriptableRunAlertInput {
  entityName: String
  projectName: String!
  runName: String!
  title: String!
  text: String!
  severity: AlertSeverity
  waitDuration: Duration
  clientMutationId: String
}
scalar Duration
type NotifyScriptableRunAlertPayload { success: Boolean clientMutationId: String }
input StopRunInput { id: ID! clientMutationId: String }
type StopRunPayload { success: Boolean clientMutationId: String }
`;
