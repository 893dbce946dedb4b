import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { GatewayCounts } from '../api/gateway/gateway-metrics.ts';
import { addGatewayRoutes, type GatewayRoutesDependencies } from '../api/gateway/gateway-routes.ts';
import { createFederatedCredentials } from '../application/gateway/federated-credentials.ts';
import type { FederationIssuer } from '../application/gateway/federation-issuer.ts';
import {
  createTeamKeys,
  type TeamKey,
  type TeamKeysDependencies,
  teamKeySealer,
} from '../application/gateway/team-keys.ts';
import type { UpstreamCredentials } from '../application/gateway/upstream-credential.ts';
import {
  createUpstreamCredentials,
  type StartedUpstreamCredentials,
  type UpstreamCredentialsDependencies,
} from '../application/gateway/upstream-credentials.ts';
import type { WritingRuns } from '../application/gateway/writing-runs.ts';
import type { GatewayConfig } from '../config/configuration.ts';
import type { Secret } from '../domain/keys/secret.ts';
import { settledWithin } from '../net/deadline.ts';
import { createProxyDispatcher, type OutboundRules } from '../net/proxy-bypass.ts';

export interface StartGatewayOptions
  extends Pick<UpstreamCredentialsDependencies, 'store' | 'now' | 'monotonicMs'> {
  logger: Logger;
  gateway: GatewayConfig;
  /** For teams without a stored key. Undefined without identity federation. */
  issuer: FederationIssuer | undefined;
  secret: Secret<Uint8Array>;
  gatewayCounts: GatewayCounts;
  /** Goes through HTTPS_PROXY if it is set. */
  fetch: typeof globalThis.fetch;
  writingRuns: WritingRuns;
  /** For tests. */
  upstreamCredentials?: UpstreamCredentials | undefined;
  /** The URL workloads use. Empty until the HTTP server listens. */
  publicUrl: () => string;
  outboundRules: OutboundRules;
}

/** The routes that forward workloads to the W&B server. */
export interface Gateway {
  addRoutes(
    server: FastifyInstance,
    dependencies: Pick<GatewayRoutesDependencies, 'ports' | 'failureLimit'>,
  ): Promise<void>;
  /** Ends requests to the W&B server. Call it after the last request was served. */
  stop(): Promise<void>;
}

/** Opens no connection yet: the W&B server may be down when Keysmith starts. */
export function startGateway(options: StartGatewayOptions): Gateway {
  const { gateway, publicUrl, outboundRules } = options;
  const { dispatcher, destroy } = createProxyDispatcher({ connect: { timeout: 10_000 } }, outboundRules);
  const stored = startUpstreamCredentials(options);
  const credentials = options.upstreamCredentials ?? stored;
  return {
    addRoutes: (server, authority) =>
      addGatewayRoutes(server, {
        ...authority,
        writingRuns: options.writingRuns,
        counts: options.gatewayCounts,
        monotonicMs: options.monotonicMs,
        credentials,
        dispatcher,
        upstreamUrl: gateway.upstreamUrl,
        appUrl: gateway.appUrl,
        moreMutations: gateway.mutations,
        publicUrl,
      }),
    async stop() {
      await destroy();
      await settledWithin(stored.settled(), STOP_WITHIN_MS);
    },
  };
}

const PROBE_TIMEOUT_MS = 10_000;
/** A check at W&B that takes longer is repeated after the next start. */
const STOP_WITHIN_MS = 1_000;

function startUpstreamCredentials(options: StartGatewayOptions): StartedUpstreamCredentials {
  const { gateway, issuer, store, secret, fetch, now, monotonicMs, logger } = options;
  const { upstreamUrl } = gateway;
  return createUpstreamCredentials({
    store,
    sealer: teamKeySealer(secret),
    federated: issuer && startFederatedCredentials(options, issuer),
    async probe(authorization) {
      // Loaded only when W&B rejects a credential.
      const { probeUpstream } = await import('../backends/wandb/upstream/check-upstream-credential.ts');
      return probeUpstream(authorization, {
        upstreamUrl,
        fetch,
        timeoutMs: PROBE_TIMEOUT_MS,
        now,
        monotonicMs,
      });
    },
    now,
    monotonicMs,
    logger,
  });
}

function startFederatedCredentials(
  { gateway, gatewayCounts, fetch, now, monotonicMs, logger }: StartGatewayOptions,
  issuer: FederationIssuer,
) {
  return createFederatedCredentials({
    issuer,
    async exchange(jwt) {
      // Loaded only for a team without a stored key.
      const { createJwtExchange } = await import('../backends/wandb/client/jwt-exchange.ts');
      return createJwtExchange({ baseUrl: gateway.upstreamUrl, fetch, now })(jwt);
    },
    count: gatewayCounts.upstreamExchange,
    monotonicMs,
    logger,
  });
}

/** Stores W&B API keys that are new at each start, in place of the earlier ones: those of the sandbox. */
export async function storeTeamKeys(
  teamKeys: readonly (TeamKey & { teamName: string })[],
  {
    secret,
    ...dependencies
  }: Pick<TeamKeysDependencies, 'store' | 'newId' | 'now'> & { secret: Secret<Uint8Array> },
): Promise<void> {
  const actor = { type: 'system', name: 'sandbox' } as const;
  const keys = createTeamKeys({ ...dependencies, sealer: teamKeySealer(secret), actor });
  for (const { teamName, ...teamKey } of teamKeys) await keys.add(teamName, teamKey);
}
