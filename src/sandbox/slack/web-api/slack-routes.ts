import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type HttpAnswer, jsonAnswer, textBody } from '../../http/local-server.ts';
import type { Failure, FailurePlan } from '../protocol/failures.ts';
import type { Traffic, TrafficRecord } from '../traffic/traffic.ts';
import { answerCall, readCall } from './call.ts';
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
      const { answer, acceptedScopes } = answerCall(call, parts.context);
      return jsonAnswer(answer, { headers: webApiHeaders(parts.context, acceptedScopes) });
    };
    await sendAnswer(parts, request, reply, { method, record, effect, errorStatus: 200 });
  });

  server.post('/:kind(^(?:commands|actions|app)$)/:team/:number/:secret', async (request, reply) => {
    const payload = parseReply(request);
    const record = beginRecord(parts, request, 'response_url', payload);
    const effect = () => useResponseUrl(parts.context, request.url, payload);
    await sendAnswer(parts, request, reply, { method: 'response_url', record, effect, errorStatus: 404 });
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

async function sendAnswer(
  { failures, traffic, stopped }: SlackRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
  call: {
    method: string;
    record: TrafficRecord;
    effect: () => HttpAnswer;
    errorStatus: number;
  },
): Promise<void> {
  const failure = failures.next(call.method);
  const { effect, errorStatus, record } = call;
  const answer = await answerOrFail(failure, effect, { signal: stopped, errorStatus });
  if (typeof answer === 'string') {
    traffic.end(record, { failure: failure?.kind ?? answer });
    reply.hijack();
    if (answer === 'reset') request.raw.socket.resetAndDestroy();
    return;
  }
  const { status, body } = answer;
  traffic.end(record, {
    answer: { status, body },
    ...(failure && { failure: failure.kind }),
  });
  await reply.code(status).headers(answer.headers).send(body);
}

/** `silence` and `reset` are up to the caller, who has the connection. */
type FailingAnswer = HttpAnswer | 'silence' | 'reset';

/** Answers a call, or fails as planned, before or after its effect. */
async function answerOrFail(
  failure: Failure | undefined,
  effect: () => HttpAnswer,
  parts: { signal: AbortSignal; errorStatus: number },
): Promise<FailingAnswer> {
  if (!failure) return effect();
  if (failure.kind === 'rate_limited') {
    const headers = { 'retry-after': String(failure.retryAfterSeconds) };
    return jsonAnswer({ ok: false, error: 'ratelimited' }, { status: 429, headers });
  }
  const answer = failure.afterEffect ? effect() : undefined;
  switch (failure.kind) {
    case 'slow': {
      const isStopped = await delay(failure.delayMs, false, { signal: parts.signal }).catch(() => true);
      return isStopped ? 'silence' : (answer ?? effect());
    }
    case 'held': {
      if (parts.signal.aborted) return 'silence';
      const stopped = once(parts.signal, 'abort').then(() => true);
      const isStopped = await Promise.race([failure.released, stopped]);
      return isStopped === true ? 'silence' : (answer ?? effect());
    }
    case 'error':
      return jsonAnswer({ ok: false, error: failure.error }, { status: parts.errorStatus });
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
): HttpAnswer {
  const found = context.responseUrls.find(path);
  if (!found.ok) return jsonAnswer({ ok: false, error: found.error }, { status: 404 });
  if (!payload) return jsonAnswer({ ok: false, error: 'invalid_payload' }, { status: 400 });
  const posted = postReply(context, found.url, payload);
  if (!posted.ok) return jsonAnswer({ ok: false, error: posted.error }, { status: 400 });
  found.use();
  return { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' };
}
