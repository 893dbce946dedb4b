import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClaimedJob } from '../../../src/application/ports/job-store.ts';
import { JOB_KINDS } from '../../../src/application/ports/job-store.ts';
import { runJobs } from '../../../src/cli/jobs/jobs-command.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { inspectDatabase } from '../../../src/store/database/inspect-database.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import { liveEnv, settingsFolder, teamsText } from '../../config/settings-folder.ts';
import { claimOf, queueNotification } from '../../store/contract/jobs.ts';
import { auditEvent, NOW_MS, seedAcme, settledWorld, type World } from '../../store/contract/world.ts';
import { placeMigratedDatabase } from '../../store/database/migrated-database.ts';
import { openDatabase, storesOver, temporaryFolder } from '../../store/database/temporary-database.ts';

const failed = { failure: 'not_accepted', nowMs: NOW_MS };
const NOW = new Date(NOW_MS).toISOString();
const TIME = `${NOW.slice(0, 16).replace('T', ' ')} UTC`;

/** Opens a database that a running Keysmith has open, too, and the command on it. */
async function openJobs() {
  const file = join(temporaryFolder(), 'keysmith.db');
  placeMigratedDatabase(file, 'live');
  const stores = storesOver(openDatabase(file, 'live'));
  await seedAcme(stores);
  const world = (await settledWorld({ stores, another: () => stores })) as World;
  const cwd = settingsFolder({ 'teams.yml': teamsText });
  const jobsWith = async (settings: Record<string, string>, ...args: string[]) => {
    const lines = { out: [] as string[], error: [] as string[] };
    const code = await runJobs(args, {
      loadConfig: () => loadConfig({ env: settings, cwd }),
      print: (line) => void lines.out.push(line),
      printError: (line) => void lines.error.push(line),
      inspectDatabase: async (path, mode, options) => inspectDatabase(path, mode, options),
      openStores: async (options) =>
        openSqliteStores({ ...options, keepsReserve: false, busyTimeoutMs: 100 }),
      randomBytes,
      now: () => NOW_MS,
    });
    return { code, stdout: lines.out.join('\n'), stderr: lines.error.join('\n') };
  };
  const settings = { ...liveEnv, DATABASE_URL: `file:${file}` };
  return { world, settings, jobsWith, jobs: (...args: string[]) => jobsWith(settings, ...args) };
}

async function claimNew({ store }: World): Promise<ClaimedJob> {
  const [job] = await store.claimJobs(claimOf());
  if (job === undefined) throw new Error('not claimed');
  return job;
}

