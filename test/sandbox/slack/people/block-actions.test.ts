import { expect, it } from 'vitest';
import type { ReceiverAnswer } from '../receiver.ts';
import {
  conversations,
  modal,
  nameInput,
  openView,
  options,
  people,
  startSlackWithApp,
  timeFor,
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
    text: plain('It stops at once.'),
    confirm: plain('Revoke'),
    deny: plain('Keep'),
  },
};
const blocks = [{ type: 'actions' as const, block_id: 'buttons', elements: [revoke] }];
const channel = conversations.withApp;

it('sends the message, a response URL and a trigger when a button of a message is pressed', async () => {
  const { slack, receiver, client } = await startSlackWithApp();
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'Account', blocks });
  const ada = slack.as('ada');
  const clicked = await ada.click(await ada.waitForMessage('ml-platform', 'Revoke'), 'Revoke');
  expect(clicked).toEqual({
    outcome: { ok: true },
    confirm: { title: 'Revoke?', text: 'It stops at once.', confirm: 'Revoke', deny: 'Keep' },
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

it('marks ephemeral messages and sends no body of them', async () => {
  const { slack, receiver, client } = await startSlackWithApp();
  await client.chat.postEphemeral({ channel, user: people.ada, text: 'Key', blocks });
  const [message] = slack.as('ada').messages('ml-platform');
  if (message) await slack.as('ada').click(message, 'revoke');
  expect(receiver.requests[0]?.payload).toMatchObject({ container: { is_ephemeral: true } });
  expect(receiver.requests[0]?.payload).not.toHaveProperty('message');
});

it('sends nothing when the confirmation is declined', async () => {
  const { slack, receiver, client } = await startSlackWithApp();
  await client.chat.postMessage({ channel, text: 'Account', blocks });
  const [message] = slack.as('ada').messages('ml-platform');
  if (message) await slack.as('ada').click(message, 'revoke', { deny: true });
  expect(receiver.requests).toEqual([]);
});

it("lets nobody press a button of another's ephemeral message", async () => {
  const { slack, receiver, client } = await startSlackWithApp();
  await client.chat.postEphemeral({ channel, user: people.ada, text: 'Key', blocks });
  const [message] = slack.as('ada').messages('ml-platform');
  const clicked = message && (await slack.as('ben').click(message, 'revoke'));
  expect(clicked?.outcome).toMatchObject({ error: 'not_found' });
  expect(receiver.requests).toEqual([]);
});

it.each<[string, ReceiverAnswer, string]>([
  ['answers 500', { status: 500 }, 'dispatch_failed'],
  ['does not answer in time', 'never', 'operation_timeout'],
])("shows Slack's words when the app %s", async (_how, answer, error) => {
  const slackWithApp = await startSlackWithApp({ acknowledgeWithinMs: timeFor(answer) });
  const { slack, receiver, client } = slackWithApp;
  await client.chat.postMessage({ channel, text: 'Account', blocks });
  receiver.answer = () => answer;
  const [message] = slack.as('ada').messages('ml-platform');
  const clicked = message && (await slack.as('ada').click(message, 'revoke'));
  expect(clicked?.outcome).toMatchObject({ error, message: 'We had some trouble connecting. Try again?' });
});

it('offers what an overflow menu and the elements of a message hold', async () => {
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

it('sends the view with what its fields hold when an element of it is used', async () => {
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

it('says what there is when a test asks for what is not', async () => {
  const slackWithApp = await startSlackWithApp();
  const { slack } = slackWithApp;
  const ada = slack.as('ada');
  await expect(ada.clickInView('go')).rejects.toThrow('No view is open for ada');
  const choice = { type: 'static_select', action_id: 'team', options: options('a', 'b') };
  await openView(slackWithApp, modal({ blocks: [nameInput(choice, { block_id: 'team' })] }));
  await expect(ada.fill('teem', 'x')).rejects.toThrow('The view has no field teem. Fields: team');
  await expect(ada.fill('team', 'c')).rejects.toThrow('Options: Option a (a), Option b (b)');
  await expect(ada.clickInView('go')).rejects.toThrow('No button is called go. Buttons: none');
  expect(() => slack.as('zoe')).toThrow('No such person: zoe');
});
