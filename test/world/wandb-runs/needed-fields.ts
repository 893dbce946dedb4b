/** What an SDK needs in the response to an operation: it fails, hangs or loses data without it. */
type Check = [path: string, is: (value: unknown) => boolean];

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isUrl = (value: unknown) => typeof value === 'string' && /^https?:\/\/[^/]+\/.+/.test(value);
const isList = (value: unknown) => Array.isArray(value);
const isCount = (value: unknown) => Number.isInteger(value);
const isPresent = (value: unknown) => value !== undefined && value !== null;
const isNamed = (name: string) => (value: unknown) => value === name;
const isJson = (value: unknown) => {
  if (typeof value !== 'string') return false;
  JSON.parse(value);
  return true;
};
/** Documents that don't select the field don't need it. */
const isJsonIfSelected = (value: unknown) => value === undefined || isJson(value);

const runDetails: Check[] = [
  ['project.run.id', isText],
  ['project.run.state', isText],
  ['project.run.config', isJson],
  ['project.run.summaryMetrics', isJson],
  ['project.run.systemMetrics', isJson],
  ['project.run.createdAt', isText],
  ['project.run.historyKeys.lastStep', isCount],
  ['project.run.historyKeys.keys', isPresent],
  ['project.run.user.username', isText],
];

/** By the name of the GraphQL operation; `*` in a path is each entry of a list. */
const neededFields: Record<string, Check[]> = {
  Viewer: [
    ['viewer.flags', isJsonIfSelected],
    ['viewer.entity', isText],
  ],
  ServerFeaturesQuery: [['serverInfo.features', isList]],
  ProbeServerCapabilities: [
    ['QueryType.fields.*.name', isText],
    ['MutationType.fields.*.name', isText],
    ['ServerInfoType.fields.*.name', isText],
  ],
  ProbeServerSettings: [['ServerSettingsType.fields.*.name', isText]],
  UpsertBucket: [
    ['upsertBucket.bucket.id', isText],
    ['upsertBucket.bucket.name', isText],
    ['upsertBucket.bucket.project.name', isText],
    ['upsertBucket.bucket.project.entity.name', isText],
    ['upsertBucket.serverSettings', (value) => value !== null],
    ['upsertBucket.inserted', (value) => typeof value === 'boolean'],
  ],
  RunResumeStatus: [
    ['model.bucket.logLineCount', isCount],
    ['model.bucket.historyLineCount', isCount],
    ['model.bucket.eventsLineCount', isCount],
    ['model.bucket.historyTail', isJson],
    ['model.bucket.eventsTail', isJson],
    ['model.bucket.config', isJson],
    ['model.bucket.summaryMetrics', isJson],
    ['model.bucket.wandbConfig', isJson],
  ],
  CreateRunFiles: [
    ['createRunFiles.runID', isText],
    ['createRunFiles.uploadHeaders', isList],
    ['createRunFiles.files.*.name', isText],
    ['createRunFiles.files.*.uploadUrl', isUrl],
  ],
  RunStoppedStatus: [['project.run.stopped', (value) => typeof value === 'boolean']],
  CreateArtifact: [
    ['createArtifact.artifact.id', isText],
    ['createArtifact.artifact.state', isText],
    ['createArtifact.artifact.artifactSequence', isPresent],
  ],
  CreateArtifactManifest: [
    ['createArtifactManifest.artifactManifest.id', isText],
    ['createArtifactManifest.artifactManifest.file.id', isText],
  ],
  CreateArtifactFiles: [
    ['createArtifactFiles.files.edges.*.node.uploadUrl', isUrl],
    ['createArtifactFiles.files.edges.*.node.uploadHeaders', isList],
    ['createArtifactFiles.files.edges.*.node.artifact.id', isText],
  ],
  CommitArtifact: [['commitArtifact.artifact.id', isText]],
  ArtifactByID: [
    ['artifact.__typename', isNamed('Artifact')],
    ['artifact.artifactSequence.__typename', isNamed('ArtifactSequence')],
    ['artifact.ttlDurationSeconds', isCount],
    ['artifact.state', isNamed('COMMITTED')],
  ],
  ArtifactByIDShort: [
    ['artifact.ttlDurationSeconds', isCount],
    ['artifact.state', isNamed('COMMITTED')],
    ['artifact.currentManifest.file.directUrl', isUrl],
  ],
  Run: runDetails,
  RunFullHistory: [['project.run.history.*', isJson]],
  HistoryPage: [['project.run.history.*', isJson]],
  RunFiles: [
    ['project.run.files.edges.*.node.url', isUrl],
    ['project.run.files.edges.*.node.directUrl', isUrl],
  ],
  Runs: [['project.runs.edges.*.node.name', isText]],
};

/** Returns the paths of needed fields that are missing or have the wrong type. */
export function unmetNeeds(operation: string, data: unknown): string[] {
  const checks = neededFields[operation] ?? [];
  return checks
    .filter(([path, is]) => !valuesAt(data, path.split('.')).every((value) => is(value)))
    .map(([path]) => `${operation}: ${path}`);
}

function valuesAt(value: unknown, [key, ...rest]: string[]): unknown[] {
  if (key === undefined) return [value];
  if (key === '*') return Array.isArray(value) ? value.flatMap((one) => valuesAt(one, rest)) : [undefined];
  if (typeof value !== 'object' || value === null) return [undefined];
  return valuesAt((value as Record<string, unknown>)[key], rest);
}