describe('The command jobs', () => {
  let opened: Awaited<ReturnType<typeof openJobs>>;
  beforeEach(async () => {
    opened = await openJobs();
  });

  /** Queues a job of each state. */
  async function queueEach() {
    const { world } = opened;
    const queue = async () => {
      await queueNotification(world);
      return claimNew(world);
    };
    const done = await queue();
    await world.store.finishJob({ ...done, outcome: 'done', nowMs: NOW_MS });
    const givenUp = await queue();
    await world.store.finishJob({ ...givenUp, ...failed, outcome: 'failed' });
    const failing = await queue();
    await world.store.retryJob({ ...failing, ...failed, runAtMs: NOW_MS + 60_000 });
    const running = await queue();
    await queueNotification(world);
    return { done, givenUp, failing, running };
  }

  it('says so if no job is unfinished', async () => {
    expect(await opened.jobs()).toEqual({ code: 0, stdout: 'No unfinished jobs.', stderr: '' });
    expect((await opened.jobs('--all')).stdout).toBe('No jobs.');
    expect((await opened.jobs('list', '--kind', 'delivery')).stdout).toBe(
      'No unfinished jobs of the kind “delivery”.',
    );
  });

  it('lists failing jobs first, with the reason of the last failure and without payloads', async () => {
    const { failing, givenUp, running, done } = await queueEach();
    const { code, stdout, stderr } = await opened.jobs();
    expect([code, stderr]).toEqual([0, '']);
    const [headings, ...rows] = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(headings).toEqual(['ID', 'KIND', 'SUBJECT', 'STATE', 'NEXT RUN', 'ATTEMPTS', 'LAST FAILURE']);
    const next = new Date(NOW_MS + 60_000).toISOString().slice(11, 16);
    expect(rows[0]).toEqual([
      failing.id,
      'notification',
      failing.subject.slice(0, 80),
      `failing since ${TIME}`,
      `${TIME.slice(0, 11)}${next} UTC`,
      '1',
      'not_accepted',
    ]);
    expect(rows[1]?.slice(0, 4)).toEqual([
      givenUp.id,
      'notification',
      expect.any(String),
      `given up ${TIME}`,
    ]);
    expect(rows[3]).toContain('waiting');
    expect(rows[2]).toEqual([running.id, ...Array(2).fill(expect.any(String)), 'running', TIME, '1']);
    expect(stdout).not.toContain(done.id);
    expect(stdout).not.toContain('req_1');
    expect((await opened.jobs('list', '--all')).stdout).toContain(`done ${TIME}`);
  });

  it('prints the list as one JSON object', async () => {
    const { failing, givenUp } = await queueEach();
    const { stdout } = await opened.jobs('--json', '--kind', 'notification');
    const { jobs, hasMore } = JSON.parse(stdout);
    expect(hasMore).toBe(false);
    expect(jobs).toHaveLength(4);
    expect(jobs[0]).toEqual({
      id: failing.id,
      kind: 'notification',
      subject: failing.subject,
      state: 'failing',
      nextRun: new Date(NOW_MS + 60_000).toISOString(),
      attempts: 1,
      lastFailure: 'not_accepted',
      failingSince: NOW,
      ended: null,
    });
    expect(jobs[1]).toMatchObject({ id: givenUp.id, state: 'given_up', nextRun: null, ended: NOW });
  });

  it('removes control characters from a subject that someone else chose', async () => {
    const { store } = opened.world;
    const payload = {
      message: 'key_not_collectable',
      accountId: 'sa_\u001b[2J\n1',
      keyId: 'k',
      to: { slackUserId: 'U1' },
      requestId: null,
    } as const;
    const { accountId } = await queueNotification(opened.world);
    const revoked = auditEvent('service_account.revoked');
    await store.revokeAccount(accountId, NOW_MS, revoked, [{ payload, start: { atMs: NOW_MS } }]);
    const { stdout } = await opened.jobs();
    expect(stdout).toContain('key_not_collectable:sa_[2J1');
  });

  it('makes a failing job, or one that was given up, due for a running Keysmith', async () => {
    const { failing, givenUp } = await queueEach();
    for (const { id } of [failing, givenUp]) {
      const { code, stdout } = await opened.jobs('run', id);
      expect([code, stdout]).toEqual([
        0,
        `The job ${id} is due now. A running Keysmith starts it within seconds.`,
      ]);
    }
    const due = await opened.world.store.claimJobs(claimOf());
    expect(due.map(({ id }) => id)).toEqual(expect.arrayContaining([failing.id, givenUp.id]));
  });

  it('fails if there is nothing to run, and says why', async () => {
    const { done, running } = await queueEach();
    for (const [id, text, result] of [
      [done.id, 'the job is done', 'done'],
      [running.id, 'the job is running', 'running'],
      ['job_none', 'no job has this ID', 'unknown'],
    ] as const) {
      const { code, stdout, stderr } = await opened.jobs('run', id);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`Nothing was changed: ${text}`);
      const json = await opened.jobs('run', id, '--json');
      expect([json.code, JSON.parse(json.stdout)]).toEqual([1, { id, result }]);
    }
  });

  it.each([
    [['frob'], 'Unknown command.'],
    [['lst'], 'Did you mean "jobs list"?'],
    [['--verbose'], 'Unknown options for "jobs list".'],
    [
      ['--kind', 'notifications'],
      `Jobs have no kind “notifications”. The kinds are ${JOB_KINDS.join(', ')}.`,
    ],
    [['run'], 'Name the job'],
    [['run', 'a', 'b'], 'takes one ID'],
    [['run', 'a', '--all'], 'Unknown options for "jobs run".'],
  ])('exits with 64 for the arguments %j', async (args, text) => {
    const { code, stdout, stderr } = await opened.jobs(...args);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain(text);
    expect(stderr).toContain('Usage: npm run keysmith -- jobs');
  });

  it('changes nothing without valid settings or a database', async () => {
    const { settings, jobsWith } = opened;
    expect(await jobsWith({ ...settings, PORT: 'x' })).toMatchObject({ code: 78, stdout: '' });
    const other = join(temporaryFolder(), 'none.db');
    const none = await jobsWith({ ...settings, DATABASE_URL: `file:${other}` });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('Start Keysmith once') });
    const sandbox = await jobsWith({});
    expect(sandbox).toMatchObject({ code: 1, stderr: expect.stringContaining('Start Keysmith once') });
  });
});
