import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { runJobs } from '../../../src/cli/jobs/jobs-command.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { inspectDatabase } from '../../../src/store/database/inspect-database.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import { scrape } from '../../api/routes/metrics-scrape.ts';
import { liveEnv, settingsFolder, teamsText } from '../../config/settings-folder.ts';
import { createAccount } from '../../world/new-account-form.ts';
import { startWorkspace } from '../../world/running-workspace.ts';

test('An operator sees a notification that Slack never accepts, and sends it once Slack works again', async () => {
  const workspace = await startWorkspace();
  onTestFinished(() => workspace.stop());
  const { slack, keysmith, clock, databaseFile } = workspace;
  const cwd = settingsFolder({ 'teams.yml': teamsText });
  const jobs = async (...args: string[]) => {
    const lines: string[] = [];
    const code = await runJobs([...args, '--json'], {
      loadConfig: () => loadConfig({ env: { ...liveEnv, DATABASE_URL: `file:${databaseFile}` }, cwd }),
      print: (line) => void lines.push(line),
      printError: (line) => void lines.push(line),
      inspectDatabase: async (path, mode, options) => inspectDatabase(path, mode, options),
      openStores: async (options) => openSqliteStores({ ...options, keepsReserve: false }),
      randomBytes,
      now: () => clock.nowMs,
    });
    return { code, ...JSON.parse(lines.join('\n')) };
  };
  const failing = async () =>
    (await scrape(keysmith.url)).sampleValue('keysmith_failing_jobs', { kind: 'notification' });
  const ada = slack.as('Ada');
  const message = await createAccount(ada, 'random', 'nightly-eval');
  for (const method of ['response_url', 'chat.postEphemeral', 'chat.postMessage'] as const) {
    slack.failures.set(method, { kind: 'status', status: 500 });
  }
  await ada.click(message, 'Revoke');
  await expect.poll(failing, { timeout: 10_000 }).toBe(1);
  clock.advance(60_000);
  await keysmith.settle();
  clock.advance(60_000);

  const listed = await jobs('list', '--kind', 'notification');
  expect(listed).toMatchObject({
    code: 0,
    jobs: [{ kind: 'notification', state: 'failing', lastFailure: 'not_accepted' }],
  });
  expect(listed.jobs[0].attempts).toBeGreaterThan(1);

  slack.failures.clear();
  const { id } = listed.jobs[0];
  expect(await jobs('run', id)).toEqual({ code: 0, id, result: 'scheduled' });
  await keysmith.settle();
  await ada.waitForMessage('Keysmith', 'Revoked `nightly-eval` in `ml-platform`.');
  await expect.poll(failing).toBe(0);
  expect((await jobs('list', '--all')).jobs).toContainEqual(
    expect.objectContaining({ id, state: 'done', lastFailure: null }),
  );
});
