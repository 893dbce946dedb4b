import { describe, expect, it } from 'vitest';
import {
  modal,
  nameInput,
  openView,
  options,
  people,
  refusal,
  startSlackWithApp,
} from '../slack-with-app.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const input = (element: object, block: Record<string, unknown> = {}) =>
  nameInput({ action_id: 'e', ...element }, block);

async function startWith(...blocks: object[]) {
  const slackWithApp = await startSlackWithApp();
  await openView(slackWithApp, modal({ blocks }));
  return { ...slackWithApp, ada: slackWithApp.slack.as('ada') };
}

async function problemsOf(block: object): Promise<string[]> {
  const { slack, receiver, client } = await startSlackWithApp();
  await slack.as('ada').command('random', '/wandb');
  const trigger_id = receiver.requests.at(-1)?.fields.trigger_id ?? '';
  const view = modal({ blocks: [block] });
  const { error, response_metadata } = await refusal(client.views.open({ trigger_id, view }));
  expect(error).toBe('invalid_arguments');
  return (response_metadata as { messages: string[] }).messages;
}

describe('selects and pickers of the local Slack', () => {
  it.each<[string, object, string]>([
    ['a maximum of 0 choices', { type: 'multi_users_select', max_selected_items: 0 }, 'must be more than 0'],
    [
      'more initial choices than the maximum',
      {
        type: 'multi_static_select',
        options: options('a', 'b'),
        initial_options: options('a', 'b'),
        max_selected_items: 1,
      },
      'no more than 1 items allowed',
    ],
    [
      'an initial choice that is not one of the options',
      { type: 'multi_static_select', options: options('a'), initial_options: options('b') },
      'must match one of the provided options',
    ],
    [
      'a select with 101 options',
      { type: 'multi_static_select', options: options(...Array.from({ length: 101 }, (_, i) => String(i))) },
      'no more than 100 items allowed',
    ],
    [
      'a select with neither options nor groups',
      { type: 'multi_static_select' },
      'exactly one of the fields',
    ],
    ['an hour that does not exist', { type: 'timepicker', initial_time: '24:00' }, 'must be a valid value'],
    ['an unknown time zone', { type: 'timepicker', timezone: 'Mars/Base' }, 'must be a valid IANA time zone'],
    [
      'a time in milliseconds',
      { type: 'datetimepicker', initial_date_time: 1_700_000_000_000 },
      'must be less than',
    ],
    [
      'a placeholder of a datetimepicker',
      { type: 'datetimepicker', placeholder: plain('When') },
      'invalid additional property',
    ],
  ])('refuses %s', async (_what, element, problem) => {
    expect((await problemsOf(input(element))).join()).toContain(problem);
  });

  it('refuses a datetimepicker as the accessory of a section', async () => {
    const accessory = { type: 'datetimepicker', action_id: 'e' };
    expect((await problemsOf({ type: 'section', text: plain('x'), accessory })).join()).toContain(
      'unsupported type: datetimepicker',
    );
  });

  it('starts with the initial choices', async () => {
    const { ada } = await startWith(
      input(
        { type: 'multi_static_select', options: options('a', 'b'), initial_options: options('b') },
        { block_id: 'several' },
      ),
      input({ type: 'multi_users_select', initial_users: [people.ben] }, { block_id: 'people' }),
      input(
        { type: 'multi_conversations_select', initial_conversations: ['C0RANDOM01'] },
        { block_id: 'where' },
      ),
      input({ type: 'multi_external_select', initial_options: options('x') }, { block_id: 'external' }),
      input({ type: 'timepicker', initial_time: '09:30' }, { block_id: 'time' }),
      input({ type: 'datetimepicker', initial_date_time: 1_772_443_800 }, { block_id: 'moment' }),
      input({ type: 'channels_select', initial_channel: 'C0MLPLAT01' }, { block_id: 'channel' }),
    );
    expect(ada.values()).toEqual({
      several: ['b'],
      people: [people.ben],
      where: ['C0RANDOM01'],
      external: ['x'],
      time: '09:30',
      moment: '1772443800',
      channel: 'C0MLPLAT01',
    });
  });

  it('refuses more choices than the maximum and options that were not offered, and can be emptied', async () => {
    const menu = { type: 'multi_static_select', options: options('a', 'b', 'c'), max_selected_items: 2 };
    const { ada } = await startWith(input(menu));
    expect(await ada.fill('name', ['a', 'b', 'c'])).toMatchObject({ error: 'invalid_request' });
    expect(await ada.fill('name', ['c', 'a'])).toEqual({ ok: true });
    const element = { type: 'multi_static_select', selected_options: options('never') };
    expect(await ada.submit({ state: { name: { e: element } } })).toMatchObject({ error: 'invalid_request' });
    expect(ada.values()).toEqual({ name: ['c', 'a'] });
    await ada.fill('name', null);
    expect(await ada.submit()).toMatchObject({ error: 'errors', errors: { name: expect.any(String) } });
  });

  it.each<[string, object]>([
    ['timepicker', { selected_time: '9:30' }],
    ['datepicker', { selected_date: 'tomorrow' }],
    ['datetimepicker', { selected_date_time: '1772443800' }],
    ['multi_users_select', { selected_users: [1] }],
  ])('refuses an invalid value for a %s', async (type, held) => {
    const { ada } = await startWith(input({ type }));
    expect(await ada.submit({ state: { name: { e: { type, ...held } } } })).toMatchObject({
      error: 'invalid_request',
    });
  });

  it('dispatches typed text as its dispatch_action_config says, by default on Enter', async () => {
    const typed = (trigger?: string) => ({
      type: 'plain_text_input',
      ...(trigger && { dispatch_action_config: { trigger_actions_on: [trigger] } }),
    });
    const { ada, receiver } = await startWith(
      input(typed(), { block_id: 'default', dispatch_action: true }),
      input(typed('on_enter_pressed'), { block_id: 'enter', dispatch_action: true }),
      input(typed('on_character_entered'), { block_id: 'letters', dispatch_action: true }),
    );
    for (const block of ['default', 'enter', 'letters']) await ada.fill(block, 'x', { pressEnter: false });
    const dispatched = () =>
      receiver.requests.map(({ payload }) => (payload.actions as { block_id: string }[])[0]?.block_id);
    expect(dispatched()).toEqual(['letters']);
    expect(ada.values()).toEqual({ default: 'x', enter: 'x', letters: 'x' });
    for (const block of ['default', 'enter']) await ada.fill(block, 'y');
    expect(dispatched()).toEqual(['letters', 'default', 'enter']);
  });
});
