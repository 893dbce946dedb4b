import { rmSync } from 'node:fs';
import { type LocalWandb, startLocalWandb } from './sandbox/wandb/local-wandb.ts';

/**
 * The sandbox's W&B server. It forgets everything when it ends, and numbers its accounts anew: a database of an earlier one
 * would take them for its own, so it goes.
 *
 * @param databaseFile in the sandbox's own folder
 */
export async function startSandboxWandb(
  address: { host: string; port: number },
  databaseFile: string,
): Promise<LocalWandb> {
  const wandb = await startLocalWandb(address);
  for (const ending of ['', '-wal', '-shm']) rmSync(`${databaseFile}${ending}`, { force: true });
  return wandb;
}
