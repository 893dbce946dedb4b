import { type Artifact, currentManifestKey } from '../../../runs/artifact-store.ts';
import { type Project, type Run, wireId } from '../../../runs/run.ts';
import type { StoredContent } from '../../../runs/stored-contents.ts';
import type { RequestContext } from '../graphql-objects.ts';
import { dateTime, type PageArguments, pageOf } from './pages.ts';

/** The objects to which artifacts lead. */
export interface ArtifactLinks {
  context: RequestContext;
  project: (project: Project) => object;
  run: (run: Run) => object;
}

interface FilesArguments {
  names?: string[] | null;
  after?: string | null;
  first?: number | null;
}

/** Returns an `Artifact`. */
export function artifactObject(links: ArtifactLinks, artifact: Artifact) {
  const { artifacts, urls, store } = links.context.runs;
  const entries = artifacts.entries(artifact);
  return {
    __typename: 'Artifact',
    id: artifact.id,
    state: artifact.state,
    digest: artifact.digest,
    digestAlgorithm: 'MANIFEST_MD5',
    description: artifact.description,
    metadata: artifact.metadata,
    artifactSequence: () => sequenceObject(links, artifact.project, artifact.collection),
    artifactType: () => typeObject(links, artifact.project, artifact.type),
    versionIndex: artifact.versionIndex,
    // "Inherited from the team, which sets none"; clients expect a number.
    ttlDurationSeconds: -2,
    ttlIsInherited: true,
    tags: [],
    historyStep: artifact.historyStep,
    size: entries.reduce((sum, { size }) => sum + size, 0),
    commitHash: wireId('commit', artifact.number),
    fileCount: entries.length,
    createdAt: dateTime(artifact.createdAtMs),
    updatedAt: dateTime(artifact.updatedAtMs),
    aliases: () => aliasesOf(artifact).map((alias) => aliasObject(links, artifact, alias)),
    currentManifest: () =>
      artifact.manifests === 0
        ? null
        : {
            id: wireId('ArtifactManifest', artifact.number, artifact.manifests),
            file: {
              id: wireId('File', 'manifest', artifact.number, artifact.manifests),
              name: 'wandb_manifest.json',
              directUrl: () => urls.sign('GET', currentManifestKey(artifact)),
              url: () => urls.sign('GET', currentManifestKey(artifact)),
            },
          },
    createdBy: () => {
      const { entity, name } = artifact.project;
      const run = artifact.run === null ? undefined : store.run(entity, name, artifact.run);
      return run ? links.run(run) : null;
    },
    files: (page: FilesArguments) => artifactFiles(links, artifact, page),
  };
}

function artifactFiles({ context }: ArtifactLinks, artifact: Artifact, { names, ...page }: FilesArguments) {
  const { artifacts, urls } = context.runs;
  const entries = artifacts.entries(artifact).filter(({ path }) => !names?.length || names.includes(path));
  return pageOf(entries, page, ({ path, digest, size }) => {
    const content: StoredContent | undefined = artifacts.content(artifact.project.entity, digest);
    const url = () => content && urls.sign('GET', content.key);
    return {
      id: wireId('File', artifact.number, path),
      name: path,
      displayName: path,
      url,
      directUrl: url,
      sizeBytes: size,
      mimetype: content?.mimetype,
      updatedAt: dateTime(artifact.updatedAtMs),
      md5: digest,
      digest,
      storagePath: storagePath(digest),
    };
  });
}

/** Where W&B stores a file of an artifact in its bucket. */
export const storagePath = (md5: string) => `wandb_artifacts/${md5}`;

/** The version is an alias too: SDK 0.17.5 reads it from there. */
const aliasesOf = ({ aliases, versionIndex }: Artifact) =>
  versionIndex === null ? aliases : [...aliases, `v${versionIndex}`];

function aliasObject(links: ArtifactLinks, artifact: Artifact, alias: string) {
  return {
    id: wireId('ArtifactAlias', artifact.number, alias),
    alias,
    artifactCollection: () => sequenceObject(links, artifact.project, artifact.collection),
  };
}

/** Returns the collection that holds the versions of an artifact. */
export function sequenceObject(links: ArtifactLinks, project: Project, collection: string) {
  const { artifacts } = links.context.runs;
  const versions = () => artifacts.versions(project, collection);
  return {
    __typename: 'ArtifactSequence',
    id: wireId('ArtifactSequence', collection, project.name, project.entity),
    name: collection,
    description: null,
    project: () => links.project(project),
    latestArtifact: () => {
      const latest = versions().at(-1);
      return latest ? artifactObject(links, latest) : null;
    },
    artifactMembership: ({ aliasName }: { aliasName: string }) =>
      membershipObject(links, artifacts.named(project, `${collection}:${aliasName}`)),
    artifacts: (page: PageArguments): object => {
      const { edges, ...rest } = pageOf(versions(), page, (one) => artifactObject(links, one));
      return { ...rest, edges: edges.map((edge) => ({ ...edge, version: `v${edge.node.versionIndex}` })) };
    },
  };
}

export function typeObject(links: ArtifactLinks, project: Project, type: string) {
  const { artifacts } = links.context.runs;
  return {
    id: wireId('ArtifactType', type, project.name, project.entity),
    name: type,
    artifactCollection: ({ name }: { name: string }) =>
      artifacts.versions(project, name).length > 0 ? sequenceObject(links, project, name) : null,
    artifact: ({ name }: { name: string }) => {
      const found = artifacts.named(project, name);
      return found ? artifactObject(links, found) : null;
    },
  };
}

/** Returns a version as a member of its collection. */
export function membershipObject(links: ArtifactLinks, artifact: Artifact | undefined) {
  if (!artifact) return null;
  const { aliases, files } = artifactObject(links, artifact);
  return {
    id: wireId('ArtifactCollectionMembership', artifact.number),
    versionIndex: artifact.versionIndex,
    createdAt: dateTime(artifact.createdAtMs),
    aliases,
    files,
    artifactCollection: () => sequenceObject(links, artifact.project, artifact.collection),
    artifact: () => artifactObject(links, artifact),
  };
}
