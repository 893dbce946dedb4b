import { createTeamKeys, type TeamKeys, teamKeySealer } from '../../application/gateway/team-keys.ts';
import { type Store, type Stores, StoreUnavailableError } from '../../application/ports/store.ts';
import { WrongSecretError } from '../../backends/builtin/peppers.ts';
import type { AskUpstreamOptions } from '../../backends/wandb/upstream/check-upstream-credential.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { OtherOrganizationError } from '../../bootstrap/start-backend.ts';
import type { ConfigResult, GatewayConfig, LiveConfig } from '../../config/configuration.ts';
import { drawBase62 } from '../../domain/keys/base62.ts';
import { createSealer, deriveKey } from '../../domain/keys/sealed.ts';
import type { SqliteDatabaseOptions } from '../../store/database/open-database.ts';
import { DatabaseRefusedError } from '../../store/database/refusal.ts';
import type { SqliteStoreOptions } from '../../store/sqlite-store.ts';
import type { InspectDatabase } from '../doctor/database-check.ts';
import type { Prompt } from '../prompt.ts';

export interface OpenUpstreamDependencies {
  /** Goes through HTTPS_PROXY if it is set. */
  fetch: typeof fetch;
  inspectDatabase: InspectDatabase;
  /** Loads the store only where a command needs it. */
  openStores(options: SqliteDatabaseOptions & SqliteStoreOptions): Promise<Stores>;
  randomBytes: (size: number) => Uint8Array;
  now: () => number;
  /** For each call to W&B. */
  timeoutMs: number;
}

export interface UpstreamDependencies extends OpenUpstreamDependencies {
  loadConfig(): ConfigResult;
  print(line: string): void;
  printError(line: string): void;
  /** Whether both input and output are a terminal. */
  isTerminal: boolean;
  prompt: Prompt;
  /** Reads standard input to its end. Returns undefined if it is a terminal, where what is typed would be visible. */
  readInput(): Promise<string | undefined>;
}

/** The database and the W&B server of a gateway, for one command. */
export interface OpenedUpstream {
  config: LiveConfig & { gateway: GatewayConfig };
  store: Store;
  teamKeys: TeamKeys;
  /** How to ask the W&B server behind the gateway. */
  ask: AskUpstreamOptions;
  close(): Promise<void>;
}

/** Why a command can't run, and what to do: lines for the person. */
export interface UpstreamProblem {
  exit: number;
  lines: string[];
}

type Result<Value> = ({ ok: true } & Value) | ({ ok: false } & UpstreamProblem);

const refuse = (exit: number, ...lines: string[]) => ({ ok: false, exit, lines }) as const;

/** Returns the settings of the gateway, or why there is none. */
export function readGatewaySettings(loaded: ConfigResult): Result<{ config: OpenedUpstream['config'] }> {
  if (!loaded.ok) {
    const problems = loaded.problems.map(({ name, message }) => `  ${name}: ${message}`);
    return refuse(exitCode.settings, 'Nothing was changed: the settings are invalid.', ...problems);
  }
  const { config } = loaded;
  if (config.kind === 'sandbox') {
    return refuse(
      exitCode.settings,
      'Nothing was changed: these settings start the sandbox, which gives its teams new keys at every start. Run this command where the settings of your workspace are.',
    );
  }
  const { gateway } = config;
  if (gateway !== undefined) return { ok: true, config: { ...config, gateway } };
  return refuse(
    exitCode.settings,
    config.backend.kind === 'wandb'
      ? 'Nothing was changed: accounts live on the W&B server, so Keysmith forwards nothing and needs no upstream credential.'
      : 'Nothing was changed: KEYSMITH_UPSTREAM_URL isn’t set, so Keysmith forwards nothing. Set it to the URL of your W&B server first.',
  );
}

/**
 * Opens the database that the settings name, also while Keysmith runs. Neither creates nor migrates it, and checks first that the
 * secret is the one it was created with.
 */
export async function openUpstream(
  config: OpenedUpstream['config'],
  dependencies: OpenUpstreamDependencies,
): Promise<Result<{ upstream: OpenedUpstream }>> {
  const { databaseFile: file, secret } = config;
  const { fetch, now, timeoutMs } = dependencies;
  const unusable = await databaseProblem(file, dependencies.inspectDatabase);
  if (unusable !== undefined) return refuse(exitCode.failure, unusable);
  const newId = (prefix: string) => `${prefix}_${drawBase62(14, dependencies.randomBytes)}`;
  let stores: Stores | undefined;
  try {
    const auditKey = deriveKey(secret.reveal(), 'audit');
    stores = await dependencies.openStores({ file, mode: 'live', auditKey, newId, keepsReserve: true });
    const opened = await openOrganization(stores, config, now());
    if (!opened.ok) {
      await stores.close();
      return opened;
    }
    const { store } = opened;
    const sealer = teamKeySealer(secret);
    const actor = { type: 'system', name: 'command-line' } as const;
    const teamKeys = createTeamKeys({ store, sealer, newId, now, actor });
    const monotonicMs = () => performance.now();
    const ask = { upstreamUrl: config.gateway.upstreamUrl, fetch, timeoutMs, now, monotonicMs };
    return { ok: true, upstream: { config, store, teamKeys, ask, close: stores.close } };
  } catch (error) {
    await stores?.close();
    const problem = databaseFailureText(error, file);
    if (problem === undefined) throw error;
    return refuse(exitCode.failure, problem);
  }
}

async function openOrganization(
  stores: Stores,
  { databaseFile, organizationName, secret }: LiveConfig,
  nowMs: number,
): Promise<Result<{ store: Store }>> {
  const name = await stores.organizationName();
  if (name === undefined) return refuse(exitCode.failure, notStartedText(databaseFile));
  if (name !== organizationName) return refuse(exitCode.settings, new OtherOrganizationError().message);
  const store = await stores.openOrganization(name, nowMs);
  const [pepper] = await store.sealedPeppers();
  if (pepper === undefined) return refuse(exitCode.failure, notStartedText(databaseFile));
  const sealer = createSealer(deriveKey(secret.reveal(), 'pepper'), 'pepper-1');
  const isOwnSecret = (await sealer.open(pepper.sealed)) !== undefined;
  return isOwnSecret ? { ok: true, store } : refuse(exitCode.settings, new WrongSecretError().message);
}

async function databaseProblem(file: string, inspectDatabase: InspectDatabase): Promise<string | undefined> {
  const inspection = await inspectDatabase(file, 'live', { checksIntegrity: false });
  if (!inspection.ok) return inspection.message;
  const { exists, schema, writable } = inspection;
  if (!exists || schema === 'none') return notStartedText(file);
  if (schema === 'newer') return new DatabaseRefusedError('newer_than_code', file).message;
  if (!writable) return new DatabaseRefusedError('read_only', file).message;
  if (schema === 'older') {
    return `The database ${file} was written by an earlier version of Keysmith. Start this version once, which updates it, then run the command again.`;
  }
  return undefined;
}

function notStartedText(file: string): string {
  return `The database ${file} doesn’t exist yet or is empty. Start Keysmith once with these settings, then run the command again.`;
}

/** Returns what an operator can do about a failure of the database, or undefined for any other error. */
export function databaseFailureText(error: unknown, file: string): string | undefined {
  if (error instanceof DatabaseRefusedError) return error.message;
  if (!(error instanceof StoreUnavailableError)) return undefined;
  return new DatabaseRefusedError(error.fault, file).message;
}
