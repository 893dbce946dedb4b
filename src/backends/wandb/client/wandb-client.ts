import type { Logger } from 'pino';
import packageJson from '../../../../package.json' with { type: 'json' };
import type { Clock } from '../../../application/ports/clock.ts';
import type { Secret } from '../../../domain/keys/secret.ts';
import { exchangeOnce } from './graphql-exchange.ts';
import { readGraphqlResponse } from './graphql-response.ts';
import {
  createMissingFields,
  type HasField,
  type InvalidDocument,
  readInvalidDocument,
} from './missing-fields.ts';
import { failureOfResponse } from './response-failure.ts';
import {
  type Attempt,
  type AttemptLimits,
  type CallLimits,
  type CallOptions,
  callWithRetries,
  pauseFor,
  type RetryingCaller,
} from './retries.ts';
import { createTextCleaner, type TextCleaner } from './server-text.ts';
import type { WandbOperation, WandbResult } from './wandb-failure.ts';

/**
 * Returns the normalized address of a server: its origin and path, without trailing slashes.
 *
 * @param baseUrl its query, fragment and credentials are dropped; `fetch` would quote the latter in an error
 */
export function serverAddress(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

export interface WandbClientDependencies extends Clock {
  /** With or without a path and a trailing slash. */
  baseUrl: string;
  apiKey: Secret;
  /** How `apiKey` is sent. Default: Basic, as the SDK does. Bearer is for an access token. */
  scheme?: 'Basic' | 'Bearer';
  /** False to see only what the owner of the key is a member of. */
  usesAdminPrivileges?: boolean;
  fetch: typeof globalThis.fetch;
  /** From 0 up to 1. */
  random: () => number;
  /** Rejects when the signal aborts. */
  sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>;
  logger: Logger;
  limits?: Partial<WandbClientLimits>;
}

export interface WandbClientLimits extends CallLimits {
  maxResponseBytes: number;
}

export type { CallOptions };

/** Calls one W&B server with one API key. */
export interface WandbClient {
  /**
   * Calls the server. Never rejects. Retries queries; retries a mutation only when it certainly had no effect, or when
   * repeating it does no harm. Repeats an operation at once without the fields that the server turns out to lack.
   */
  call<Data>(
    operation: WandbOperation<Data> | OperationFor<Data>,
    variables: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<WandbResult<Data>>;
  /** Returns false for a field that the server said it lacks, within the last day. */
  has: HasField;
}

/** Writes an operation for a server. It asks for each field that the operation can do without. */
type OperationFor<Data> = (has: HasField) => WandbOperation<Data>;

/**
 * As the SDK's public client sends it: servers gate fields, and what an admin sees, on it. The version is one of those whose
 * requests Keysmith is tested with.
 */
export const USER_AGENT = `W&B Public Client 0.28.2 keysmith/${packageJson.version}`;

const DEFAULT_LIMITS: WandbClientLimits = {
  timeoutMs: 10_000,
  callMs: 30_000,
  // Room for a team of about ten thousand members.
  maxResponseBytes: 4 * 1024 * 1024,
  maxTries: 3,
  basePauseMs: 250,
  maxPauseMs: 4_000,
  maxRetryAfterMs: 5_000,
};

interface Connection extends Required<WandbClientDependencies>, RetryingCaller {
  url: string;
  limits: WandbClientLimits;
  cleaner: TextCleaner;
  missing: ReturnType<typeof createMissingFields>;
}

export function createWandbClient(dependencies: WandbClientDependencies): WandbClient {
  const connection: Connection = {
    sleep: pauseFor,
    scheme: 'Basic',
    usesAdminPrivileges: true,
    ...dependencies,
    url: `${serverAddress(dependencies.baseUrl)}/graphql`,
    limits: { ...DEFAULT_LIMITS, ...dependencies.limits },
    cleaner: createTextCleaner(dependencies.apiKey),
    mostSkipped: new Map(),
    missing: createMissingFields(dependencies),
  };
  return {
    call: (source, variables, options = {}) => {
      const { operation } = writeFor(connection, source);
      return callWithRetries(connection, operation, options, (limits) =>
        attempt(connection, source, { variables, ...limits }),
      );
    },
    has: connection.missing.has,
  };
}

interface AttemptRequest extends AttemptLimits {
  variables: Readonly<Record<string, unknown>>;
}

/** Tries once, and again within the same time without the fields that the server said it lacks. */
async function attempt<Data>(
  connection: Connection,
  source: WandbOperation<Data> | OperationFor<Data>,
  request: AttemptRequest,
): Promise<Attempt<Data>> {
  const { monotonicMs } = connection;
  const endMs = monotonicMs() + request.timeoutMs;
  for (;;) {
    const written = writeFor(connection, source);
    const timeoutMs = endMs - monotonicMs();
    const { invalid, ...tried } = await attemptOnce(connection, written.operation, { ...request, timeoutMs });
    const isWorthRepeating = invalid !== undefined && learn(connection, written, invalid);
    if (!isWorthRepeating || monotonicMs() >= endMs) return tried;
  }
}

interface Written<Data> {
  operation: WandbOperation<Data>;
  /** Its fields that it can do without. */
  optional: ReadonlySet<string>;
}

function writeFor<Data>(
  { missing }: Connection,
  source: WandbOperation<Data> | OperationFor<Data>,
): Written<Data> {
  const optional = new Set<string>();
  if (typeof source !== 'function') return { operation: source, optional };
  const has: HasField = (field) => {
    if (!missing.has(field)) return false;
    optional.add(field);
    return true;
  };
  return { operation: source(has), optional };
}

/** Remembers what the server lacks. Returns whether the operation can do without it, which is so at most once for each field. */
function learn<Data>(
  { missing, logger }: Connection,
  { operation: { name, needs }, optional }: Written<Data>,
  { unknownFields }: InvalidDocument,
): boolean {
  const dispensable = unknownFields.filter((field) => optional.has(field));
  const lacking = dispensable.length === 0 && needs !== undefined ? [needs] : dispensable;
  for (const field of lacking) missing.add(field);
  if (lacking.length > 0) logger.info({ operation: name, fields: lacking }, 'W&B server lacks fields');
  return dispensable.length > 0;
}

async function attemptOnce<Data>(
  { fetch, url, apiKey, scheme, usesAdminPrivileges, limits, cleaner, now }: Connection,
  operation: WandbOperation<Data>,
  { variables, ...request }: AttemptRequest,
): Promise<Attempt<Data> & { invalid?: InvalidDocument | undefined }> {
  const headers = {
    authorization:
      scheme === 'Bearer'
        ? `Bearer ${apiKey.reveal()}`
        : `Basic ${Buffer.from(`api:${apiKey.reveal()}`).toString('base64')}`,
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': USER_AGENT,
    // The SDK's public API sends it too; without it, an admin of the server sees only their own teams.
    ...(usesAdminPrivileges && { 'use-admin-privileges': 'true' }),
  };
  const exchange = await exchangeOnce({
    fetch,
    url,
    headers,
    body: JSON.stringify({ query: operation.query, variables, operationName: operation.name }),
    maxResponseBytes: limits.maxResponseBytes,
    ...request,
  });
  if (!exchange.ok) {
    return { status: exchange.status, result: { ok: false, failure: exchange.failure } };
  }
  const { response } = exchange;
  const isSuccess = response.status >= 200 && response.status < 300;
  const result: WandbResult<Data> = isSuccess
    ? readGraphqlResponse(response.text, operation, cleaner)
    : { ok: false, failure: failureOfResponse(response, { url, nowMs: now(), cleaner }) };
  if (result.ok || result.failure.reason !== 'errors') return { status: response.status, result };
  const invalid = readInvalidDocument(response.text);
  // An invalid document isn't executed, even if the response has `data: null`, as those of some servers.
  const failure = invalid === undefined ? result.failure : { ...result.failure, mayHaveHappened: false };
  return { status: response.status, result: { ok: false, failure }, invalid };
}
