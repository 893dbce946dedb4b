import type { FastifyInstance, RouteOptions } from 'fastify';
import { sendError } from './api-error.ts';

/** A route that answers one method (GET also HEAD), and 405 (RFC 9110, section 15.5.6) to every other. */
export function oneMethod(server: FastifyInstance, route: RouteOptions & { method: 'GET' | 'POST' }): void {
  server.route(route);
  const allowed = route.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
  server.route({
    url: route.url,
    method: server.supportedMethods.filter((method) => !allowed.includes(method)),
    // Before a body is looked at.
    onRequest: async (_request, reply) =>
      sendError(reply, {
        status: 405,
        error: 'method_not_allowed',
        description: `Use ${allowed.join(' or ')}.`,
        headers: { allow: allowed.join(', ') },
      }),
    handler: () => undefined,
  });
}
