import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { logLines } from '../../security/workspace-state.ts';
import { createAccount } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ending, PLACES } from '../steps.ts';
import { sendAppEvent } from './app-event.ts';

const SENDING = ['response_url', 'chat.postEphemeral', 'chat.postMessage', 'conversations.open'];
const MINUTE_MS = 60_000;

describe.each(PLACES)('An app that is uninstalled, over %s and with accounts in %s', (transport, backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  let keyMessage: PageMessage;
  beforeAll(async () => {
    workspace = await startWorkspace({ transport, backend });
    ada = workspace.slack.as('Ada');
    keyMessage = await createAccount(ada, 'random', 'nightly-eval');
  });
  afterAll(() => workspace.stop());
  beforeEach(() => workspace.slack.failures.clear());

  const readiness = async () => (await fetch(`${workspace.keysmith.url}/readyz`)).status;
  const sent = () => workspace.slack.traffic.filter(({ method }) => SENDING.includes(method)).length;
  const uninstall = (more?: object) => sendAppEvent(workspace, { type: 'app_uninstalled' }, more);
  const rejectToken = () => {
    for (const method of [...SENDING, 'auth.test']) {
      workspace.slack.failures.set(method, { kind: 'error', error: 'account_inactive' });
    }
  };
  const notifications = () =>
    workspace
      .rows<{ finished_at_ms: number | null }>("select finished_at_ms from jobs where kind = 'notification'")
      .map(({ finished_at_ms }) => finished_at_ms);
  const loggedLines = () => logLines(workspace).map(({ msg }) => msg);

  test('stays installed if Slack still accepts its token, as after it was installed again', async () => {
    const before = workspace.slack.traffic.length;
    expect(await uninstall()).toMatchObject({ kind: 'responded', status: 200 });
    await expect
      .poll(() => workspace.slack.traffic.slice(before).map(({ method }) => method))
      .toContain('auth.test');
    expect(await readiness()).toBe(200);
  });

  test('stays installed if the event names another workspace', async () => {
    rejectToken();
    await uninstall({ team_id: 'T0OTHER001' });
    await expect.poll(loggedLines).toContain('event of another workspace ignored');
    expect(await readiness()).toBe(200);
  });

  test('isn’t ready and sends nothing, and sends what waits once it is installed again', async () => {
    for (const method of SENDING) workspace.slack.failures.set(method, { kind: 'status', status: 500 });
    await ada.click(keyMessage, ending(backend).buttonInMessage);
    await expect.poll(() => notifications().length).toBeGreaterThan(0);
    await expect.poll(loggedLines, { timeout: 10_000 }).toContain('reply not sent');
    workspace.slack.uninstallApp();
    workspace.slack.failures.clear();
    await expect.poll(readiness).toBe(503);
    expect(loggedLines()).toContain('Slack app uninstalled, nothing is sent');

    workspace.clock.advance(2 * MINUTE_MS);
    const before = sent();
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    expect(sent()).toBe(before);
    expect(notifications().filter((finishedAtMs) => finishedAtMs !== null)).toEqual([]);

    workspace.slack.installApp();
    workspace.clock.advance(11 * MINUTE_MS);
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', ending(backend).ended('nightly-eval'));
    expect(await readiness()).toBe(200);
    expect(loggedLines()).toContain('Slack app installed again');
  });
});
