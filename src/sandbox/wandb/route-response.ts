import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { type HttpResponse, jsonResponse } from '../http/local-server.ts';
import type { GraphqlCall } from './graphql/graphql-call.ts';
import { failedResponse, type WireResponse } from './graphql/graphql-response.ts';
import { sendResponse } from './graphql/send-response.ts';
import type { WandbRouteRequest } from './request-log.ts';
import type { Holds, WandbFailure, WandbFailurePlan } from './wandb-failures.ts';

export interface RoutePlans {
  failures: WandbFailurePlan;
  holds: Holds;
  /** Aborted when the server stops. */
  stopped: AbortSignal;
}

const NO_CALL: GraphqlCall = { query: '', variables: {}, operationName: null, rootFields: [] };

/** Responds to a call beside `/graphql` with its effect, or as the failures and holds planned for `operation` say. */
export async function respondToRoute(
  reply: FastifyReply,
  { failures, holds, stopped }: RoutePlans,
  {
    operation,
    record,
    effect,
  }: { operation: string; record?: WandbRouteRequest; effect: () => HttpResponse | Promise<HttpResponse> },
): Promise<void> {
  await holds.pass([operation], 'before');
  const failure = failures.next([operation]);
  if (failure?.kind === 'slow') {
    await delay(failure.delayMs, undefined, { signal: stopped }).catch(() => undefined);
  }
  if (stopped.aborted) {
    reply.hijack();
    return;
  }
  const response = !failure || takesEffect(failure) ? await effect() : jsonResponse(null);
  const wire: WireResponse = failure
    ? failedResponse(failure, NO_CALL, () => response)
    : { kind: 'response', response };
  await holds.pass([operation], 'after');
  if (record && 'response' in wire) record.status = wire.response.status;
  await sendResponse(reply, wire, stopped);
}

const takesEffect = (failure: WandbFailure) =>
  ['slow', 'drip', 'truncated'].includes(failure.kind) || ('afterEffect' in failure && failure.afterEffect);
