import { describe, expect, it } from 'vitest';
import { conversations, people, refusal, startSlackWithApp } from '../slack-with-app.ts';

const channel = conversations.withApp;
const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };

describe('threads of the local Slack', () => {
  it('posts a reply that is in the thread and not in the channel', async () => {
    const { slack, client } = await startSlackWithApp();
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'Request' });
    const reply = await client.chat.postMessage({ channel, thread_ts: ts, text: 'Approved' });
    expect(reply.message).toMatchObject({ text: 'Approved', thread_ts: ts });
    const ben = slack.as('ben');
    expect(ben.messages('ml-platform').map(({ text }) => text)).toEqual(['Request']);
    const [request] = ben.messages('ml-platform');
    if (!request) throw new Error('Ben doesn’t see the request');
    expect(await ben.waitForReply(request, 'Approved')).toMatchObject({ thread: ts, user: 'U0KEYSM001' });
    expect(ben.thread(request)).toHaveLength(1);
  });

  it('keeps the replies when the message is deleted, but takes no more', async () => {
    const { slack, client } = await startSlackWithApp();
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'Request' });
    const request = await slack.as('ben').waitForMessage('ml-platform', 'Request');
    await client.chat.postMessage({ channel, thread_ts: ts, text: 'Approved' });
    await client.chat.delete({ channel, ts });
    expect(slack.as('ben').thread(request)).toMatchObject([{ text: 'Approved' }]);
    expect(await refusal(client.chat.postMessage({ channel, thread_ts: ts, text: 'x' }))).toMatchObject({
      error: 'thread_not_found',
    });
  });

  it('refuses replies to an unknown message, to a reply, and to an ephemeral message', async () => {
    const { client } = await startSlackWithApp();
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'Request' });
    const reply = await client.chat.postMessage({ channel, thread_ts: ts, text: 'Reply' });
    const { message_ts = '' } = await client.chat.postEphemeral({ channel, user: people.ada, text: 'Psst' });
    const replyTo = (thread_ts: string, more = {}) =>
      refusal(client.chat.postMessage({ channel, thread_ts, text: 'x', ...more }));
    expect(await replyTo('0')).toMatchObject({
      error: 'invalid_thread_ts',
      response_metadata: { messages: ['[ERROR] 0 is not a valid thread_ts'] },
    });
    for (const gone of ['1700000000.000100', reply.ts ?? '', message_ts]) {
      expect(await replyTo(gone)).toMatchObject({ error: 'thread_not_found' });
    }
    expect(await replyTo(ts, { reply_broadcast: true })).toMatchObject({ error: 'invalid_arguments' });
    const ephemeral = { channel, user: people.ada, text: 'x', thread_ts: ts };
    expect(await refusal(client.chat.postEphemeral(ephemeral))).toMatchObject({ error: 'invalid_arguments' });
  });

  it('sends the thread with a click on a reply, and the number of replies with one on the message', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const blocks = [{ type: 'actions', elements: [button] }];
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'Request', blocks });
    const ada = slack.as('ada');
    const request = await ada.waitForMessage('ml-platform', 'Go');
    await client.chat.postMessage({ channel, thread_ts: ts, text: 'First', blocks });
    const reply = await ada.waitForReply(request, 'Go');
    await ada.reply(request, 'Looking');
    await ada.click(reply, 'go');
    expect(receiver.requests.at(-1)?.payload).toMatchObject({
      container: { message_ts: reply.ts, thread_ts: ts },
      message: { ts: reply.ts, thread_ts: ts },
    });
    await ada.click(request, 'go');
    expect(receiver.requests.at(-1)?.payload.message).toMatchObject({
      ts,
      thread_ts: ts,
      reply_count: 2,
      reply_users: ['U0KEYSM001', people.ada],
      latest_reply: ada.thread(request).at(-1)?.ts,
    });
  });

  it('lets people reply, without commands', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    await client.chat.postMessage({ channel, text: 'Request' });
    const ben = slack.as('ben');
    const request = await ben.waitForMessage('ml-platform', 'Request');
    expect(await ben.reply(request, '/wandb help')).toMatchObject({
      ok: false,
      message: '/wandb is not supported in threads. Sorry!',
    });
    expect(await ben.reply(request, 'Thanks')).toEqual({ ok: true });
    const [thanks] = ben.thread(request);
    if (!thanks) throw new Error('Ben doesn’t see the reply');
    expect(await ben.reply(thanks, 'Deeper')).toMatchObject({ ok: false, error: 'not_found' });
    expect(receiver.requests).toEqual([]);
  });

  it('counts a reply as unread only for the person it mentions', async () => {
    const { slack, client } = await startSlackWithApp();
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'Request' });
    const unreadOf = async (id: string) => {
      const response = await fetch(`${slack.url}/sandbox/state?as=${id}`);
      return ((await response.json()) as { unread: object }).unread;
    };
    for (const id of [people.ada, people.ben]) {
      const read = { as: id, conversation: channel };
      const headers = { 'content-type': 'application/json' };
      await fetch(`${slack.url}/sandbox/read`, { method: 'POST', headers, body: JSON.stringify(read) });
    }
    await client.chat.postMessage({ channel, thread_ts: ts, text: `For <@${people.ben}>` });
    expect(await unreadOf(people.ben)).toEqual({ [channel]: { mentions: 1 } });
    expect(await unreadOf(people.ada)).toEqual({});
  });

  it('returns permalinks of messages and replies, which open the conversation', async () => {
    const { slack, client } = await startSlackWithApp();
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'Request' });
    const reply = await client.chat.postMessage({ channel, thread_ts: ts, text: 'Reply' });
    const linkTo = (message_ts: string) => client.chat.getPermalink({ channel, message_ts });
    const { permalink = '' } = await linkTo(ts);
    expect(permalink).toBe(`${slack.url}/archives/${channel}/p${ts.replace('.', '')}`);
    expect(await linkTo(reply.ts ?? '')).toMatchObject({
      permalink: expect.stringContaining(`?thread_ts=${ts}&cid=${channel}`),
    });
    expect(await refusal(linkTo('1700000000.000100'))).toMatchObject({ error: 'message_not_found' });
    const opened = await fetch(permalink, { redirect: 'manual' });
    expect(opened.headers.get('location')).toBe(`/#in=${channel}`);
  });
});
