import { describe, expect, it, vi } from 'vitest';
import { modal, nameInput, openView, people, refusal, startSlackWithApp } from '../slack-with-app.ts';

const withHome = (more: object = {}) =>
  startSlackWithApp({
    eventRetriesAfterMs: [],
    app: { homeTabEnabled: true, eventSubscriptions: ['app_home_opened'], ...more },
  });

const home = (more: object = {}) => ({
  type: 'home' as const,
  blocks: [nameInput()],
  callback_id: 'home',
  ...more,
});

describe('the Home tab of the local Slack', () => {
  it('publishes a Home tab for one person, keeps its ID and what was typed, and changes its hash', async () => {
    const { slack, client } = await withHome();
    const ada = slack.as('ada');
    const { view } = await client.views.publish({ user_id: people.ada, view: home() });
    expect(view).toMatchObject({
      type: 'home',
      team_id: 'T0ACME0001',
      callback_id: 'home',
      submit: null,
      close: null,
      clear_on_close: false,
      root_view_id: view?.id,
      previous_view_id: null,
      state: { values: { name: { name: { type: 'plain_text_input', value: null } } } },
    });
    await ada.fillInHome('name', 'typed');
    const again = await client.views.publish({ user_id: people.ada, view: home() });
    expect(again.view?.id).toBe(view?.id);
    expect(again.view?.hash).not.toBe(view?.hash);
    expect(ada.homeValues()).toEqual({ name: 'typed' });
    expect(slack.as('ben').home()).toBeUndefined();
  });

  it('refuses a stale hash, a duplicate external ID and an unknown person', async () => {
    const { client, slack, receiver } = await withHome();
    const publish = (args: object) =>
      client.views.publish({ user_id: people.ada, view: home(), ...args } as {
        user_id: string;
        view: never;
      });
    const { view } = await publish({});
    const hash = view?.hash ?? '';
    await publish({ hash });
    expect(await refusal(publish({ hash }))).toMatchObject({ error: 'hash_conflict' });
    await openView({ slack, receiver, client }, modal({ external_id: 'mine' }));
    expect(await refusal(publish({ view: home({ external_id: 'mine' }) }))).toMatchObject({
      error: 'duplicate_external_id',
    });
    expect(await refusal(publish({ user_id: 'U0NOBODY01' }))).toMatchObject({ error: 'invalid_arguments' });
  });

  it.each<[string, object, string]>([
    ['a title', { title: { type: 'plain_text', text: 'Home' } }, 'invalid additional property: title'],
    [
      'a submit button',
      { submit: { type: 'plain_text', text: 'Go' } },
      'invalid additional property: submit',
    ],
    ['101 blocks', { blocks: Array(101).fill({ type: 'divider' }) }, 'no more than 100 items allowed'],
    ['no blocks', { blocks: undefined }, 'missing required field: blocks'],
  ])('refuses a Home tab with %s', async (_what, more, problem) => {
    const { client } = await withHome();
    const call = client.views.publish({ user_id: people.ada, view: home(more) as never });
    expect(await refusal(call)).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: [expect.stringContaining(problem)] },
    });
  });

  it('refuses a Home tab of more than 250 kB, and every Home tab while the tab is off', async () => {
    const { client } = await withHome();
    const section = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3000) } };
    const large = home({ blocks: Array(90).fill(section) });
    expect(await refusal(client.views.publish({ user_id: people.ada, view: large }))).toMatchObject({
      error: 'view_too_large',
    });
    const off = await withHome({ homeTabEnabled: false });
    expect(await refusal(off.client.views.publish({ user_id: people.ada, view: home() }))).toMatchObject({
      error: 'not_enabled',
    });
    expect(await off.slack.as('ada').openHome()).toMatchObject({ error: 'not_found' });
  });

  it('sends a signed event with the person, the tab, and the view once it is published', async () => {
    const { slack, receiver, client } = await withHome();
    const ada = slack.as('ada');
    await ada.openHome();
    await vi.waitUntil(() => receiver.requests.length === 1);
    const [first] = receiver.requests;
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-slack-signature': expect.stringMatching(/^v0=/),
    });
    expect(JSON.parse(first?.rawBody ?? '')).toEqual({
      token: expect.any(String),
      team_id: 'T0ACME0001',
      api_app_id: 'A0KEYSM001',
      type: 'event_callback',
      event: {
        type: 'app_home_opened',
        user: people.ada,
        channel: ada.conversation('Keysmith').id,
        tab: 'home',
        event_ts: expect.any(String),
      },
      event_id: expect.stringMatching(/^Ev0/),
      event_time: expect.any(Number),
      authorizations: [expect.objectContaining({ user_id: 'U0KEYSM001', is_bot: true })],
      is_ext_shared_channel: false,
    });
    await client.views.publish({ user_id: people.ada, view: home() });
    await ada.openHome();
    await ada.openHome('messages');
    await vi.waitUntil(() => receiver.requests.length === 3);
    const events = receiver.requests.map(({ rawBody }) => JSON.parse(rawBody).event);
    expect(events.map(({ tab, view }) => [tab, view?.id])).toEqual([
      ['home', undefined],
      ['home', ada.home()?.id],
      ['messages', undefined],
    ]);
  });

  it('sends no event to an app that does not subscribe to it', async () => {
    const { slack } = await withHome({ eventSubscriptions: [] });
    expect(await slack.as('ada').openHome()).toEqual({ ok: true });
    expect(slack.traffic).toEqual([]);
  });

  it('retries a failed event, with the attempt and the reason, until the app accepts it', async () => {
    const { slack, receiver } = await startSlackWithApp({
      eventRetriesAfterMs: [0, 1, 1],
      app: { homeTabEnabled: true, eventSubscriptions: ['app_home_opened'] },
    });
    receiver.response = () => (receiver.requests.length < 3 ? { status: 500 } : undefined);
    await slack.as('ada').openHome();
    await vi.waitUntil(() => slack.traffic.length === 3 && slack.traffic.every(({ response }) => response));
    const retries = receiver.requests.map(({ headers }) => [
      headers['x-slack-retry-num'],
      headers['x-slack-retry-reason'],
    ]);
    expect(retries).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
    ]);
    expect(new Set(receiver.requests.map(({ rawBody }) => rawBody)).size).toBe(1);
  });
});
