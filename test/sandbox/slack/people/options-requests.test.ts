import { describe, expect, it } from 'vitest';
import type { ReceiverResponse } from '../receiver.ts';
import {
  acknowledgeTimeFor,
  modal,
  nameInput,
  openView,
  options,
  people,
  startSlackWithApp,
} from '../slack-with-app.ts';

async function startWithMenu(element: object = {}) {
  const slackWithApp = await startSlackWithApp();
  const menu = nameInput({ type: 'external_select', action_id: 'team', ...element }, { block_id: 'team' });
  await openView(slackWithApp, modal({ blocks: [menu] }));
  return { ...slackWithApp, ada: slackWithApp.slack.as('ada') };
}

describe('external selects of the local Slack', () => {
  it('sends the query and the view to the app', async () => {
    const { ada, receiver } = await startWithMenu({ min_query_length: 0 });
    receiver.response = () => ({ options: options('ml-platform', 'ml-infra') });
    const { options: offered } = await ada.options('team', '');
    expect(offered.map(({ value }) => value)).toEqual(['ml-platform', 'ml-infra']);
    expect(receiver.requests[0]?.payload).toMatchObject({
      type: 'block_suggestion',
      user: { id: people.ada },
      container: { type: 'view', view_id: ada.view()?.id },
      view: { id: ada.view()?.id },
      block_id: 'team',
      action_id: 'team',
      value: '',
    });
  });

  it('sends no query shorter than min_query_length, by default 3', async () => {
    const { ada, receiver } = await startWithMenu();
    receiver.response = () => ({ options: options('ml-platform') });
    expect(await ada.options('team', 'ml')).toEqual({ options: [] });
    expect(receiver.requests).toEqual([]);
    expect((await ada.options('team', 'ml-')).options).toHaveLength(1);
  });

  it('keeps the option groups of the app', async () => {
    const { ada, receiver } = await startWithMenu();
    const label = { type: 'plain_text', text: 'Yours' };
    receiver.response = () => ({
      option_groups: [
        { label, options: options('a') },
        { label, options: options('b') },
      ],
    });
    expect(await ada.options('team', 'any')).toMatchObject({
      options: [],
      groups: [
        { label: 'Yours', options: [{ value: 'a' }] },
        { label: 'Yours', options: [{ value: 'b' }] },
      ],
    });
    await ada.fill('team', 'b');
    expect(ada.values()).toEqual({ team: 'b' });
  });

  it.each<[string, ReceiverResponse]>([
    ['101 options', { options: options(...Array.from({ length: 101 }, (_, i) => String(i))) }],
    ['an invalid option', { options: [{ value: 'a' }] }],
    ['no options field', { ok: true }],
    ['nothing', undefined],
    ['a 500', { status: 500 }],
    ['nothing in time', 'never'],
  ])('shows an error when the app responds with %s', async (_what, response) => {
    const { ada, slack, receiver } = await startWithMenu();
    slack.acknowledgeWithin(acknowledgeTimeFor(response));
    receiver.response = () => response;
    expect(await ada.options('team', 'any')).toMatchObject({ options: [], error: expect.any(String) });
  });

  it('offers the options that the app returns for the query', async () => {
    const { ada, receiver } = await startWithMenu();
    receiver.response = ({ payload }) =>
      payload.type === 'block_suggestion' ? { options: options('ml-platform', 'ml-infra') } : undefined;
    await ada.fill('team', 'ml-infra');
    expect(ada.values()).toEqual({ team: 'ml-infra' });
    await expect(ada.fill('team', 'nowhere')).rejects.toThrow('Options: Option ml-platform (ml-platform)');
    await ada.submit();
    expect(receiver.requests.at(-1)?.payload).toMatchObject({
      view: { state: { values: { team: { team: { selected_option: { value: 'ml-infra' } } } } } },
    });
  });

  it('refuses a choice that the app never offered', async () => {
    const { ada, receiver } = await startWithMenu();
    const [never] = options('never');
    const state = { team: { team: { type: 'external_select', selected_option: never } } };
    expect(await ada.submit({ state })).toMatchObject({ error: 'invalid_request' });
    expect(receiver.requests).toEqual([]);
  });
});
