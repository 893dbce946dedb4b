import { onTestFinished } from 'vitest';
import type { LocalWandbOptions } from '../../../src/sandbox/wandb/local-wandb.ts';
import { type DrivenWandb, startDrivenWandb } from '../../driver/driven-wandb.ts';

/** Starts a local W&B that stops when the test ends. */
export async function startWandb(options: LocalWandbOptions = {}): Promise<DrivenWandb> {
  const wandb = await startDrivenWandb(options);
  onTestFinished(() => wandb.stop());
  return wandb;
}

export interface WandbResponse {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined if the body isn't JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape of the response depends on the query.
  json: any;
}

export interface CallOptions {
  variables?: Record<string, unknown>;
  operationName?: string;
  /** Default: the app's own key; null sends none. */
  key?: string | null;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function call(
  wandb: DrivenWandb,
  query: string,
  options: CallOptions = {},
): Promise<WandbResponse> {
  const { variables, operationName, key = wandb.apiKey, headers, signal } = options;
  return read(
    await fetch(`${wandb.baseUrl}/graphql`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        ...(key !== null && { authorization: basic(key) }),
        ...headers,
      },
      body: JSON.stringify({ query, variables, operationName }),
      ...(signal && { signal }),
    }),
  );
}

/** Returns the `data` of a call. Throws unless the response is a 200 without errors. */
export async function dataOf(
  wandb: DrivenWandb,
  query: string,
  options?: CallOptions,
): Promise<WandbResponse['json']> {
  const { status, text, json } = await call(wandb, query, options);
  if (status !== 200 || !json?.data || json.errors) throw new Error(`Refused: ${status} ${text}`);
  return json.data;
}

export const basic = (key: string) => `Basic ${Buffer.from(`api:${key}`).toString('base64')}`;

async function read(response: Response): Promise<WandbResponse> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseJson(text) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const createServiceAccount = `mutation ($input: CreateServiceAccountInput!) {
  createServiceAccount(input: $input) { user { id } }
}`;

/** The variables of {@link createServiceAccount}. */
export const account = (description = 'nightly-eval', entityName = 'ml-platform') => ({
  variables: { input: { entityName, description } },
});

/** Returns the body of the response that refuses the only root field. */
export const refused = (field: string, message: string, code?: string) => ({
  errors: [{ message, path: [field], ...(code && { extensions: { code } }) }],
  data: { [field]: null },
});

export const denied = (field: string) => refused(field, 'permission denied', 'PERMISSION_ERROR');
