import replyFrom from '@fastify/reply-from';
import type { FastifyInstance } from 'fastify';
import type { Dispatcher } from 'undici';

/** Lets routes forward requests to the W&B server with `reply.from`, without retries. */
export async function addForwarding(
  server: FastifyInstance,
  { upstreamUrl, dispatcher }: { upstreamUrl: string; dispatcher: Dispatcher },
): Promise<void> {
  await server.register(replyFrom, { base: upstreamUrl, undici: dispatcher, retryMethods: [] });
}
