import type { KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { runInRequest } from '../../log/create-logger.ts';
import { createLimitedLog, type EventLog } from '../../log/limited-log.ts';
import type { ReadBodyResult, Reception } from '../../net/request-bodies.ts';
import { type ReadRequest, readEvent, readForm } from './read-request.ts';
import {
  checkSignatureHeaders,
  type ReplayGuard,
  type SignatureHeaders,
  verifyRequestSignature,
} from './request-signature.ts';

/** Slack limits a view to 250 kB, which percent-encoding can triple. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Slack's certificate checks aren't signed. They have two short fields. */
const MAX_UNSIGNED_BODY_BYTES = 2 * 1024;
/** Slack waits for a response for three seconds. */
const BODY_WITHIN_MS = 3_000;
const MAX_FIELDS = 100;
/** Slack sends exactly this, without a charset, and Bolt accepts nothing else as a form. */
const FORM = 'application/x-www-form-urlencoded';
/** Events, and the check of the request URL. An event may contain a view. */
const JSON_TYPE = 'application/json';
const MAX_EVENT_BYTES = 512 * 1024;

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

type Verdict = Exclude<ReadRequest, { problem: string }> | 'certificate_check' | Refusal;

interface Refusal {
  status: number;
  reason: string;
}

const REFUSED_BODIES: Record<Extract<ReadBodyResult, { ok: false }>['reason'], Refusal> = {
  too_large: { status: 413, reason: 'too_large' },
  too_slow: { status: 408, reason: 'too_slow' },
  displaced: { status: 503, reason: 'overloaded' },
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
  if (verdict === 'certificate_check') {
    response.writeHead(200).end();
  } else if ('reason' in verdict) {
    log.warn({ ...verdict, from }, 'request rejected');
    refuse(response, verdict.status, verdict.reason);
  } else if ('challenge' in verdict) {
    respondJson(response, 200, { challenge: verdict.challenge });
  } else if ('ignored' in verdict) {
    log.info({ event: verdict.ignored }, 'event ignored');
    response.writeHead(200).end();
  } else {
    next(Object.assign(request, { rawBody: verdict.body }), response);
  }
}

/** Refuses what the headers rule out, before the body is read. */
function headProblem(request: IncomingMessage, nowMs: number): Refusal | undefined {
  if (request.method !== 'POST') return { status: 405, reason: 'method' };
  const type = request.headers['content-type'];
  if (type !== FORM && type !== JSON_TYPE) return { status: 415, reason: 'content_type' };
  const headers = signatureHeaders(request);
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  const maySkipSignature = type === FORM && length <= MAX_UNSIGNED_BODY_BYTES;
  if (headers.signature === undefined && maySkipSignature) return undefined;
  const checked = checkSignatureHeaders(headers, nowMs);
  if (!checked.ok) return { status: 401, reason: checked.reason };
  return length > maxBytesOf(request) ? REFUSED_BODIES.too_large : undefined;
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type'] === JSON_TYPE;
}

function maxBytesOf(request: IncomingMessage): number {
  return isJson(request) ? MAX_EVENT_BYTES : MAX_BODY_BYTES;
}

async function judgeBody(
  dependencies: RequestGateDependencies,
  request: IncomingMessage,
  { from, bodies }: Reception,
): Promise<Verdict> {
  const maxBytes = maxBytesOf(request);
  const read = await bodies.read(request, from, { maxBytes, withinMs: BODY_WITHIN_MS });
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
  const isReadable = isJson(request) || text.split('&', MAX_FIELDS + 1).length <= MAX_FIELDS;
  const form = isJson(request) || !isReadable ? undefined : new URLSearchParams(text);
  if (form !== undefined && isCertificateCheck(form)) return 'certificate_check';
  const headers = signatureHeaders(request);
  const verified = verifyRequestSignature({ ...headers, signingSecret, body, nowMs: now() });
  if (!verified.ok) return { status: 401, reason: verified.reason };
  if (!isReadable) return { status: 400, reason: 'too_many_fields' };
  const read = form === undefined ? readEvent(text) : readForm(form);
  if ('problem' in read) return { status: 400, reason: read.problem };
  if (!replays.accept(headers.signature ?? '', Number(headers.timestamp))) {
    return { status: 409, reason: 'replayed' };
  }
  return read;
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  // Closing the connection discards the rest of the body.
  respondJson(response, status, { error: reason }, { connection: 'close' });
}

function respondJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
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
