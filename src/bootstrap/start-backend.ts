import type { Logger } from 'pino';
import { createRunAccess } from '../application/gateway/run-access.ts';
import { claimBackend } from '../application/jobs/claim-backend.ts';
import type { Ports } from '../application/ports/account-ports.ts';
import type { Backend } from '../application/ports/backend.ts';
import type { Clock } from '../application/ports/clock.ts';
import type { ClaimedBackend } from '../application/ports/server-account-store.ts';
import type { Store, Stores } from '../application/ports/store.ts';
import { createBuiltinBackend } from '../backends/builtin/builtin-backend.ts';
import { openPeppers, type Peppers } from '../backends/builtin/peppers.ts';
import type { RestClientDependencies } from '../backends/wandb/rest/rest-client.ts';
import type { AuthorityConfig, GatewayConfig } from '../config/configuration.ts';
import { wandbPageUrl } from '../config/server-urls.ts';
import { createSealer, deriveKey } from '../domain/keys/sealed.ts';
import type { Secret } from '../domain/keys/secret.ts';
import type { DesiredOrganization } from '../domain/organization/organization-changes.ts';
import type { DesiredPolicies } from '../domain/organization/policy-changes.ts';

/** Where accounts live: in Keysmith, or on a W&B server. */
export type BackendOptions = { kind: 'builtin' } | ({ kind: 'wandb' } & WandbOptions);

interface WandbOptions {
  baseUrl: string;
  apiKey: Secret;
  /** The server's previous address, if it moved since the last start. */
  movedFrom?: string | undefined;
  /** Whether the server's audit log is followed. Default: false. */
  followsAuditLog?: boolean;
  /** From the teams file. Without one, the stored policies stay. */
  policies?: DesiredPolicies | undefined;
  /** Timeout of one call to the server. Default: 10 s. */
  timeoutMs?: number;
}

export interface StartBackendOptions extends Clock {
  backend: BackendOptions;
  /** Admins are lowercase. Issuers and teams are used by the built-in backend only: a W&B server has its own. */
  organization: DesiredOrganization & {
    name: string;
    /** The line of each team in the teams file, by name. */
    teamLines?: ReadonlyMap<string, number>;
  };
  secret: Secret<Uint8Array>;
  /** Undefined if Keysmith doesn't check the credentials it issued. */
  authority?: AuthorityConfig | undefined;
  /** Needs the authority. */
  gateway?: GatewayConfig | undefined;
  stores: Stores;
  fetch: typeof globalThis.fetch;
  logger: Logger;
  newId: (prefix: string) => string;
  randomBytes: (size: number) => Uint8Array;
}

export class OtherOrganizationError extends Error {
  override name = 'OtherOrganizationError';

  constructor() {
    super(
      'The database belongs to a different organization than the settings name. Fix KEYSMITH_ORGANIZATION (or the name in the teams file), or set DATABASE_URL to another file.',
    );
  }
}

/** The teams file names a team that was created in Slack, and would replace its members. */
export class TeamOfSlackError extends Error {
  override name = 'TeamOfSlackError';

  constructor(names: readonly string[], lines: ReadonlyMap<string, number> | undefined) {
    const placed = names.map((name) => {
      const line = lines?.get(name);
      return line === undefined ? `"${name}"` : `"${name}" (line ${line})`;
    });
    super(
      `The teams file names ${placed.join(', ')}, created in Slack. Remove the entry to go on managing the team there, or add "take_over: true" to it: the file then replaces the team's members and roles.`,
    );
  }
}

export interface StartedBackend {
  backend: Backend;
  /** The organization's own. */
  store: Store;
  peppers: Peppers;
  runAccess: Ports['runAccess'];
}

/**
 * Opens the organization's rows, its peppers and its backend. The peppers come first: with a wrong secret, nothing of the
 * teams file is written.
 *
 * @throws OtherOrganizationError, WrongSecretError, OtherBackendError, OtherServerError, TeamOfSlackError
 */
