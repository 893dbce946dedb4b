import { notFound, requireLogin, requireTeamWriter, WandbError } from '../../../permissions.ts';
import { type Artifact, artifactFileKey } from '../../../runs/artifact-store.ts';
import { wireId } from '../../../runs/run.ts';
import type { RequestContext } from '../graphql-objects.ts';
import { storagePath } from './artifact-objects.ts';
import { pageOf } from './pages.ts';
import { linkedArtifact } from './run-objects.ts';

interface MutationInput {
  clientMutationId?: string | null;
}

interface CreateArtifactInput extends MutationInput {
  entityName: string;
  projectName: string;
  runName?: string | null;
  artifactTypeName: string;
  artifactCollectionName?: string | null;
  artifactCollectionNames?: string[] | null;
  digest: string;
  description?: string | null;
  aliases?: { alias: string }[] | null;
  metadata?: string | null;
  historyStep?: number | null;
  clientID?: string | null;
}

interface ArtifactIdInput extends MutationInput {
  artifactID: string;
}

interface UpdateArtifactInput extends ArtifactIdInput {
  description?: string | null;
  metadata?: string | null;
  aliases?: { alias: string }[] | null;
}

interface ArtifactFileInput {
  artifactID: string;
  name: string;
  md5: string;
}

const MAX_FILES_PER_CALL = 1000;
const MAX_ALIASES = 100;

export const artifactMutations = {
  createArtifact({ input }: { input: CreateArtifactInput }, context: RequestContext) {
    const { entityName, projectName, runName, artifactTypeName, digest, clientMutationId } = input;
    const operation = 'createArtifact';
    const team = requireTeamWriter(context.state, context.caller, { entityName, operation });
    const { store, artifacts } = context.runs;
    const project = store.project(team.name, projectName);
    if (!project) throw notFound(`project ${team.name}/${projectName}`, operation);
    const collection = input.artifactCollectionName || input.artifactCollectionNames?.[0];
    if (!collection) throw new WandbError('artifact collection name missing', { status: 400 });
    const artifact = artifacts.create({
      project,
      collection,
      type: artifactTypeName,
      run: runName ?? null,
      digest: digest.slice(0, 128),
      description: input.description?.slice(0, 10_000) ?? null,
      metadata: input.metadata ?? null,
      historyStep: input.historyStep ?? null,
      aliases: aliasNames(input.aliases),
      clientId: input.clientID?.slice(0, 256) ?? null,
    });
    return { artifact: () => linkedArtifact(context, artifact), clientMutationId };
  },

  createArtifactType(
    { input }: { input: { entityName: string; projectName: string; name: string } & MutationInput },
    { state, caller }: RequestContext,
  ) {
    const { entityName, projectName, name, clientMutationId } = input;
    const team = requireTeamWriter(state, caller, { entityName, operation: 'createArtifactType' });
    return {
      artifactType: { id: wireId('ArtifactType', name, projectName, team.name), name },
      clientMutationId,
    };
  },

  updateArtifact({ input }: { input: UpdateArtifactInput }, context: RequestContext) {
    const { description, metadata, aliases, clientMutationId } = input;
    const artifact = writableArtifact(input, context, 'updateArtifact');
    context.runs.artifacts.change(artifact, {
      ...(typeof description === 'string' && { description: description.slice(0, 10_000) }),
      ...(typeof metadata === 'string' && { metadata }),
      ...(aliases && { aliases: aliasNames(aliases) }),
    });
    return { artifact: () => linkedArtifact(context, artifact), clientMutationId };
  },

  useArtifact({ input }: { input: ArtifactIdInput }, context: RequestContext) {
    const artifact = writableArtifact(input, context, 'useArtifact');
    return { artifact: () => linkedArtifact(context, artifact), clientMutationId: input.clientMutationId };
  },

  createArtifactManifest({ input }: { input: ArtifactIdInput & { name: string } }, context: RequestContext) {
    const artifact = writableArtifact(input, context, 'createArtifactManifest');
    const manifest = context.runs.artifacts.addManifest(artifact);
    return {
      artifactManifest: manifestObject(context, manifest),
      clientMutationId: input.clientMutationId,
    };
  },

  updateArtifactManifest(
    { input }: { input: { artifactManifestID: string } & MutationInput },
    context: RequestContext,
  ) {
    requireLogin(context.caller);
    const operation = 'updateArtifactManifest';
    const manifest = context.runs.artifacts.manifestOf(input.artifactManifestID);
    if (!manifest) throw notFound('artifact manifest', operation);
    const { entity } = manifest.artifact.project;
    requireTeamWriter(context.state, context.caller, { entityName: entity, operation });
    return {
      artifactManifest: manifestObject(context, manifest),
      clientMutationId: input.clientMutationId,
    };
  },

  createArtifactFiles(
    { input }: { input: { artifactFiles: ArtifactFileInput[] } & MutationInput },
    context: RequestContext,
  ) {
    const { artifactFiles, clientMutationId } = input;
    if (artifactFiles.length > MAX_FILES_PER_CALL) throw new WandbError('too many files', { status: 413 });
    const files = artifactFiles.map((file) => ({
      ...file,
      artifact: writableArtifact(file, context, 'createArtifactFiles'),
    }));
    return {
      files: pageOf(files, { first: MAX_FILES_PER_CALL }, ({ artifact, name, md5 }) => ({
        id: wireId('File', artifact.number, name),
        name,
        displayName: name,
        uploadUrl: context.runs.urls.sign('PUT', artifactFileKey(artifact, name)),
        uploadHeaders: [],
        uploadMultipartUrls: null,
        storagePath: storagePath(md5),
        md5,
        digest: md5,
        artifact: () => linkedArtifact(context, artifact),
      })),
      clientMutationId,
    };
  },

  commitArtifact({ input }: { input: ArtifactIdInput }, context: RequestContext) {
    const artifact = writableArtifact(input, context, 'commitArtifact');
    context.runs.artifacts.commit(artifact);
    return { artifact: () => linkedArtifact(context, artifact), clientMutationId: input.clientMutationId };
  },
};

function writableArtifact(
  { artifactID }: { artifactID: string },
  { state, caller, runs }: RequestContext,
  operation: string,
): Artifact {
  requireLogin(caller);
  const artifact = runs.artifacts.byId(artifactID);
  if (!artifact) throw notFound(`artifact ${artifactID.slice(0, 200)}`, operation);
  requireTeamWriter(state, caller, { entityName: artifact.project.entity, operation });
  return artifact;
}

function aliasNames(aliases: { alias: string }[] | null | undefined): string[] {
  const names = [...new Set((aliases ?? []).map(({ alias }) => alias.slice(0, 128)))];
  if (names.length > MAX_ALIASES) throw new WandbError('too many aliases', { status: 413 });
  return names;
}

function manifestObject({ runs: { urls } }: RequestContext, { id, key }: { id: string; key: string }) {
  return {
    id,
    file: {
      id: wireId('File', id),
      name: 'wandb_manifest.json',
      displayName: 'wandb_manifest.json',
      uploadUrl: urls.sign('PUT', key),
      uploadHeaders: [],
      directUrl: urls.sign('GET', key),
    },
  };
}
