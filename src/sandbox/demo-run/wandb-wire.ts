import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { runDocuments } from './run-documents.ts';

/** Why a request failed. */
export type WireFailure =
  /** A status other than 2xx. `message` is what the server says, if it says something. */
  | {
      kind: 'status';
      status: number;
      path: string;
      message: string | undefined;
      retryAfterSeconds: number | undefined;
    }
  /** 200 with `errors`. */
  | { kind: 'graphql'; message: string }
  /** No response. `reason` is the code of the socket or of TLS: `ECONNREFUSED`. */
  | { kind: 'no_response'; reason: string }
  /** A response that no W&B server sends. */
  | { kind: 'unexpected'; path: string };

export type Answer<T> = { ok: true; value: T } | { ok: false; failure: WireFailure };

export interface WandbWire {
  /** Sends one operation and returns its `data`, if that has the expected shape. */
  graphql<Data>(
    operation: keyof typeof runDocuments,
    data: z.ZodType<Data>,
    variables?: Record<string, unknown>,
  ): Promise<Answer<Data>>;
  /** Sends what the run has logged. */
  fileStream(run: RunPath, body: object): Promise<Answer<{ stopped?: boolean }>>;
  /** Sends a file to a URL of the server's, without the key. `headers` are lines: `Content-Type:text/plain`. */
  upload(url: string, bytes: Buffer, headers: readonly string[]): Promise<Answer<undefined>>;
}

export interface RunPath {
  entity: string;
  project: string;
  run: string;
}

/** An API key, or an access token of `/oidc/token`. */
export type RunCredential = { kind: 'api_key' | 'access_token'; secret: string };

interface WireOptions {
  /** Without a slash at its end. */
  baseUrl: string;
  credential: RunCredential;
  /** Ends requests and waits. */
  signal: AbortSignal;
  timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
const MAX_RESPONSE_BYTES = 4 * 2 ** 20;

/**
 * Creates a client that speaks to a W&B server as SDK 0.28 does: the same documents, paths and credential. It follows no
 * redirect, and stops reading a response after 4 MiB.
 *
 * @throws the signal's reason
 */
export function createWandbWire({
  baseUrl,
  credential,
  signal,
  timeoutMs = TIMEOUT_MS,
}: WireOptions): WandbWire {
  const authorization =
    credential.kind === 'api_key'
      ? `Basic ${Buffer.from(`api:${credential.secret}`).toString('base64')}`
      : `Bearer ${credential.secret}`;
  const send = (url: string, init: RequestInit) => sendRequest(url, { ...init, signal }, timeoutMs);
  const post = async (path: string, body: object): Promise<Answer<Record<string, unknown>>> => {
    const headers = { authorization, 'content-type': 'application/json', 'user-agent': 'wandb-core' };
    const sent = await send(`${baseUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!sent.ok) return sent;
    const value = parsedObject(sent.value);
    return value ? { ok: true, value } : { ok: false, failure: { kind: 'unexpected', path } };
  };
  return {
    async graphql(operation, expected, variables = {}) {
      const query = runDocuments[operation];
      const sent = await post('/graphql', { query, variables, operationName: operation });
      if (!sent.ok) return sent;
      const message = firstMessage(sent.value);
      if (message !== undefined) return { ok: false, failure: { kind: 'graphql', message } };
      const data = expected.safeParse(sent.value.data);
      return data.success
        ? { ok: true, value: data.data }
        : { ok: false, failure: { kind: 'unexpected', path: '/graphql' } };
    },
    fileStream({ entity, project, run }, body) {
      const path = [entity, project, run].map(encodeURIComponent).join('/');
      return post(`/files/${path}/file_stream`, body);
    },
    async upload(url, bytes, lines) {
      const headers = lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1)];
      });
      const body = new Uint8Array(bytes);
      const sent = await send(url, { method: 'PUT', headers, body });
      return sent.ok ? { ok: true, value: undefined } : sent;
    },
  };
}

async function sendRequest(
  url: string,
  init: RequestInit & { signal: AbortSignal },
  timeoutMs: number,
): Promise<Answer<string>> {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  try {
    const signal = AbortSignal.any([init.signal, AbortSignal.timeout(timeoutMs)]);
    const response = await fetch(url, { ...init, redirect: 'manual', signal });
    const text = await readBounded(response);
    if (text === undefined) return { ok: false, failure: { kind: 'unexpected', path } };
    if (response.ok) return { ok: true, value: text };
    return { ok: false, failure: statusFailure(response, path, text) };
  } catch (error) {
    init.signal.throwIfAborted();
    return { ok: false, failure: { kind: 'no_response', reason: reasonOf(error) } };
  }
}

/** Exchanges a JWT for an access token, as the SDK does with `WANDB_IDENTITY_TOKEN_FILE`. */
export async function exchangeToken(
  assertion: string,
  { baseUrl, signal }: { baseUrl: string; signal: AbortSignal },
): Promise<Answer<RunCredential>> {
  const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const body = new URLSearchParams({ grant_type: grantType, assertion });
  const sent = await sendRequest(`${baseUrl}/oidc/token`, { method: 'POST', body, signal }, TIMEOUT_MS);
  if (!sent.ok) return sent;
  const token = parsedObject(sent.value)?.access_token;
  return typeof token === 'string'
    ? { ok: true, value: { kind: 'access_token', secret: token } }
    : { ok: false, failure: { kind: 'unexpected', path: '/oidc/token' } };
}

/** Waits before each further try of a request that may work later, as the SDK does. Five tries in all. */
export async function retried<T>(
  request: () => Promise<Answer<T>>,
  {
    onWait,
    signal,
    waitMs,
  }: {
    onWait: (failure: WireFailure, seconds: number) => void;
    signal: AbortSignal;
    /** For tests. */
    waitMs?: number | undefined;
  },
): Promise<Answer<T>> {
  for (let tries = 1; ; tries += 1) {
    const answer = await request();
    if (answer.ok || !isTemporary(answer.failure) || tries === 5) return answer;
    const seconds = Math.min(retryAfterOf(answer.failure) ?? 2 ** tries, 30);
    onWait(answer.failure, seconds);
    await pause(waitMs ?? seconds * 1000, undefined, { signal });
  }
}

function isTemporary(failure: WireFailure): boolean {
  if (failure.kind === 'no_response') return true;
  return failure.kind === 'status' && (failure.status === 429 || failure.status >= 500);
}

const retryAfterOf = (failure: WireFailure) =>
  failure.kind === 'status' ? failure.retryAfterSeconds : undefined;

/** Returns undefined for a body that is too large. */
async function readBounded({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_RESPONSE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function statusFailure({ status, headers }: Response, path: string, text: string): WireFailure {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return {
    kind: 'status',
    status,
    path,
    message: firstMessage(parsedObject(text) ?? {}),
    retryAfterSeconds: seconds >= 0 ? seconds : undefined,
  };
}

const MAX_MESSAGE_LENGTH = 1000;

/** Returns the message as SDK 0.28 finds it: `errors: [{ message }]`, `errors: ["…"]`, `error: "…"` or `error: { message }`. */
function firstMessage({ errors, error, ...oauth }: Record<string, unknown>): string | undefined {
  const [first] = Array.isArray(errors) ? errors : [oauth.error_description ?? error];
  const message = typeof first === 'object' && first !== null && 'message' in first ? first.message : first;
  // Terminals interpret control characters.
  return typeof message === 'string' && message !== ''
    ? message.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_MESSAGE_LENGTH)
    : undefined;
}

function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return 'ETIMEDOUT';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return 'unknown';
}
