import { describe, expect, it } from 'vitest';
import type { PageEvent } from '../../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { DrivenSlack } from '../../../driver/driven-slack.ts';
import {
  conversations,
  modal,
  nameInput,
  openView,
  options,
  people,
  startSlackWithApp,
} from '../slack-with-app.ts';
import { ask, jsonType as json, listen, post } from './page-client.ts';

const listenAs = (slack: DrivenSlack, as: string) => listen<PageEvent>(slack, `/sandbox/events?as=${as}`);

describe('the API of the sandbox page', () => {
  it('returns the people of the workspace and the conversations of which the person is a member', async () => {
    const { slack } = await startSlackWithApp();
    const { json: dee, headers } = await ask(slack, `/sandbox/state?as=${people.dee}`);
    expect(headers['cache-control']).toBe('no-store');
    expect(dee).toMatchObject({
      team: { id: 'T0ACME0001', name: 'Acme' },
      app: { name: 'Keysmith', botUserId: 'U0KEYSM001' },
      me: { id: people.dee, name: 'dee', about: 'Not in any team' },
      people: [{ name: 'ada' }, { name: 'ben' }, { name: 'cy' }, { name: 'dee' }],
      conversations: [
        { name: 'ml-platform', kind: 'public', hasApp: true },
        { name: 'random', kind: 'public', hasApp: false },
        { name: 'Keysmith', kind: 'app_dm', hasApp: true },
      ],
      commands: [{ command: '/wandb' }],
      views: [],
    });
    const { json: ada } = await ask(slack, `/sandbox/state?as=${people.ada}`);
    const names = (ada.conversations as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['ml-platform', 'random', 'ml-secrets', 'ben', 'Keysmith']);
  });

  it('returns messages to members only, and never ephemeral ones', async () => {
    const { slack, client } = await startSlackWithApp();
    await client.chat.postMessage({ channel: conversations.withApp, text: 'For all' });
    await client.chat.postEphemeral({ channel: conversations.withApp, user: people.ada, text: 'For Ada' });
    const path = (conversation: string, as: string) =>
      `/sandbox/messages?as=${as}&conversation=${conversation}`;
    const { json: messages } = await ask(slack, path(conversations.withApp, people.ada));
    expect(messages).toMatchObject([{ text: 'For all', ephemeral: false }]);
    expect(await ask(slack, path(conversations.privateWithoutApp, people.dee))).toMatchObject({
      status: 404,
      json: { ok: false, error: 'not_found' },
    });
  });

  it('counts what arrived since the person last read a conversation, until they read it', async () => {
    const { slack, client } = await startSlackWithApp();
    const channel = conversations.withApp;
    const unreadOf = async (as: string) => (await ask(slack, `/sandbox/state?as=${as}`)).json.unread;
    await client.chat.postMessage({ channel, text: 'For all' });
    await client.chat.postMessage({ channel, text: `For <@${people.ada}>` });
    await client.chat.postEphemeral({ channel, user: people.ada, text: 'For Ada only' });
    expect(await unreadOf(people.ada)).toEqual({ [channel]: { mentions: 1 } });
    expect(await unreadOf(people.ben)).toEqual({ [channel]: { mentions: 0 } });

    await post(slack, '/sandbox/read', { as: people.ada, conversation: channel });
    expect(await unreadOf(people.ada)).toEqual({});
    expect(await unreadOf(people.ben)).toEqual({ [channel]: { mentions: 0 } });
    await client.chat.postMessage({ channel, text: 'One more' });
    expect(await unreadOf(people.ada)).toEqual({ [channel]: { mentions: 0 } });
    const notHers = { as: people.dee, conversation: conversations.privateWithoutApp };
    expect((await post(slack, '/sandbox/read', notHers)).status).toBe(404);
  });

  it('streams to each person only the events that the person can see', async () => {
    const { slack, client } = await startSlackWithApp();
    const [ada, ben] = [await listenAs(slack, people.ada), await listenAs(slack, people.ben)];
    expect(ada.contentType).toBe('text/event-stream; charset=utf-8');
    const channel = conversations.withApp;
    await client.chat.postEphemeral({ channel, user: people.ada, text: 'For Ada' });
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'For all' });
    await client.chat.update({ channel, ts, text: 'For everyone' });
    await client.chat.delete({ channel, ts });
    expect(await ada.next()).toMatchObject({
      type: 'message',
      message: { text: 'For Ada', ephemeral: true },
    });
    for (const person of [ada, ben]) {
      expect(await person.next()).toMatchObject({ type: 'message', message: { ts, text: 'For all' } });
      expect(await person.next()).toMatchObject({
        type: 'message_changed',
        message: { text: 'For everyone' },
      });
      expect(await person.next()).toEqual({ type: 'message_deleted', conversation: channel, ts });
    }
  });

  it('fills in and submits a form with an external select', async () => {
    const slackWithApp = await startSlackWithApp();
    const { slack, receiver } = slackWithApp;
    const events = await listenAs(slack, people.ada);
    const team = nameInput(
      { type: 'external_select', action_id: 'team', min_query_length: 0 },
      { block_id: 'team', dispatch_action: true },
    );
    const { id: view } = await openView(slackWithApp, modal({ blocks: [nameInput(), team] }));
    expect(await events.next()).toMatchObject({ type: 'views', views: [{ id: view, title: 'A form' }] });
    receiver.response = () => ({ options: options('ml-platform') });
    const request = { as: people.ada, container: { view }, block_id: 'team', action_id: 'team', query: '' };
    const { json: offered } = await post(slack, '/sandbox/options', request);
    const [selected_option] = offered.options as object[];
    receiver.response = () => undefined;
    const state = { name: { name: { type: 'plain_text_input', value: 'eval' } } };
    const used = {
      as: people.ada,
      container: { view },
      block_id: 'team',
      action_id: 'team',
      element: { type: 'external_select', selected_option },
      state,
    };
    expect((await post(slack, '/sandbox/action', used)).json).toEqual({ ok: true });
    expect(receiver.requests.at(-1)?.payload).toMatchObject({
      type: 'block_actions',
      view: {
        state: { values: { ...state, team: { team: { selected_option: { value: 'ml-platform' } } } } },
      },
    });
    const submitted = {
      as: people.ada,
      view,
      state: { name: { name: { type: 'plain_text_input', value: '' } } },
    };
    expect((await post(slack, '/sandbox/submit', submitted)).json).toMatchObject({
      error: 'errors',
      errors: { name: 'Please complete this required field.' },
    });
    expect((await post(slack, '/sandbox/submit', { ...submitted, state })).json).toEqual({ ok: true });
    expect(await events.next()).toEqual({ type: 'views', views: [] });
  });

  it("refuses requests for another person's view and for a view that isn't the topmost", async () => {
    const slackWithApp = await startSlackWithApp();
    const { slack, client, receiver } = slackWithApp;
    const more = { type: 'button', action_id: 'more', text: { type: 'plain_text', text: 'More' } };
    const blocks = [{ type: 'actions', block_id: 'b', elements: [more] }];
    const { id: view } = await openView(slackWithApp, modal({ blocks }));
    const others = { as: people.ben, view };
    for (const [path, body] of [
      ['/sandbox/submit', { ...others, state: {} }],
      ['/sandbox/close', others],
      [
        '/sandbox/options',
        { as: people.ben, container: { view }, block_id: 'b', action_id: 'more', query: '' },
      ],
    ] as const) {
      expect(await post(slack, path, body)).toMatchObject({ status: 404, json: { error: 'not_found' } });
    }
    await slack.as('ada').clickInView('more');
    const trigger_id = String(receiver.requests.at(-1)?.payload.trigger_id);
    await client.views.push({ trigger_id, view: modal() });
    expect((await post(slack, '/sandbox/submit', { as: people.ada, view, state: {} })).status).toBe(404);
  });

  it('sends commands only for members of the conversation', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const typed = { as: people.dee, conversation: conversations.withApp, line: '/wandb help' };
    expect(await post(slack, '/sandbox/command', typed)).toMatchObject({ status: 200, json: { ok: true } });
    const elsewhere = { ...typed, conversation: conversations.privateWithoutApp };
    expect(await post(slack, '/sandbox/command', elsewhere)).toMatchObject({ status: 404 });
    expect(receiver.requests).toHaveLength(1);
  });

  it('returns 404 for bots, deactivated people and unknown people', async () => {
    const { slack } = await startSlackWithApp();
    slack.changePerson('cy', { deactivated: true });
    slack.changePerson('dee', { bot: true });
    for (const as of [people.cy, people.dee, 'U0NOBODY01', 'ada', '']) {
      const typed = { as, conversation: conversations.withApp, line: '/wandb' };
      expect((await post(slack, '/sandbox/command', typed)).status).toBe(404);
      expect((await ask(slack, `/sandbox/state?as=${as}`)).status).toBe(404);
      expect((await ask(slack, `/sandbox/events?as=${as}`)).status).toBe(404);
    }
  });

  it.each<[string, unknown, Record<string, string>]>([
    ['a form body', 'as=U0ADA00001&line=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a text body', '{}', { 'content-type': 'text/plain' }],
    ['no content type', '{}', {}],
    ['broken JSON', '{', json],
    ['missing fields', { as: people.ada }, json],
    ['additional fields', { as: people.ada, conversation: 'C', line: '/x', admin: true }, json],
  ])('refuses a command request with %s', async (_what, body, headers) => {
    const { slack } = await startSlackWithApp();
    expect(await post(slack, '/sandbox/command', body, headers)).toMatchObject({
      status: 400,
      json: { ok: false, error: 'invalid_request', message: expect.any(String) },
    });
  });

  const typed = { as: people.ada, conversation: conversations.withApp, line: '/wandb' };

  it.each([
    'evil.test',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    '10.0.0.1',
  ])('refuses requests with the Host %s, against DNS rebinding', async (host) => {
    const { slack, receiver } = await startSlackWithApp();
    const headers = { ...json, host };
    expect(await post(slack, '/sandbox/command', typed, headers)).toMatchObject({
      status: 403,
      json: { ok: false, error: 'not_allowed' },
    });
    for (const path of [
      '/',
      '/page.css',
      `/sandbox/state?as=${people.ada}`,
      `/sandbox/events?as=${people.ada}`,
    ]) {
      expect((await ask(slack, path, { headers })).status).toBe(403);
    }
    expect(receiver.requests).toEqual([]);
  });

  it.each(['http://evil.test', 'null', 'https://localhost'])(
    'refuses requests from the origin %s',
    async (origin) => {
      const { slack, receiver } = await startSlackWithApp();
      expect((await post(slack, '/sandbox/command', typed, { ...json, origin })).status).toBe(403);
      expect((await ask(slack, `/sandbox/state?as=${people.ada}`, { headers: { origin } })).status).toBe(403);
      expect(receiver.requests).toEqual([]);
    },
  );

  it.each(['localhost', '127.0.0.1', '[::1]'])('accepts requests from its own page at %s', async (name) => {
    const { slack } = await startSlackWithApp();
    const host = `${name}:${new URL(slack.url).port}`;
    const response = await post(slack, '/sandbox/command', typed, {
      ...json,
      host,
      origin: `http://${host}`,
    });
    expect(response).toMatchObject({ status: 200, json: { ok: true } });
  });
});
