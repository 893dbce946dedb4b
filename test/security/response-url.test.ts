import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN, drawApiKey, formatApiKey } from '../../src/domain/keys/api-key.ts';
import { Secret } from '../../src/domain/keys/secret.ts';
import { createDelivery } from '../../src/slack/web/delivery.ts';
import { chooseRoute, isResponseUrl } from '../../src/slack/web/response-url.ts';
import { visibleText } from '../driver/visible-text.ts';
import { openForm } from '../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { until } from './observed.ts';

const CHANNEL = 'C0MLPLAT01';
const SLACK = { apiUrl: 'https://slack.com/api/' };
const STAND_IN = { apiUrl: 'http://127.0.0.1:4000/api/' };

const elsewhere = [
  'http://127.0.0.1:1/',
  'https://hooks.slack.com.evil.test/commands/T1/2/3',
  'https://hooks.slack.com@evil.test/commands/T1/2/3',
  'https://hooks.slack.com:x@evil.test/commands/T1/2/3',
  'https://evil.test/hooks.slack.com/commands',
  'https://evil.test#hooks.slack.com',
  'https://evil.test?hooks.slack.com',
  'https://evil.test\\@hooks.slack.com/commands/T1/2/3',
  'https://evil-hooks.slack.com/commands',
  'https://xhooks.slack.com/commands',
  'https://hooks-slack.com/commands',
  'https://hooks.slack.com./commands/T1/2/3',
  'https://hooks.slack.com:8443/commands/T1/2/3',
  'https://slack.com/commands/T1/2/3',
  'https://ｈooks.slack.com.evil.test/',
  'http://hooks.slack.com/commands/T1/2/3',
  'ftp://hooks.slack.com/commands/T1/2/3',
  'file:///etc/passwd',
  'blob:https://hooks.slack.com/commands/T1/2/3',
  'blob:http://127.0.0.1:4000/commands/T1/2/3',
  'data:text/plain,ok',
  'javascript:alert(1)',
  '//hooks.slack.com/commands/T1/2/3',
  'hooks.slack.com/commands/T1/2/3',
  'http://169.254.169.254/latest/meta-data',
  'http://[::1]:4000/',
  'http://localhost:4000/commands/T1/2/3',
  'http://127.0.0.1:4001/commands/T1/2/3',
  'http://user@127.0.0.1:4000/commands/T1/2/3',
  'https://127.0.0.1:4000/commands/T1/2/3',
  '',
  ' ',
];

describe('A response URL that does not lead to Slack is no response URL', () => {
  test.each(elsewhere)('%j', (url) => {
    expect([isResponseUrl(url, SLACK), isResponseUrl(url, STAND_IN)]).toEqual([false, false]);
  });

  test('and Slack’s own is one only for Slack, the stand-in’s only for the stand-in', () => {
    const ofSlack = 'https://hooks.slack.com/commands/T1/2/3';
    const ofStandIn = 'http://127.0.0.1:4000/commands/T1/2/3';

    expect([isResponseUrl(ofSlack, SLACK), isResponseUrl(ofSlack, STAND_IN)]).toEqual([true, false]);
    expect([isResponseUrl(ofStandIn, SLACK), isResponseUrl(ofStandIn, STAND_IN)]).toEqual([false, true]);
  });

  test('a credential then goes by chat.postEphemeral instead', () => {
    for (const responseUrl of elsewhere) {
      const from = { responseUrl, openedAtMs: 0, channelId: CHANNEL, slackUserId: 'U1' };
      expect(chooseRoute(from, SLACK, 0)).toEqual({
        kind: 'post_ephemeral',
        channelId: CHANNEL,
        slackUserId: 'U1',
      });
    }
  });
});

