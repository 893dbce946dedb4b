import type { Run } from '../../../../src/sandbox/wandb/runs/run.ts';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import { basic, type CallOptions, call, type WandbResponse } from '../wandb-calls.ts';

export const team = 'ml-platform';

const upsertBucket = `mutation UpsertBucket($input: UpsertBucketInput!) {
  upsertBucket(input: $input) { inserted bucket { id name displayName state project { name entity { name } } user { username } } }
}`;

/** The variables for run `one` of the project `demo`. */
const bucket = (input: Record<string, unknown>) => ({
  input: { entityName: team, modelName: 'demo', name: 'one', ...input },
});

/** Sends `upsertBucket` as an SDK does at the start of a run. */
export const upsert = (
  wandb: DrivenWandb,
  input: Record<string, unknown> = {},
  options: CallOptions = {},
): Promise<WandbResponse> => call(wandb, upsertBucket, { ...options, variables: bucket(input) });

/** Starts run `one` of the project `demo`. */
export async function startedRun(wandb: DrivenWandb, input: Record<string, unknown> = {}): Promise<Run> {
  const { json } = await upsert(wandb, input);
  const run = wandb.runs.store.runById(json.data.upsertBucket.bucket.id);
  if (!run) throw new Error('The run is missing');
  return run;
}

interface StreamOptions {
  key?: string | null;
  run?: string;
  headers?: Record<string, string>;
  entity?: string;
}

/** Sends lines of run `one`; the body is JSON unless it is bytes. */
export async function stream(
  wandb: DrivenWandb,
  body: unknown,
  { key = wandb.apiKey, run = 'one', headers, entity = team }: StreamOptions = {},
): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(`${wandb.baseUrl}/files/${entity}/demo/${run}/file_stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== null && { authorization: basic(key) }),
      ...headers,
    },
    body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

/** The body that sends history rows from an offset on. */
export const history = (offset: number, ...rows: object[]) => ({
  files: { 'wandb-history.jsonl': { offset, content: rows.map((row) => JSON.stringify(row)) } },
});

/** Creates a file of run `one` and uploads its content. */
export async function upload(wandb: DrivenWandb, name: string, content: string): Promise<Response> {
  return fetch(await uploadUrl(wandb, name), { method: 'PUT', body: content });
}

export async function uploadUrl(wandb: DrivenWandb, name: string): Promise<string> {
  const input = { entityName: team, projectName: 'demo', runName: 'one', files: [name] };
  const query =
    'mutation ($input: CreateRunFilesInput!) { createRunFiles(input: $input) { files { uploadUrl } } }';
  const { json } = await call(wandb, query, { variables: { input } });
  return json.data.createRunFiles.files[0].uploadUrl;
}
