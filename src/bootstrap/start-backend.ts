import type { Logger } from 'pino';
import { claimBackend } from '../application/jobs/claim-backend.ts';
import type { Backend } from '../application/ports/backend.ts';
import type { ClaimedBackend } from '../application/ports/operation-store.ts';
import type { DesiredOrganization, Store } from '../application/ports/store.ts';
import { createBuiltinBackend } from '../backends/builtin/builtin-backend.ts';
import { openPeppers, type Peppers } from '../backends/builtin/peppers.ts';
import { createWandbBackend } from '../backends/wandb/backend/wandb-backend.ts';
import { createWandbClient, serverAddress } from '../backends/wandb/client/wandb-client.ts';
import type { AuthorityConfig } from '../config/configuration.ts';
import { createSealer, deriveKey } from '../domain/keys/sealed.ts';
import type { Secret } from '../domain/keys/secret.ts';

/** Where accounts live: Keysmith itself, or the W&B server there. */
export type BackendOptions = { kind: 'builtin' } | ({ kind: 'wandb' } & WandbOptions);

interface WandbOptions {
  baseUrl: string;
  apiKey: Secret;
  /** The address that the server had before, where it has moved since the last start. */
  movedFrom?: string | undefined;
  /** How long the server may take for one answer; 10 s unless given. */
  timeoutMs?: number;
}

export interface StartBackendOptions {
  backend: BackendOptions;
  /** Issuers and teams count with the built-in backend only: a W&B server has its own. Admins are lower case. */
  organization: DesiredOrganization & { name: string };
  secret: Secret<Uint8Array>;
  /** Undefined: Keysmith does not check what it handed out. */
  authority?: AuthorityConfig | undefined;
  store: Store;
  fetch: typeof globalThis.fetch;
  logger: Logger;
  now: () => number;
  newId: (prefix: string) => string;
  randomBytes: (size: number) => Uint8Array;
}

/** The database belongs to another organization than the settings name. */
export class OtherOrganizationError extends Error {
  override name = 'OtherOrganizationError';

  constructor() {
    super(
      'The database belongs to another organization than the settings name. Mend KEYSMITH_ORGANIZATION (or the name in the teams file), or point DATABASE_URL at another file.',
    );
  }
}

export interface StartedBackend {
  backend: Backend;
  organization: { id: string; name: string };
  peppers: Peppers;
}

/** Opens what the organization is made of. The secret is tried first: under a wrong one nothing is written. */
export async function startBackend(options: StartBackendOptions): Promise<StartedBackend> {
  const { organization, secret, store, now, newId, randomBytes } = options;
  const known = await store.organizationName();
  if (known !== undefined && known !== organization.name) throw new OtherOrganizationError();
  const nowMs = now();
  const organizationId = await store.openOrganization(organization.name, nowMs);
  const sealer = createSealer(deriveKey(secret.reveal(), 'pepper'), 'pepper-1');
  const peppers = await openPeppers({ store, organizationId, sealer, randomBytes, nowMs });
  await claimBackend(store, organizationId, claimOf(options.backend));
  const named = { id: organizationId, name: organization.name };
  if (options.backend.kind === 'wandb') {
    return {
      backend: openWandbBackend(options, options.backend, organizationId),
      organization: named,
      peppers,
    };
  }
  await store.applyOrganization(organizationId, organization, nowMs);
  const seesUses = options.authority !== undefined;
  const backend = createBuiltinBackend({ store, organizationId, peppers, seesUses, now, newId, randomBytes });
  return { backend, organization: named, peppers };
}

function claimOf(backend: BackendOptions): ClaimedBackend {
  if (backend.kind === 'builtin') return { kind: 'builtin' };
  const { baseUrl, movedFrom } = backend;
  return {
    kind: 'wandb',
    address: serverAddress(baseUrl),
    movedFrom: movedFrom && serverAddress(movedFrom),
  };
}

/** Asks the server nothing yet: it may be down when Keysmith starts. */
function openWandbBackend(
  { organization, store, fetch, logger, now, newId }: StartBackendOptions,
  { baseUrl, apiKey, timeoutMs }: WandbOptions,
  organizationId: string,
): Backend {
  return createWandbBackend({
    client: createWandbClient({
      baseUrl,
      apiKey,
      fetch,
      now,
      random: Math.random,
      logger,
      ...(timeoutMs !== undefined && { limits: { timeoutMs } }),
    }),
    store,
    organizationId,
    organizationName: organization.name,
    organizationAdmins: organization.admins,
    baseUrl: pageUrl(baseUrl),
    now,
    newId,
    logger,
  });
}

/** Where people open the server: W&B's own cloud has another address for them than for programs. */
function pageUrl(baseUrl: string): string {
  return baseUrl.replace(/^https:\/\/api\.(?=(?:[\w-]+\.)*wandb\.ai(?:[:/]|$))/, 'https://');
}
