import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { VerifiedCredential } from '../../application/authority/verify-credential.ts';
import { invalidRequest, oneMethod, sendError, unsupportedContentType } from '../server/api-error.ts';
import type { Authenticate } from '../server/authenticate.ts';
import { createGraphqlAnswers, readGraphqlRequest } from './answer-request.ts';
import { createRequestContext, type GraphqlPorts } from './root-value.ts';

export interface GraphqlRouteParts {
  ports: GraphqlPorts;
  authenticate: Authenticate;
}

/** `POST /graphql`: the part of W&B's API by which its client finds out who it is. Reads only. */
export function addGraphqlRoute(server: FastifyInstance, { ports, authenticate }: GraphqlRouteParts): void {
  const answer = createGraphqlAnswers();
  const callers = new WeakMap<FastifyRequest, VerifiedCredential>();
  server.register(async (scope) => {
    scope.addHook('preSerialization', async (_request, _reply, payload) => withErrors(payload));
    oneMethod(scope, {
      method: 'POST',
      url: '/graphql',
      // Before the body is read: who is unknown learns nothing else, and is not worked for.
      onRequest: async (request, reply) => {
        const verified = await authenticate(request, reply);
        if (verified === undefined) return reply;
        callers.set(request, verified);
      },
      handler: async (request, reply) => {
        const verified = callers.get(request);
        if (verified === undefined) throw new Error('the caller of /graphql is not known');
        if (request.body instanceof URLSearchParams) return sendError(reply, unsupportedContentType('JSON'));
        const read = readGraphqlRequest(request.body);
        if (!read.ok) return sendError(reply, invalidRequest(read.problem));
        const { status, body } = await answer(read.request, createRequestContext(ports, verified));
        return reply.code(status).send(body);
      },
    });
  });
}

/** Refusals of the HTTP edge get the list beside their own fields in which W&B's clients look for what to show. */
function withErrors(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('error_description' in payload)) return payload;
  return { ...payload, errors: [{ message: payload.error_description }] };
}
