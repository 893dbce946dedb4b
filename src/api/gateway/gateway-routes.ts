import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { verifyCredential } from '../../application/authority/verify-credential.ts';
import type { UpstreamCredentials } from '../../application/gateway/upstream-credential.ts';
import type { WritingRuns } from '../../application/gateway/writing-runs.ts';
import type { Clock } from '../../application/ports/clock.ts';
import { createLimitedLog } from '../../log/limited-log.ts';
import { createRequestBodies } from '../../net/request-bodies.ts';
import { createGraphqlExecution, loadOnce } from '../graphql/graphql-route.ts';
import { createAdmission } from '../server/admission.ts';
import { type FailureLimit, REFUSALS_LOGGED_PER_MINUTE } from '../server/failure-limit.ts';
import { createWorkLimit } from '../server/work-limit.ts';
import { type Admitted, createAdmitWorkload, pathOf } from './admit-workload.ts';
import { createFileForwarding } from './file-forwarding.ts';
import type { GatewayCounts } from './gateway-metrics.ts';
import { createRespondEdited } from './operations/graphql-answers.ts';
import { createReadGraphqlBody } from './operations/graphql-body.ts';
import { createGraphqlForwarding } from './operations/graphql-forwarding.ts';
import { createMemoryBudget } from './operations/memory-budget.ts';
import { createSeenIds } from './operations/seen-ids.ts';
import { createRequestsInProgress } from './requests-in-progress.ts';
import { addRunPageRedirect } from './run-page-redirect.ts';
import { createStoppedAnswer } from './stopped-answer.ts';
import { lingerAfterRefusals } from './unread-body.ts';
import { createAnswerUrls } from './upstream/answer-urls.ts';
import { addForwarding } from './upstream/forward.ts';
import { createPassOn } from './upstream/passed-on.ts';
import { createCallUpstream } from './upstream/upstream-call.ts';

export interface GatewayRoutesDependencies {
  ports: AuthorityPorts;
  failureLimit: FailureLimit;
  writingRuns: WritingRuns;
  counts: GatewayCounts;
  monotonicMs: Clock['monotonicMs'];
  credentials: UpstreamCredentials;
  dispatcher: Dispatcher;
  upstreamUrl: string;
  appUrl: string;
  moreMutations: readonly string[];
  publicUrl: () => string;
  /** For tests. */
  limits?: Partial<GatewayLimits>;
}

interface GatewayLimits {
  idleTimeoutMs: number;
  /** How often requests in progress are checked. */
  checkEveryMs: number;
  /** Of answers that are read before they are sent on. */
  maxAnswerBytes: number;
}

/** The longest time without a byte. SDKs limit each of their requests to 180 seconds too. */
const IDLE_TIMEOUT_MS = 180_000;

/** The others in the same minute are counted. Only a very large sweep starts as many. */
const RUNS_LOGGED_PER_MINUTE = 1_000;

/** A sweep may start hundreds of runs with one key, each of which sends one request at a time here. */
const REQUEST_BOUNDS = {
  perCaller: { running: 256, waiting: 250, unreadBytes: 8e6 },
  overall: { running: 1_024, waiting: 1_000, unreadBytes: 64e6 },
};
/** An account can hold one answer and one body of the largest size. */
const MEMORY_BOUNDS = { maxBytes: 128 * 1024 * 1024, maxBytesPerAccount: 80 * 1024 * 1024 };

/** Adds the routes that forward workloads to the W&B server. */
export async function addGatewayRoutes(
  server: FastifyInstance,
  dependencies: GatewayRoutesDependencies,
): Promise<void> {
  const {
    ports,
    failureLimit,
    writingRuns,
    counts,
    credentials,
    upstreamUrl,
    publicUrl,
    moreMutations,
    appUrl,
    monotonicMs,
    limits: { idleTimeoutMs = IDLE_TIMEOUT_MS, checkEveryMs, maxAnswerBytes } = {},
  } = dependencies;
  const { logger } = ports;
  addRunPageRedirect(server, { appUrl });
  await server.register(async (scope) => {
    // Bodies are forwarded as they arrive.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', async ({ raw }: FastifyRequest) => raw);
    lingerAfterRefusals(scope);
    const forward = await addForwarding(scope, { ...dependencies, idleTimeoutMs });
    const log = createLimitedLog(logger, { linesPerWindow: REFUSALS_LOGGED_PER_MINUTE });
    const urls = createAnswerUrls({ upstreamUrl, publicUrl });
    const call = createCallUpstream({
      forward,
      passOn: createPassOn(scope),
      credentials,
      urls,
      counts,
      monotonicMs,
      log,
    });
    const runLog = createLimitedLog(logger, { linesPerWindow: RUNS_LOGGED_PER_MINUTE });
    scope.addHook('onClose', async () => {
      log.flush();
      runLog.flush();
    });
    const budget = createMemoryBudget(MEMORY_BOUNDS);
    const bodies = createRequestBodies({ maxTotalBytes: 2 * MEMORY_BOUNDS.maxBytes });
    const readBody = createReadGraphqlBody({ bodies, budget });
    const loadGuard = loadOnce(async () => {
      const { createGraphqlGuard } = await import('./graphql/guard.ts');
      return createGraphqlGuard({ moreMutations });
    });
    const answerStopped = createStoppedAnswer({ readBody, loadGuard, writingRuns, log });
    const forwardGraphql = createGraphqlForwarding({
      ports,
      log,
      counts,
      readBody,
      loadGuard,
      credentials,
      seenIds: createSeenIds(),
      call,
      respondEdited: createRespondEdited({ budget, urls, maxAnswerBytes, log }),
      executeOwn: createGraphqlExecution({ ports }),
    });
    const forwardFile = createFileForwarding({ ports, log, runLog, credentials, call, writingRuns, counts });
    const admitWorkload = createAdmitWorkload({
      ports,
      failureLimit,
      writingRuns,
      counts,
      admit: createAdmission({ limit: createWorkLimit(REQUEST_BOUNDS), logger }),
      inProgress: createRequestsInProgress({
        isValid: async (credential) => (await verifyCredential(ports, credential, undefined)).ok,
        onError: (err) => log.warn({ err }, 'credentials in use not checked'),
        monotonicMs,
        checkEveryMs,
        idleTimeoutMs,
      }),
    });
    const admitted = new WeakMap<FastifyRequest, Admitted>();
    const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
      const path = pathOf(request);
      if (path === undefined) return reply.callNotFound();
      const result = await admitWorkload(request, reply, path);
      if (result === undefined) return reply;
      admitted.set(request, result);
    };
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const { isLive, caller } = admitted.get(request) ?? { isLive: undefined };
      if (isLive === undefined) throw new Error('the request was not admitted');
      if (!isLive) await answerStopped(caller);
      else if (caller.path.kind === 'graphql') await forwardGraphql(caller);
      else await forwardFile(caller);
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