export async function startBackend(options: StartBackendOptions): Promise<StartedBackend> {
  const { organization, secret, stores, now, newId, randomBytes } = options;
  const storedName = await stores.organizationName();
  if (storedName !== undefined && storedName !== organization.name) throw new OtherOrganizationError();
  const nowMs = now();
  const store = await stores.openOrganization(organization.name, nowMs);
  const sealer = createSealer(deriveKey(secret.reveal(), 'pepper'), 'pepper-1');
  const peppers = await openPeppers({ store, sealer, randomBytes, nowMs });
  await claimBackend(store, await claimOf(options.backend));
  await store.startContactChecks(nowMs);
  if (options.backend.kind === 'wandb') {
    const { policies } = options.backend;
    if (policies !== undefined) await store.applyPolicies(policies, nowMs);
    const backend = await openWandbBackend(options, options.backend, store);
    if (backend.outsideChanges !== undefined) await store.startAuditLog(nowMs);
    return { backend, store, peppers, runAccess: async () => 'available' };
  }
  const { changes, ofSlack = [] } = await store.applyOrganization(organization, nowMs);
  if (ofSlack.length > 0) throw new TeamOfSlackError(ofSlack, organization.teamLines);
  if (changes > 0) await reportKeysBeyondPolicy(store, options.logger, nowMs);
  const tracksUsage = options.authority !== undefined;
  // Where Keysmith doesn't see uses, every key would look unused.
  if (tracksUsage) await store.startReviews(nowMs);
  const backend = createBuiltinBackend({ store, peppers, tracksUsage, now, newId, randomBytes });
  const upstreamAuth = options.gateway?.auth;
  const runAccess = createRunAccess({
    store,
    hasAuthority: tracksUsage,
    upstreamAuth,
    logger: options.logger,
  });
  return { backend, store, peppers, runAccess };
}

/** Says which keys a changed policy doesn't reach: it applies to new keys. */
async function reportKeysBeyondPolicy(store: Store, logger: Logger, nowMs: number): Promise<void> {
  const { count, some } = await store.keysBeyondPolicy(nowMs);
  if (count > 0) logger.warn({ keys: count, some }, 'keys live longer than the policy allows');
}

async function claimOf(backend: BackendOptions): Promise<ClaimedBackend> {
  if (backend.kind === 'builtin') return { kind: 'builtin' };
  const { serverAddress } = await import('../backends/wandb/client/wandb-client.ts');
  const { baseUrl, movedFrom } = backend;
  return {
    kind: 'wandb',
    address: serverAddress(baseUrl),
    movedFrom: movedFrom && serverAddress(movedFrom),
  };
}

/** Makes no call yet: the server may be down when Keysmith starts. Loads its modules only where they are used. */
async function openWandbBackend(
  { organization, fetch, logger, now, monotonicMs, newId, randomBytes }: StartBackendOptions,
  { baseUrl, apiKey, timeoutMs, followsAuditLog = false }: WandbOptions,
  store: Store,
): Promise<Backend> {
  const [
    { createWandbBackend },
    { createWandbClient },
    { createScimClient },
    { createAuditLogClient },
    { readViewer },
  ] = await Promise.all([
    import('../backends/wandb/backend/wandb-backend.ts'),
    import('../backends/wandb/client/wandb-client.ts'),
    import('../backends/wandb/scim/scim-client.ts'),
    import('../backends/wandb/audit-log/audit-log-client.ts'),
    import('../backends/wandb/client/queries/read-viewer.ts'),
  ]);
  const server = {
    baseUrl,
    apiKey,
    fetch,
    now,
    monotonicMs,
    random: Math.random,
    logger,
    ...(timeoutMs !== undefined && { limits: { timeoutMs } }),
  };
  const client = createWandbClient(server);
  const rest: RestClientDependencies = {
    ...server,
    readUsername: async (options) => {
      const viewer = await readViewer(client, options);
      return viewer.ok ? viewer.value.username : undefined;
    },
  };
  return createWandbBackend({
    client,
    scim: createScimClient(rest),
    auditLog: followsAuditLog ? createAuditLogClient(rest) : undefined,
    store,
    organizationName: organization.name,
    organizationAdmins: organization.admins,
    baseUrl: wandbPageUrl(baseUrl),
    now,
    monotonicMs,
    randomBytes,
    newId,
    logger,
  });
}
