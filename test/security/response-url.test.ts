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
import { until } from './workspace-state.ts';

const CHANNEL = 'C0MLPLAT01';
const SLACK = { apiUrl: 'https://slack.com/api/' };
const LOCAL_SLACK = { apiUrl: 'http://127.0.0.1:4000/api/' };

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

describe('A response URL', () => {
  test.each(elsewhere)('is ignored if it does not lead to Slack: %j', (url) => {
    expect([isResponseUrl(url, SLACK), isResponseUrl(url, LOCAL_SLACK)]).toEqual([false, false]);
  });

  test('of Slack is valid only with Slack, and one of the local Slack only with the local Slack', () => {
    const ofSlack = 'https://hooks.slack.com/commands/T1/2/3';
    const ofLocalSlack = 'http://127.0.0.1:4000/commands/T1/2/3';

    expect([isResponseUrl(ofSlack, SLACK), isResponseUrl(ofSlack, LOCAL_SLACK)]).toEqual([true, false]);
    expect([isResponseUrl(ofLocalSlack, SLACK), isResponseUrl(ofLocalSlack, LOCAL_SLACK)]).toEqual([
      false,
      true,
    ]);
  });

  test('that does not lead to Slack is replaced by chat.postEphemeral', () => {
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

describe('A server other than Slack', () => {
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

  test('gets no request from the response URL of a command, and the person still gets the response', async () => {
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

      const response = await ada.waitForMessage('ml-platform', ({ ts }) => ts > lastTs);
      expect(response.ephemeral).toBe(true);
    }
  });

  test('gets no request from the response URL of a click', async () => {
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

  test('does not get the key from the response URL with which the form was opened', async () => {
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

  test('does not get the key if Slack redirects to it, and the key is revoked', async () => {
    const ada = workspace.slack.as('Ada');
    workspace.slack.failures.set('response_url', { kind: 'redirect', location: `${canaryUrl}/` });
    await openForm(ada, 'ml-platform');
    await ada.fill('name', 'redirected-one');
    await ada.submit();

    await ada.waitForMessage('Keysmith', 'redirected-one');
    expect(
      workspace.rows('select revoked_at_ms is not null as revoked from api_keys order by created_at_ms'),
    ).toEqual([{ revoked: 0 }, { revoked: 1 }]);
  });

  test.each(['users.info', 'views.open', 'chat.postEphemeral', 'chat.postMessage', 'users.lookupByEmail'])(
    'does not get the bot token if Slack redirects %s to it',
    async (method) => {
      workspace.slack.failures.set(method, { kind: 'redirect', location: `${canaryUrl}/` });
      workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' });
      // Keysmith only uses the last way to respond if the one before failed.
      if (method === 'chat.postMessage') {
        workspace.slack.failures.set('chat.postEphemeral', { kind: 'error', error: 'not_in_channel' });
      }
      const seen = workspace.slack.traffic.length;
      const person = method === 'users.lookupByEmail' ? 'Dee' : 'Ada';
      const line = method === 'views.open' || person === 'Dee' ? '/wandb sa new' : '/wandb sa list';
      await workspace.slack.as(person).command('ml-platform', line);

      await until('the call', () =>
        workspace.slack.traffic
          .slice(seen)
          .some((record) => record.method === method && record.response?.status === 302),
      );
      await until('the end of the interaction', () =>
        workspace.slack.traffic.every(({ durationMs }) => durationMs !== undefined),
      );
    },
  );
});

describe('A proxy that echoes the request in its error', () => {
  test('brings no key into the recorded outcome', async () => {
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
      setup: {
        publicUrl: 'https://keysmith.test',
        organizationName: 'acme',
        runAccess: async () => 'available',
        teamPage: () => undefined,
      },
    });
    const issued = {
      account,
      delivery: { keyId: key.slice(9, 21) },
      keyName: 'key-1',
      key: new Secret(key),
      expiresAtMs: 0,
    };
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

test('the message and the log of a failure never repeat its error', async () => {
  const workspace = await startWorkspace();
  try {
    const leaking = 'xoxb-in-an-error';
    workspace.slack.failures.set('users.info', { kind: 'error', error: leaking });
    const ada = workspace.slack.as('Ada');
    await ada.command('ml-platform', '/wandb sa list');
    const message = await ada.waitForMessage('ml-platform', 'Nothing was changed: ');

    expect(visibleText(message)).not.toContain(leaking);
    expect(workspace.logs()).not.toContain(leaking);
  } finally {
    await workspace.stop();
  }
});
