import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The page has no log-in, so nothing but itself may talk to its server: the `Host` has to be this machine's (against
 * DNS rebinding), and where there is an `Origin`, it has to be the page's own (against other sites' requests).
 */
export function createPageGuard(port: () => number) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const host = request.headers.host ?? '';
    const hosts = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port()}`);
    const { origin } = request.headers;
    if (!hosts.includes(host)) await refuse(reply, 'The Host header does not name this machine.');
    else if (origin !== undefined && origin !== `http://${host}`) {
      await refuse(reply, 'The request comes from another origin.');
    }
  };
}

async function refuse(reply: FastifyReply, message: string): Promise<void> {
  await reply.code(403).send({ ok: false, error: 'not_allowed', message });
}

/** No inline scripts, no styles but those with the nonce, nothing from elsewhere but the pictures of image blocks. */
export const pageHeaders = (nonce: string) => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: https:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
});
