import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VerifiedCredential } from '../../application/authority/verify-credential.ts';
import { sendError } from '../server/api-error.ts';
import { type GatewayProblem, gatewayFailure } from './gateway-failure.ts';
import type { GatewayPath } from './gateway-paths.ts';

/** A request with a valid credential and an allowed path. */
export interface GatewayRequest {
  /** Who sent it, by a credential that was just verified. */
  verified: VerifiedCredential;
  request: FastifyRequest;
  reply: FastifyReply;
  path: GatewayPath;
  /** Aborts when the response is over or can't be sent anymore, and when Keysmith ends the request. */
  over: AbortSignal;
}

/** Sends nothing once the request is over, or has its response. */
export function sendProblem(
  { reply, over }: Pick<GatewayRequest, 'reply' | 'over'>,
  problem: GatewayProblem,
): void {
  if (!over.aborted && !reply.sent) sendError(reply, gatewayFailure(problem));
}

/** Returns path and query as the client sent them. */
export function rawTarget({ raw: { url = '' } }: FastifyRequest): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) };
}
