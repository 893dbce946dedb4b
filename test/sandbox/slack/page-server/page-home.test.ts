import { describe, expect, it, vi } from 'vitest';
import type { PageEvent } from '../../../../src/sandbox/slack/protocol/page-protocol.ts';
import { conversations, modal, openView, options, people, startSlackWithApp } from '../slack-with-app.ts';
import { ask, listen, post } from './page-client.ts';

const shortcuts = [
  { type: 'global' as const, callbackId: 'new_account', name: 'New account', description: 'Opens the form' },
  { type: 'message' as const, callbackId: 'inspect', name: 'Inspect', description: 'Looks at a message' },
];
const app = { homeTabEnabled: true, shortcuts, eventSubscriptions: ['app_home_opened'] };
const state = `/sandbox/state?as=${people.ada}`;
const listenAsAda = (slack: Parameters<typeof listen>[0]) =>
  listen<PageEvent>(slack, `/sandbox/events?as=${people.ada}`);

describe('the page API for Home tabs, shortcuts and menus', () => {
  it('returns the tabs and shortcuts of the app, by default only the Messages tab', async () => {
    const plain = await startSlackWithApp();
    expect((await ask(plain.slack, state)).json.app).toEqual({
      name: 'Keysmith',
      botUserId: 'U0KEYSM001',
      homeTab: false,
      messagesTab: true,
      shortcuts: [],
    });
    const { slack } = await startSlackWithApp({ app });
    expect((await ask(slack, state)).json.app).toMatchObject({ homeTab: true, shortcuts });
    const readOnly = await startSlackWithApp({ app: { messagesTabReadOnly: true } });
    expect((await ask(readOnly.slack, state)).json.app).toMatchObject({ messagesTabReadOnly: true });
  });

  it('streams a Home tab when it is published and returns it with the state', async () => {
    const { slack, client } = await startSlackWithApp({ app });
    const events = await listenAsAda(slack);
    expect((await ask(slack, state)).json).not.toHaveProperty('home');
    await client.views.publish({
      user_id: people.ada,
      view: { type: 'home', blocks: [{ type: 'divider' }] },
    });
    const home = { id: expect.stringMatching(/^V/), hash: expect.any(String), blocks: [{ type: 'divider' }] };
    expect(await events.next()).toMatchObject({ type: 'home', home });
    expect((await ask(slack, state)).json).toMatchObject({ home });
  });

  it('accepts actions on the Home tab and uses of shortcuts', async () => {
    const { slack, client, receiver } = await startSlackWithApp({ app });
    const as = people.ada;
    expect((await post(slack, '/sandbox/home', { as, tab: 'home' })).json).toEqual({ ok: true });
    expect((await post(slack, '/sandbox/home', { as, tab: 'about' })).status).toBe(400);
    const go = {
      type: 'button' as const,
      action_id: 'go',
      text: { type: 'plain_text' as const, text: 'Go' },
    };
    const blocks = [{ type: 'actions' as const, block_id: 'b', elements: [go] }];
    const { view } = await client.views.publish({ user_id: as, view: { type: 'home', blocks } });
    const used = {
      container: { view: view?.id },
      block_id: 'b',
      action_id: 'go',
      element: { type: 'button' },
    };
    const action = (person: string) => post(slack, '/sandbox/action', { as: person, ...used, state: {} });
    expect((await action(as)).json).toEqual({ ok: true });
    expect((await action(people.ben)).status).toBe(404);
    const { ts } = await client.chat.postMessage({ channel: conversations.withApp, text: 'Look' });
    const message = { conversation: conversations.withApp, ts };
    const shortcut = (callback_id: string, more: object = {}) =>
      post(slack, '/sandbox/shortcut', { as, callback_id, ...more });
    expect((await shortcut('new_account')).json).toEqual({ ok: true });
    expect((await shortcut('inspect', { message })).json).toEqual({ ok: true });
    expect((await shortcut('inspect')).status).toBe(404);
    await vi.waitUntil(() => receiver.requests.length === 4);
    const types = receiver.requests.map(({ payload, rawBody }) => (payload ?? JSON.parse(rawBody)).type);
    expect(types.sort()).toEqual(['block_actions', 'event_callback', 'message_action', 'shortcut']);
  });

  it('closes the modals of a person who loads the page, without a request to the app, and keeps them on later reads', async () => {
    const slackWithApp = await startSlackWithApp();
    const { slack, client, receiver } = slackWithApp;
    const { id: view_id } = await openView(slackWithApp, modal({ notify_on_close: true }));
    await openView(slackWithApp, modal(), 'ben');
    receiver.requests.length = 0;
    const events = await listenAsAda(slack);
    expect((await ask(slack, state)).json.views).toMatchObject([{ id: view_id }]);
    expect((await ask(slack, `${state}&load=1`)).json.views).toEqual([]);
    expect(await events.next()).toEqual({ type: 'views', views: [] });
    expect(slack.as('ben').views()).toHaveLength(1);
    expect(receiver.requests).toEqual([]);
    await expect(client.views.update({ view_id, view: modal() })).rejects.toThrow('not_found');
  });

  it('returns the option groups of a menu in a message, which only that person can choose', async () => {
    const { slack, client, receiver } = await startSlackWithApp();
    const menu = { type: 'external_select' as const, action_id: 'menu', min_query_length: 0 };
    const channel = conversations.withApp;
    const blocks = [{ type: 'actions' as const, block_id: 'b', elements: [menu] }];
    const { ts } = await client.chat.postMessage({ channel, text: 'Choose', blocks });
    const label = { type: 'plain_text', text: 'Yours' };
    receiver.response = () => ({ option_groups: [{ label, options: options('a', 'b') }] });
    const menuRequest = {
      container: { conversation: channel, ts },
      block_id: 'b',
      action_id: 'menu',
      query: '',
    };
    const found = await post(slack, '/sandbox/options', { as: people.ada, ...menuRequest });
    expect(found.json).toMatchObject({
      options: [],
      groups: [{ label: 'Yours', options: [{ value: 'a' }, { value: 'b' }] }],
    });
    const [selected_option] = options('b');
    const element = { type: 'external_select', selected_option };
    const { query: _, ...where } = menuRequest;
    const choose = (as: string) => post(slack, '/sandbox/action', { as, ...where, element, state: {} });
    // The options were offered to Ada only.
    expect((await choose(people.ben)).status).toBe(400);
    receiver.response = () => undefined;
    expect((await choose(people.ada)).json).toEqual({ ok: true });
  });
});
