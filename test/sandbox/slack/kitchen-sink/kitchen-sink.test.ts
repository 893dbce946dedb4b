import { describe, expect, it, onTestFinished } from 'vitest';
import { elementFidelity } from '../../fidelity/slack-fidelity.ts';
import { people } from '../slack-with-app.ts';
import { startKitchenSink } from './kitchen-sink-app.ts';
import { everyElement, expectedValues } from './kitchen-sink-blocks.ts';

async function start(transport: 'http' | 'socket') {
  const kitchen = await startKitchenSink({ transport });
  onTestFinished(() => kitchen.stop());
  const { slack, received } = kitchen;
  return { ...kitchen, ada: slack.as('ada'), last: () => received.at(-1)?.body };
}

const filled = {
  plain_text_input: 'soup',
  email_text_input: 'cook@acme.test',
  url_text_input: 'https://acme.test/soup',
  number_input: '4',
  static_select: 'b',
  external_select: 'pear',
  users_select: 'ben',
  conversations_select: 'random',
  channels_select: 'ml-platform',
  multi_static_select: ['apple', 'almond'],
  multi_external_select: ['almond', 'apple'],
  multi_users_select: ['ben', 'cy'],
  multi_conversations_select: ['random', 'ml-platform'],
  radio_buttons: 'b',
  checkboxes: ['a', 'c'],
  datepicker: '2026-03-02',
  timepicker: '09:30',
  datetimepicker: '2026-03-02T09:30:00Z',
};

/** The elements that exist only in input blocks. */
const inputsOnly = ['plain_text_input', 'email_text_input', 'url_text_input', 'number_input'];

const random = 'C0RANDOM01';
const platform = 'C0MLPLAT01';
it('the Bolt app of these tests has every element that the sandbox supports', () => {
  const known = Object.entries(elementFidelity).filter(([, { level }]) => level !== 'not_started');
  expect([...everyElement].sort()).toEqual(known.map(([type]) => type).sort());
});

