import type { FastifyInstance } from 'fastify';
import type { VerifiedCredential } from '../../application/authority/verify-credential.ts';
import type { Admit } from '../server/admission.ts';
import { sendError } from '../server/api-error.ts';
import { type Authenticate, beforeBody } from '../server/authenticate.ts';
import type { ExecuteGraphqlRequest, GraphqlRequest, GraphqlResponse } from './graphql-executor.ts';
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
  { ports, authenticate, admit, loadExecutor }: GraphqlRouteDependencies,
): void {
  const execute = createGraphqlExecution({ ports, ...(loadExecutor && { loadExecutor }) });
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
        const { status, body } = await execute(read.request, verified);
        const text = JSON.stringify(body);
        admitted.respond(text.length);
        return reply.code(status).type('application/json; charset=utf-8').send(text);
      } finally {
        admitted.done();
      }
    },
  });
}

export type ExecuteForCaller = (
  request: GraphqlRequest,
  verified: VerifiedCredential,
) => Promise<GraphqlResponse>;

/** Creates a function that executes requests on Keysmith's own schema. */
export function createGraphqlExecution({
  ports,
  loadExecutor = importExecutor,
}: Pick<GraphqlRouteDependencies, 'ports' | 'loadExecutor'>): ExecuteForCaller {
  const readExecutor = loadOnce(loadExecutor);
  return async (request, verified) => {
    const execute = await readExecutor();
    return await execute(request, createGraphqlContext(ports, verified));
  };
}

/** Returns a function that loads something with its first call. */
export function loadOnce<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      // A cause such as EMFILE passes, so the next call tries again.
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

/** Loads the graphql package, which has 170 files, with the first request instead of with every start. */
async function importExecutor(): Promise<ExecuteGraphqlRequest> {
  const { createGraphqlExecutor } = await import('./graphql-executor.ts');
  return createGraphqlExecutor();
}
