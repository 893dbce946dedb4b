import { expect, it } from 'vitest';
import { app, conversations, people, refusal, startSlackWithApp } from '../slack-with-app.ts';

const scopes = [...app.scopes, 'channels:read', 'groups:read', 'im:read'];
const start = () => startSlackWithApp({ app: { scopes } });

it('turns the pages of a list, and says with an empty cursor that it was the last', async () => {
  const { client } = await start();
  const first = await client.users.list({ limit: 3 });
  expect(first.members?.map(({ name }) => name)).toEqual(['ada', 'ben', 'cy']);
  const cursor = first.response_metadata?.next_cursor ?? '';
  const second = await client.users.list({ limit: 3, cursor });
  expect(second.members?.map(({ name }) => name)).toEqual(['dee', 'keysmith']);
  expect(second.response_metadata?.next_cursor).toBe('');
});

it('refuses a cursor that it never gave, and a limit out of bounds', async () => {
  const { client } = await start();
  expect(await refusal(client.users.list({ cursor: 'x' }))).toMatchObject({ error: 'invalid_cursor' });
  for (const limit of [0, 1001]) {
    expect(await refusal(client.users.list({ limit }))).toMatchObject({ error: 'invalid_limit' });
  }
});

it('lists the conversations of the kinds that were asked for, private ones only with the app in them', async () => {
  const { slack, client } = await start();
  const names = async (types?: string) => {
    const { channels = [] } = await client.conversations.list({ ...(types && { types }) });
    return channels.map(({ name, user }) => name ?? user);
  };
  expect(await names()).toEqual(['ml-platform', 'random']);
  expect(await names('private_channel')).toEqual([]);
  slack.setAppMembership(conversations.privateWithoutApp, true);
  expect(await names('public_channel,private_channel')).toEqual(['ml-platform', 'random', 'ml-secrets']);
  expect(await names('im')).toEqual(Object.values(people));
  expect(await refusal(client.conversations.list({ types: 'mpim' }))).toMatchObject({ needed: 'mpim:read' });
  expect(await refusal(client.conversations.list({ types: 'all' }))).toMatchObject({
    error: 'invalid_types',
  });
});

it('lists members, the app among them where it is one, of conversations that exist to it', async () => {
  const { client } = await start();
  const members = async (channel: string) => (await client.conversations.members({ channel })).members;
  expect(await members(conversations.withoutApp)).toEqual(Object.values(people));
  expect(await members(conversations.withApp)).toContain('U0KEYSM001');
  expect(await refusal(members(conversations.privateWithoutApp))).toMatchObject({
    error: 'channel_not_found',
  });
});
