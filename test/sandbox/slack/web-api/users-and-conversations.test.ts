import { expect, it } from 'vitest';
import { acmeWorkspace, type PersonSeed } from '../../../../src/sandbox/slack/workspace/workspace-seed.ts';
import { app, people, refusal, startSlackWithApp } from '../slack-with-app.ts';

async function userInfo(changes: Partial<PersonSeed>) {
  const { slack, client } = await startSlackWithApp();
  slack.changePerson('dee', changes);
  const { user } = await client.users.info({ user: people.dee });
  return user as Record<string, unknown>;
}

it('describes a full member', async () => {
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
  ['a guest of one channel', { guest: 'single_channel' }, { is_restricted: true, is_ultra_restricted: true }],
  ['a bot', { bot: true }, { is_bot: true }],
  ['somebody who left', { deactivated: true }, { deleted: true }],
  ['a stranger', { stranger: true, teamId: 'T0OTHER001' }, { is_stranger: true, team_id: 'T0OTHER001' }],
  ['an unconfirmed address', { emailConfirmed: false }, { is_email_confirmed: false }],
  ['a workspace admin', { workspaceRole: 'admin' }, { is_admin: true, is_owner: false }],
  [
    'a person of the same enterprise',
    { teamId: 'T0OTHER001', enterpriseId: 'E0ACME0001' },
    { enterprise_user: { enterprise_id: 'E0ACME0001' } },
  ],
])('describes %s', async (_who, changes, expected) => {
  expect(await userInfo(changes)).toMatchObject(expected);
});

it('leaves is_email_confirmed out where the workspace does', async () => {
  expect(await userInfo({ emailConfirmed: 'omitted' })).not.toHaveProperty('is_email_confirmed');
});

it('shows addresses only to tokens with users:read.email', async () => {
  const { client } = await startSlackWithApp({ app: { scopes: ['users:read'] } });
  const { user } = await client.users.info({ user: people.ada });
  expect(user?.profile).not.toHaveProperty('email');
});

it('describes a profile without an address', async () => {
  const [ada, ...others] = acmeWorkspace.people as [PersonSeed, ...PersonSeed[]];
  const { email: _, ...nameless } = ada;
  const workspace = { ...acmeWorkspace, people: [nameless, ...others] };
  const { client } = await startSlackWithApp({ workspace });
  const { user } = await client.users.info({ user: people.ada });
  expect(user?.profile).not.toHaveProperty('email');
});

it('describes the app as a bot, and nobody as user_not_found', async () => {
  const { client } = await startSlackWithApp();
  expect((await client.users.info({ user: 'U0KEYSM001' })).user).toMatchObject({ is_bot: true });
  expect(await refusal(client.users.info({ user: 'U0NOBODY01' }))).toMatchObject({ error: 'user_not_found' });
});

it('finds active people by address, in any letter case', async () => {
  const { slack, client } = await startSlackWithApp();
  const { user } = await client.users.lookupByEmail({ email: 'BEN@acme.test' });
  expect(user?.id).toBe(people.ben);
  slack.changePerson('ben', { deactivated: true });
  for (const email of ['ben@acme.test', 'nobody@acme.test']) {
    expect(await refusal(client.users.lookupByEmail({ email }))).toMatchObject({ error: 'users_not_found' });
  }
});

it('opens the direct message with one person', async () => {
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

it('tells of conversations only what the app may know', async () => {
  const scopes = [...app.scopes, 'channels:read', 'groups:read', 'im:read'];
  const { slack, client } = await startSlackWithApp({ app: { scopes } });
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
