import { LogLevel, SocketModeClient } from '@slack/socket-mode';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { LocalSlack } from '../../src/sandbox/local-slack.ts';
import { clientOf, startSlackWithApp } from './fixture.ts';

interface Envelope {
  type: string;
  body: Record<string, string>;
  ack: (response?: unknown) => Promise<void>;
}

/** The vendor's own client, as an app that answers every envelope as told. */
async function connect(
  slack: LocalSlack,
  answer: (envelope: Envelope) => unknown = () => undefined,
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
    const response = await answer(envelope);
    if (response !== 'never') await envelope.ack(response);
  });
  await client.start();
  onTestFinished(() => client.disconnect());
  return { client, envelopes };
}

const overSockets = async (acknowledgeWithinMs = 3000) => {
  const slackWithApp = await startSlackWithApp({ acknowledgeWithinMs });
  slackWithApp.slack.sendRequestsTo(undefined);
  return slackWithApp;
};

it('sends commands over the socket while there is no request URL, and shows what the acknowledgement says', async () => {
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

it('shows operation_timeout when no acknowledgement comes', async () => {
  const { slack } = await overSockets(50);
  await connect(slack, () => 'never');
  expect(await slack.as('ada').command('random', '/wandb')).toMatchObject({ error: 'operation_timeout' });
});

it('lets connections take turns', async () => {
  const { slack } = await overSockets();
  const apps = [await connect(slack), await connect(slack)];
  for (let i = 0; i < 4; i++) await slack.as('ada').command('random', '/wandb');
  expect(apps.map(({ envelopes }) => envelopes.length)).toEqual([2, 2]);
});

it('has the client reconnect when it is told to', async () => {
  const { slack } = await overSockets();
  // The client waits that long before it reconnects.
  const { client, envelopes } = await connect(slack, undefined, 1000);
  const reconnected = new Promise((resolve) => client.once('connected', resolve));
  slack.disconnectSockets();
  await reconnected;
  await slack.as('ada').command('random', '/wandb');
  expect(envelopes).toHaveLength(1);
});

it('takes ten connections and refuses an eleventh', async () => {
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

it('lets nobody in without a fresh ticket', async () => {
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
