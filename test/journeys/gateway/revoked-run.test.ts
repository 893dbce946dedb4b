import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visibleText } from '../../driver/visible-text.ts';
import { BEN } from '../../slack/acme-people.ts';
import { basic } from '../../world/credential-world.ts';
import { type GatewayWorld, startGatewayWorld, TEAM } from '../../world/gateway-world.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import wandbRuns from '../../world/wandb-runs/traffic.json' with { type: 'json' };
import { confirmEnd, openRevokeForm } from '../steps.ts';

const MINUTE_MS = 60_000;
const STATUS_QUERY = wandbRuns['0.17.5'].queries.RunStoppedStatus;

let world: GatewayWorld;
/** Of an account whose contact is Ben. */
let authorization: string;
beforeAll(async () => {
  world = await startGatewayWorld();
  const ada = world.workspace.slack.as('Ada');
  await openForm(ada, 'random', '/wandb sa new train --team ml-platform');
  await ada.fill('contact', BEN);
  await ada.submit();
  const message = await ada.waitForMessage(
    'random',
    (one) => visibleText(one).includes('`train`') && !!keyIn(one),
  );
  authorization = basic('api', keyIn(message) ?? '');
});
afterAll(() => world.stop());

async function post(path: string, body: unknown, by = authorization) {
  const response = await fetch(`${world.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: by },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const stream = (runId: string, by?: string, sent: object = { files: {} }) =>
  post(`/files/${TEAM}/vision/${runId}/file_stream`, sent, by);
const askStopped = (runId: string, by?: string) => {
  const variables = { projectName: 'vision', entityName: TEAM, runId };
  return post('/graphql', { query: STATUS_QUERY, variables, operationName: 'RunStoppedStatus' }, by);
};
const startRun = (runId: string, by?: string) => {
  const query = `mutation UpsertBucket($name: String, $project: String, $entity: String) {
    upsertBucket(input: { name: $name, modelName: $project, entityName: $entity }) { bucket { name } } }`;
  return post('/graphql', { query, variables: { name: runId, project: 'vision', entity: TEAM } }, by);
};

describe('A run whose account is revoked', () => {
  test('is stopped in both ways that SDKs ask, for its own account alone and for 10 minutes, and named in Slack', async () => {
    const { workspace, upstream } = world;
    const other = basic(
      'api',
      keyIn(await createAccount(workspace.slack.as('Ada'), 'random', 'other')) ?? '',
    );
    for (const runId of ['r1', 'r2', 'done']) {
      expect(await startRun(runId)).toMatchObject({ status: 200, body: { data: { upsertBucket: {} } } });
    }
    const quoted = { files: { 'output.log': { offset: 0, content: ['{"complete": true}'] } } };
    expect((await stream('r1', authorization, quoted)).status).toBe(200);
    const last = { files: {}, complete: true, exitcode: 0 };
    expect((await stream('done', authorization, last)).status).toBe(200);
    expect(await askStopped('r1')).toMatchObject({
      body: { data: { project: { run: { stopped: false } } } },
    });

    const ada = workspace.slack.as('Ada');
    const question = await openRevokeForm(ada, 'random', '/wandb sa revoke train');
    expect(question).toMatch(
      /^Revoke account\n:warning: \*Used in the last hour\*\n• Key `key-1` \(`\w{12}`\): .* from `127\.0\.0\.1`.*\n:warning: It wrote a run in the last 10 minutes\. .*\n• `r1` in `ml-platform\/vision`\nRevoke `train` in `ml-platform`\?/,
    );
    const reply = await confirmEnd(ada, 'train');
    expect(reply).toContain('Run `r1` in `ml-platform/vision` wrote in the last 10 minutes');
    expect(reply).not.toContain('`done`');
    await workspace.keysmith.settle();
    const toContact = visibleText(await workspace.slack.as('Ben').waitForMessage('Keysmith', '`train`'));
    expect(toContact).toMatch(/revoked `train` in `ml-platform`, and you’re its contact\. Run `r1`/);

    upstream.requests.length = 0;
    const stopped = { status: 200, body: { stopped: true } };
    expect(await stream('r1')).toEqual(stopped);
    expect(await askStopped('r1')).toEqual({
      status: 200,
      body: { data: { project: { run: { stopped: true } } } },
    });
    for (const refused of [
      await stream('r2'),
      await stream('done'),
      await askStopped('r2'),
      await startRun('r1'),
    ]) {
      expect(refused.status).toBe(401);
    }
    workspace.clock.step(60 * MINUTE_MS);
    expect(await stream('r1')).toEqual(stopped);
    expect((await askStopped('r1')).status).toBe(200);
    workspace.clock.step(-60 * MINUTE_MS);
    workspace.clock.advance(9 * MINUTE_MS);
    expect(await stream('r1')).toEqual(stopped);
    workspace.clock.advance(2 * MINUTE_MS);
    expect((await stream('r1')).status).toBe(401);
    expect((await askStopped('r1')).status).toBe(401);
    expect(upstream.requests).toEqual([]);
    expect((await stream('r1', other)).status).toBe(200);
  });
});
