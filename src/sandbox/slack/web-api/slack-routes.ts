import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type HttpResponse, jsonResponse, textBody } from '../../http/local-server.ts';
import type { Failure, FailurePlan } from '../protocol/failures.ts';
import type { Traffic, TrafficRecord } from '../traffic/traffic.ts';
import { readCall, respondToCall } from './call.ts';
import { postReply } from './chat.ts';
import type { MethodContext } from './method.ts';

interface SlackRouteParts {
  context: MethodContext;
  failures: FailurePlan;
  traffic: Traffic;
  /** Aborted when the server stops. */
  stopped: AbortSignal;
}

/** Adds what an app calls at slack.com: the Web API and response URLs. */
export function addSlackRoutes(server: FastifyInstance, parts: SlackRouteParts): void {
  server.all<{ Params: { method: string } }>('/api/:method', async (request, reply) => {
    const { method } = request.params;
    const call = readCall({
      method,
      contentType: request.headers['content-type'] ?? '',
      authorization: request.headers.authorization,
      query: request.query as Record<string, string>,
      body: textBody(request),
    });
    const record = beginRecord(parts, request, method, call.args);
    const effect = () => {
      const { response, acceptedScopes } = respondToCall(call, parts.context);
      return jsonResponse(response, { headers: webApiHeaders(parts.context, acceptedScopes) });
    };
    await sendResponse(parts, request, reply, { method, record, effect, errorStatus: 200 });
  });

  server.post('/:kind(^(?:commands|actions|app)$)/:team/:number/:secret', async (request, reply) => {
    const payload = parseReply(request);
    const record = beginRecord(parts, request, 'response_url', payload);
    const effect = () => useResponseUrl(parts.context, request.url, payload);
    await sendResponse(parts, request, reply, { method: 'response_url', record, effect, errorStatus: 404 });
  });
}

function beginRecord(
  { traffic, context }: SlackRouteParts,
  request: FastifyRequest,
  method: string,
  payload: unknown,
): TrafficRecord {
  return traffic.begin({
    direction: 'to_slack',
    transport: 'http',
    method,
    url: context.origin() + request.url,
    headers: request.headers as Record<string, string>,
    body: textBody(request),
    payload,
  });
}

async function sendResponse(
  { failures, traffic, stopped }: SlackRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
  call: {
    method: string;
    record: TrafficRecord;
    effect: () => HttpResponse;
    errorStatus: number;
  },
): Promise<void> {
  const failure = failures.next(call.method);
  const { effect, errorStatus, record } = call;
  const response = await respondOrFail(failure, effect, { signal: stopped, errorStatus });
  if (typeof response === 'string') {
    traffic.end(record, { failure: failure?.kind ?? response });
    reply.hijack();
    if (response === 'reset') request.raw.socket.resetAndDestroy();
    return;
  }
  const { status, body } = response;
  traffic.end(record, {
    response: { status, body },
    ...(failure && { failure: failure.kind }),
  });
  await reply.code(status).headers(response.headers).send(body);
}

/** `silence` and `reset` are up to the caller, who has the connection. */
type FailingResponse = HttpResponse | 'silence' | 'reset';

/** Responds to a call, or fails as planned, before or after its effect. */
async function respondOrFail(
  failure: Failure | undefined,
  effect: () => HttpResponse,
  parts: { signal: AbortSignal; errorStatus: number },
): Promise<FailingResponse> {
  if (!failure) return effect();
  if (failure.kind === 'rate_limited') {
    const headers = { 'retry-after': String(failure.retryAfterSeconds) };
    return jsonResponse({ ok: false, error: 'ratelimited' }, { status: 429, headers });
  }
  const response = failure.afterEffect ? effect() : undefined;
  switch (failure.kind) {
    case 'slow': {
      const isStopped = await delay(failure.delayMs, false, { signal: parts.signal }).catch(() => true);
      return isStopped ? 'silence' : (response ?? effect());
    }
    case 'held': {
      if (parts.signal.aborted) return 'silence';
      const stopped = once(parts.signal, 'abort').then(() => true);
      const isStopped = await Promise.race([failure.released, stopped]);
      return isStopped === true ? 'silence' : (response ?? effect());
    }
    case 'error':
      return jsonResponse({ ok: false, error: failure.error }, { status: parts.errorStatus });
    case 'status':
      return { status: failure.status, headers: {}, body: '' };
    case 'redirect':
      return { status: 302, headers: { location: failure.location }, body: '' };
    case 'timeout':
      return 'silence';
    case 'reset':
      return 'reset';
  }
}

function webApiHeaders({ app }: MethodContext, acceptedScopes: string[]): Record<string, string> {
  return {
    'x-slack-req-id': randomUUID().replaceAll('-', ''),
    'x-oauth-scopes': app.scopes.join(','),
    ...(acceptedScopes.length > 0 && { 'x-accepted-oauth-scopes': acceptedScopes.join(',') }),
    'cache-control': 'private, no-cache, no-store, must-revalidate',
  };
}

/** Parses the JSON of the body, or of its `payload` field; returns undefined if it is neither. */
function parseReply(request: FastifyRequest): Record<string, unknown> | undefined {
  const body = textBody(request);
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  try {
    const parsed: unknown = JSON.parse(isForm ? (new URLSearchParams(body).get('payload') ?? '') : body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function useResponseUrl(
  context: MethodContext,
  path: string,
  payload: Record<string, unknown> | undefined,
): HttpResponse {
  const found = context.responseUrls.find(path);
  if (!found.ok) return jsonResponse({ ok: false, error: found.error }, { status: 404 });
  if (!payload) return jsonResponse({ ok: false, error: 'invalid_payload' }, { status: 400 });
  const posted = postReply(context, found.url, payload);
  if (!posted.ok) return jsonResponse({ ok: false, error: posted.error }, { status: 400 });
  found.use();
  return { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' };
}
