import type { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { webApiMethods } from '../../../../src/sandbox/slack/web-api/call.ts';
import type { DrivenSlack } from '../../../driver/driven-slack.ts';
import type { Receiver } from '../receiver.ts';
import {
  app,
  clientOf,
  conversations,
  modal,
  nameInput,
  openView,
  people,
  startSlackWithApp,
} from '../slack-with-app.ts';

interface Driven {
  slack: DrivenSlack;
  receiver: Receiver;
  client: WebClient;
}

const channel = conversations.withApp;
const button = {
  type: 'button' as const,
  action_id: 'more',
  text: { type: 'plain_text' as const, text: 'More' },
};
const withButton = modal({ blocks: [nameInput(), { type: 'actions', elements: [button] }] });

async function triggerOf({ slack, receiver }: Driven): Promise<string> {
  await slack.as('ada').command('random', '/wandb');
  return receiver.requests.at(-1)?.fields.trigger_id ?? '';
}

const post = ({ client }: Driven) => client.chat.postMessage({ channel, text: 'First' });

/** One call of each method by Slack's own client, and what the response must contain besides `ok`. */
const calls: Record<string, { call: (driven: Driven) => Promise<object>; response: object }> = {
  'api.test': { call: ({ client }) => client.api.test(), response: { args: {} } },
  'auth.test': { call: ({ client }) => client.auth.test(), response: { bot_id: 'B0KEYSM001' } },
  'apps.connections.open': {
    call: ({ slack }) => clientOf(slack, { token: 'xapp-sandbox-app' }).apps.connections.open(),
    response: { url: expect.stringMatching(/^ws:/) },
  },
  'bots.info': {
    call: ({ client }) => client.bots.info({ bot: 'B0KEYSM001' }),
    response: { bot: { name: 'Keysmith' } },
  },
  'chat.postMessage': { call: post, response: { channel, message: { text: 'First' } } },
  'chat.postEphemeral': {
    call: ({ client }) => client.chat.postEphemeral({ channel, user: people.ada, text: 'For Ada' }),
    response: { message_ts: expect.any(String) },
  },
  'chat.getPermalink': {
    call: async (driven) => {
      const { ts: message_ts = '' } = await post(driven);
      return driven.client.chat.getPermalink({ channel, message_ts });
    },
    response: { channel, permalink: expect.stringMatching(/^http.*\/archives\/C0MLPLAT01\/p\d{16}$/) },
  },
  'chat.update': {
    call: async (driven) => {
      const { ts = '' } = await post(driven);
      return driven.client.chat.update({ channel, ts, text: 'Second' });
    },
    response: { text: 'Second' },
  },
  'chat.delete': {
    call: async (driven) => {
      const { ts = '' } = await post(driven);
      return driven.client.chat.delete({ channel, ts });
    },
    response: { channel },
  },
  'conversations.info': {
    call: ({ client }) => client.conversations.info({ channel }),
    response: { channel: { name: 'ml-platform' } },
  },
  'conversations.list': {
    call: ({ client }) => client.conversations.list({ limit: 1 }),
    response: { channels: [{ name: 'ml-platform' }] },
  },
  'conversations.members': {
    call: ({ client }) => client.conversations.members({ channel }),
    response: { members: [...Object.values(people), 'U0KEYSM001'] },
  },
  'conversations.open': {
    call: ({ client }) => client.conversations.open({ users: people.ada }),
    response: { channel: { id: expect.stringMatching(/^D/) } },
  },
  'users.info': {
    call: ({ client }) => client.users.info({ user: people.ada }),
    response: { user: { name: 'ada' } },
  },
  'users.list': {
    call: ({ client }) => client.users.list({ limit: 2 }),
    response: { members: [{ name: 'ada' }, { name: 'ben' }] },
  },
  'users.lookupByEmail': {
    call: ({ client }) => client.users.lookupByEmail({ email: 'ada@acme.test' }),
    response: { user: { id: people.ada } },
  },
  'views.open': {
    call: async (driven) => driven.client.views.open({ trigger_id: await triggerOf(driven), view: modal() }),
    response: { view: { type: 'modal' } },
  },
  'views.push': {
    call: async (driven) => {
      await openView(driven, withButton);
      await driven.slack.as('ada').clickInView('more');
      const trigger_id = String(driven.receiver.requests.at(-1)?.payload.trigger_id);
      return driven.client.views.push({ trigger_id, view: modal() });
    },
    response: { view: { previous_view_id: expect.stringMatching(/^V/) } },
  },
  'views.update': {
    call: async (driven) => {
      const { id: view_id, hash } = await openView(driven, modal());
      return driven.client.views.update({ view_id, hash, view: modal({ callback_id: 'second' }) });
    },
    response: { view: { callback_id: 'second' } },
  },
  'views.publish': {
    call: ({ client }) =>
      client.views.publish({ user_id: people.ada, view: { type: 'home', blocks: [{ type: 'divider' }] } }),
    response: { view: { type: 'home', blocks: [{ type: 'divider' }] } },
  },
};

describe('the Web API of the local Slack', () => {
  it('calls every supported method with Slack’s own client', () => {
    expect(Object.keys(calls).sort()).toEqual(Object.keys(webApiMethods).sort());
  });

  it.each(Object.entries(calls))(
    'responses %s in the shape that Slack’s client expects',
    async (method, { call, response }) => {
      const scopes = [...app.scopes, 'channels:read', 'groups:read', 'im:read'];
      const driven = await startSlackWithApp({ app: { scopes, homeTabEnabled: true } });
      expect(await call(driven)).toMatchObject({ ok: true, ...response });
      expect(driven.slack.traffic.map((record) => record.method)).toContain(method);
    },
  );
});