describe.each(['http', 'socket'] as const)('a Bolt app over %s', (transport) => {
  it('opens a form with every element and receives the submitted values', async () => {
    const { ada, received, last } = await start(transport);
    expect(await ada.command('random', '/kitchen')).toEqual({ ok: true });
    await ada.waitForView('Kitchen');
    for (const [field, value] of Object.entries(filled)) {
      expect(await ada.fill(field, value)).toEqual({ ok: true });
    }
    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('Kitchen', 'Cooked soup');
    expect(received.map(({ type }) => type)).toEqual([
      'slash_command',
      'block_suggestion',
      'block_suggestion',
      'block_suggestion',
      'block_actions',
      'view_submission',
    ]);
    const state = Object.entries(expectedValues).map(([type, value]) => [
      type,
      { value: { type, ...value } },
    ]);
    expect(last()).toMatchObject({
      view: { state: { values: Object.fromEntries(state) } },
      response_urls: [{ block_id: 'conversations_select', action_id: 'value', channel_id: random }],
    });
    const [{ response_url }] = last().response_urls;
    const body = JSON.stringify({ response_type: 'in_channel', text: 'Dinner' });
    expect((await fetch(response_url, { method: 'POST', body })).status).toBe(200);
    expect(ada.messages('random').at(-1)).toMatchObject({ text: 'Dinner', ephemeral: false });
  });

  it('shows errors at a field, and stacks, updates and clears three views', async () => {
    const { ada } = await start(transport);
    await ada.shortcut('open_kitchen');
    await ada.waitForView('Kitchen');
    await ada.fill('plain_text_input', 'burnt');
    expect(await ada.submit()).toMatchObject({ errors: { plain_text_input: 'Not burnt, please' } });
    await ada.clickInView('push');
    await ada.waitForView('Depth 2');
    await ada.clickInView('push');
    await ada.waitForView('Depth 3');
    expect(ada.views()).toHaveLength(3);
    await ada.close();
    await ada.fill('note', 'salt');
    await ada.submit();
    expect(await ada.waitForView('Noted at 2')).toMatchObject({ title: 'Message' });
    await ada.close();
    await ada.clickInView('push');
    await ada.waitForView('Depth 2');
    await ada.clickInView('push');
    await ada.waitForView('Depth 3');
    await ada.fill('note', 'pepper');
    await ada.submit();
    expect(ada.views()).toEqual([]);
  });

  it('receives an action with the value of every element of a message', async () => {
    const { ada, last, received } = await start(transport);
    await ada.command('ml-platform', '/kitchen message');
    const message = await ada.waitForMessage('ml-platform', 'Kitchen');
    for (const [field, value] of Object.entries(filled)) {
      if (inputsOnly.includes(field)) continue;
      await ada.fillInMessage(message, field, value);
      expect(last()).toMatchObject({
        container: { type: 'message', message_ts: message.ts },
        actions: [{ type: field, block_id: field, action_id: 'value', ...expectedValues[field] }],
      });
    }
    expect(received.find(({ type }) => type === 'block_suggestion')?.body).toMatchObject({
      container: { type: 'message', channel_id: platform },
      channel: { id: platform },
      message: { ts: message.ts },
    });
    expect(await ada.click(message, 'Press')).toMatchObject({ confirm: { title: 'Are you sure?' } });
    expect(last().state.values.static_select.value).toMatchObject(expectedValues.static_select ?? {});
    await ada.click(message, 'Option remove');
    expect(last().actions).toMatchObject([{ type: 'overflow', selected_option: { value: 'remove' } }]);
    const before = received.length;
    await ada.click(message, 'Press', { deny: true });
    expect(received).toHaveLength(before);
  });

  it('publishes a Home tab for the person who opens it, and receives the actions on it', async () => {
    const { ada, slack, last } = await start(transport);
    await ada.openHome();
    await ada.waitForHome('Counted 0');
    expect(slack.as('ben').home()).toBeUndefined();
    await ada.clickInHome('count');
    await ada.waitForHome('Counted 1');
    await ada.fillInHome('buttons/pick', 'b');
    expect(last()).toMatchObject({
      type: 'block_actions',
      container: { type: 'view', view_id: ada.home()?.id },
      view: { type: 'home', callback_id: 'kitchen_home', hash: ada.home()?.hash },
      actions: [{ action_id: 'pick', selected_option: { value: 'b' } }],
    });
    expect(last()).not.toHaveProperty('response_url');
    expect(await ada.optionsInHome('menu', 'almond')).toMatchObject({
      groups: [{ label: 'Nuts', options: [{ value: 'almond' }] }],
    });
    await ada.clickInHome('open_form');
    await ada.waitForView('Kitchen');
  });

  it('receives an action with the view and the value of every element of the Home tab', async () => {
    const { ada, last, received } = await start(transport);
    await ada.openHome();
    await ada.waitForHome('Counted 0');
    const view_id = ada.home()?.id;
    for (const [field, value] of Object.entries(filled)) {
      if (inputsOnly.includes(field)) continue;
      await ada.fillInHome(field, value);
      expect(last()).toMatchObject({
        container: { type: 'view', view_id },
        view: { id: view_id, type: 'home', state: { values: { [field]: { value: expectedValues[field] } } } },
        actions: [{ type: field, block_id: field, action_id: 'value', ...expectedValues[field] }],
      });
    }
    expect(await ada.clickInHome('Press')).toMatchObject({ confirm: { title: 'Are you sure?' } });
    await ada.clickInHome('Option remove');
    expect(last().actions).toMatchObject([{ type: 'overflow', selected_option: { value: 'remove' } }]);
    const before = received.length;
    await ada.clickInHome('Press', { deny: true });
    expect(received).toHaveLength(before);
  });

  it('receives a message through its shortcut and replies to it', async () => {
    const { ada, slack, last } = await start(transport);
    await slack.as('ben').command('random', 'Lunch?');
    await ada.shortcut('inspect_message', await ada.waitForMessage('random', 'Lunch?'));
    await ada.waitForView('Lunch?');
    expect(last()).toMatchObject({ type: 'message_action', message: { user: people.ben } });
    expect((await ada.waitForMessage('random', 'Inspected')).ephemeral).toBe(true);
    await ada.close();
  });
});
