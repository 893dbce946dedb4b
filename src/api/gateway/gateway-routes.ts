import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import type { UpstreamCredentials } from '../../application/gateway/upstream-credential.ts';
import { createLimitedLog } from '../../log/limited-log.ts';
import { createRequestBodies } from '../../net/request-bodies.ts';
import { createGraphqlExecution, loadOnce } from '../graphql/graphql-route.ts';
import { createAdmission, responseOver } from '../server/admission.ts';
import { type Authenticate, readCredential } from '../server/authenticate.ts';
import { REFUSALS_LOGGED_PER_MINUTE } from '../server/failure-limit.ts';
import { createWorkLimit } from '../server/work-limit.ts';
import { createFileForwarding } from './file-forwarding.ts';
import { type GatewayPath, readGatewayPath } from './gateway-paths.ts';
import { type GatewayRequest, rawTarget } from './gateway-request.ts';
import { createRespondEdited } from './operations/graphql-answers.ts';
import { createReadGraphqlBody } from './operations/graphql-body.ts';
import { createGraphqlForwarding } from './operations/graphql-forwarding.ts';
import { createMemoryBudget } from './operations/memory-budget.ts';
import { createSeenIds } from './operations/seen-ids.ts';
import { addRunPageRedirect } from './run-page-redirect.ts';
import { createAnswerUrls } from './upstream/answer-urls.ts';
import { addForwarding } from './upstream/forward.ts';
import { createCallUpstream } from './upstream/upstream-call.ts';

export interface GatewayRoutesDependencies {
  ports: AuthorityPorts;
  authenticate: Authenticate;
  credentials: UpstreamCredentials;
  dispatcher: Dispatcher;
  upstreamUrl: string;
  appUrl: string;
  moreMutations: readonly string[];
  publicUrl: () => string;
}

/** Nothing may come from the W&B server for longer, as the SDKs' own limit per request is 180 seconds too. */
const IDLE_TIMEOUT_MS = 180_000;

/** A sweep may start hundreds of runs with one key, each of which sends one request at a time here. */
const REQUEST_BOUNDS = {
  perCaller: { running: 256, waiting: 250, unreadBytes: 8e6 },
  overall: { running: 1_024, waiting: 1_000, unreadBytes: 64e6 },
};
/** Room for one answer of the largest size and one body of the largest size of the same account. */
const MEMORY_BOUNDS = { maxBytes: 128 * 1024 * 1024, maxBytesPerAccount: 80 * 1024 * 1024 };

/** Adds the routes that forward workloads to the W&B server. */
export async function addGatewayRoutes(
  server: FastifyInstance,
  dependencies: GatewayRoutesDependencies,
): Promise<void> {
  const { ports, authenticate, credentials, upstreamUrl, publicUrl, moreMutations, appUrl } = dependencies;
  const { logger } = ports;
  addRunPageRedirect(server, { appUrl });
  await server.register(async (scope) => {
    // Bodies are forwarded as they arrive.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', async (_request: FastifyRequest, payload: unknown) => payload);
    const forward = await addForwarding(scope, { ...dependencies, idleTimeoutMs: IDLE_TIMEOUT_MS });
    const urls = createAnswerUrls({ upstreamUrl, publicUrl });
    const call = createCallUpstream({ forward, credentials, urls, logger });
    const log = createLimitedLog(logger, { linesPerWindow: REFUSALS_LOGGED_PER_MINUTE });
    const budget = createMemoryBudget(MEMORY_BOUNDS);
    const bodies = createRequestBodies({ maxTotalBytes: 2 * MEMORY_BOUNDS.maxBytes });
    const forwardGraphql = createGraphqlForwarding({
      ports,
      log,
      readBody: createReadGraphqlBody({ bodies, budget }),
      loadGuard: loadOnce(async () => {
        const { createGraphqlGuard } = await import('./graphql/guard.ts');
        return createGraphqlGuard({ moreMutations });
      }),
      credentials,
      seenIds: createSeenIds(),
      call,
      respondEdited: createRespondEdited({ budget, urls, logger }),
      executeOwn: createGraphqlExecution({ ports }),
    });
    const forwardFile = createFileForwarding({ ports, log, credentials, call });
    const admit = createAdmission({ limit: createWorkLimit(REQUEST_BOUNDS), logger });
    const requests = new WeakMap<FastifyRequest, GatewayRequest>();
    const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
      const path = readGatewayPath(request.method, rawTarget(request).path);
      if (path === undefined) return reply.callNotFound();
      const admitted = await admitWorkload(request, reply, path);
      if (admitted === undefined) return reply;
      requests.set(request, admitted);
    };
    const admitWorkload = async (
      request: FastifyRequest,
      reply: FastifyReply,
      path: GatewayPath,
    ): Promise<GatewayRequest | undefined> => {
      let verified = await authenticate(request, reply);
      if (verified === undefined) return undefined;
      const admitted = await admit(verified.account.id, request, reply);
      if (admitted === undefined) return undefined;
      // Forwarding ends with the response.
      admitted.done();
      // The credential may have been revoked while the request waited.
      if (admitted.hasWaited) verified = await authenticate(request, reply);
      const read = readCredential(request);
      if (verified === undefined || !read.ok) return undefined;
      const over = responseOver(request, reply);
      return { request, reply, path, verified, credential: read.credential, over };
    };
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const gatewayRequest = requests.get(request);
      if (gatewayRequest === undefined) throw new Error('the request was not admitted');
      await (gatewayRequest.path.kind === 'graphql' ? forwardGraphql : forwardFile)(gatewayRequest);
      return reply;
    };
    const routes = [
      ['POST', '/graphql'],
      ['POST', '/files/*'],
      ['GET', '/files/*'],
      ['GET', '/artifacts/*'],
      ['GET', '/artifactsV2/*'],
    ] as const;
    for (const [method, url] of routes) {
      const config = { errorFormat: 'graphql' } as const;
      scope.route({ method, url, exposeHeadRoute: false, config, onRequest, handler });
    }
  });
}
