import { WandbError } from '../permissions.ts';
import { isRecord, jsonObject, type Project, wireId } from './run.ts';
import type { StoredContent, StoredContents } from './stored-contents.ts';

/** A version of a collection, made by a run. */
export interface Artifact {
  id: string;
  number: number;
  project: Project;
  collection: string;
  type: string;
  /** The name of the run that made it. */
  run: string | null;
  digest: string;
  description: string | null;
  /** JSON. */
  metadata: string;
  historyStep: number | null;
  state: 'PENDING' | 'COMMITTED';
  /** Null until it is committed. */
  versionIndex: number | null;
  aliases: string[];
  /** The ID that the client chose. */
  clientId: string | null;
  /** How many manifests were created; the last one counts. */
  manifests: number;
  createdAtMs: number;
  updatedAtMs: number;
}

type NewArtifact = Pick<
  Artifact,
  | 'project'
  | 'collection'
  | 'type'
  | 'run'
  | 'digest'
  | 'description'
  | 'historyStep'
  | 'aliases'
  | 'clientId'
> & { metadata: string | null };

interface ManifestEntry {
  path: string;
  /** Base64 MD5. */
  digest: string;
  size: number;
}

export interface ArtifactStore {
  list(): Artifact[];
  byId(id: string): Artifact | undefined;
  byClientId(clientId: string): Artifact | undefined;
  /** Finds `collection`, `collection:v0`, `collection:alias` or `collection:digest`. */
  named(project: Project, name: string): Artifact | undefined;
  /** The versions of a collection that are committed, oldest first. */
  versions(project: Project, collection: string): Artifact[];
  /** Returns the version that has the same digest, if there is one. */
  create(artifact: NewArtifact): Artifact;
  commit(artifact: Artifact): void;
  change(artifact: Artifact, changes: Partial<Pick<Artifact, 'description' | 'metadata' | 'aliases'>>): void;
  addManifest(artifact: Artifact): { id: string; key: string };
  manifestOf(id: string): { artifact: Artifact; id: string; key: string } | undefined;
  /** The files that the last manifest with a content lists. */
  entries(artifact: Artifact): ManifestEntry[];
  /** Finds the content of a file by its MD5, because new versions refer to the files of old ones. */
  content(entity: string, md5: string): StoredContent | undefined;
  onChange(listener: () => void): void;
  restore(artifact: Artifact): void;
}

const MAX_ARTIFACTS = 500;
const MAX_MANIFESTS = 10;

export const artifactFileKey = ({ project, number }: Artifact, file: string) =>
  `artifact/${project.entity}/${number}/file/${file}`;

const manifestKey = ({ project, number }: Artifact, manifest: number) =>
  `artifact/${project.entity}/${number}/manifest/${manifest}`;

const manifestId = (artifact: Artifact, manifest: number) =>
  wireId('ArtifactManifest', artifact.number, manifest);

export const currentManifestKey = (artifact: Artifact) => manifestKey(artifact, artifact.manifests);

export function createArtifactStore(contents: StoredContents, now: () => number): ArtifactStore {
  const artifacts: Artifact[] = [];
  const listeners: (() => void)[] = [];
  let last = 0;
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const versions = (project: Project, collection: string) =>
    artifacts.filter(
      (one) => one.project === project && one.collection === collection && one.state === 'COMMITTED',
    );
  const change: ArtifactStore['change'] = (artifact, { metadata, ...changes }) => {
    Object.assign(
      artifact,
      changes,
      { updatedAtMs: now() },
      metadata !== undefined && { metadata: requireMetadata(metadata) },
    );
    tell();
  };
  return {
    list: () => artifacts,
    byId: (id) => artifacts.find((one) => one.id === id),
    byClientId: (clientId) => artifacts.find((one) => one.clientId === clientId),
    named(project, name) {
      const [collection = '', version = 'latest'] = name.split(':', 2);
      return versions(project, collection).find(
        ({ versionIndex, aliases, digest }) =>
          `v${versionIndex}` === version || aliases.includes(version) || digest === version,
      );
    },
    versions,
    create({ metadata, ...artifact }) {
      const { project, collection, type, digest } = artifact;
      const same = versions(project, collection).find((one) => one.digest === digest);
      if (same) return same;
      const other = artifacts.find((one) => one.project === project && one.collection === collection);
      if (other && other.type !== type) {
        const message = `artifact collection ${collection} has the type ${other.type}, not ${type}`;
        throw new WandbError(message, { status: 409 });
      }
      for (const name of [collection, type]) requireName(name);
      if (artifacts.length >= MAX_ARTIFACTS) throw new WandbError('too many artifacts', { status: 409 });
      const nowMs = now();
      last += 1;
      const created: Artifact = {
        ...artifact,
        id: wireId('Artifact', last),
        number: last,
        metadata: requireMetadata(metadata ?? '{}'),
        state: 'PENDING',
        versionIndex: null,
        manifests: 0,
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      };
      artifacts.push(created);
      tell();
      return created;
    },
    commit(artifact) {
      if (artifact.state === 'COMMITTED') return;
      const earlier = versions(artifact.project, artifact.collection);
      const aliases = [...new Set([...artifact.aliases, 'latest'])];
      for (const one of earlier) one.aliases = one.aliases.filter((alias) => !aliases.includes(alias));
      artifact.versionIndex = (earlier.at(-1)?.versionIndex ?? -1) + 1;
      artifact.state = 'COMMITTED';
      change(artifact, { aliases });
    },
    change,
    addManifest(artifact) {
      if (artifact.manifests >= MAX_MANIFESTS) throw new WandbError('too many manifests', { status: 409 });
      artifact.manifests += 1;
      tell();
      return { id: manifestId(artifact, artifact.manifests), key: currentManifestKey(artifact) };
    },
    manifestOf(id) {
      const [type, number, manifest] = Buffer.from(id, 'base64').toString().split(':');
      const artifact = artifacts.find((one) => String(one.number) === number);
      if (type !== 'ArtifactManifest' || !artifact || !(Number(manifest) <= artifact.manifests))
        return undefined;
      return { artifact, id, key: manifestKey(artifact, Number(manifest)) };
    },
    entries(artifact) {
      for (let manifest = artifact.manifests; manifest > 0; manifest -= 1) {
        const content = contents.get(manifestKey(artifact, manifest));
        if (content) return manifestEntries(content);
      }
      return [];
    },
    content: (entity, md5) =>
      contents
        .keys(`artifact/${entity}/`)
        .filter((key) => key.split('/')[3] === 'file')
        .map((key) => contents.get(key))
        .find((content) => content?.md5 === md5),
    onChange: (listener) => void listeners.push(listener),
    restore(artifact) {
      last = Math.max(last, artifact.number);
      artifacts.push(artifact);
    },
  };
}

function manifestEntries({ bytes }: StoredContent): ManifestEntry[] {
  const listed = jsonObject(bytes.toString())?.contents;
  if (!isRecord(listed)) return [];
  return Object.entries(listed).flatMap(([path, entry]) => {
    if (!isRecord(entry) || typeof entry.digest !== 'string') return [];
    return [{ path, digest: entry.digest, size: typeof entry.size === 'number' ? entry.size : 0 }];
  });
}

function requireMetadata(text: string): string {
  if (text.length > 2 ** 20 || !jsonObject(text)) throw new WandbError('invalid metadata', { status: 400 });
  return text;
}

function requireName(name: string): void {
  if (/^[\w.\- ]{1,128}$/.test(name)) return;
  throw new WandbError(`invalid artifact name: ${name.slice(0, 128)}`, { status: 400 });
}
