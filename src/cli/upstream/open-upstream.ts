import { createTeamKeys, type TeamKeys, teamKeySealer } from '../../application/gateway/team-keys.ts';
import type { Store } from '../../application/ports/store.ts';
import { WrongSecretError } from '../../backends/builtin/peppers.ts';
import type { AskUpstreamOptions } from '../../backends/wandb/upstream/check-upstream-credential.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import type { ConfigResult, GatewayConfig, LiveConfig } from '../../config/configuration.ts';
import { createSealer, deriveKey } from '../../domain/keys/sealed.ts';
import {
  type CommandResult,
  databaseFailureText,
  notStartedText,
  type OpenStoreDependencies,
  openStore,
  refuse,
  refuseSettings,
  type StoreCommandDependencies,
} from '../open-store.ts';
import type { Prompt } from '../prompt.ts';

export interface OpenUpstreamDependencies extends OpenStoreDependencies {
  /** Goes through HTTPS_PROXY if it is set. */
  fetch: typeof fetch;
  /** For each call to W&B. */
  timeoutMs: number;
}

export interface UpstreamDependencies extends OpenUpstreamDependencies, StoreCommandDependencies {
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

/** Returns the settings of the gateway, or why there is none. */
export function readGatewaySettings(
  loaded: ConfigResult,
): CommandResult<{ config: OpenedUpstream['config'] }> {
  if (!loaded.ok) return refuseSettings(loaded.problems);
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

/** Opens the database as `openStore` does, and checks that the secret is the one it was created with. */
export async function openUpstream(
  config: OpenedUpstream['config'],
  dependencies: OpenUpstreamDependencies,
): Promise<CommandResult<{ upstream: OpenedUpstream }>> {
  const opened = await openStore(config, dependencies);
  if (!opened.ok) return opened;
  const { store, newId, close } = opened;
  const { databaseFile, secret } = config;
  const { fetch, now, timeoutMs } = dependencies;
  try {
    const refused = await secretProblem(store, config);
    if (refused !== undefined) {
      await close();
      return refused;
    }
    const actor = { type: 'system', name: 'command-line' } as const;
    const teamKeys = createTeamKeys({ store, sealer: teamKeySealer(secret), newId, now, actor });
    const monotonicMs = () => performance.now();
    const ask = { upstreamUrl: config.gateway.upstreamUrl, fetch, timeoutMs, now, monotonicMs };
    return { ok: true, upstream: { config, store, teamKeys, ask, close } };
  } catch (error) {
    await close();
    const problem = databaseFailureText(error, databaseFile);
    if (problem === undefined) throw error;
    return refuse(exitCode.failure, problem);
  }
}

async function secretProblem(store: Store, { databaseFile, secret }: LiveConfig) {
  const [pepper] = await store.sealedPeppers();
  if (pepper === undefined) return refuse(exitCode.failure, notStartedText(databaseFile));
  const sealer = createSealer(deriveKey(secret.reveal(), 'pepper'), 'pepper-1');
  const isOwnSecret = (await sealer.open(pepper.sealed)) !== undefined;
  return isOwnSecret ? undefined : refuse(exitCode.settings, new WrongSecretError().message);
}
