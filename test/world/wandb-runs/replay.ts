import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { missingKeys } from '../selected-keys.ts';
import { unmetNeeds } from './needed-fields.ts';

export type RunSdk = '0.17.5' | '0.28.2' | '0.30.0';
/** `full` logs a run with files and an artifact and reads it back; `resume` continues it. */
type RunScript = 'full' | 'resume';

/** A value that was part of an earlier response: the index of its step, then the path in its body. */
interface FromAnswer {
  $answer: [step: number, ...path: (string | number)[]];
}

interface RunStep {
  method: string;
  /** A path, or the absolute URL that the server gave. */
  path: string | FromAnswer;
  /** Whether the SDK sent its credential. */
  sendsKey: boolean;
  headers: Record<string, string>;
  /** The name of the GraphQL operation. */
  operation: string | null;
  /** The key of the document in `queries`. */
  query?: string;
  variables?: Record<string, unknown>;
  operationName?: string;
  body?: string;
}

interface SdkTraffic extends Record<RunScript, RunStep[]> {
  queries: Record<string, string>;
}

/**
 * Requests of official SDKs for one run, in their order. 0.17.5 and 0.30.0 were recorded whole; of 0.28.2 the documents are
 * those of its source, in the recorded order.
 */
const traffic: Record<RunSdk, SdkTraffic> = JSON.parse(
  readFileSync(new URL('./traffic.json', import.meta.url), 'utf8'),
);

export const runSdks = Object.keys(traffic) as RunSdk[];
export const recordedRunName = (sdk: RunSdk) => `full-v${sdk.replaceAll('.', '')}`;

export interface ReplayOptions {
  sdk: RunSdk;
  script: RunScript;
  /** Without a slash at its end. */
  baseUrl: string;
  /** The team in whose project `demo` the run is logged. */
  team: string;
  /** The whole header: `Basic …` or `Bearer …`. */
  authorization: string;
  /** Leaves steps out, such as {@link isBeyondTheRun}, and uploads and downloads that follow from them. */
  skip?: (step: ReplayedStep) => boolean;
}

export interface ReplayedStep {
  method: string;
  url: string;
  operation: string | null;
  /** Whether the SDK's public API (`wandb.Api()`, `log_artifact`) sent it, not the run itself. */
  isPublicApi: boolean;
}

/** Whether a step needs more than the run itself: 0.17.5 sends no identity token for these. */
export const isBeyondTheRun = ({ isPublicApi, operation }: ReplayedStep) =>
  isPublicApi || /Artifact/.test(operation ?? '');

export interface Exchange extends ReplayedStep {
  status: number;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of the response depends on the operation.
  json: any;
  /** What the SDK would miss: selected keys, and fields without which it fails. */
  problems: string[];
}

/** The status of a step that was left out. */
const SKIPPED = 0;

/** Sends the requests one after the other, with IDs and URLs from the server's own responses. */
export async function replayRun(options: ReplayOptions): Promise<Exchange[]> {
  const { sdk, script, baseUrl, team, authorization } = options;
  const { queries, [script]: steps } = traffic[sdk];
  const exchanges: Exchange[] = [];
  const fill = (text: string) => text.replaceAll('{team}', team).replaceAll('{base}', baseUrl);
  const resolve = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value);
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    if ('$answer' in value) return answered(exchanges, value as FromAnswer);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one)]));
  };
  for (const step of steps) {
    const path = String(resolve(step.path));
    const replayed: ReplayedStep = {
      method: step.method,
      url: path.startsWith('/') ? `${baseUrl}${path}` : path,
      operation: step.operation,
      isPublicApi: step.headers['user-agent']?.startsWith('W&B Public Client') ?? false,
    };
    const needsSkipped = typeof step.path === 'object' && exchanges[step.path.$answer[0]]?.status === SKIPPED;
    if (needsSkipped || options.skip?.(replayed)) {
      exchanges.push({ ...replayed, status: SKIPPED, text: '', json: undefined, problems: [] });
      continue;
    }
    const variables = resolve(step.variables ?? {}) as Record<string, unknown>;
    const query = queries[step.query ?? ''] ?? '';
    const { operationName } = step;
    const response = await fetch(replayed.url, {
      method: step.method,
      redirect: 'manual',
      headers: { ...step.headers, ...(step.sendsKey && { authorization }) },
      ...(step.method !== 'GET' && {
        body:
          step.operation === null
            ? fill(step.body ?? '')
            : JSON.stringify({ query, variables, ...(operationName !== undefined && { operationName }) }),
      }),
    });
    const text = await response.text();
    const json = parsed(text);
    const problems =
      step.operation === null ? [] : graphqlProblems(step.operation, { query, variables, json });
    exchanges.push({ ...replayed, status: response.status, text, json, problems });
  }
  return exchanges.filter(({ status }) => status !== SKIPPED);
}

function answered(exchanges: Exchange[], { $answer: [step, ...path] }: FromAnswer): unknown {
  let value: unknown = exchanges[step]?.json;
  for (const key of path) value = (value as Record<string | number, unknown> | undefined)?.[key];
  return value;
}

function graphqlProblems(
  operation: string,
  // biome-ignore lint/suspicious/noExplicitAny: the shape of the response depends on the operation.
  { query, variables, json }: { query: string; variables: Record<string, unknown>; json: any },
): string[] {
  if (!json?.data) return [`${operation}: data`];
  return [...missingKeys(parse(query), { data: json.data, variables }), ...unmetNeeds(operation, json.data)];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
