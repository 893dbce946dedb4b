import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, isIPv4 } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';

/** @param host without brackets around IPv6 */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Throws if `name` must not start here: in production, or on an address that other machines can reach. */
export function assertStartAllowed(name: string, host: string, reason: string): void {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(`${name} doesn't start with NODE_ENV=production: ${reason}.`);
  }
  if (!isLoopback(host)) {
    throw new Error(`${name} listens on this machine only (127.0.0.1, ::1, localhost), not on ${host}.`);
  }
}

/** Creates a server that hands each route the body as text, because every route parses its own format. */
export function createTextServer(options: {
  bodyLimit?: number;
  /** PEM; serves HTTPS. */
  https?: { key: string; cert: string } | undefined;
}): FastifyInstance {
  const { https, bodyLimit } = options;
  const server = fastify({
    ...(bodyLimit !== undefined && { bodyLimit }),
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    ...(https && { serverFactory: (handler: RequestListener) => createServer(https, handler) }),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  return server;
}

/** Returns the body of a request to a server of {@link createTextServer}; empty when there is none. */
export function textBody(request: { body: unknown }): string {
  return typeof request.body === 'string' ? request.body : '';
}

/** The host as it appears in a URL. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export function listeningPort(server: FastifyInstance): number {
  return (server.server.address() as AddressInfo).port;
}

/** Returns a function that runs `stop` once, however often it is called. */
export function stopOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export function jsonResponse(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}
