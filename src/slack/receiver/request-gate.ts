import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import { runInRequest } from '../../log/create-logger.ts';
import { createLimitedLog, type EventLog } from '../../log/limited-log.ts';
import type { ReadBodyResult, Reception } from '../../net/request-bodies.ts';
import { interaction, slashCommand } from '../listeners/payloads.ts';

/** Remembers accepted signatures for as long as they could be accepted again. */
export interface ReplayGuard {
  /** Returns false if this signature was accepted before, or may have been because its timestamp isn't newer than a forgotten one. */
  accept(signature: string, timestampSeconds: number): boolean;
}

/** Sustained for all of `keepMs`, this is far more than one workspace sends; beyond it the oldest signatures are forgotten. */
const MAX_SIGNATURES = 50_000;

/**
 * Creates a guard for this process. It gets verified signatures only, so a caller without the signing secret can't fill it. A
 * request that reaches another replica again is caught because each submission has one effect.
 *
 * After the clock was set back, the timestamp of a forgotten signature would be accepted again: the newest forgotten timestamp
 * rules those out without a clock.
 */
export function createReplayGuard({
  keepMs,
  monotonicMs,
}: {
  keepMs: number;
  monotonicMs: Clock['monotonicMs'];
}): ReplayGuard {
  /** Oldest first. */
  const accepted = new Map<string, { timestampSeconds: number; atMs: number }>();
  let forgottenUntilSeconds = Number.NEGATIVE_INFINITY;
  const forgetOld = (nowMs: number) => {
    for (const [signature, { timestampSeconds, atMs }] of accepted) {
      if (nowMs - atMs <= keepMs && accepted.size < MAX_SIGNATURES) return;
      accepted.delete(signature);
      forgottenUntilSeconds = Math.max(forgottenUntilSeconds, timestampSeconds);
    }
  };
  return {
    accept(signature, timestampSeconds) {
      const atMs = monotonicMs();
      forgetOld(atMs);
      if (accepted.has(signature) || !(timestampSeconds > forgottenUntilSeconds)) return false;
      accepted.set(signature, { timestampSeconds, atMs });
      return true;
    },
  };
}

/** Slack recommends five minutes. Bolt checks only for old timestamps; the gate also rejects future ones. */
export const SIGNATURE_TOLERANCE_SECONDS = 300;

export type SignatureVerdict =
  | { ok: true }
  | {
      ok: false;
      reason: 'signature_missing' | 'timestamp_stale' | 'timestamp_future' | 'signature_wrong';
    };

const WRONG: SignatureVerdict = { ok: false, reason: 'signature_wrong' };

interface SignatureHeaders {
  signature: string | undefined;
  timestamp: string | undefined;
}

/** Checks what can be checked without the body: both headers in Slack's format, and the age of the timestamp. */
function checkSignatureHeaders({ signature, timestamp }: SignatureHeaders, nowMs: number): SignatureVerdict {
  if (signature === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) {
    return { ok: false, reason: 'signature_missing' };
  }
  const ageSeconds = Math.floor(nowMs / 1000) - Number(timestamp);
  if (ageSeconds > SIGNATURE_TOLERANCE_SECONDS) return { ok: false, reason: 'timestamp_stale' };
  if (ageSeconds < -SIGNATURE_TOLERANCE_SECONDS) return { ok: false, reason: 'timestamp_future' };
  return /^v0=[0-9a-f]{64}$/.test(signature) ? { ok: true } : WRONG;
}

/**
 * Verifies Slack's request signature, `v0=` and HMAC-SHA-256 over `v0:{timestamp}:{body}`
 * (docs.slack.dev/authentication/verifying-requests-from-slack). Doesn't detect replayed requests.
 */
export function verifyRequestSignature(
  request: SignatureHeaders & { signingSecret: string | KeyObject; body: Uint8Array; nowMs: number },
): SignatureVerdict {
  const headers = checkSignatureHeaders(request, request.nowMs);
  if (!headers.ok) return headers;
  const hmac = createHmac('sha256', request.signingSecret)
    .update(`v0:${request.timestamp}:`)
    .update(request.body);
  const expected = Buffer.from(`v0=${hmac.digest('hex')}`);
  const given = Buffer.from(request.signature ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected) ? { ok: true } : WRONG;
}

/** Slack limits a view to 250 kB, which percent-encoding can triple. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Slack's certificate checks aren't signed. They have two short fields. */
const MAX_UNSIGNED_BODY_BYTES = 2 * 1024;
/** Slack waits for a response for three seconds. */
const BODY_WITHIN_MS = 3_000;
const MAX_FIELDS = 100;
/** Slack sends exactly this, without a charset, and Bolt accepts nothing else as a form. */
const FORM = 'application/x-www-form-urlencoded';

export interface RequestGateDependencies {
  /** A `KeyObject` saves Node from importing the secret at every request, signed or not. */
  signingSecret: string | KeyObject;
  replays: ReplayGuard;
  now: () => number;
  newRequestId: () => string;
  logger: Logger;
  /** Bolt's listener, which reads the body from `rawBody`. */
  next: (request: IncomingMessage & { rawBody: Buffer }, response: ServerResponse) => void;
}

type Verdict =
  /** `body`: for Bolt; undefined when there is nothing to do. */
  { ok: true; body: Buffer | undefined } | { ok: false; status: number; reason: string };

type Refusal = Extract<Verdict, { ok: false }>;

const REFUSED_BODIES: Record<Extract<ReadBodyResult, { ok: false }>['reason'], Refusal> = {
  too_large: { ok: false, status: 413, reason: 'too_large' },
  too_slow: { ok: false, status: 408, reason: 'too_slow' },
  displaced: { ok: false, status: 503, reason: 'overloaded' },
};

