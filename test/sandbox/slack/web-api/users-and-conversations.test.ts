import { describe, expect, it } from 'vitest';
import { acmeWorkspace, type PersonSeed } from '../../../../src/sandbox/slack/workspace/workspace-seed.ts';
import { app, conversations, people, refusal, startSlackWithApp } from '../slack-with-app.ts';

async function userInfo(changes: Partial<PersonSeed>) {
  const { slack, client } = await startSlackWithApp();
  slack.changePerson('dee', changes);
  const { user } = await client.users.info({ user: people.dee });
  return user as Record<string, unknown>;
}

describe('user and conversation methods of the local Slack', () => {
  it('describes a full member in users.info', async () => {
    const user = await userInfo({});
    expect(user).toMatchObject({
      id: people.dee,
      team_id: 'T0ACME0001',
      deleted: false,
      is_bot: false,
      is_restricted: false,
      is_ultra_restricted: false,
      is_email_confirmed: true,
      profile: { email: 'dee@acme.test' },
    });
    expect(user).not.toHaveProperty('is_stranger');
  });

  it.each<[string, Partial<PersonSeed>, Record<string, unknown>]>([
    ['a guest', { guest: 'multi_channel' }, { is_restricted: true, is_ultra_restricted: false }],
    [
      'a guest of one channel',
      { guest: 'single_channel' },
      { is_restricted: true, is_ultra_restricted: true },
    ],
    ['a bot', { bot: true }, { is_bot: true }],
    ['a deactivated person', { deactivated: true }, { deleted: true }],
    ['a stranger', { stranger: true, teamId: 'T0OTHER001' }, { is_stranger: true, team_id: 'T0OTHER001' }],
    ['an unconfirmed address', { emailConfirmed: false }, { is_email_confirmed: false }],
    ['a workspace admin', { workspaceRole: 'admin' }, { is_admin: true, is_owner: false }],
    [
      'a person of the same enterprise',
      { teamId: 'T0OTHER001', enterpriseId: 'E0ACME0001' },
      { enterprise_user: { enterprise_id: 'E0ACME0001' } },
    ],
  ])('describes %s in users.info', async (_person, changes, expected) => {
    expect(await userInfo(changes)).toMatchObject(expected);
  });

  it('leaves is_email_confirmed out for a person of whom the workspace omits it', async () => {
    expect(await userInfo({ emailConfirmed: 'omitted' })).not.toHaveProperty('is_email_confirmed');
  });

  it('returns email addresses only for tokens with users:read.email', async () => {
    const { client } = await startSlackWithApp({ app: { scopes: ['users:read'] } });
    const { user } = await client.users.info({ user: people.ada });
    expect(user?.profile).not.toHaveProperty('email');
  });

  it('describes a profile without an email address', async () => {
    const [ada, ...others] = acmeWorkspace.people as [PersonSeed, ...PersonSeed[]];
    const { email: _, ...withoutEmail } = ada;
    const workspace = { ...acmeWorkspace, people: [withoutEmail, ...others] };
    const { client } = await startSlackWithApp({ workspace });
    const { user } = await client.users.info({ user: people.ada });
    expect(user?.profile).not.toHaveProperty('email');
  });

  it('describes the app as a bot, and responses user_not_found for an unknown user', async () => {
    const { client } = await startSlackWithApp();
    expect((await client.users.info({ user: 'U0KEYSM001' })).user).toMatchObject({ is_bot: true });
    expect(await refusal(client.users.info({ user: 'U0NOBODY01' }))).toMatchObject({
      error: 'user_not_found',
    });
  });

  it('looks up active people by email address, ignoring its letter case', async () => {
    const { slack, client } = await startSlackWithApp();
    const { user } = await client.users.lookupByEmail({ email: 'BEN@acme.test' });
    expect(user?.id).toBe(people.ben);
    slack.changePerson('ben', { deactivated: true });
    for (const email of ['ben@acme.test', 'nobody@acme.test']) {
      expect(await refusal(client.users.lookupByEmail({ email }))).toMatchObject({
        error: 'users_not_found',
      });
    }
  });

  it('opens the direct message with one person, and refuses other destinations', async () => {
    const { slack, client } = await startSlackWithApp();
    const { channel } = await client.conversations.open({ users: people.ben });
    expect(channel?.id).toBe(slack.as('ben').conversation('Keysmith').id);
    const whole = await client.conversations.open({ users: people.ben, return_im: true });
    expect(whole.channel).toMatchObject({ is_im: true, user: people.ben });
    const channelId = channel?.id ?? '';
    expect((await client.conversations.open({ channel: channelId })).channel?.id).toBe(channelId);
    expect(await refusal(client.conversations.open({ channel: 'C0MLPLAT01' }))).toMatchObject({
      error: 'channel_not_found',
    });
    slack.changePerson('cy', { deactivated: true });
    const refused = async (users: string) => (await refusal(client.conversations.open({ users }))).error;
    expect(await refused('U0NOBODY01')).toBe('user_not_found');
    expect(await refused(people.cy)).toBe('user_disabled');
    expect(await refused(`${people.ada},${people.ben}`)).toBe('method_not_supported_for_channel_type');
    expect(await refusal(client.apiCall('conversations.open'))).toMatchObject({
      error: 'users_list_not_supplied',
    });
  });

  it('describes only the conversations that the app can see', async () => {
    const { slack, client } = await startWithReadScopes();
    const info = async (channel: string) => (await client.conversations.info({ channel })).channel;
    expect(await info('C0MLPLAT01')).toMatchObject({ name: 'ml-platform', is_member: true });
    expect(await info('C0RANDOM01')).toMatchObject({ name: 'random', is_member: false });
    expect(await info(slack.as('ada').conversation('Keysmith').id)).toMatchObject({ user: people.ada });
    for (const channel of ['C0SECRET01', 'D0ADABEN01', 'C0NOWHERE1']) {
      expect(await refusal(client.conversations.info({ channel }))).toMatchObject({
        error: 'channel_not_found',
      });
    }
    slack.setAppMembership('C0SECRET01', true);
    expect(await info('C0SECRET01')).toMatchObject({ is_private: true });
  });

  const readScopes = [...app.scopes, 'channels:read', 'groups:read', 'im:read'];
  const startWithReadScopes = () => startSlackWithApp({ app: { scopes: readScopes } });

  it('returns a list in pages and an empty cursor with the last one', async () => {
    const { client } = await startWithReadScopes();
    const first = await client.users.list({ limit: 3 });
    expect(first.members?.map(({ name }) => name)).toEqual(['ada', 'ben', 'cy']);
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await client.users.list({ limit: 3, cursor });
    expect(second.members?.map(({ name }) => name)).toEqual(['dee', 'keysmith']);
    expect(second.response_metadata?.next_cursor).toBe('');
  });

  it('refuses an invalid cursor and a limit out of range', async () => {
    const { client } = await startWithReadScopes();
    expect(await refusal(client.users.list({ cursor: 'x' }))).toMatchObject({ error: 'invalid_cursor' });
    for (const limit of [0, 1001]) {
      expect(await refusal(client.users.list({ limit }))).toMatchObject({ error: 'invalid_limit' });
    }
  });

  it('lists conversations of the requested types, private ones only if the app is a member', async () => {
    const { slack, client } = await startWithReadScopes();
    const names = async (types?: string) => {
      const { channels = [] } = await client.conversations.list({ ...(types && { types }) });
      return channels.map(({ name, user }) => name ?? user);
    };
    expect(await names()).toEqual(['ml-platform', 'random']);
    expect(await names('private_channel')).toEqual([]);
    slack.setAppMembership(conversations.privateWithoutApp, true);
    expect(await names('public_channel,private_channel')).toEqual(['ml-platform', 'random', 'ml-secrets']);
    expect(await names('im')).toEqual(Object.values(people));
    expect(await refusal(client.conversations.list({ types: 'mpim' }))).toMatchObject({
      needed: 'mpim:read',
    });
    expect(await refusal(client.conversations.list({ types: 'all' }))).toMatchObject({
      error: 'invalid_types',
    });
  });

  it('lists the members of conversations that the app can see, including the app', async () => {
    const { client } = await startWithReadScopes();
    const members = async (channel: string) => (await client.conversations.members({ channel })).members;
    expect(await members(conversations.withoutApp)).toEqual(Object.values(people));
    expect(await members(conversations.withApp)).toContain('U0KEYSM001');
    expect(await refusal(members(conversations.privateWithoutApp))).toMatchObject({
      error: 'channel_not_found',
    });
  });
});
