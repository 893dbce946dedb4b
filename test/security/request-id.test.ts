import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visibleText } from '../driver/visible-text.ts';
import { createAccount } from '../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace, type Transport } from '../world/running-workspace.ts';
import { isOfStandingJob, type LogLine, lastAudit, logLines, referenceIn, until } from './workspace-state.ts';

const CHANNEL = 'C0MLPLAT01';

describe.each<Transport>(['http', 'socket'])('References over %s', (transport) => {
  let workspace: RunningWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace({ transport });
  });
  afterAll(() => workspace.stop());

  test('find every log line and the audit event of an interaction', async () => {
    const dee = workspace.slack.as('Dee');
    await dee.command('ml-platform', '/wandb sa new');
    const reference = referenceIn(await dee.waitForMessage('ml-platform', 'Reference'));

    const lines = logLines(workspace).filter(({ requestId }) => requestId === reference);
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(["apiCall('users.info') start", 'refused', "apiCall('users.info') end"]),
    );
    expect(lastAudit(workspace)).toMatchObject({
      action: 'service_account.create_refused',
      request_id: reference,
    });
  });

  test('stay separate for many interactions at once', async () => {
    const count = 25;
    const people = ['Ada', 'Ben', 'Cy', 'Dee'];
    const names = Array.from({ length: count }, (_, index) => `parallel-${index}x`);
    await Promise.all(
      names.map((name, index) => {
        const person = workspace.slack.as(people[index % 4] ?? '');
        return person.command('ml-platform', `/wandb sa list --team ${name}`);
      }),
    );
    const refusals = (): LogLine[] => logLines(workspace).filter(({ msg }) => msg === 'refused');
    await until('every refusal', () => refusals().length >= count + 1);

    const responses = await until('every response', () => {
      const responses = people
        .map((name) => workspace.slack.as(name))
        .flatMap((person) =>
          person.messages('ml-platform').map((message) => ({ person: person.id, message })),
        )
        .filter(({ message }) => visibleText(message).includes('You don’t have a team'));
      return responses.length === count && responses;
    });
    const references = responses.map(({ message }) => referenceIn(message));
    expect(new Set(references).size).toBe(count);
    for (const { person, message } of responses) {
      const reference = referenceIn(message) ?? '';
      const lines = logLines(workspace).filter(({ requestId }) => requestId === reference);
      // Log lines, requests to Slack and the audit event all belong to one person.
      expect(lines.filter(({ msg }) => msg === 'refused').map(({ slackUserId }) => slackUserId)).toEqual([
        person,
      ]);
      const users = lines.flatMap(({ msg }) => /^http request body: .*"user":"(\w+)"/.exec(msg)?.[1] ?? []);
      expect(new Set(users)).toEqual(new Set([person]));
      const [row] = workspace.rows<{ actor: string }>(
        'select actor from audit_events where request_id = ?',
        reference,
      );
      expect(JSON.parse(row?.actor ?? '{}')).toMatchObject({ slackUserId: person });
    }
  });

  test('connect the creation of a key with its delivery in the audit record', async () => {
    await createAccount(workspace.slack.as('Ada'), 'ml-platform', 'nightly-eval');
    await workspace.slack.as('Ada').waitUntilClosed();

    const rows = workspace.rows<{ action: string; request_id: string }>(
      "select action, request_id from audit_events where action in ('service_account.created', 'api_key.delivered')",
    );
    expect(rows.map(({ action }) => action)).toEqual(['service_account.created', 'api_key.delivered']);
    expect(new Set(rows.map(({ request_id }) => request_id)).size).toBe(1);
    const created = logLines(workspace).find(({ msg }) => msg === 'service account created');
    expect(created?.requestId).toBe(rows[0]?.request_id);
  });
});

test('every log line of an interaction over HTTP has its reference, including the log lines of Bolt and WebClient', async () => {
  const workspace = await startWorkspace();
  try {
    const started = logLines(workspace).length;
    const ada = workspace.slack.as('Ada');
    await createAccount(ada, 'ml-platform', 'nightly-eval');
    await ada.waitUntilClosed();
    await workspace.slack.deliver({ command: '/other' }, { as: 'Ada', conversation: CHANNEL });
    await ada.waitForMessage('ml-platform', 'doesn’t recognize this command');
    await workspace.slack.deliver('payload=null');

    const lines = logLines(workspace)
      .slice(started)
      .filter((line) => !isOfStandingJob(line));
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter(({ requestId }) => !/^ks_[0-9A-Za-z]{14}$/.test(requestId ?? ''))).toEqual([]);
  } finally {
    await workspace.stop();
  }
});
