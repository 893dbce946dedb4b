import type { FastifyInstance, RouteOptions } from 'fastify';

/** A route that answers one method (GET also HEAD), and 405 (RFC 9110, section 15.5.6) to every other. */
export function oneMethod(server: FastifyInstance, route: RouteOptions & { method: 'GET' | 'POST' }): void {
  server.route(route);
  const allowed = route.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
  server.route({
    url: route.url,
    method: server.supportedMethods.filter((method) => !allowed.includes(method)),
    // Before a body is looked at.
    onRequest: async (_request, reply) =>
      reply
        .code(405)
        .header('allow', allowed.join(', '))
        .send({
          error: 'method_not_allowed',
          error_description: `Use ${allowed.join(' or ')}.`,
        }),
    handler: () => undefined,
  });
}
