import type { FastifyInstance } from 'fastify';
import { readSegments } from './gateway-paths.ts';
import { rawTarget } from './gateway-request.ts';

/** First segments of paths that belong to Keysmith, or that never go upstream. No team's page is below them. */
const RESERVED = new Set([
  'admin',
  'api',
  'artifacts',
  'artifactsV2',
  'ext-authz',
  'files',
  'forward-auth',
  'graphql',
  'healthz',
  'metrics',
  'oauth',
  'oidc',
  'readyz',
  'scim',
  'slack',
  'storage',
  'v1',
]);

/**
 * Redirects `GET /{entity}/{project}…` to the W&B UI. SDKs build the links of runs from WANDB_BASE_URL, which is Keysmith's address. Every
 * other request without a route is 404, as without the gateway.
 *
 * @param options `appUrl` is without a trailing slash
 */
export function addRunPageRedirect(server: FastifyInstance, { appUrl }: { appUrl: string }): void {
  server.get('/*', { exposeHeadRoute: false }, async (request, reply) => {
    const segments = readSegments(rawTarget(request).path) ?? [];
    const [first = ''] = segments;
    const isPage = segments.length >= 2 && !RESERVED.has(first) && !first.startsWith('.');
    if (!isPage || request.headers.authorization !== undefined) return reply.callNotFound();
    const path = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
    return reply.redirect(`${appUrl}${path}`, 302);
  });
}
