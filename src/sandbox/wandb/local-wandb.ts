import {
  assertStartAllowed,
  createTextServer,
  listeningPort,
  stopOnce,
  urlHost,
} from '../http/local-server.ts';
import type { OtherFailures } from '../slack/protocol/failures.ts';
import type { OfferedRuns } from '../slack/protocol/runs-protocol.ts';
import { type ChangesBy, createChangesBy } from './account-changes.ts';
import { type AuditEntry, createAuditLog } from './audit/audit-log.ts';
import { addAuditRoute } from './audit/audit-route.ts';
import { addConfiguredCaller, type ConfiguredCaller } from './caller.ts';
import { type Capabilities, defaultCapabilities } from './capabilities.ts';
import { createFederation, type Federation } from './federation/federation.ts';
import { addTokenRoute } from './federation/token-route.ts';
import { createSchemas, type Schemas } from './graphql/graphql-response.ts';
import { addGraphqlRoute } from './graphql/graphql-route.ts';
import { schemaText } from './graphql/schema-text.ts';
import { createPanelFailures } from './panel-failures.ts';
import { createRequestLog, type WandbRequest, type WandbRouteRequest } from './request-log.ts';
import { createOfferedRuns } from './run-pages/offered-runs.ts';
import { openRunFolder } from './runs/folder/run-folder.ts';
import { createRunKeeping, type RunKeeping } from './runs/run-keeping.ts';
import { addRunRoutes } from './runs/run-routes.ts';
import type { RunLimits } from './runs/run-store.ts';
import { addScimRoutes } from './scim/scim-routes.ts';
import { addTeamPage } from './team-page.ts';
import { createHolds, createWandbFailures, type Holds, type WandbFailures } from './wandb-failures.ts';
import { acmeOrganization, type OrganizationSeed } from './wandb-seed.ts';
import { createWandbState, type WandbState } from './wandb-state.ts';

export interface LocalWandbOptions {
  /** Loopback only; default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** For a server under a path: `/wandb`. */
  basePath?: string;
  /** Serves HTTPS, PEM. */
  https?: { key: string; cert: string };
  /** Default: Acme. */
  organization?: OrganizationSeed;
  /** Default `organization_admin`. */
  caller?: ConfiguredCaller;
  /** The app's API key, for one that must survive a restart; default: a new one. */
  apiKey?: string;
  capabilities?: Partial<Capabilities>;
  /** A folder in which runs survive a restart; default: in memory only. */
  runFolder?: { path: string; onError: (error: unknown) => void };
  /** The UI to which the SDK's links lead, without a trailing slash; default: the page of the team on this server. */
  appUrl?: string;
  /** Smaller limits of what is kept of runs. */
  runLimits?: Partial<RunLimits>;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Shared by servers that start one after another: building and validating takes longer than most calls. */
  schemas?: Schemas;
}

export interface LocalWandb {
  /** For `WANDB_BASE_URL`: `http://127.0.0.1:1234/wandb`. */
  baseUrl: string;
  /** For `WANDB_API_KEY`. */
  apiKey: string;
  organization: { id: string; name: string };
  /** The last 1000 calls. */
  requests: WandbRequest[];
  /** The last 1000 calls beside `/graphql`: SCIM, the audit log, lines of runs, files, and exchanges of JWTs. */
  routeRequests: WandbRouteRequest[];
  failures: WandbFailures;
  /** The same failures, for the developers' panel. */
  panelFailures: OtherFailures;
  /** The runs, artifacts and files that clients have logged. */
  runs: RunKeeping;
  /** What an organization admin sets up so that JWTs can be exchanged. */
  federation: Federation;
  /** The same runs, for the sandbox's page. Undefined for a server that keeps none. */
  pageRuns: OfferedRuns | undefined;
  hold: Holds['hold'];
  /** Creates a service account of the team, which isn't an admin, and returns its API key; default: a new one. */
  addTeamKey(teamName: string, accountName: string, secret?: string): string;
  /** Changes a capability from the next call on. */
  switch<Name extends keyof Capabilities>(capability: Name, value: Capabilities[Name]): void;
  /** Changes the access of the app's API key from the next call on. */
  changeCaller(caller: ConfiguredCaller): void;
  /** For the test driver. */
  state: WandbState;
  /** What people do in W&B's own pages. */
  changesBy: ChangesBy;
  auditEntries: readonly AuditEntry[];
  /** Closes all connections. A second call has no effect. */
  stop(): Promise<void>;
}

