import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN, parseApiKey } from '../../src/domain/keys/api-key.ts';
import type { TrafficRecord } from '../../src/sandbox/slack/traffic/traffic.ts';
import { endAccount } from '../journeys/steps.ts';
import { createAccount, openForm } from '../world/new-account-form.ts';
import {
  APP_TOKEN,
  BOT_TOKEN,
  type RunningWorkspace,
  SIGNING_SECRET,
  startWorkspace,
  type Transport,
} from '../world/running-workspace.ts';
import { logLines, until } from './workspace-state.ts';

/** The KEYSMITH_SECRET of test workspaces. */
const KEYSMITH_SECRET = Buffer.alloc(32, 7);

describe.each<Transport>(['http', 'socket'])('Over %s, through every journey and failure', (transport) => {
  let workspace: RunningWorkspace;
  let traffic: TrafficRecord[];
  let keys: string[];
  let responseUrls: string[];
  let metadata: string[];
  let tickets: string[];

  beforeAll(async () => {
    workspace = await startWorkspace({ transport, keysmith: { deliveryTimeoutMs: 300 } });
    await everyJourney(workspace);
    traffic = workspace.slack.traffic;
    const wire = traffic.map(({ body, response }) => `${body}\n${response?.body ?? ''}`).join('\n');
    keys = [...new Set(wire.match(new RegExp(API_KEY_PATTERN, 'g')))];
    responseUrls = stringsNamed(traffic, 'response_url');
    metadata = stringsNamed(traffic, 'private_metadata');
    tickets = [...wire.matchAll(/ticket=([\w-]+)/g)].map(([, ticket = '']) => ticket);
  });
  afterAll(() => workspace.stop());

  test('the journeys produce secrets, and a log at level trace', () => {
    expect(keys.length).toBeGreaterThanOrEqual(6);
    expect(responseUrls.length).toBeGreaterThan(8);
    expect(metadata.length).toBeGreaterThan(3);
    expect(tickets).toHaveLength(transport === 'socket' ? 2 : 0);
    const messages = logLines(workspace).map(({ msg }) => msg);
    expect(messages.some((msg) => msg.startsWith('http request body: '))).toBe(true);
    expect(messages.some((msg) => msg.startsWith('Received a message on the WebSocket: '))).toBe(
      transport === 'socket',
    );
    expect(messages).toContain('delivery failed');
    expect(messages).toContainEqual(expect.stringMatching(/submission failed/));
  });

  const everySecret = () => [
    ...keys,
    ...keys.map((key) => parseApiKey(key)?.secret ?? ''),
    ...responseUrls.map((url) => url.split('/').at(-1) ?? ''),
    ...metadata.flatMap((jwe) => jwe.split('.').filter((part, index) => index > 1 && part !== '')),
    ...tickets,
    BOT_TOKEN,
    APP_TOKEN,
    SIGNING_SECRET,
    KEYSMITH_SECRET.toString('base64').replace(/=+$/, ''),
    KEYSMITH_SECRET.toString('hex'),
  ];

  test('no log line contains a secret', () => {
    const logs = workspace.logs();

    expect(everySecret().filter((secret) => secret === '' || logs.includes(secret))).toEqual([]);
    expect(logs).not.toMatch(API_KEY_PATTERN);
  });

  test('no byte of the database files contains a secret', () => {
    const files = readdirSync(workspace.folder).map((name) => readFileSync(join(workspace.folder, name)));

    expect(files.length).toBeGreaterThan(0);
    const found = everySecret().filter((secret) => files.some((file) => file.includes(secret)));
    expect(found).toEqual([]);
  });

  test('each key is sent in the blocks of one message, and nowhere else', () => {
    for (const key of keys) {
      const holding = traffic.filter(({ body, response }) => `${body}${response?.body ?? ''}`.includes(key));

      expect(holding.map(({ method }) => method)).toEqual([
        expect.stringMatching(/^(response_url|chat\.postEphemeral)$/),
      ]);
      const [sent] = holding;
      expect(sent?.url).not.toContain(key);
      expect(sent?.payload).toMatchObject({ text: expect.not.stringContaining('keysmith_') });
    }
  });

  test('the metadata of a form can’t be read without the secret', () => {
    for (const jwe of metadata) {
      const readable = jwe.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
      expect(readable.join()).not.toMatch(/https?:|U0ADA|keysmith_/);
    }
  });
});

