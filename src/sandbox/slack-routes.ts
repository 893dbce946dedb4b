import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerOrFail, type FailingAnswer, type HttpAnswer, jsonAnswer } from './failing-answer.ts';
import type { FailurePlan } from './failures.ts';
import { postReply } from './message-reply.ts';
import type { Traffic, TrafficRecord } from './traffic.ts';
import { answerCall, readCall } from './web-api/call.ts';
import type { MethodContext } from './web-api/method.ts';

export interface SlackRouteParts {
  context: MethodContext;
  failures: FailurePlan;
  traffic: Traffic;
  /** Aborted when the server stops. */
  stopped: AbortSignal;
}

/** What an app calls at slack.com: the Web API and response URLs. */
export function addSlackRoutes(server: FastifyInstance, parts: SlackRouteParts): void {
  server.all<{ Params: { method: string } }>('/api/:method', async (request, reply) => {
    const { method } = request.params;
    const call = readCall({
      method,
      contentType: request.headers['content-type'] ?? '',
      authorization: request.headers.authorization,
      query: request.query as Record<string, string>,
      body: bodyOf(request),
    });
    const record = beginRecord(parts, request, method, call.args);
    const effect = () => {
      const { answer, accepted } = answerCall(call, parts.context);
      return jsonAnswer(answer, { headers: webApiHeaders(parts.context, accepted) });
    };
    await answerCaller(parts, request, reply, { method, record, effect, errorStatus: 200 });
  });

  server.post('/:kind(^(?:commands|actions|app)$)/:team/:number/:secret', async (request, reply) => {
    const payload = parseReply(request);
    const record = beginRecord(parts, request, 'response_url', payload);
    const effect = () => useResponseUrl(parts.context, request.url, payload);
    await answerCaller(parts, request, reply, { method: 'response_url', record, effect, errorStatus: 404 });
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
    body: bodyOf(request),
    payload,
  });
}

async function answerCaller(
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
  const answer: FailingAnswer = await answerOrFail(failure, effect, { signal: stopped, errorStatus });
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

function webApiHeaders({ app }: MethodContext, accepted: string[]): Record<string, string> {
  return {
    'x-slack-req-id': randomUUID().replaceAll('-', ''),
    'x-oauth-scopes': app.scopes.join(','),
    ...(accepted.length > 0 && { 'x-accepted-oauth-scopes': accepted.join(',') }),
    'cache-control': 'private, no-cache, no-store, must-revalidate',
  };
}

/** The JSON of the body, or of its `payload` field; undefined when it is neither. */
function parseReply(request: FastifyRequest): Record<string, unknown> | undefined {
  const body = bodyOf(request);
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

function bodyOf(request: FastifyRequest): string {
  return typeof request.body === 'string' ? request.body : '';
}