describe('Another server on this machine', () => {
  let workspace: RunningWorkspace;
  let canary: Server;
  let canaryUrl: string;
  const contacts: string[] = [];
  beforeAll(async () => {
    canary = createServer((request, response) => {
      contacts.push(`${request.method} ${request.url}`);
      response.end('ok');
    });
    canary.on('connection', () => contacts.push('connection'));
    canary.listen(0, '127.0.0.1');
    await once(canary, 'listening');
    canaryUrl = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
    workspace = await startWorkspace();
  });
  afterAll(async () => {
    await workspace.stop();
    canary.close();
  });
  afterEach(() => {
    workspace.slack.failures.clear();
    expect(contacts).toEqual([]);
  });

  test('that a command names for its answer hears nothing, and the person is answered all the same', async () => {
    const ada = workspace.slack.as('Ada');
    for (const url of [
      canaryUrl,
      `${canaryUrl}/commands/T0ACME0001/1/x`,
      `http://x@${new URL(canaryUrl).host}/`,
    ]) {
      const lastTs = ada.messages('ml-platform').at(-1)?.ts ?? '';
      await workspace.slack.deliver(
        { command: '/wandb', response_url: url },
        { as: 'Ada', conversation: CHANNEL },
      );

      const answer = await ada.waitForMessage('ml-platform', ({ ts }) => ts > lastTs);
      expect(answer.ephemeral).toBe(true);
    }
  });

  test('that a button’s click names hears nothing', async () => {
    const payload = {
      type: 'block_actions' as const,
      container: { type: 'message' },
      channel: { id: CHANNEL },
      response_url: canaryUrl,
      actions: ['mark_key_stored', 'revoke_account', 'revoke_listed_account', 'collect_key', 'dismiss'].map(
        (action_id) => ({
          type: 'button',
          action_id,
          block_id: action_id,
          value: 'sa_x',
        }),
      ),
    };
    await workspace.slack.deliver({ payload }, { as: 'Ada' });

    await workspace.slack.as('Ada').waitForMessage('ml-platform', 'You don’t have a key to collect here');
  });

  test('that the command of a form names does not get the key', async () => {
    const ada = workspace.slack.as('Ada');
    await workspace.slack.deliver(
      { command: '/wandb', text: 'sa new nightly-eval', response_url: canaryUrl },
      { as: 'Ada', conversation: CHANNEL },
    );
    await ada.waitForView((view) => view.submit === 'Create');
    await ada.submit();

    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    expect(workspace.rows('select route, state from deliveries')).toEqual([
      { route: 'post_ephemeral', state: 'delivered' },
    ]);
  });

  test('that Slack redirects to does not get the key, which is cut off', async () => {
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('response_url', { kind: 'redirect', location: `${canaryUrl}/` });
    await openForm(ada, 'ml-platform');
    await ada.fill('name', 'redirected-one');
    await ada.submit();

    await ada.waitForMessage('Keysmith', 'redirected-one');
    expect(
      workspace.rows('select revoked_at_ms is not null as dead from api_keys order by created_at_ms'),
    ).toEqual([{ dead: 0 }, { dead: 1 }]);
  });

  test.each(['users.info', 'views.open', 'chat.postEphemeral', 'chat.postMessage', 'users.lookupByEmail'])(
    'that Slack redirects %s to gets no token',
    async (method) => {
      workspace.slack.failures.set(method, { kind: 'redirect', location: `${canaryUrl}/` });
      workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' });
      // The last way to answer is taken where the one before it failed.
      if (method === 'chat.postMessage') {
        workspace.slack.failures.set('chat.postEphemeral', { kind: 'error', error: 'not_in_channel' });
      }
      const seen = workspace.slack.traffic.length;
      const person = method === 'users.lookupByEmail' ? 'Ben' : 'Ada';
      const line = method === 'views.open' || person === 'Ben' ? '/wandb sa new' : '/wandb sa list';
      await workspace.slack.as(person).command('ml-platform', line);

      await until('the call', () =>
        workspace.slack.traffic
          .slice(seen)
          .some((record) => record.method === method && record.answer?.status === 302),
      );
      await until('the end of the interaction', () =>
        workspace.slack.traffic.every(({ durationMs }) => durationMs !== undefined),
      );
    },
  );
});

describe('Something between Keysmith and Slack that sends the request back as an error', () => {
  test('brings no key into the outcome, which is recorded', async () => {
    const echo = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.setHeader('content-type', 'application/json');
      response.statusCode = request.url === '/teapot' ? 418 : 200;
      response.end(JSON.stringify({ ok: false, error: body }));
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const origin = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
    const key = formatApiKey(drawApiKey((size) => new Uint8Array(size).fill(9)));
    const account = { id: 'sa_1', name: 'nightly-eval', teamName: 'ml-platform', method: 'api_key' };
    const delivery = createDelivery({
      fetch,
      apiUrl: `${origin}/api/`,
      botToken: new Secret('xoxb-1'),
      publicUrl: 'https://keysmith.test',
      organizationName: 'acme',
    });
    const issued = { account, delivery: { keyId: key.slice(9, 21) }, key: new Secret(key), expiresAtMs: 0 };
    try {
      const attempts = await Promise.all([
        delivery.deliverKey(issued as never, {
          kind: 'post_ephemeral',
          channelId: CHANNEL,
          slackUserId: 'U1',
        }),
        delivery.deliverKey(issued as never, { kind: 'response_url', url: new Secret(`${origin}/commands`) }),
        delivery.deliverKey(issued as never, { kind: 'response_url', url: new Secret(`${origin}/teapot`) }),
      ]);

      expect(attempts).toEqual([
        { outcome: 'rejected', cause: 'unreadable_answer', failure: { reason: 'unexpected_response' } },
        { outcome: 'rejected', cause: 'unreadable_answer', failure: { reason: 'unexpected_response' } },
        { outcome: 'rejected', cause: 'http_418', failure: { reason: 'message_rejected' } },
      ]);
    } finally {
      echo.close();
    }
  });
});

test('the words of a failure never repeat what failed', async () => {
  const workspace = await startWorkspace();
  try {
    const secretive = 'xoxb-in-an-error';
    workspace.slack.failures.set('users.info', { kind: 'error', error: secretive });
    const ada = workspace.slack.as('Ada');
    await ada.command('ml-platform', '/wandb sa list');
    const message = await ada.waitForMessage('ml-platform', 'Nothing was changed: ');

    expect(visibleText(message)).not.toContain(secretive);
    expect(workspace.logs()).not.toContain(secretive);
  } finally {
    await workspace.stop();
  }
});
