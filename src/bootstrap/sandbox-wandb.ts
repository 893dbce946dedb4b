import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Logger } from 'pino';
import type { TeamKey } from '../application/gateway/team-keys.ts';
import type { ListenAddress, SandboxConfig } from '../config/configuration.ts';
import { Secret } from '../domain/keys/secret.ts';
import { urlHost } from '../sandbox/http/local-server.ts';
import type { LocalWandb } from '../sandbox/wandb/local-wandb.ts';

/** Keys of the local W&B server, which the page masks in the traffic it shows. */
export const LOCAL_WANDB_KEY_PATTERN = /local-[0-9a-f]{40}/;

/** The W&B API key of a team, for the gateway. */
export type SandboxTeamKey = TeamKey & { teamName: string };

/** Returns a new key for each team: the local W&B server forgets its accounts when it stops. */
export function createTeamKeys({ backend }: SandboxConfig): SandboxTeamKey[] {
  if (backend.kind !== 'builtin') return [];
  return backend.teams.teams.map(({ name }) => ({
    teamName: name,
    owner: `${name}-gateway`,
    isWider: false,
    key: new Secret(`local-${randomBytes(20).toString('hex')}`),
  }));
}

/** Returns where the server will listen, or undefined while that isn't known: port 0. */
export function localWandbUrl({ host, port }: ListenAddress): string | undefined {
  return port === 0 ? undefined : `http://${urlHost(host)}:${port}`;
}

/**
 * Starts the local W&B server. As the backend, it forgets everything when it stops and numbers its accounts from the start again,
 * so the database of an earlier run is deleted: it would take the new accounts for its own. As the upstream, it keeps its runs.
 */
export async function startWandb(
  { backend, wandb: address, runFolder, databaseFile }: SandboxConfig,
  { teamKeys, appUrl, logger }: { teamKeys: readonly SandboxTeamKey[]; appUrl: string; logger: Logger },
): Promise<LocalWandb> {
  const { startLocalWandb } = await import('../sandbox/wandb/local-wandb.ts');
  const isBackend = backend.kind === 'local_wandb';
  const onError = (error: unknown) => logger.error({ err: error }, 'run of the sandbox not stored');
  const wandb = await startLocalWandb({
    ...address,
    appUrl,
    // Keysmith administers its backend, but reaches its upstream with the keys of teams alone.
    caller: isBackend ? 'organization_admin' : {},
    ...(runFolder !== undefined && { runFolder: { path: runFolder, onError } }),
  });
  if (isBackend)
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${databaseFile}${suffix}`, { force: true });
  for (const { teamName, owner, key } of teamKeys) wandb.addTeamKey(teamName, owner, key.reveal());
  const { baseUrl } = wandb;
  logger.info({ baseUrl }, `The sandbox’s W&B server is at ${baseUrl}`);
  return wandb;
}
