import { describe, expect, it } from 'vitest';
import type { ReceiverResponse } from '../receiver.ts';
import {
  acknowledgeTimeFor,
  conversations,
  modal,
  nameInput,
  openView,
  options,
  people,
  startSlackWithApp,
} from '../slack-with-app.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const revoke = {
  type: 'button' as const,
  action_id: 'revoke',
  text: plain('Revoke'),
  value: 'account-1',
  style: 'danger' as const,
  confirm: {
    title: plain('Revoke?'),
    text: plain('It stops immediately.'),
    confirm: plain('Revoke'),
    deny: plain('Keep'),
  },
};
const blocks = [{ type: 'actions' as const, block_id: 'buttons', elements: [revoke] }];
const channel = conversations.withApp;

describe('block actions of the local Slack', () => {
  it('sends the message, a response URL and a trigger when a person presses a button of a message', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'Account', blocks });
    const ada = slack.as('ada');
    const clicked = await ada.click(await ada.waitForMessage('ml-platform', 'Revoke'), 'Revoke');
    expect(clicked).toEqual({
      outcome: { ok: true },
      confirm: { title: 'Revoke?', text: 'It stops immediately.', confirm: 'Revoke', deny: 'Keep' },
    });
    expect(receiver.requests[0]?.payload).toMatchObject({
      type: 'block_actions',
      team: { id: 'T0ACME0001', domain: 'acme' },
      user: { id: people.ada, username: 'ada', team_id: 'T0ACME0001' },
      api_app_id: 'A0KEYSM001',
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: 'ml-platform' },
      message: { ts, text: 'Account', blocks: [{ block_id: 'buttons' }] },
      state: { values: {} },
      trigger_id: expect.any(String),
      response_url: expect.stringMatching(`^${slack.url}/actions/T0ACME0001/`),
      actions: [
        {
          type: 'button',
          action_id: 'revoke',
          block_id: 'buttons',
          value: 'account-1',
          style: 'danger',
          text: { type: 'plain_text', text: 'Revoke' },
          action_ts: expect.any(String),
        },
      ],
    });
  });

  it('marks an ephemeral message as such and does not send its body', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    await client.chat.postEphemeral({ channel, user: people.ada, text: 'Key', blocks });
    const [message] = slack.as('ada').messages('ml-platform');
    if (message) await slack.as('ada').click(message, 'revoke');
    expect(receiver.requests[0]?.payload).toMatchObject({ container: { is_ephemeral: true } });
    expect(receiver.requests[0]?.payload).not.toHaveProperty('message');
  });

  it('sends nothing when the person declines the confirmation', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    await client.chat.postMessage({ channel, text: 'Account', blocks });
    const [message] = slack.as('ada').messages('ml-platform');
    if (message) await slack.as('ada').click(message, 'revoke', { deny: true });
    expect(receiver.requests).toEqual([]);
  });

  it("refuses a button of another person's ephemeral message", async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    await client.chat.postEphemeral({ channel, user: people.ada, text: 'Key', blocks });
    const [message] = slack.as('ada').messages('ml-platform');
    const clicked = message && (await slack.as('ben').click(message, 'revoke'));
    expect(clicked?.outcome).toMatchObject({ error: 'not_found' });
    expect(receiver.requests).toEqual([]);
  });

  it.each<[string, ReceiverResponse, string]>([
    ['responses 500', { status: 500 }, 'dispatch_failed'],
    ['does not response in time', 'never', 'operation_timeout'],
  ])("shows Slack's error message when the app %s", async (_how, response, error) => {
    const slackWithApp = await startSlackWithApp({ acknowledgeWithinMs: acknowledgeTimeFor(response) });
    const { slack, receiver, client } = slackWithApp;
    await client.chat.postMessage({ channel, text: 'Account', blocks });
    receiver.response = () => response;
    const [message] = slack.as('ada').messages('ml-platform');
    const clicked = message && (await slack.as('ada').click(message, 'revoke'));
    expect(clicked?.outcome).toMatchObject({ error, message: 'We had some trouble connecting. Try again?' });
  });

  it('sends the chosen entry of an overflow menu and the state of the message', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const elements = [
      { type: 'overflow' as const, action_id: 'more', options: options('rotate', 'revoke') },
      { type: 'static_select' as const, action_id: 'days', options: options('30', '90') },
    ];
    await client.chat.postMessage({
      channel,
      text: 'x',
      blocks: [{ type: 'actions', block_id: 'b', elements }],
    });
    const [message] = slack.as('ada').messages('ml-platform');
    if (message) await slack.as('ada').click(message, 'Option rotate');
    expect(receiver.requests[0]?.payload).toMatchObject({
      state: { values: { b: { days: { type: 'static_select', selected_option: null } } } },
      actions: [{ type: 'overflow', action_id: 'more', selected_option: { value: 'rotate' } }],
    });
  });

  it('sends the view with its state when a person uses an element that dispatches actions', async () => {
    const slackWithApp = await startSlackWithApp();
    const { slack, receiver } = slackWithApp;
    const method = {
      type: 'input',
      block_id: 'method',
      dispatch_action: true,
      label: plain('Method'),
      element: { type: 'radio_buttons', action_id: 'method', options: options('key', 'federated') },
    };
    await openView(slackWithApp, modal({ blocks: [nameInput(), method] }));
    const ada = slack.as('ada');
    await ada.fill('name', 'nightly-eval');
    expect(receiver.requests).toHaveLength(0);
    await ada.fill('method', 'Option federated');
    expect(receiver.requests).toHaveLength(1);
    const payload = receiver.requests[0]?.payload ?? {};
    expect(payload).toMatchObject({
      type: 'block_actions',
      container: { type: 'view', view_id: ada.view()?.id },
      view: {
        id: ada.view()?.id,
        hash: ada.view()?.hash,
        state: {
          values: {
            name: { name: { type: 'plain_text_input', value: 'nightly-eval' } },
            method: { method: { type: 'radio_buttons', selected_option: { value: 'federated' } } },
          },
        },
      },
      actions: [{ type: 'radio_buttons', action_id: 'method', selected_option: { value: 'federated' } }],
    });
    expect(payload).not.toHaveProperty('response_url');
    expect(payload).not.toHaveProperty('message');
  });
});
