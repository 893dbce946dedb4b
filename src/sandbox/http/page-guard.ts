import type { FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from './local-server.ts';

export type PageGuard = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * Creates a hook that refuses requests from other sites, because the page has no login. `Host` must name this machine
 * (DNS rebinding), and `Origin`, if sent, must be the page's own (cross-site requests).
 */
export function createPageGuard(port: () => number): PageGuard {
  return async (request, reply) => {
    const host = request.headers.host ?? '';
    const [, name = '', ofPort] = /^\[?([^[\]]*)\]?:(\d+)$/.exec(host) ?? [];
    const { origin } = request.headers;
    if (!isLoopback(name) || ofPort !== String(port()))
      await refuse(reply, "The Host header doesn't name this machine.");
    else if (origin !== undefined && origin !== `http://${host}`) {
      await refuse(reply, 'Cross-origin requests are not allowed.');
    }
  };
}

async function refuse(reply: FastifyReply, message: string): Promise<void> {
  await reply.code(403).send({ ok: false, error: 'not_allowed', message });
}

/** Allows no inline scripts, inline styles only with the nonce, and from other hosts only the pictures of image blocks. */
export const pageHeaders = (nonce: string, { hasForms = false } = {}) => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: https:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    `form-action ${hasForms ? "'self'" : "'none'"}`,
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  // Without a referrer, browsers send forms with the origin `null`, which the guard refuses.
  'referrer-policy': hasForms ? 'same-origin' : 'no-referrer',
  'x-content-type-options': 'nosniff',
});
