import type { SelectedField, SelectedOperation } from './selected-fields.ts';

/** Root fields of queries that lead to one project and what is in it, or to nothing of a team. */
const ROOT_FIELDS: ReadonlySet<string> = new Set([
  ...['project', 'model', 'artifact', 'artifactCollection', 'clientIDMapping'],
  ...['serverInfo', '__type', '__schema'],
]);

/** Fields with selections that stay in a project: those of the official SDKs. A run's `inputArtifacts` may be of any project. */
const INNER_FIELDS: ReadonlySet<string> = new Set([
  ...['edges', 'node', 'nodes', 'pageInfo', 'inserted'],
  ...[
    'run',
    'runs',
    'bucket',
    'historyKeys',
    'parquetHistory',
    'logLines',
    'sweep',
    'sweeps',
    'agent',
    'agents',
  ],
  ...[
    'file',
    'files',
    'filesByManifestEntries',
    'uploadMultipartUrls',
    'uploadUrlParts',
    'serverSettings',
    'serverMessages',
  ],
  ...[
    'artifact',
    'artifacts',
    'artifactType',
    'artifactTypes',
    'artifactSequence',
    'latestArtifact',
    'aliases',
    'tags',
  ],
  ...[
    'artifactCollection',
    'artifactCollections',
    'artifactCollectionMembership',
    'artifactMembership',
    'artifactMemberships',
  ],
  ...['artifactManifest', 'currentManifest', 'outputArtifacts', 'chart', 'view', 'allViews'],
  ...['features', 'latestLocalVersionInfo'],
]);

/** Fields that lead out of a project, to its team or to a person. Selecting their names and IDs is allowed, because SDKs read them. */
const OUTER_FIELDS: ReadonlySet<string> = new Set(['entity', 'user']);

/**
 * Returns whether an operation shows nothing but the projects and objects that it names. From a project, the fields of W&B's
 * schema lead to its whole team: an account that may only use an open project of another team must not follow them.
 */
export function staysInProject({ isMutation, fields }: SelectedOperation): boolean {
  return fields.every(
    ({ name, isLeaf, selections }) =>
      isLeaf ||
      ((isMutation || ROOT_FIELDS.has(name)) && (name.startsWith('__') || selections.every(staysInside))),
  );
}

function staysInside({ name, isLeaf, isMasked, selections }: SelectedField): boolean {
  if (isLeaf || isMasked) return true;
  if (OUTER_FIELDS.has(name)) return selections.every((field) => field.isLeaf);
  // An artifact may be linked to another project: only its name.
  if (name === 'project' || name === 'model') {
    return selections.every((field) => field.isLeaf || (OUTER_FIELDS.has(field.name) && staysInside(field)));
  }
  return INNER_FIELDS.has(name) && selections.every(staysInside);
}
