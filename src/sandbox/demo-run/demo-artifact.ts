import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Answer, RunPath, WandbWire } from './wandb-wire.ts';

const NAME = 'model.json';

const id = z.string().min(1);
const target = z.object({
  uploadUrl: z.string().nullish(),
  uploadHeaders: z.array(z.string()).nullish(),
});
const createdArtifact = z.object({ createArtifact: z.object({ artifact: z.object({ id }) }) });
const createdManifest = z.object({
  createArtifactManifest: z.object({ artifactManifest: z.object({ id, file: target }) }),
});
const createdFiles = z.object({
  createArtifactFiles: z.object({ files: z.object({ edges: z.array(z.object({ node: target })) }) }),
});

/** Logs an artifact with one file, in the requests of SDK 0.28. */
export async function logDemoArtifact(
  wire: WandbWire,
  at: RunPath,
  { collection, bytes, historyStep }: { collection: string; bytes: Buffer; historyStep: number },
): Promise<Answer<undefined>> {
  const entry = { path: NAME, digest: md5(bytes).toString('base64'), size: bytes.length };
  const created = await wire.graphql('CreateArtifact', createdArtifact, {
    input: artifactInput(at, { collection, historyStep, digest: artifactDigest(entry) }),
  });
  if (!created.ok) return created;
  const artifactID = created.value.createArtifact.artifact.id;
  const createManifest = (digest: string, includeUpload: boolean) =>
    wire.graphql('CreateArtifactManifest', createdManifest, {
      artifactID,
      baseArtifactID: null,
      name: 'wandb_manifest.json',
      digest,
      entityName: at.entity,
      projectName: at.project,
      runName: at.run,
      manifestType: 'FULL',
      includeUpload,
    });
  const opened = await createManifest('', false);
  if (!opened.ok) return opened;
  const file = await wire.graphql('CreateArtifactFiles', createdFiles, {
    artifactFiles: [
      {
        artifactID,
        artifactManifestID: opened.value.createArtifactManifest.artifactManifest.id,
        name: NAME,
        md5: entry.digest,
        mimetype: null,
        uploadPartsInput: null,
      },
    ],
    storageLayout: 'V2',
  });
  if (!file.ok) return file;
  const uploaded = await uploadTo(wire, file.value.createArtifactFiles.files.edges[0]?.node, bytes);
  if (!uploaded.ok) return uploaded;
  const manifest = Buffer.from(JSON.stringify(manifestOf(entry, artifactID)));
  const described = await createManifest(md5(manifest).toString('base64'), true);
  if (!described.ok) return described;
  const { file: manifestFile } = described.value.createArtifactManifest.artifactManifest;
  const sent = await uploadTo(wire, manifestFile, manifest);
  if (!sent.ok) return sent;
  const committed = await wire.graphql('CommitArtifact', z.unknown(), { artifactID });
  return committed.ok ? { ok: true, value: undefined } : committed;
}

/** Uploads nothing if the server already has the content. */
async function uploadTo(
  wire: WandbWire,
  fields: z.infer<typeof target> | undefined,
  bytes: Buffer,
): Promise<Answer<undefined>> {
  if (!fields?.uploadUrl) return { ok: true, value: undefined };
  return wire.upload(fields.uploadUrl, bytes, fields.uploadHeaders ?? []);
}

function artifactInput(
  { entity, project, run }: RunPath,
  { collection, digest, historyStep }: { collection: string; digest: string; historyStep: number },
): object {
  return {
    aliases: [{ alias: 'latest', artifactCollectionName: collection }],
    artifactCollectionName: collection,
    artifactTypeName: 'model',
    clientID: randomBytes(64).toString('hex'),
    sequenceClientID: randomBytes(64).toString('hex'),
    digest,
    digestAlgorithm: 'MANIFEST_MD5',
    enableDigestDeduplication: true,
    entityName: entity,
    projectName: project,
    runName: run,
    historyStep,
  };
}

interface ManifestEntry {
  path: string;
  /** Base64 MD5. */
  digest: string;
  size: number;
}

function manifestOf({ path, digest, size }: ManifestEntry, birthArtifactID: string): object {
  return {
    version: 1,
    storagePolicy: 'wandb-storage-policy-v1',
    storagePolicyConfig: { storageLayout: 'V2' },
    contents: { [path]: { digest, size, birthArtifactID } },
  };
}

/** As the SDK computes it from the manifest. */
function artifactDigest({ path, digest }: ManifestEntry): string {
  return md5(`wandb-artifact-manifest-v1\n${path}:${digest}\n`).toString('hex');
}

const md5 = (content: Buffer | string) => createHash('md5').update(content).digest();
