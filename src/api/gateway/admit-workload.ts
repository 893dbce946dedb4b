import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import type { EndedCredential } from '../../application/authority/verify-credential.ts';
import type { WritingRuns } from '../../application/gateway/writing-runs.ts';
import type { Admit } from '../server/admission.ts';
import { type ApiFailure, sendError } from '../server/api-error.ts';
import { createAuthenticate, readCredential } from '../server/authenticate.ts';
import type { FailureLimit } from '../server/failure-limit.ts';
import { writtenRun } from './file-forwarding.ts';
import { type GatewayProblem, gatewayFailure } from './gateway-failure.ts';
import type { GatewayCounts } from './gateway-metrics.ts';
import { type GatewayPath, readGatewayPath } from './gateway-paths.ts';
import { type GatewayRequest, rawTarget, sendProblem } from './gateway-request.ts';
import type { RequestsInProgress } from './requests-in-progress.ts';

export interface AdmitWorkloadDependencies {
  ports: AuthorityPorts;
  failureLimit: FailureLimit;
  writingRuns: WritingRuns;
  counts: GatewayCounts;
  admit: Admit;
  inProgress: RequestsInProgress;
}

/** A GraphQL request whose credential has ended while its account was writing runs: it may ask whether one should stop. */
export interface EndedCaller {
  ended: EndedCredential;
  request: FastifyRequest;
  reply: FastifyReply;
  over: AbortSignal;
}

export type Admitted = { isLive: true; caller: GatewayRequest } | { isLive: false; caller: EndedCaller };

/** Creates a function that checks the credential of a request, and returns undefined after it has responded. */
export function createAdmitWorkload(dependencies: AdmitWorkloadDependencies) {
  const { writingRuns, counts, admit, inProgress } = dependencies;
  const endedCallers = new WeakMap<FastifyRequest, EndedCredential>();
  const live = new WeakSet<FastifyRequest>();
  const authenticate = createAuthenticate({
    ...dependencies,
    describe: describeRejection,
    onEnded(ended, request, reply) {
      const path = pathOf(request);
      const run = path && writtenRun(path);
      if (run !== undefined && writingRuns.shouldStop(ended, run)) {
        // Newer SDKs interrupt the script.
        reply.code(200).send({ stopped: true });
        return true;
      }
      if (path?.kind !== 'graphql' || live.has(request) || !writingRuns.shouldStopAny(ended)) return false;
      endedCallers.set(request, ended);
      return true;
    },
  });
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    path: GatewayPath,
  ): Promise<Admitted | undefined> => {
    let verified = await authenticate(request, reply);
    const ended = endedCallers.get(request);
    const accountId = verified?.account.id ?? ended?.accountId;
    if (accountId === undefined) return undefined;
    const admitted = await admit(accountId, request, reply);
    if (admitted === undefined) return undefined;
    // What goes on for the request ends with its response.
    admitted.done();
    const { over, abandon } = admitted;
    if (ended !== undefined) return { isLive: false, caller: { ended, request, reply, over } };
    live.add(request);
    countBytes(counts, request.raw.socket, over);
    // The credential may have been revoked while the request waited.
    if (admitted.hasWaited) verified = await authenticate(request, reply);
    if (verified === undefined) return undefined;
    const caller = { request, reply, path, verified, over };
    inProgress.watch({
      credential() {
        const read = readCredential(request);
        return read.ok ? read.credential : undefined;
      },
      socket: request.raw.socket,
      over,
      isWaiting: () => waitsForUpstream(request, reply),
      async end(reason) {
        if (reply.raw.headersSent) reply.raw.destroy();
        else if (reason === 'idle') sendProblem(caller, { problem: 'idle' });
        else await authenticate(request, reply);
        abandon();
      },
    });
    return { isLive: true, caller };
  };
}

/** While nothing was sent back, and nothing more is wanted from the client, only the W&B server can be slow. That has its own limit. */
function waitsForUpstream({ raw }: FastifyRequest, { raw: response }: FastifyReply): boolean {
  return !response.headersSent && (raw.complete || raw.readableLength > 0);
}

function countBytes(
  counts: GatewayCounts,
  socket: Pick<Socket, 'bytesRead' | 'bytesWritten'>,
  over: AbortSignal,
): void {
  const { bytesRead, bytesWritten } = socket;
  over.addEventListener('abort', () =>
    counts.bytes(socket.bytesRead - bytesRead, socket.bytesWritten - bytesWritten),
  );
}

export function pathOf(request: FastifyRequest): GatewayPath | undefined {
  return readGatewayPath(request.method, rawTarget(request).path);
}

/** Without the reason: a caller with a stolen credential learns nothing about it. */
function describeRejection(request: FastifyRequest, reference?: string): ApiFailure {
  if (reference === undefined) return gatewayFailure({ problem: 'credential_missing' });
  const read = readCredential(request);
  const isNone = read.ok && read.credential.reveal() === 'None';
  const problem: GatewayProblem = isNone
    ? { problem: 'sdk_sends_no_token' }
    : { problem: 'credential_rejected', reference };
  return gatewayFailure(problem);
}

export function rejectEnded({ request, reply }: EndedCaller): void {
  sendError(reply, describeRejection(request, request.id));
}
