import { SocketModeClient } from '@slack/socket-mode';
import { LogLevel } from '@slack/web-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PanelEvent } from '../../../../src/sandbox/slack/protocol/panel-protocol.ts';
import { createTraffic } from '../../../../src/sandbox/slack/traffic/traffic.ts';
import { app, conversations, people, startSlackWithApp } from '../slack-with-app.ts';
import { jsonType } from './page-client.ts';
import { trafficOf, watchPanel } from './panel-client.ts';

const channel = conversations.withApp;
const apiKey = `keysmith_${'k'.repeat(12)}-${'S'.repeat(40)}`;
const secretPatterns = [/keysmith_[0-9A-Za-z]{12}-[0-9A-Za-z]{40}/];

const exchanges = (events: PanelEvent[]) =>
  events.flatMap((event) => (event.type === 'exchange' ? [event.exchange] : []));

describe('the traffic in the developers’ panel', () => {
  it('streams every exchange when it begins and ends, with the controls that it changes', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const acknowledged = Promise.withResolvers<string>();
    receiver.response = () => acknowledged.promise;
    const panel = await watchPanel(slack);
    const command = slack.as('ada').command('random', '/wandb help');
    const begun = await panel.exchange(() => true);
    expect(begun).toMatchObject({
      id: 1,
      direction: 'to_app',
      transport: 'http',
      method: 'slash_command',
      url: receiver.url,
      startedAtMs: slack.traffic[0]?.startedAtMs,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: { command: '/wandb', text: 'help', user_id: people.ada },
    });
    expect(begun).not.toHaveProperty('durationMs');
    expect(begun).not.toHaveProperty('response');
    expect(await panel.controls(() => true)).toMatchObject({ triggers: 1, responseUrls: 1 });
    acknowledged.resolve('Wait');
    const ended = { ...begun, durationMs: expect.any(Number), response: { status: 200, body: 'Wait' } };
    expect(await panel.exchange(() => true)).toEqual(ended);
    await command;
    expect(await trafficOf(slack)).toEqual([ended]);
  });

  it('shows why a call, a response URL or the app failed', async () => {
    const { slack, receiver, client } = await startSlackWithApp({ acknowledgeWithinMs: 200 });
    const ada = slack.as('ada');
    await client.chat.postMessage({ channel: 'C0NOWHERE1', text: 'x' }).catch(() => {});
    await ada.command('random', '/wandb');
    const url = receiver.requests[0]?.fields.response_url ?? '';
    await fetch(`${url}x`, { method: 'POST', body: '{"text":"x"}', headers: jsonType });
    await fetch(url, { method: 'POST', body: 'not JSON', headers: jsonType });
    receiver.response = () => ({ status: 500 });
    await ada.command('random', '/wandb');
    receiver.response = () => 'never';
    await ada.command('random', '/wandb');
    slack.sendRequestsTo('http://127.0.0.1:9/');
    await ada.command('random', '/wandb');
    const seen = await trafficOf(slack);
    expect(seen.map(({ method, problem }) => [method, problem])).toEqual([
      ['chat.postMessage', 'channel_not_found'],
      ['slash_command', undefined],
      ['response_url', 'invalid_url'],
      ['response_url', 'invalid_payload'],
      ['slash_command', 'status 500'],
      ['slash_command', 'timed_out'],
      ['slash_command', expect.stringMatching(/^unreachable: .*ECONNREFUSED/)],
    ]);
    expect(seen[3]).toMatchObject({ payload: 'not JSON', response: { status: 400 } });
  });

  it('masks every secret of a command that the app responds through the Web API and its response URL', async () => {
    const { slack, receiver, client } = await startSlackWithApp({ secretPatterns });
    const panel = await watchPanel(slack);
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: `\`\`\`\n${apiKey}\n\`\`\`` } }];
    receiver.response = async ({ fields }) => {
      const message = { channel, user: people.ada, text: 'Your key', blocks };
      await client.chat.postEphemeral(message);
      await client.apiCall('api.test', { token: app.botToken, echo: apiKey });
      const body = JSON.stringify({ text: apiKey });
      await fetch(fields.response_url ?? '', { method: 'POST', body, headers: jsonType });
      return `Also ${apiKey}`;
    };
    await slack.as('ada').command('ml-platform', '/wandb sa new');
    await panel.exchange(({ method, durationMs }) => method === 'slash_command' && durationMs !== undefined);
    const seen = await trafficOf(slack);
    const { headers = {}, fields = {} } = receiver.requests[0] ?? {};
    const triggerSecret = fields.trigger_id?.split('.')[2];
    const urlSecret = fields.response_url?.split('/').at(-1);
    const signature = String(headers['x-slack-signature']).slice('v0='.length);
    for (const secret of [apiKey, app.botToken, triggerSecret, urlSecret, signature, fields.token]) {
      expect(JSON.stringify(slack.traffic)).toContain(secret);
      expect(JSON.stringify([seen, panel.seen])).not.toContain(secret);
    }
    expect(exchanges(panel.seen).slice(-1)).toEqual(seen.slice(0, 1));
    const [command, posted, , replied] = seen;
    expect(command).toMatchObject({
      headers: { 'x-slack-signature': 'v0=•••' },
      payload: {
        token: '•••',
        trigger_id: `${fields.trigger_id?.split('.')[0]}.•••`,
        response_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/commands\/T0ACME0001\/\d+\/•••$/),
      },
      response: { body: 'Also keysmith_•••' },
    });
    expect(posted).toMatchObject({
      headers: { authorization: 'Bearer xoxb-•••' },
      payload: { channel, blocks: [{ text: { text: '```\nkeysmith_•••\n```' } }] },
      response: { status: 200 },
    });
    expect(replied).toMatchObject({ payload: { text: 'keysmith_•••' } });
  });

  it('shows requests over a socket, and masks the ticket and the token that opened it', async () => {
    const { slack } = await startSlackWithApp({ secretPatterns });
    slack.sendRequestsTo(undefined);
    const client = new SocketModeClient({
      appToken: app.appToken ?? '',
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: slack.apiUrl },
    });
    client.on('slack_event', ({ ack }) => ack({ text: apiKey }));
    onTestFinished(() => client.disconnect());
    await client.start();
    await slack.as('ada').command('random', '/wandb');
    const seen = await trafficOf(slack);
    const text = JSON.stringify(seen);
    expect(text).not.toContain(app.appToken);
    expect(text).not.toContain(apiKey);
    expect(JSON.stringify(slack.traffic)).toContain('?ticket=');
    expect(seen).toMatchObject([
      {
        method: 'apps.connections.open',
        transport: 'http',
        response: { body: expect.stringContaining('?ticket=•••') },
      },
      {
        method: 'slash_command',
        transport: 'socket',
        response: { status: 200, body: '{"text":"keysmith_•••"}' },
      },
    ]);
    expect(text).not.toMatch(/ticket=[^•]/);
  });

  it('truncates very long payloads and responses, and says so', async () => {
    const { slack, client } = await startSlackWithApp();
    const text = 'x'.repeat(150_000);
    await client.apiCall('api.test', { text });
    const [seen] = await trafficOf(slack);
    expect(slack.traffic[0]?.response?.body).toContain(text);
    expect(seen?.payload).toMatch(/^\{"text":"x{99000,}… \(\d+ more characters\)$/);
    expect(seen?.response?.body).toMatch(/x{99000,}… \(\d+ more characters\)$/);
    expect(JSON.stringify(seen).length).toBeLessThan(210_000);
  });

  it('keeps the last thousand requests and reports no changes of older ones', () => {
    const { records, begin, end, subscribe } = createTraffic(() => 0);
    const call = { direction: 'to_slack', transport: 'http', method: 'api.test', url: '' } as const;
    const [first, second] = Array.from({ length: 1001 }, () =>
      begin({ ...call, headers: {}, body: '', payload: {} }),
    );
    const ended: number[] = [];
    subscribe((change) => ended.push(change.type === 'record' ? change.record.id : Number.NaN));
    for (const record of [first, second]) if (record) end(record, {});
    expect([records.length, records[0]?.id, records.at(-1)?.id]).toEqual([1000, 2, 1001]);
    expect(ended).toEqual([2]);
  });
});