/** Starts a local W&B server. It speaks only W&B's protocols and knows nothing about the app that calls it. */
export async function startLocalWandb(options: LocalWandbOptions = {}): Promise<LocalWandb> {
  const { host = '127.0.0.1', port = 0, caller = 'organization_admin', https, now = Date.now } = options;
  assertStartAllowed('The local W&B', host, 'its people and keys are made up');
  const basePath = (options.basePath ?? '').replace(/\/+$/, '');
  const state = createWandbState(options.organization ?? acmeOrganization, now);
  const account = addConfiguredCaller(state, { caller, apiKey: options.apiKey });
  const server = createTextServer({ https });
  const baseUrl = () => `${https ? 'https' : 'http'}://${urlHost(host)}:${listeningPort(server)}${basePath}`;
  const parts = createParts(state, options, baseUrl);
  const stopping = new AbortController();
  addGraphqlRoute(server, `${basePath}/graphql`, { ...parts, stopped: stopping.signal });
  const { runs } = parts;
  const folder = options.runFolder && (await openRunFolder(runs, options.runFolder));
  addRunRoutes(server, { ...parts, basePath, stopped: stopping.signal });
  addTokenRoute(server, { ...parts, basePath, stopped: stopping.signal });
  addScimRoutes(server, { ...parts, basePath, stopped: stopping.signal });
  addAuditRoute(server, { ...parts, basePath, stopped: stopping.signal });
  const { appUrl } = options;
  addTeamPage(server, { ...parts, basePath, appUrl, port: () => listeningPort(server) });
  await server.listen({ host, port });
  return {
    baseUrl: baseUrl(),
    apiKey: account.apiKey,
    organization: state.organization,
    requests: parts.log.records,
    routeRequests: parts.log.routeRecords,
    failures: parts.failures,
    panelFailures: createPanelFailures(parts.failures, parts.schema().schema),
    runs,
    federation: createFederation(state, parts.changesBy(undefined)),
    pageRuns: parts.capabilities.keepsRuns ? createOfferedRuns({ state, runs, now }) : undefined,
    hold: parts.holds.hold,
    addTeamKey(teamName, accountName, secret) {
      const team = state.team(teamName);
      if (!team) throw new Error(`The local W&B has no team ${teamName}`);
      return state.addKey(state.addServiceAccount(team, accountName), accountName, secret).secret;
    },
    switch: parts.switch,
    changeCaller: account.become,
    state,
    changesBy: parts.changesBy,
    auditEntries: parts.auditLog.entries,
    stop: stopOnce(async () => {
      stopping.abort();
      server.server.closeAllConnections();
      await server.close();
      await folder?.close();
    }),
  };
}

function createParts(
  state: WandbState,
  { capabilities: own, runLimits, now = Date.now, schemas = createSchemas() }: LocalWandbOptions,
  baseUrl: () => string,
) {
  const capabilities: Capabilities = { ...defaultCapabilities, ...own };
  let schema = schemas(schemaText(capabilities));
  const auditLog = createAuditLog(now);
  return {
    state,
    capabilities,
    auditLog,
    changesBy: createChangesBy(state, { auditLog, capabilities }),
    schema: () => schema,
    failures: createWandbFailures(),
    holds: createHolds(),
    log: createRequestLog(now),
    runs: createRunKeeping({ baseUrl, now, limits: runLimits }),
    now,
    switch<Name extends keyof Capabilities>(capability: Name, value: Capabilities[Name]) {
      capabilities[capability] = value;
      schema = schemas(schemaText(capabilities));
    },
  };
}
