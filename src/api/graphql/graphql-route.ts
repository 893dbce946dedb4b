import type { FastifyInstance } from 'fastify';
import type { VerifiedCredential } from '../../application/authority/verify-credential.ts';
import type { Admit } from '../server/admission.ts';
import { sendError } from '../server/api-error.ts';
import { type Authenticate, beforeBody } from '../server/authenticate.ts';
import type { ExecuteGraphqlRequest } from './graphql-executor.ts';
import { readGraphqlRequest } from './read-graphql-request.ts';
import { createGraphqlContext, type GraphqlPorts } from './root-value.ts';

export interface GraphqlRouteDependencies {
  ports: GraphqlPorts;
  authenticate: Authenticate;
  /** Bounds the work of each account. */
  admit: Admit;
  /** Loads the graphql package, by default with the first request. */
  loadExecutor?: () => Promise<ExecuteGraphqlRequest>;
}

/** Adds `POST /graphql`: the part of W&B's API by which its clients identify themselves. It is read-only. */
export function addGraphqlRoute(
  server: FastifyInstance,
  { ports, authenticate, admit, loadExecutor = importExecutor }: GraphqlRouteDependencies,
): void {
  let executor: Promise<ExecuteGraphqlRequest> | undefined;
  const readExecutor = () => {
    executor ??= loadExecutor().catch((error: unknown) => {
      // A cause such as EMFILE passes, so the next request tries again.
      executor = undefined;
      throw error;
    });
    return executor;
  };
  const { onRequest, callerOf } = beforeBody(authenticate);
  server.route({
    method: 'POST',
    url: '/graphql',
    config: { errorFormat: 'graphql' },
    onRequest,
    handler: async (request, reply) => {
      let verified: VerifiedCredential | undefined = callerOf(request);
      if (request.body instanceof URLSearchParams) {
        return sendError(reply, { reason: 'content_type_not_supported', expected: 'JSON' });
      }
      const read = readGraphqlRequest(request.body);
      if (!read.ok) return sendError(reply, { reason: 'invalid_request', description: read.problem });
      const admitted = await admit(verified.account.id, request, reply);
      if (admitted === undefined) return reply;
      try {
        // The credential may have been revoked while the request waited.
        if (admitted.hasWaited) verified = await authenticate(request, reply);
        if (verified === undefined) return reply;
        const executeRequest = await readExecutor();
        const { status, body } = await executeRequest(read.request, createGraphqlContext(ports, verified));
        const text = JSON.stringify(body);
        admitted.respond(text.length);
        return reply.code(status).type('application/json; charset=utf-8').send(text);
      } finally {
        admitted.done();
      }
    },
  });
}

/** Loads the graphql package, which has 170 files, with the first request instead of with every start. */
async function importExecutor(): Promise<ExecuteGraphqlRequest> {
  const { createGraphqlExecutor } = await import('./graphql-executor.ts');
  return createGraphqlExecutor();
}
