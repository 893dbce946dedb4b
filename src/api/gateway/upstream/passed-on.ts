import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GatewayProblem } from '../gateway-failure.ts';
import { type GatewayRequest, sendProblem } from '../gateway-request.ts';
import { isZlibError, type SafeResponse } from './safe-response.ts';

/** Sends a response to the workload as it arrives. */
export type PassOn = (gatewayRequest: GatewayRequest, response: SafeResponse) => void;

/**
 * Creates a function for the routes of a scope. It waits for the first byte: a W&B server that breaks off before it gets the same error
 * as one that isn't reachable, with `Retry-After`. After it, the connection breaks off for the workload too.
 */
export function createPassOn(scope: FastifyInstance): PassOn {
  const begun = new WeakSet<FastifyReply>();
  scope.setErrorHandler((error, _request, reply) => {
    // To the server's own error handler.
    if (!begun.has(reply)) throw error;
    reply.raw.destroy();
  });
  return (gatewayRequest, response) => {
    const { reply } = gatewayRequest;
    const { status, headers, readShort } = response;
    const fail = (error: unknown) => sendProblem(gatewayRequest, brokenAnswer(error));
    if (readShort !== undefined) {
      const send = (bytes: Buffer) => {
        if (!gatewayRequest.over.aborted) reply.code(status).headers(headers).send(bytes);
      };
      return void readShort().then(send).catch(fail);
    }
    const { body } = response;
    const begin = () => {
      body.off('readable', begin).off('end', begin).off('error', fail);
      begun.add(reply);
      reply.code(status).headers(headers).send(body);
    };
    body.once('readable', begin).once('end', begin).once('error', fail);
  };
}

/** Returns why the body of a response didn't arrive. */
export function brokenAnswer(error: unknown): GatewayProblem {
  if (isZlibError(error)) return { problem: 'upstream_unreadable' };
  const isTimeout = error instanceof Error && 'code' in error && error.code === 'UND_ERR_BODY_TIMEOUT';
  return { problem: isTimeout ? 'upstream_too_slow' : 'upstream_unreachable' };
}
