import { existsSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { API_KEY_PATTERN } from '../../src/domain/keys/api-key.ts';
import type { DrivenSlack } from '../driver/driven-slack.ts';
import type { SlackPerson } from '../driver/slack-person.ts';
import { isLongForm } from '../long-form.ts';
import { openForm } from '../world/new-account-form.ts';
import { createDatabase, type LiveSetup, liveSetup, secrets, startSlack } from './live-setup.ts';
import { freePort, type MainProcess, startMain } from './main-process.ts';

const STARTED = '"msg":"Keysmith started"';

async function startSlackForTest(port?: number): Promise<DrivenSlack> {
  const slack = await startSlack(port);
  onTestFinished(() => slack.stop());
  return slack;
}

async function startKeysmithProcess(slack: DrivenSlack, setup: LiveSetup): Promise<MainProcess> {
  const main = startMain(setup.cwd, setup.settings);
  await main.waitForOutput(STARTED);
  const { url } = main.lines().find(({ msg }) => msg === 'Keysmith started') ?? {};
  slack.sendRequestsTo(`${url}/slack/events`);
  return main;
}

/** Submits the form, and resolves once Keysmith has sent Slack the message with the key. */
async function submit(slack: DrivenSlack): Promise<{ ada: SlackPerson; submitted: Promise<unknown> }> {
  const ada = slack.as('Ada');
  await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
  const submitted = ada.submit();
  await expect.poll(() => keysSent(slack), { timeout: 10_000 }).toBe(1);
  return { ada, submitted };
}

const keysSent = (slack: DrivenSlack) =>
  slack.traffic.filter(({ direction, body }) => direction === 'to_slack' && API_KEY_PATTERN.test(body))
    .length;

const deliveries = (setup: LiveSetup) =>
  setup.rows<{ state: string; live: number }>(
    'select d.state, k.revoked_at_ms is null as live from deliveries d join api_keys k using (key_id)',
  );

describe('SIGTERM during the delivery of a key', () => {
  test('lets the delivery finish, responds to the person and exits with 0, also when sent twice', async () => {
    const slack = await startSlackForTest();
    const setup = liveSetup(slack.apiUrl);
    setup.settings.KEYSMITH_KEEP_ALIVE_SECONDS = '620';
    const main = await startKeysmithProcess(slack, setup);
    const { url } = main.lines().find(({ msg }) => msg === 'Keysmith started') ?? {};
    const { headers } = await fetch(`${url}/healthz`);
    expect(headers.get('keep-alive')).toBe('timeout=620');
    slack.failures.set('response_url', { kind: 'slow', delayMs: 800 }, { times: 1 });
    const { ada, submitted } = await submit(slack);
    main.signal('SIGTERM');
    main.signal('SIGTERM');

    expect(await submitted).toEqual({ ok: true });
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await ada.waitUntilClosed();
    expect(await main.ended).toMatchObject({ code: 0 });
    // SQLite removes the WAL when the last connection closes properly.
    expect(existsSync(`${setup.databaseFile}-wal`)).toBe(false);
    expect(deliveries(setup)).toEqual([{ state: 'delivered', live: 1 }]);
    expect(keysSent(slack)).toBe(1);
    for (const secret of Object.values(secrets)) expect(main.output()).not.toContain(secret);
    expect(main.output()).not.toMatch(API_KEY_PATTERN);
  });

  test.runIf(isLongForm)(
    'exits with 0 within ten seconds even if Slack never responds, and leaves no active key without an owner',
    async () => {
      const slack = await startSlackForTest();
      const setup = liveSetup(slack.apiUrl);
      const main = await startKeysmithProcess(slack, setup);
      slack.failures.set('response_url', { kind: 'timeout', afterEffect: true }, { times: 1 });
      const { submitted } = await submit(slack);
      const signalledAtMs = performance.now();
      main.signal('SIGTERM');

      expect(await submitted).toEqual({ ok: true });
      expect(await main.ended).toMatchObject({ code: 0 });
      expect(performance.now() - signalledAtMs).toBeLessThan(10_000);

      await createDatabase(setup, slack, { now: () => Date.now() + 70_000 });
      expect(deliveries(setup)).toEqual([{ state: 'failed', live: 0 }]);
      await slack.as('Ada').waitForMessage('Keysmith', 'Collect');
      expect(keysSent(slack)).toBe(1);
    },
  );
});

describe('A process that can’t reach Slack', () => {
  test('keeps running, reports that it isn’t ready, and serves as soon as Slack is reachable', async () => {
    const [slackPort, port] = [await freePort(), await freePort()];
    const setup = liveSetup(`http://127.0.0.1:${slackPort}/api/`);
    setup.settings.PORT = String(port);
    const main = startMain(setup.cwd, setup.settings);
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).then(({ status }) => status);
    await main.waitForOutput('Slack unreachable, retrying');

    expect([await ask('/healthz'), await ask('/readyz'), await ask('/slack/events')]).toEqual([
      200, 503, 503,
    ]);
    expect(main.output()).not.toContain(STARTED);

    const slack = await startSlackForTest(slackPort);
    await main.waitForOutput(STARTED);
    expect(await ask('/readyz')).toBe(200);
    slack.sendRequestsTo(`http://127.0.0.1:${port}/slack/events`);
    const { ada } = await submit(slack);
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    main.signal('SIGTERM');
    expect(await main.ended).toMatchObject({ code: 0 });
  });

  test.runIf(isLongForm)(
    'exits with 0 on SIGTERM and writes what workloads used in the meantime',
    async () => {
      const setup = liveSetup(`http://127.0.0.1:${await freePort()}/api/`);
      const main = startMain(setup.cwd, setup.settings);
      await main.waitForOutput('Slack unreachable, retrying');
      main.signal('SIGTERM');
      expect(await main.ended).toMatchObject({ code: 0 });
      // The credential uses are written before the database closes, which removes the WAL.
      expect(existsSync(`${setup.databaseFile}-wal`)).toBe(false);
    },
  );
});
