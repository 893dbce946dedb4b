import type { AppResponse } from '../protocol/app-response.ts';
import type { Traffic, TrafficRecord } from '../traffic/traffic.ts';
import { postToApp, signRequest } from './post-to-app.ts';
import type { Envelope, SocketMode } from './socket-mode.ts';

/** A request from Slack to the app: the fields of a command, or the payload of an interaction or event. */
type AppRequest =
  | { kind: 'slash_command'; fields: Record<string, string> }
  | { kind: 'interaction'; payload: { type: string; [key: string]: unknown } }
  | { kind: 'event'; payload: EventPayload; retry?: EventRetry };

export interface EventPayload {
  type: 'event_callback';
  event: { type: string; [field: string]: unknown };
  event_id: string;
  [field: string]: unknown;
}

export interface EventRetry {
  /** 1 for the first retry. */
  attempt: number;
  /** Why the previous attempt failed. */
  reason: string;
}

/** Overrides for the signature, so that tests can send what Slack never would. */
export interface Signing {
  signingSecret?: string;
  /** Used in both the header and the signature. */
  timestampSeconds?: number;
  /** Replaces the valid signature. */
  signature?: string;
}

export interface RawRequest {
  method: string;
  body: string;
  payload: unknown;
  contentType?: string;
  /** `false` sends neither a timestamp nor a signature. */
  sign?: Signing | false;
  headers?: Record<string, string>;
}

export interface AppRequests {
  /** Sends over HTTP if there is a request URL, otherwise over a socket. */
  send(request: AppRequest): Promise<AppResponse>;
  /** Sends the body unchanged over HTTP. */
  sendRaw(request: RawRequest): Promise<AppResponse>;
  sendTo(requestUrl: string | undefined): void;
  acknowledgeWithin(ms: number): void;
  /** Aborts the requests in flight. */
  stop(): void;
  /** Aborted by {@link AppRequests.stop}. */
  stopped: AbortSignal;
}

const formContentType = 'application/x-www-form-urlencoded';

export function encodeRequest(request: AppRequest): RawRequest {
  if (request.kind === 'slash_command') {
    const body = new URLSearchParams(request.fields).toString();
    return { method: 'slash_command', body, payload: request.fields };
  }
  if (request.kind === 'event') return encodeEvent(request);
  const { payload } = request;
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return { method: payload.type, body, payload };
}

function encodeEvent({ payload, retry }: Extract<AppRequest, { kind: 'event' }>): RawRequest {
  return {
    method: payload.event.type,
    body: JSON.stringify(payload),
    payload,
    contentType: 'application/json',
    ...(retry && {
      headers: { 'x-slack-retry-num': String(retry.attempt), 'x-slack-retry-reason': retry.reason },
    }),
  };
}

interface AppRequestParts {
  signingSecret: string;
  acknowledgeWithinMs: number;
  now: () => number;
  traffic: Traffic;
  socketMode: SocketMode;
}

export function createAppRequests(given: AppRequestParts & { requestUrl: string | undefined }): AppRequests {
  const parts = { ...given };
  let { requestUrl } = given;
  const stopped = new AbortController();
  const sendRaw = async (request: RawRequest): Promise<AppResponse> =>
    requestUrl === undefined
      ? { kind: 'unreachable', reason: 'no request URL is set' }
      : sendOverHttp(parts, request, requestUrl, stopped.signal);
  return {
    send: (request) =>
      requestUrl === undefined && parts.socketMode.isConnected()
        ? sendOverSocket(parts, request)
        : sendRaw(encodeRequest(request)),
    sendRaw,
    sendTo: (url) => {
      requestUrl = url;
    },
    acknowledgeWithin: (ms) => {
      parts.acknowledgeWithinMs = ms;
    },
    stop: () => stopped.abort(),
    stopped: stopped.signal,
  };
}

async function sendOverHttp(
  parts: AppRequestParts,
  request: RawRequest,
  url: string,
  signal: AbortSignal,
): Promise<AppResponse> {
  const { method, body, payload } = request;
  const headers = headersFor(parts, request);
  const record = parts.traffic.begin({
    direction: 'to_app',
    transport: 'http',
    method,
    url,
    headers,
    body,
    payload,
  });
  const response = await postToApp({ url, headers, body, withinMs: parts.acknowledgeWithinMs, signal });
  endRecord(parts.traffic, record, response);
  return response;
}

async function sendOverSocket(
  { traffic, socketMode, acknowledgeWithinMs }: AppRequestParts,
  request: AppRequest,
): Promise<AppResponse> {
  const { method, payload } = encodeRequest(request);
  const record = traffic.begin({
    direction: 'to_app',
    transport: 'socket',
    method,
    url: 'socket',
    headers: {},
    body: JSON.stringify(payload),
    payload,
  });
  const response = await socketMode.send({ ...envelopeOf(request), payload }, acknowledgeWithinMs);
  endRecord(traffic, record, response);
  return response;
}

function envelopeOf(request: AppRequest): Omit<Envelope, 'payload'> {
  switch (request.kind) {
    case 'slash_command':
      return { type: 'slash_commands', accepts_response_payload: true };
    case 'interaction':
      return { type: 'interactive', accepts_response_payload: true };
    case 'event':
      return {
        type: 'events_api',
        accepts_response_payload: false,
        retry_attempt: request.retry?.attempt ?? 0,
        retry_reason: request.retry?.reason ?? '',
      };
  }
}

function headersFor(
  { signingSecret, now }: AppRequestParts,
  { sign = {}, body, contentType = formContentType, headers }: RawRequest,
): Record<string, string> {
  const timestampSeconds = Math.trunc(now() / 1000);
  const signed = sign !== false && {
    ...signRequest({ signingSecret, timestampSeconds, ...sign, body }),
    ...(sign.signature !== undefined && { 'x-slack-signature': sign.signature }),
  };
  return {
    'content-type': contentType,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    accept: 'application/json,*/*',
    ...signed,
    ...headers,
  };
}

function endRecord(traffic: Traffic, record: TrafficRecord, response: AppResponse): void {
  if (response.kind === 'responded') {
    traffic.end(record, {
      response: { status: response.status, body: response.body },
    });
  } else {
    const reason = response.kind === 'unreachable' ? `: ${response.reason}` : '';
    traffic.end(record, { failure: response.kind + reason });
  }
}
