import type { FastifyInstance } from 'fastify';
import { addGatewayRoutes, type GatewayRoutesDependencies } from '../api/gateway/gateway-routes.ts';
import type { UpstreamCredentials } from '../application/gateway/upstream-credential.ts';
import type { GatewayConfig } from '../config/configuration.ts';
import { createProxyDispatcher } from '../net/proxy-bypass.ts';

export interface StartGatewayOptions {
  gateway: GatewayConfig;
  /** For tests. */
  upstreamCredentials?: UpstreamCredentials | undefined;
  /** The URL workloads use. Empty until the HTTP server listens. */
  publicUrl: () => string;
  noProxy: string | undefined;
}

/** The routes that forward workloads to the W&B server. */
export interface Gateway {
  addRoutes(
    server: FastifyInstance,
    dependencies: Pick<GatewayRoutesDependencies, 'ports' | 'authenticate'>,
  ): Promise<void>;
  /** Ends requests to the W&B server. Call it after the last request was served. */
  stop(): Promise<void>;
}

/** Opens no connection yet: the W&B server may be down when Keysmith starts. */
export function startGateway({
  gateway,
  upstreamCredentials: credentials = NO_CREDENTIALS,
  publicUrl,
  noProxy,
}: StartGatewayOptions): Gateway {
  const { dispatcher, destroy } = createProxyDispatcher({ connect: { timeout: 10_000 } }, noProxy);
  return {
    addRoutes: (server, { ports, authenticate }) =>
      addGatewayRoutes(server, {
        ports,
        authenticate,
        credentials,
        dispatcher,
        upstreamUrl: gateway.upstreamUrl,
        appUrl: gateway.appUrl,
        moreMutations: gateway.mutations,
        publicUrl,
      }),
    stop: destroy,
  };
}

/** Until teams can have one. */
const NO_CREDENTIALS: UpstreamCredentials = {
  of: async () => ({ ok: false, reason: 'none' }),
  renew: async () => ({ ok: false, reason: 'none' }),
  accepted: () => {},
};
