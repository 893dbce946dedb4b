import { type Store, type Stores, StoreUnavailableError } from '../application/ports/store.ts';
import { exitCode } from '../bootstrap/exit-code.ts';
import { OtherOrganizationError } from '../bootstrap/start-backend.ts';
import type { Config, ConfigResult } from '../config/configuration.ts';
import { drawBase62 } from '../domain/keys/base62.ts';
import { deriveKey } from '../domain/keys/sealed.ts';
import type { SqliteDatabaseOptions } from '../store/database/open-database.ts';
import { DatabaseRefusedError } from '../store/database/refusal.ts';
import type { SqliteStoreOptions } from '../store/sqlite-store.ts';
import type { InspectDatabase } from './doctor/database-check.ts';

export interface OpenStoreDependencies {
  inspectDatabase: InspectDatabase;
  /** Loads the store only where a command needs it. */
  openStores(options: SqliteDatabaseOptions & SqliteStoreOptions): Promise<Stores>;
  randomBytes: (size: number) => Uint8Array;
  now: () => number;
}

/** What a command that works on the database needs beside it. */
export interface StoreCommandDependencies extends OpenStoreDependencies {
  loadConfig(): ConfigResult;
  print(line: string): void;
  printError(line: string): void;
}

/** Why a command can't run, and what to do: lines for the person. */
export interface CommandProblem {
  exit: number;
  lines: string[];
}

export type CommandResult<Value> = ({ ok: true } & Value) | ({ ok: false } & CommandProblem);

export const refuse = (exit: number, ...lines: string[]) => ({ ok: false, exit, lines }) as const;

export function refuseSettings(problems: Extract<ConfigResult, { ok: false }>['problems']) {
  const lines = problems.map(({ name, message }) => `  ${name}: ${message}`);
  return refuse(exitCode.settings, 'Nothing was changed: the settings are invalid.', ...lines);
}

/** The organization's store, for one command. */
export interface OpenedStore {
  store: Store;
  newId: (prefix: string) => string;
  close(): Promise<void>;
}

/**
 * Opens the database that the settings name, also while Keysmith runs. Neither creates nor migrates it. Doesn't check that the
 * secret is the one it was created with, which matters only for a command that audits or seals.
 */
export async function openStore(
  { databaseFile: file, kind: mode, organizationName, secret }: Config,
  { inspectDatabase, openStores, randomBytes, now }: OpenStoreDependencies,
): Promise<CommandResult<OpenedStore>> {
  const unusable = await databaseProblem(file, mode, inspectDatabase);
  if (unusable !== undefined) return refuse(exitCode.failure, unusable);
  if (secret === undefined) return refuse(exitCode.failure, notStartedText(file));
  const newId = (prefix: string) => `${prefix}_${drawBase62(14, randomBytes)}`;
  let stores: Stores | undefined;
  try {
    const auditKey = deriveKey(secret.reveal(), 'audit');
    stores = await openStores({ file, mode, auditKey, newId, keepsReserve: true });
    const { close } = stores;
    const name = await stores.organizationName();
    if (name === organizationName) {
      return { ok: true, store: await stores.openOrganization(name, now()), newId, close };
    }
    await close();
    return name === undefined
      ? refuse(exitCode.failure, notStartedText(file))
      : refuse(exitCode.settings, new OtherOrganizationError().message);
  } catch (error) {
    await stores?.close();
    const problem = databaseFailureText(error, file);
    if (problem === undefined) throw error;
    return refuse(exitCode.failure, problem);
  }
}

/** Returns what an operator can do about a failure of the database, or undefined for any other error. */
export function databaseFailureText(error: unknown, file: string): string | undefined {
  if (error instanceof DatabaseRefusedError) return error.message;
  if (!(error instanceof StoreUnavailableError)) return undefined;
  return new DatabaseRefusedError(error.fault, file).message;
}

/** Prints why a command can't run, and returns its exit code. */
export function printProblem(
  { exit, lines }: CommandProblem,
  { printError }: Pick<StoreCommandDependencies, 'printError'>,
): number {
  for (const line of lines) printError(line);
  return exit;
}

async function databaseProblem(
  file: string,
  mode: Config['kind'],
  inspectDatabase: InspectDatabase,
): Promise<string | undefined> {
  const inspection = await inspectDatabase(file, mode, { checksIntegrity: false });
  if (!inspection.ok) return inspection.message;
  const { exists, schema, writable } = inspection;
  if (!exists || schema === 'none') return notStartedText(file);
  if (schema === 'newer') return new DatabaseRefusedError('newer_than_code', file).message;
  if (!writable) return new DatabaseRefusedError('read_only', file).message;
  if (schema === 'older') {
    return `The database ${file} was written by an earlier version of Keysmith. Start this version once to update it, then run the command again.`;
  }
  return undefined;
}

export function notStartedText(file: string): string {
  return `The database ${file} doesn’t exist yet or is empty. Start Keysmith once with these settings, then run the command again.`;
}

/** Opens the database of the settings for a command, and returns the command’s exit code, or that of what went wrong. */
export async function withStore(
  dependencies: StoreCommandDependencies,
  run: (opened: OpenedStore, config: Config) => Promise<number>,
): Promise<number> {
  const loaded = dependencies.loadConfig();
  if (!loaded.ok) return printProblem(refuseSettings(loaded.problems), dependencies);
  const { config } = loaded;
  const opened = await openStore(config, dependencies);
  if (!opened.ok) return printProblem(opened, dependencies);
  try {
    return await run(opened, config);
  } catch (error) {
    const problem = databaseFailureText(error, config.databaseFile);
    if (problem === undefined) throw error;
    dependencies.printError(problem);
    return exitCode.failure;
  } finally {
    await opened.close();
  }
}
