import { expect, it } from 'vitest';
import { checkDatabase } from '../../../src/cli/doctor/database-check.ts';
import { findingText } from '../../../src/cli/doctor/finding.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { inspectDatabase } from '../../../src/store/database/inspect-database.ts';
import { settingsFolder } from '../../config/settings-folder.ts';
import { claimOf, queueNotification } from '../../store/contract/jobs.ts';
import { DAY_MS, NOW_MS } from '../../store/contract/world.ts';
import { openSqliteWorld, type SqliteWorld } from '../../store/database/temporary-database.ts';

async function findings({ file }: SqliteWorld): Promise<string[]> {
  const loaded = loadConfig({ env: {}, cwd: settingsFolder() });
  if (!loaded.ok) throw new Error('no settings');
  const config = { ...loaded.config, databaseFile: file };
  const found = await checkDatabase(config, async (path, mode) => inspectDatabase(path, mode));
  return found.map(findingText);
}

/** Lets every due job fail so many times, from this time on. */
async function failDue({ store }: SqliteWorld, fromMs: number, { attempts }: { attempts: number }) {
  for (let nth = 0; nth < attempts; nth += 1) {
    const nowMs = fromMs + nth;
    for (const job of await store.claimJobs(claimOf({ nowMs }))) {
      await store.retryJob({ ...job, runAtMs: nowMs + 1, failure: `failure_${nth + 1}`, nowMs });
    }
  }
}

it('the doctor names the kind of jobs that failed seven times, since when and why, and what to do', async () => {
  const world = await openSqliteWorld();
  await queueNotification(world);
  await failDue(world, NOW_MS, { attempts: 6 });
  expect(await findings(world)).toEqual(['✓ Database: intact and writable']);
  await queueNotification(world, { atMs: NOW_MS + DAY_MS });
  await failDue(world, NOW_MS + 6, { attempts: 1 });
  expect(await findings(world)).toEqual([
    '✓ Database: intact and writable',
    expect.stringMatching(
      /^! Jobs of the kind notification: 1 keeps failing; first failure .* UTC, last failure: failure_1\n {4}Fix the cause: .*"npm run keysmith -- jobs --kind notification"/,
    ),
  ]);
});

it('the doctor counts jobs that were given up, with the first failure of the one that has failed longest', async () => {
  const world = await openSqliteWorld();
  const { store } = world;
  const giveUp = async (nowMs: number, failure: string) => {
    await queueNotification(world, { atMs: nowMs });
    const [job] = await store.claimJobs(claimOf({ nowMs }));
    if (job === undefined) throw new Error('not claimed');
    await store.finishJob({ ...job, outcome: 'failed', failure, nowMs });
  };
  await giveUp(NOW_MS + DAY_MS, 'later');
  await giveUp(NOW_MS, 'earlier');
  await queueNotification(world, { atMs: NOW_MS + DAY_MS });
  await failDue(world, NOW_MS + DAY_MS, { attempts: 7 });
  const day = new Date(NOW_MS).toISOString().slice(0, 10);
  const [, jobs, ...others] = await findings(world);
  expect(jobs).toContain(`: 1 keeps failing, 2 were given up; first failure ${day} `);
  expect(jobs).toContain('last failure: earlier');
  expect(others).toEqual([]);
});

it('the doctor says nothing about jobs that succeeded after they had failed, or run again later', async () => {
  const world = await openSqliteWorld();
  const { store } = world;
  for (let nth = 0; nth < 2; nth += 1) await queueNotification(world);
  await failDue(world, NOW_MS, { attempts: 8 });
  const [one, other] = await store.claimJobs(claimOf({ nowMs: NOW_MS + 8 }));
  if (one === undefined || other === undefined) throw new Error('not claimed');
  await store.finishJob({ ...one, outcome: 'done', nowMs: NOW_MS + 8 });
  await store.repeatJob({ ...other, runAtMs: NOW_MS + DAY_MS });
  expect(await findings(world)).toEqual(['✓ Database: intact and writable']);
});
