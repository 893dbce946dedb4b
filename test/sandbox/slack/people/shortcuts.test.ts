import { describe, expect, it } from 'vitest';
import type { ReceiverResponse } from '../receiver.ts';
import { acknowledgeTimeFor, conversations, people, startSlackWithApp } from '../slack-with-app.ts';

const shortcuts = [
  { type: 'global' as const, callbackId: 'new_account', name: 'New account', description: 'Opens the form' },
  { type: 'message' as const, callbackId: 'inspect', name: 'Inspect', description: 'Looks at a message' },
];

const withShortcuts = (more: object = {}) => startSlackWithApp({ app: { shortcuts }, ...more });
const channel = conversations.withApp;

describe('shortcuts of the local Slack', () => {
  it('sends a global shortcut with a trigger but without a conversation and a response URL', async () => {
    const { slack, receiver, client } = await withShortcuts();
    expect(await slack.as('ada').shortcut('new_account')).toEqual({ ok: true });
    const payload: Record<string, unknown> = receiver.requests[0]?.payload ?? {};
    expect(payload).toEqual({
      type: 'shortcut',
      callback_id: 'new_account',
      trigger_id: expect.any(String),
      user: { id: people.ada, username: 'ada', name: 'ada', team_id: 'T0ACME0001' },
      team: { id: 'T0ACME0001', domain: 'acme' },
      token: expect.any(String),
      action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
      enterprise: null,
      is_enterprise_install: false,
    });
    const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'Form' }, blocks: [] };
    await client.views.open({ trigger_id: String(payload.trigger_id), view });
    expect(slack.as('ada').view()?.title).toBe('Form');
  });

  it('sends a message shortcut with the message and a response URL for its conversation', async () => {
    const { slack, receiver, client } = await withShortcuts();
    const ada = slack.as('ada');
    await slack.as('ben').command('random', 'Lunch?');
    const message = await ada.waitForMessage('random', 'Lunch?');
    await ada.shortcut('inspect', message);
    const payload: Record<string, unknown> = receiver.requests[0]?.payload ?? {};
    expect(payload).toMatchObject({
      type: 'message_action',
      callback_id: 'inspect',
      message_ts: message.ts,
      message: { type: 'message', user: people.ben, text: 'Lunch?', ts: message.ts },
      channel: { id: conversations.withoutApp, name: 'random' },
      trigger_id: expect.any(String),
      response_url: expect.stringMatching(`^${slack.url}/app/`),
    });
    expect(payload.message).not.toHaveProperty('bot_id');
    const sent = await fetch(String(payload.response_url), { method: 'POST', body: '{"text":"Seen"}' });
    expect(sent.status).toBe(200);
    expect(ada.messages('random')).toMatchObject([{ text: 'Lunch?' }, { text: 'Seen', ephemeral: true }]);
    await client.chat.postMessage({ channel, text: 'By the app' });
    await ada.shortcut('inspect', await ada.waitForMessage('ml-platform', 'By the app'));
    expect(receiver.requests[1]?.payload.message).toMatchObject({ bot_id: 'B0KEYSM001' });
  });

  it('refuses shortcuts on ephemeral and unreachable messages, and shortcuts of the other type', async () => {
    const { slack, receiver, client } = await withShortcuts();
    const ada = slack.as('ada');
    await client.chat.postEphemeral({ channel, user: people.ada, text: 'For Ada' });
    const [ephemeral] = ada.messages('ml-platform');
    await ada.command('ml-secrets', 'Quiet');
    const [secret] = ada.messages('ml-secrets');
    const refused = { ok: false, error: 'not_found' };
    expect(await ada.shortcut('inspect', ephemeral)).toMatchObject(refused);
    expect(await slack.as('dee').shortcut('inspect', secret)).toMatchObject(refused);
    expect(await ada.shortcut('inspect')).toMatchObject(refused);
    expect(await ada.shortcut('new_account', secret)).toMatchObject(refused);
    expect(await ada.shortcut('unknown')).toMatchObject(refused);
    expect(receiver.requests).toEqual([]);
  });

  it.each<[string, ReceiverResponse, string]>([
    ['responses 500', { status: 500 }, 'dispatch_failed'],
    ['does not response in time', 'never', 'operation_timeout'],
  ])('shows an error when the app %s', async (_how, response, error) => {
    const { slack, receiver } = await withShortcuts({ acknowledgeWithinMs: acknowledgeTimeFor(response) });
    receiver.response = () => response;
    expect(await slack.as('ada').shortcut('new_account')).toMatchObject({ ok: false, error });
  });
});