export type RequestGate = (request: IncomingMessage, response: ServerResponse, reception: Reception) => void;

/**
 * Creates the request listener in front of Bolt. It checks the size, signature, timestamp, replay and payload of each
 * request; a request that fails gets a 4xx and reaches no listener. The log is limited, as anyone can send requests.
 */
export function createRequestGate(dependencies: RequestGateDependencies): RequestGate {
  const log = createLimitedLog(dependencies.logger, { linesPerWindow: 1 });
  return (request, response, reception) => {
    const requestId = dependencies.newRequestId();
    runInRequest({ requestId }, () => {
      admit({ ...dependencies, log }, request, response, reception).catch((error: unknown) => {
        log.warn({ err: error, from: reception.from }, 'request aborted');
        if (!response.headersSent) refuse(response, 400, 'broken');
      });
    });
  };
}

async function admit(
  dependencies: RequestGateDependencies & { log: EventLog },
  request: IncomingMessage,
  response: ServerResponse,
  { from, bodies }: Reception,
): Promise<void> {
  const { log, next } = dependencies;
  if (request.method === 'GET' && isCertificateCheck(queryOf(request))) {
    response.writeHead(200).end();
    return;
  }
  const verdict =
    headProblem(request, dependencies.now()) ?? (await judgeBody(dependencies, request, { from, bodies }));
  if (!verdict.ok) {
    log.warn({ status: verdict.status, reason: verdict.reason, from }, 'request rejected');
    return refuse(response, verdict.status, verdict.reason);
  }
  if (verdict.body === undefined) response.writeHead(200).end();
  else next(Object.assign(request, { rawBody: verdict.body }), response);
}

/** Refuses what the headers rule out, before the body is read. */
function headProblem(request: IncomingMessage, nowMs: number): Refusal | undefined {
  if (request.method !== 'POST') return { ok: false, status: 405, reason: 'method' };
  if (request.headers['content-type'] !== FORM) return { ok: false, status: 415, reason: 'content_type' };
  const headers = signatureHeaders(request);
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (headers.signature === undefined && length <= MAX_UNSIGNED_BODY_BYTES) return undefined;
  const checked = checkSignatureHeaders(headers, nowMs);
  if (!checked.ok) return { ok: false, status: 401, reason: checked.reason };
  return length > MAX_BODY_BYTES ? REFUSED_BODIES.too_large : undefined;
}

async function judgeBody(
  dependencies: RequestGateDependencies,
  request: IncomingMessage,
  { from, bodies }: Reception,
): Promise<Verdict> {
  const read = await bodies.read(request, from, { maxBytes: MAX_BODY_BYTES, withinMs: BODY_WITHIN_MS });
  return read.ok ? judge(dependencies, request, read.body) : REFUSED_BODIES[read.reason];
}

/** Slack checks the certificate with unsigned requests (docs.slack.dev/interactivity/implementing-slash-commands). */
function isCertificateCheck(form: URLSearchParams): boolean {
  return form.get('ssl_check') === '1';
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start));
}

function judge(dependencies: RequestGateDependencies, request: IncomingMessage, body: Buffer): Verdict {
  const { signingSecret, replays, now } = dependencies;
  const text = body.toString('utf8');
  // Slack's forms have about 15 fields, and parsing half a million would take seconds.
  const isReadable = text.split('&', MAX_FIELDS + 1).length <= MAX_FIELDS;
  if (isReadable && isCertificateCheck(new URLSearchParams(text))) return { ok: true, body: undefined };
  const headers = signatureHeaders(request);
  const verified = verifyRequestSignature({ ...headers, signingSecret, body, nowMs: now() });
  if (!verified.ok) return { ok: false, status: 401, reason: verified.reason };
  if (!isReadable) return { ok: false, status: 400, reason: 'too_many_fields' };
  const read = readForm(new URLSearchParams(text));
  if ('problem' in read) return { ok: false, status: 400, reason: read.problem };
  if (!replays.accept(headers.signature ?? '', Number(headers.timestamp))) {
    return { ok: false, status: 409, reason: 'replayed' };
  }
  return { ok: true, body: read.body };
}

/** Bolt crashes or hangs on some signed bodies, so it gets a new body that contains only the validated fields. */
function readForm(form: URLSearchParams): { body: Buffer } | { problem: string } {
  const fields = Object.fromEntries(form);
  // Parsers differ in which of two equal fields they use.
  if (Object.keys(fields).length !== form.size) return { problem: 'field_repeated' };
  if (fields.payload === undefined) {
    const command = slashCommand.safeParse(fields);
    return command.success ? { body: encoded(command.data) } : { problem: 'command_shape' };
  }
  try {
    const payload = interaction.safeParse(JSON.parse(fields.payload));
    return payload.success
      ? { body: encoded({ payload: JSON.stringify(payload.data) }) }
      : { problem: 'payload_shape' };
  } catch {
    return { problem: 'payload_json' };
  }
}

function encoded(fields: Record<string, string>): Buffer {
  return Buffer.from(new URLSearchParams(fields).toString());
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  const body = JSON.stringify({ error: reason });
  // Closing the connection discards the rest of the body.
  response
    .writeHead(status, {
      'content-type': 'application/json',
      connection: 'close',
    })
    .end(body);
}

function signatureHeaders(request: IncomingMessage): SignatureHeaders {
  return {
    signature: header(request, 'x-slack-signature'),
    timestamp: header(request, 'x-slack-request-timestamp'),
  };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
