import { ErrorCode } from '@slack/web-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Failure } from '../../../../src/sandbox/slack/protocol/failures.ts';
import type { PageEvent } from '../../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { DrivenSlack } from '../../../driver/driven-slack.ts';
import {
  app,
  clientOf,
  conversations,
  modal,
  people,
  refusal,
  startSlackWithApp,
} from '../slack-with-app.ts';
import { ask, jsonType, listen } from './page-client.ts';
import { controlsOf, setControl, trafficOf, watchPanel } from './panel-client.ts';

const channel = conversations.withApp;
const method = 'chat.postMessage';
const message = { channel, text: 'Hello' };

/** Creates a client that times out soon if no response will come, but not before its request has arrived. */
async function clientForFailure(slack: DrivenSlack, { kind }: Failure) {
  const client = clientOf(slack, { timeout: kind === 'timeout' ? 500 : 5000 });
  await clientOf(slack).auth.test();
  return client;
}

const messageCount = (slack: DrivenSlack) => slack.as('ada').messages('ml-platform').length;

describe('the controls of the developers’ panel', () => {
  it.each<[Failure, object, string]>([
    [{ kind: 'rate_limited', retryAfterSeconds: 30 }, { retryAfter: 30 }, 'ratelimited'],
    [{ kind: 'status', status: 500 }, { code: ErrorCode.HTTPError, statusCode: 500 }, 'status 500'],
    [{ kind: 'error', error: 'fatal_error' }, { data: { error: 'fatal_error' } }, 'fatal_error'],
    [{ kind: 'timeout' }, { code: ErrorCode.RequestError }, 'timeout'],
    [{ kind: 'reset' }, { code: ErrorCode.RequestError }, 'reset'],
  ])(
    'fails calls of Slack’s own client with %o as many times as planned, and shows the reason',
    async (failure, error, problem) => {
      const { slack } = await startSlackWithApp();
      const client = await clientForFailure(slack, failure);
      const { failures } = await setControl(slack, 'failure', { method, failure, times: 1 });
      expect(failures).toEqual([{ method, failure, times: 1 }]);
      await expect(client.chat.postMessage(message)).rejects.toMatchObject(error);
      expect(messageCount(slack)).toBe(0);
      expect((await controlsOf(slack)).failures).toEqual([]);
      expect(await clientOf(slack).chat.postMessage(message)).toMatchObject({ ok: true });
      const posted = (await trafficOf(slack)).filter((exchange) => exchange.method === method);
      expect(posted.map((exchange) => exchange.problem)).toEqual([problem, undefined]);
    },
  );

  it('delays a call and shows it although the call succeeds', async () => {
    const { slack, client } = await startSlackWithApp();
    await setControl(slack, 'failure', { method, failure: { kind: 'slow', delayMs: 20 } });
    expect(await client.chat.postMessage(message)).toMatchObject({ ok: true });
    expect(await trafficOf(slack)).toMatchObject([{ problem: 'slow', response: { status: 200 } }]);
  });

  it.each<Failure>([
    { kind: 'status', status: 500, afterEffect: true },
    { kind: 'error', error: 'internal_error', afterEffect: true },
    { kind: 'timeout', afterEffect: true },
    { kind: 'reset', afterEffect: true },
  ])('lets a call take effect and loses only its response: $kind', async (failure) => {
    const { slack } = await startSlackWithApp();
    const client = await clientForFailure(slack, failure);
    await setControl(slack, 'failure', { method, failure });
    await expect(client.chat.postMessage(message)).rejects.toThrow();
    await slack.as('ada').waitForMessage('ml-platform', 'Hello');
  });

  it('streams the number of failures left, and lets calls succeed once the failure is cleared', async () => {
    const { slack, client } = await startSlackWithApp();
    const panel = await watchPanel(slack);
    const failure = { kind: 'error', error: 'fatal_error' };
    const timesLeft = () => panel.controls(({ failures }) => failures.length === 1);
    await setControl(slack, 'failure', { method, failure, times: 2 });
    expect((await timesLeft()).failures).toEqual([{ method, failure, times: 2 }]);
    expect(await refusal(client.chat.postMessage(message))).toMatchObject({ error: 'fatal_error' });
    expect((await timesLeft()).failures).toEqual([{ method, failure, times: 1 }]);
    const { failures } = await setControl(slack, 'failure', { method, failure: null });
    expect(failures).toEqual([]);
    expect(await client.chat.postMessage(message)).toMatchObject({ ok: true });
  });

  it('makes calls of response URLs fail', async () => {
    const { slack, receiver } = await startSlackWithApp();
    await slack.as('ada').command('random', '/wandb');
    const url = receiver.requests[0]?.fields.response_url ?? '';
    await setControl(slack, 'failure', {
      method: 'response_url',
      failure: { kind: 'reset', afterEffect: true },
    });
    await expect(
      fetch(url, { method: 'POST', body: '{"text":"Done"}', headers: jsonType }),
    ).rejects.toThrow();
    expect(slack.as('ada').messages('random')).toMatchObject([{ text: 'Done' }]);
  });

  it('removes the app from a channel and adds it again, and asks the members’ pages to reload the workspace', async () => {
    const { slack, client } = await startSlackWithApp();
    const pages = [people.ada, people.dee].map((as) => listen<PageEvent>(slack, `/sandbox/events?as=${as}`));
    const [ada, dee] = await Promise.all(pages);
    const hasApp = async (as: string) => {
      const { json } = await ask(slack, `/sandbox/state?as=${as}`);
      return (json.conversations as { id: string; hasApp: boolean }[]).find(({ id }) => id === channel)
        ?.hasApp;
    };
    const { channels } = await setControl(slack, 'membership', { conversation: channel, isMember: false });
    expect(channels.find(({ id }) => id === channel)).toMatchObject({ hasApp: false });
    for (const page of [ada, dee]) expect(await page?.next()).toEqual({ type: 'workspace' });
    expect(await hasApp(people.ada)).toBe(false);
    const ephemeral = { ...message, user: people.ada };
    expect(await refusal(client.chat.postEphemeral(ephemeral))).toMatchObject({ error: 'not_in_channel' });
    await setControl(slack, 'membership', { conversation: channel, isMember: true });
    expect(await dee?.next()).toEqual({ type: 'workspace' });
    expect(await hasApp(people.dee)).toBe(true);
    expect(await client.chat.postEphemeral(ephemeral)).toMatchObject({ ok: true });
  });

  it('announces that the app joined a private channel to its members and to the panel only', async () => {
    const { slack, client } = await startSlackWithApp();
    const dee = await listen<PageEvent>(slack, `/sandbox/events?as=${people.dee}`);
    const panel = await watchPanel(slack);
    slack.setAppMembership(conversations.privateWithoutApp, true);
    await panel.controls(({ channels }) => channels.some(({ kind, hasApp }) => kind === 'private' && hasApp));
    const ephemeral = { channel: conversations.privateWithoutApp, user: people.dee, text: 'x' };
    expect(await refusal(client.chat.postEphemeral(ephemeral))).toMatchObject({
      error: 'user_not_in_channel',
    });
    await client.chat.postMessage(message);
    expect(await dee.next()).toMatchObject({ type: 'message' });
  });

  it('expires the triggers issued so far', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    await slack.as('ada').command('random', '/wandb');
    const trigger_id = receiver.requests[0]?.fields.trigger_id ?? '';
    expect((await controlsOf(slack)).triggers).toBe(1);
    expect(await setControl(slack, 'expire', { what: 'triggers' })).toMatchObject({
      triggers: 0,
      responseUrls: 1,
    });
    const opened = client.views.open({ trigger_id, view: modal() });
    expect(await refusal(opened)).toMatchObject({ error: 'expired_trigger_id' });
    expect((await trafficOf(slack)).at(-1)).toMatchObject({
      method: 'views.open',
      problem: 'expired_trigger_id',
    });
  });

  it('issues only the next trigger already expired', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const problems: unknown[] = [];
    receiver.response = async ({ fields }) => {
      const opened = client.views.open({ trigger_id: fields.trigger_id ?? '', view: modal() });
      problems.push(await opened.then(() => 'none').catch((error) => error.data.error));
      return undefined;
    };
    const panel = await watchPanel(slack);
    expect(await setControl(slack, 'expire', { what: 'next_trigger' })).toMatchObject({
      nextTriggerExpires: true,
    });
    await panel.controls(({ nextTriggerExpires }) => nextTriggerExpires);
    for (let i = 0; i < 2; i++) await slack.as('ada').command('random', '/wandb');
    expect(problems).toEqual(['expired_trigger_id', 'none']);
    expect(await panel.controls(({ nextTriggerExpires }) => !nextTriggerExpires)).toMatchObject({
      triggers: 0,
    });
  });

  it('expires the response URLs issued so far', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const respond = async () => {
      const url = receiver.requests.at(-1)?.fields.response_url ?? '';
      const response = await fetch(url, { method: 'POST', body: '{"text":"x"}', headers: jsonType });
      return response.text();
    };
    await slack.as('ada').command('random', '/wandb');
    expect(await setControl(slack, 'expire', { what: 'response_urls' })).toMatchObject({
      responseUrls: 0,
      triggers: 1,
    });
    expect(JSON.parse(await respond())).toEqual({ ok: false, error: 'expired_url' });
    await slack.as('ada').command('random', '/wandb');
    expect((await controlsOf(slack)).responseUrls).toBe(1);
    expect(await respond()).toBe('ok');
  });

  it('counts neither used nor expired triggers and response URLs as usable', async () => {
    const { slack, receiver, client, clock } = await startSlackWithApp();
    for (let i = 0; i < 2; i++) await slack.as('ada').command('random', '/wandb');
    const { trigger_id = '', response_url = '' } = receiver.requests[0]?.fields ?? {};
    await client.views.open({ trigger_id, view: modal() });
    for (let i = 0; i < 5; i++) {
      await fetch(response_url, { method: 'POST', body: '{"text":"x"}', headers: jsonType });
    }
    expect(await controlsOf(slack)).toMatchObject({ triggers: 1, responseUrls: 1 });
    clock.advance(3000);
    expect(await controlsOf(slack)).toMatchObject({ triggers: 0, responseUrls: 1 });
    clock.advance(30 * 60_000);
    expect(await controlsOf(slack)).toMatchObject({ triggers: 0, responseUrls: 0 });
  });

  it.each([
    ['refresh_requested', 0],
    ['link_disabled', 0],
    // The connection closes 10 seconds later.
    ['warning', 1],
  ])('disconnects the sockets with the reason %s', async (reason, left) => {
    const { slack } = await startSlackWithApp();
    const panel = await watchPanel(slack);
    const { url = '' } = await clientOf(slack, { token: app.appToken ?? '' }).apps.connections.open();
    const socket = new WebSocket(url);
    onTestFinished(() => socket.terminate());
    const reasons = new Promise((resolve) => {
      socket.on('message', (data) => {
        const { type, reason: given } = JSON.parse(String(data));
        if (type === 'disconnect') resolve(given);
      });
    });
    await panel.controls(({ sockets }) => sockets === 1);
    await setControl(slack, 'sockets', { reason });
    expect(await reasons).toBe(reason);
    if (left === 0) await panel.controls(({ sockets }) => sockets === 0);
    expect((await controlsOf(slack)).sockets).toBe(left);
  });
});
