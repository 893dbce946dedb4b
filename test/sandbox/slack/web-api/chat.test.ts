import { describe, expect, it } from 'vitest';
import { acmeWorkspace } from '../../../../src/sandbox/slack/workspace/workspace-seed.ts';
import { conversations, people, refusal, startSlackWithApp } from '../slack-with-app.ts';

const { withApp, withoutApp, privateWithoutApp, betweenPeople } = conversations;

describe('chat methods of the local Slack', () => {
  it('posts a message that every member of the conversation sees', async () => {
    const { slack, client } = await startSlackWithApp();
    const posted = await client.chat.postMessage({ channel: withApp, text: 'Hello' });
    expect(posted).toMatchObject({ channel: withApp, message: { text: 'Hello', bot_id: 'B0KEYSM001' } });
    for (const person of ['ada', 'dee']) {
      expect(slack.as(person).messages('ml-platform')).toMatchObject([
        { ts: posted.ts, user: 'U0KEYSM001', text: 'Hello', ephemeral: false },
      ]);
    }
  });

  it('posts to the direct message when the channel is a user ID', async () => {
    const { slack, client } = await startSlackWithApp();
    const posted = await client.chat.postMessage({ channel: people.dee, text: 'Psst' });
    expect(posted.channel).toBe(slack.as('dee').conversation('Keysmith').id);
    expect(
      slack
        .as('dee')
        .messages('Keysmith')
        .map(({ text }) => text),
    ).toEqual(['Psst']);
    expect(slack.as('ada').messages('Keysmith')).toEqual([]);
  });

  it.each([
    ['a public channel without the app', withoutApp, 'not_in_channel'],
    ['a private channel without the app', privateWithoutApp, 'channel_not_found'],
    ["other people's direct message", betweenPeople, 'channel_not_found'],
    ['an unknown channel', 'C0NOWHERE1', 'channel_not_found'],
    ['an unknown person', 'U0NOBODY01', 'channel_not_found'],
  ])('refuses to post to %s', async (_where, channel, error) => {
    const { client } = await startSlackWithApp();
    expect(await refusal(client.chat.postMessage({ channel, text: 'x' }))).toMatchObject({ error });
    expect(await refusal(client.chat.postEphemeral({ channel, user: people.ada, text: 'x' }))).toMatchObject({
      error,
    });
  });

  it('allows and refuses posts as the app joins and leaves channels', async () => {
    const { slack, client } = await startSlackWithApp();
    slack.setAppMembership(privateWithoutApp, true);
    expect(await client.chat.postMessage({ channel: privateWithoutApp, text: 'x' })).toMatchObject({
      ok: true,
    });
    slack.setAppMembership(withApp, false);
    expect(await refusal(client.chat.postMessage({ channel: withApp, text: 'x' }))).toMatchObject({
      error: 'not_in_channel',
    });
  });

  it('refuses posts to archived conversations, and direct messages while the Messages tab is off', async () => {
    const seeded = acmeWorkspace.conversations.map((one) => ({ ...one, archived: one.id === withApp }));
    const workspace = {
      ...acmeWorkspace,
      app: { ...acmeWorkspace.app, messagesTabEnabled: false },
      conversations: seeded,
    };
    const { client } = await startSlackWithApp({ workspace });
    const post = async (channel: string) =>
      (await refusal(client.chat.postMessage({ channel, text: 'x' }))).error;
    expect(await post(withApp)).toBe('is_archived');
    expect(await post(people.ada)).toBe('messages_tab_disabled');
  });

  it('shows an ephemeral message to one person only', async () => {
    const { slack, client } = await startSlackWithApp();
    const response = await client.chat.postEphemeral({
      channel: withApp,
      user: people.ada,
      text: 'Only you',
    });
    expect(slack.as('ada').messages('ml-platform')).toMatchObject([
      { ts: response.message_ts, text: 'Only you', ephemeral: true },
    ]);
    expect(slack.as('ben').messages('ml-platform')).toEqual([]);
  });

  it('refuses ephemeral messages to people who are not active members of the conversation', async () => {
    const { slack, client } = await startSlackWithApp();
    slack.setAppMembership(privateWithoutApp, true);
    slack.changePerson('cy', { deactivated: true });
    const post = async (channel: string, user: string) =>
      (await refusal(client.chat.postEphemeral({ channel, user, text: 'x' }))).error;
    expect(await post(privateWithoutApp, people.dee)).toBe('user_not_in_channel');
    expect(await post(withApp, people.cy)).toBe('user_not_in_channel');
    expect(await post(slack.as('ada').conversation('Keysmith').id, people.ben)).toBe('user_not_in_channel');
    expect(await post(withApp, 'U0NOBODY01')).toBe('user_not_found');
    expect(await post(people.ada, people.ada)).toBe('channel_not_found');
  });

  it('updates and deletes the messages of the app', async () => {
    const { slack, client } = await startSlackWithApp();
    const { ts = '' } = await client.chat.postMessage({
      channel: withApp,
      text: 'One',
      blocks: [{ type: 'divider' }],
    });
    await client.chat.update({ channel: withApp, ts, text: 'Two' });
    expect(slack.as('ben').messages('ml-platform')).toMatchObject([
      { ts, text: 'Two', blocks: [], edited: true },
    ]);
    await client.chat.update({ channel: withApp, ts, text: 'Three', blocks: [{ type: 'divider' }] });
    expect(slack.as('ben').messages('ml-platform')).toMatchObject([{ text: 'Three', edited: false }]);
    await client.chat.delete({ channel: withApp, ts });
    expect(slack.as('ben').messages('ml-platform')).toEqual([]);
    expect(await refusal(client.chat.delete({ channel: withApp, ts }))).toMatchObject({
      error: 'message_not_found',
    });
  });

  it('refuses to update or delete the messages of people and ephemeral messages', async () => {
    const { slack, client } = await startSlackWithApp();
    await slack.as('ada').command('ml-platform', 'Good morning');
    const theirs = slack.as('ada').messages('ml-platform')[0]?.ts ?? '';
    const ephemeral = await client.chat.postEphemeral({ channel: withApp, user: people.ada, text: 'x' });
    const update = async (ts: string) =>
      (await refusal(client.chat.update({ channel: withApp, ts, text: 'y' }))).error;
    const remove = async (ts: string) => (await refusal(client.chat.delete({ channel: withApp, ts }))).error;
    expect(await update(theirs)).toBe('cant_update_message');
    expect(await remove(theirs)).toBe('cant_delete_message');
    expect(await update(ephemeral.message_ts ?? '')).toBe('message_not_found');
    expect(await remove(ephemeral.message_ts ?? '')).toBe('message_not_found');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['neither text nor blocks', {}, 'no_text'],
    ['empty text', { text: '', blocks: [] }, 'no_text'],
    ['text of 40,001 characters', { text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['blocks that are not an array', { text: 'x', blocks: '{"type":"divider"}' }, 'invalid_blocks_format'],
    ['blocks that are not valid JSON', { text: 'x', blocks: '[{' }, 'invalid_blocks_format'],
    ['51 blocks', { text: 'x', blocks: Array(51).fill({ type: 'divider' }) }, 'invalid_blocks'],
    ['attachments', { text: 'x', attachments: [{ text: 'y' }] }, 'invalid_arguments'],
  ])('refuses a message with %s', async (_what, message, error) => {
    const { client, slack } = await startSlackWithApp();
    const call = client.apiCall('chat.postMessage', { channel: withApp, ...message });
    expect(await refusal(call)).toMatchObject({ error });
    expect(slack.as('ada').messages('ml-platform')).toEqual([]);
  });

  it('returns JSON pointers to the invalid blocks of a message', async () => {
    const { client } = await startSlackWithApp();
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }];
    const call = client.apiCall('chat.postMessage', { channel: withApp, text: 'x', blocks });
    expect(await refusal(call)).toMatchObject({
      error: 'invalid_blocks',
      errors: ['must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
      response_metadata: {
        messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
      },
    });
  });

  it('gives messages rising timestamps even while the clock does not move', async () => {
    const { client } = await startSlackWithApp();
    const first = await client.chat.postMessage({ channel: withApp, text: 'x' });
    const second = await client.chat.postMessage({ channel: withApp, text: 'x' });
    expect(first.ts).toMatch(/^\d{10}\.\d{6}$/);
    expect(Number(second.ts)).toBeGreaterThan(Number(first.ts));
  });
});
