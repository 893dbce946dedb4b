import { LogLevel, SocketModeClient } from '@slack/socket-mode';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { DrivenSlack } from '../../../driver/driven-slack.ts';
import { clientOf, people, startSlackWithApp } from '../slack-with-app.ts';

interface Envelope {
  type: string;
  body: Record<string, string>;
  accepts_response_payload: boolean;
  retry_num?: number;
  retry_reason?: string;
  ack: (response?: unknown) => Promise<void>;
}

/** Connects Slack's own client, which acknowledges each envelope with the given response. */
async function connect(
  slack: DrivenSlack,
  respond: (envelope: Envelope) => unknown = () => undefined,
  clientPingTimeout = 5000,
) {
  const client = new SocketModeClient({
    appToken: 'xapp-sandbox-app',
    clientPingTimeout,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  const envelopes: Envelope[] = [];
  client.on('slack_event', async (envelope: Envelope) => {
    envelopes.push(envelope);
    const response = await respond(envelope);
    if (response !== 'never') await envelope.ack(response);
  });
  await client.start();
  onTestFinished(() => client.disconnect());
  return { client, envelopes };
}

const overSockets = async (acknowledgeWithinMs = 3000, eventRetriesAfterMs: number[] = []) => {
  const slackWithApp = await startSlackWithApp({
    acknowledgeWithinMs,
    eventRetriesAfterMs,
    app: { homeTabEnabled: true, eventSubscriptions: ['app_home_opened'] },
  });
  slackWithApp.slack.sendRequestsTo(undefined);
  return slackWithApp;
};

describe('Socket Mode of the local Slack', () => {
  it('sends commands over the socket while there is no request URL, and shows the text of the acknowledgement', async () => {
    const { slack, receiver } = await overSockets();
    const { envelopes } = await connect(slack, () => ({ text: 'Over the socket' }));
    expect(await slack.as('ada').command('random', '/wandb help')).toEqual({ ok: true });
    expect(envelopes).toMatchObject([{ type: 'slash_commands', body: { command: '/wandb', text: 'help' } }]);
    expect(slack.as('ada').messages('random')).toMatchObject([{ text: 'Over the socket', ephemeral: true }]);
    expect(slack.traffic.at(-1)).toMatchObject({ direction: 'to_app', transport: 'socket' });
    slack.sendRequestsTo(receiver.url);
    await slack.as('ada').command('random', '/wandb help');
    expect([envelopes.length, receiver.requests.length]).toEqual([1, 1]);
  });

  it('sends interactions over the socket and reads the acknowledgement’s payload', async () => {
    const { slack, client } = await overSockets();
    const view = {
      type: 'modal' as const,
      title: { type: 'plain_text' as const, text: 'A form' },
      submit: { type: 'plain_text' as const, text: 'Create' },
      blocks: [
        {
          type: 'input' as const,
          block_id: 'name',
          label: { type: 'plain_text' as const, text: 'Name' },
          element: { type: 'plain_text_input' as const, action_id: 'name' },
        },
      ],
    };
    const ada = slack.as('ada');
    const { envelopes } = await connect(slack, async ({ type, body }) => {
      if (type === 'interactive') return { response_action: 'errors', errors: { name: 'Taken' } };
      await client.views.open({ trigger_id: body.trigger_id ?? '', view });
      return undefined;
    });
    await ada.command('random', '/wandb new');
    await ada.fill('name', 'x');
    expect(await ada.submit()).toEqual({ ok: false, error: 'errors', errors: { name: 'Taken' } });
    expect(envelopes[1]).toMatchObject({ type: 'interactive', body: { type: 'view_submission' } });
  });

  it('shows operation_timeout when no acknowledgement arrives', async () => {
    const { slack } = await overSockets(50);
    await connect(slack, () => 'never');
    expect(await slack.as('ada').command('random', '/wandb')).toMatchObject({ error: 'operation_timeout' });
  });

  it('sends requests over the connections in turn', async () => {
    const { slack } = await overSockets();
    const apps = [await connect(slack), await connect(slack)];
    for (let i = 0; i < 4; i++) await slack.as('ada').command('random', '/wandb');
    expect(apps.map(({ envelopes }) => envelopes.length)).toEqual([2, 2]);
  });

  it('makes the client reconnect after a disconnect message', async () => {
    const { slack } = await overSockets();
    // The ping timeout is also the client's delay before it reconnects.
    const { client, envelopes } = await connect(slack, undefined, 1000);
    const reconnected = new Promise((resolve) => client.once('connected', resolve));
    slack.disconnectSockets();
    await reconnected;
    await slack.as('ada').command('random', '/wandb');
    expect(envelopes).toHaveLength(1);
  });

  it('sends events in envelopes that accept no response payload', async () => {
    const { slack } = await overSockets();
    const { client, envelopes } = await connect(slack);
    const received = new Promise<Envelope>((resolve) => client.once('app_home_opened', resolve));
    await slack.as('ada').openHome();
    expect(await received).toMatchObject({
      body: { type: 'event_callback', event: { type: 'app_home_opened', user: people.ada, tab: 'home' } },
      accepts_response_payload: false,
      retry_num: 0,
      retry_reason: '',
    });
    expect(envelopes).toMatchObject([{ type: 'events_api' }]);
    await slack.as('ada').command('random', '/wandb');
    expect(envelopes[1]).toMatchObject({ type: 'slash_commands', accepts_response_payload: true });
  });

  it('retries an event that was not acknowledged in time, with the attempt and the reason', async () => {
    const { slack } = await overSockets(50, [0]);
    const { envelopes } = await connect(slack, () => 'never');
    await slack.as('ada').openHome();
    await vi.waitUntil(() => envelopes.length === 2);
    expect(envelopes[1]).toMatchObject({ type: 'events_api', retry_num: 1, retry_reason: 'http_timeout' });
  });

  it('fails a command whose connection closes before the acknowledgement, and retries an event over another connection', async () => {
    const { slack } = await overSockets(3000, [0]);
    const first = await connect(slack, () => 'never');
    const command = slack.as('ada').command('random', '/wandb');
    await vi.waitUntil(() => first.envelopes.length === 1);
    await slack.as('ada').openHome();
    await vi.waitUntil(() => first.envelopes.length === 2);
    const second = await connect(slack);
    await first.client.disconnect();
    expect(await command).toMatchObject({ error: 'dispatch_failed' });
    await vi.waitUntil(() => second.envelopes.length === 1);
    expect(second.envelopes).toMatchObject([
      { type: 'events_api', retry_num: 1, retry_reason: 'connection_failed' },
    ]);
  });

  it('sends nothing new over a connection after a warning, but still accepts its acknowledgements', async () => {
    const { slack } = await overSockets();
    const messages: { type: string; envelope_id: string; reason?: string }[] = [];
    const { url = '' } = await clientOf(slack, { token: 'xapp-sandbox-app' }).apps.connections.open();
    const socket = new WebSocket(url);
    onTestFinished(() => socket.terminate());
    socket.on('message', (data) => messages.push(JSON.parse(String(data))));
    await vi.waitUntil(() => messages.length === 1);
    const command = slack.as('ada').command('random', '/wandb');
    await vi.waitUntil(() => messages.length === 2);
    slack.disconnectSockets('warning');
    await vi.waitUntil(() => messages.length === 3);
    expect(messages[2]).toMatchObject({ type: 'disconnect', reason: 'warning' });
    expect(await slack.as('ben').command('random', '/wandb')).toMatchObject({ error: 'dispatch_failed' });
    const { envelopes } = await connect(slack);
    await slack.as('ben').command('random', '/wandb');
    expect([messages.length, envelopes.length]).toEqual([3, 1]);
    socket.send(JSON.stringify({ envelope_id: messages[1]?.envelope_id, payload: { text: 'In time' } }));
    expect(await command).toEqual({ ok: true });
  });

  it.each(['refresh_requested', 'link_disabled'] as const)(
    'sends %s and closes the connection',
    async (reason) => {
      const { slack } = await overSockets();
      const { url = '' } = await clientOf(slack, { token: 'xapp-sandbox-app' }).apps.connections.open();
      const socket = new WebSocket(url);
      const messages: object[] = [];
      socket.on('message', (data) => messages.push(JSON.parse(String(data))));
      await vi.waitUntil(() => messages.length === 1);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      slack.disconnectSockets(reason);
      expect(await closed).toBe(1000);
      expect(messages[1]).toMatchObject({ type: 'disconnect', reason });
    },
  );

  it('sends hello, pings, and responses pings', async () => {
    const { slack } = await overSockets();
    const { url = '' } = await clientOf(slack, { token: 'xapp-sandbox-app' }).apps.connections.open();
    const socket = new WebSocket(url);
    onTestFinished(() => socket.terminate());
    const pinged = new Promise((resolve) => socket.once('ping', (data) => resolve(String(data))));
    const hello = await new Promise((resolve) => socket.once('message', resolve));
    expect(JSON.parse(String(hello))).toMatchObject({
      type: 'hello',
      num_connections: 1,
      connection_info: { app_id: 'A0KEYSM001' },
      debug_info: { host: expect.any(String), approximate_connection_time: expect.any(Number) },
    });
    expect(await pinged).toContain('Ping from');
    const ponged = new Promise((resolve) => socket.once('pong', (data) => resolve(String(data))));
    socket.ping('are you there');
    expect(await ponged).toBe('are you there');
  });

  it('accepts ten connections and refuses an eleventh', async () => {
    const { slack } = await overSockets();
    const app = clientOf(slack, { token: 'xapp-sandbox-app' });
    const firstMessage = async () => {
      const { url = '' } = await app.apps.connections.open();
      const socket = new WebSocket(url);
      onTestFinished(() => socket.terminate());
      const data = await new Promise((resolve) => socket.once('message', resolve));
      return JSON.parse(String(data));
    };
    for (let i = 1; i <= 10; i++)
      expect(await firstMessage()).toMatchObject({ type: 'hello', num_connections: i });
    expect(await firstMessage()).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
  });

  it('refuses a connection without an unused and unexpired ticket', async () => {
    const { slack, clock } = await overSockets();
    const app = clientOf(slack, { token: 'xapp-sandbox-app' });
    const status = (url: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.once('error', () => {});
        socket.once('open', () => {
          socket.terminate();
          resolve('open');
        });
      });
    const { url = '' } = await app.apps.connections.open();
    expect([await status(url), await status(url)]).toEqual(['open', 401]);
    const { url: stale = '' } = await app.apps.connections.open();
    clock.advance(30_000);
    expect(await status(stale)).toBe(401);
    expect(await status(`${slack.url.replace('http', 'ws')}/elsewhere`)).toBe(401);
  });
});