/** Goes through every way of creating, delivering, collecting and revoking, and every way in which Slack fails. */
async function everyJourney(workspace: RunningWorkspace): Promise<void> {
  const { slack } = workspace;
  const ada = slack.as('Ada');
  await createAccount(ada, 'ml-platform', 'nightly-eval');
  await ada.waitUntilClosed();
  await openForm(ada, 'random');
  await ada.fill('method', 'federated');
  await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'subject'));
  await ada.fill('name', 'github-train');
  await ada.fill('issuer', 'https://token.actions.githubusercontent.com');
  await ada.fill('subject', 'repo:acme/train');
  await ada.submit();
  await ada.waitForMessage('random', 'repo:acme/train');
  await failedDeliveries(workspace);
  await failedCalls(workspace);
  await ada.command('ml-platform', '/wandb sa list');
  await ada.waitForMessage('ml-platform', '*`nightly-eval`*');
  await endAccount(ada, 'ml-platform', '/wandb sa revoke nightly-eval');
  await ada.command('ml-platform', '/wandb bogus words');
  await slack.as('Dee').command('ml-platform', '/wandb sa new');
  await slack.as('Dee').waitForMessage('ml-platform', 'Reference');
  const opened = () => logLines(workspace).filter(({ msg }) => msg.startsWith('WebSocket open event')).length;
  slack.disconnectSockets('warning');
  await until('the socket to be open again', () => opened() !== 1);
}

async function failedDeliveries({ slack }: RunningWorkspace): Promise<void> {
  const ada = slack.as('Ada');
  const failures = [
    { kind: 'error', error: 'used_url' },
    { kind: 'timeout', afterEffect: true },
    { kind: 'reset' },
    { kind: 'status', status: 500, afterEffect: true },
    { kind: 'redirect', location: 'http://127.0.0.1:9/' },
  ] as const;
  for (const [index, failure] of failures.entries()) {
    const name = `failing-${'abcde'[index]}`;
    slack.failures.set('response_url', failure, { times: 1 });
    await openForm(ada, 'ml-platform');
    await ada.fill('name', name);
    await ada.submit();
    const offer = await ada.waitForMessage('Keysmith', (message) => message.text.includes(name));
    await ada.waitForView('wasn’t delivered');
    await ada.close();
    if (index > 0) continue;
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'Collected the key');
  }
}

async function failedCalls({ slack }: RunningWorkspace): Promise<void> {
  const ada = slack.as('Ada');
  await openForm(ada, 'ml-platform');
  await ada.fill('name', 'unlucky-one');
  for (const failure of [
    { kind: 'status', status: 500 },
    { kind: 'reset' },
    { kind: 'rate_limited', retryAfterSeconds: 30 },
  ] as const) {
    slack.failures.set('users.info', failure, { times: 1 });
    await ada.submit({ unchecked: true, payload: (payload) => payload });
    await ada.waitForView('Nothing was changed: ');
    await ada.close();
    await openForm(ada, 'ml-platform');
    await ada.fill('name', 'unlucky-one');
  }
  await ada.close();
  for (const method of ['views.open', 'chat.postEphemeral', 'chat.postMessage'])
    slack.failures.set(method, { kind: 'reset' });
  slack.failures.set('response_url', { kind: 'reset' }, { times: 1 });
  await ada.command('ml-platform', '/wandb sa new');
  slack.failures.clear();
}

/** Returns every string of that name, at any depth, in the traffic between Slack and Keysmith. */
function stringsNamed(traffic: readonly TrafficRecord[], name: string): string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === name && typeof inner === 'string' && inner !== '') found.add(inner);
      walk(inner);
    }
  };
  for (const { payload } of traffic) walk(payload);
  return [...found];
}
