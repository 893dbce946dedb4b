import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type HttpResponse, textBody } from '../../http/local-server.ts';
import type { ChangesBy } from '../account-changes.ts';
import { authenticate, withholdPrivileges } from '../caller.ts';
import type { Capabilities } from '../capabilities.ts';
import type { RequestLog, WandbRequest } from '../request-log.ts';
import type { RunKeeping } from '../runs/run-keeping.ts';
import type { Holds, WandbFailurePlan } from '../wandb-failures.ts';
import type { WandbState } from '../wandb-state.ts';
import { type GraphqlCall, readGraphqlCall } from './graphql-call.ts';
import {
  failedResponse,
  respondToCall,
  type ValidatingSchema,
  type WireResponse,
} from './graphql-response.ts';
import { sendResponse } from './send-response.ts';

interface GraphqlRouteParts {
  state: WandbState;
  capabilities: Capabilities;
  changesBy: ChangesBy;
  schema: () => ValidatingSchema;
  failures: WandbFailurePlan;
  holds: Holds;
  log: RequestLog;
  runs: RunKeeping;
  now: () => number;
  /** Aborted when the server stops. */
  stopped: AbortSignal;
}

/** A run's config can be large. */
const MAX_BODY_BYTES = 16 * 2 ** 20;

export function addGraphqlRoute(server: FastifyInstance, path: string, parts: GraphqlRouteParts): void {
  const { state, holds, failures, log, now, stopped } = parts;
  server.post(path, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const call = readGraphqlCall(textBody(request));
    const caller = authenticate(state, request.headers.authorization, now);
    const record = log.begin(call, {
      headers: request.headers,
      caller: caller.kind === 'user' ? caller.user.username : null,
    });
    await holds.pass(record.operations, 'before');
    if (stopped.aborted) return reply.hijack();
    const failure = failures.next(record.operations);
    if (failure) record.failure = failure.kind;
    const wait = async (when: boolean) => {
      if (failure?.kind !== 'slow' || when !== (failure.afterEffect ?? false)) return;
      await delay(failure.delayMs, undefined, { signal: stopped }).catch(() => undefined);
    };
    await wait(false);
    if (stopped.aborted) return reply.hijack();
    const effect = () => execute(parts, { call, request, record });
    const wire: WireResponse = failure
      ? failedResponse(failure, call, effect)
      : { kind: 'response', response: effect() };
    if (record.executed) await holds.pass(record.operations, 'after');
    await wait(true);
    await sendResponse(reply, wire, stopped);
    if (wire.kind !== 'silence') log.end(record, 'response' in wire ? wire.response.status : undefined);
  });
}

/** Authenticates again, because keys and permissions must be those at the time of the effect. */
function execute(
  { state, capabilities, changesBy, schema, runs, now }: GraphqlRouteParts,
  { call, request, record }: { call: GraphqlCall; request: FastifyRequest; record: WandbRequest },
): HttpResponse {
  const authenticated = authenticate(state, request.headers.authorization, now);
  const caller = capabilities.gatesAdminPrivileges
    ? withholdPrivileges(authenticated, request.headers)
    : authenticated;
  record.executed = true;
  const attribution = {
    username: headerText(request, 'x-wandb-username'),
    email: headerText(request, 'x-wandb-user-email'),
  };
  const changes = changesBy(caller.kind === 'user' ? caller.user : undefined);
  return respondToCall(call, schema(), { state, caller, changes, capabilities, runs, attribution, now });
}

function headerText({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
