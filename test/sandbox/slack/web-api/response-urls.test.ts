import { describe, expect, it } from 'vitest';
import type { DrivenSlack } from '../../../driver/driven-slack.ts';
import type { Receiver } from '../receiver.ts';
import { startSlackWithApp } from '../slack-with-app.ts';

async function urlOfCommand(
  slack: DrivenSlack,
  receiver: Receiver,
  conversation = 'random',
): Promise<string> {
  await slack.as('ada').command(conversation, '/wandb');
  return receiver.requests.at(-1)?.fields.response_url ?? '';
}

/** Makes the app send a message with a button, makes Ada press it, and returns the response URL of that action. */
async function urlOfButton(slack: DrivenSlack, receiver: Receiver, isEphemeral: boolean): Promise<string> {
  const url = await urlOfCommand(slack, receiver);
  const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };
  await respond(url, {
    text: 'Before',
    blocks: [{ type: 'actions', elements: [button] }],
    response_type: isEphemeral ? 'ephemeral' : 'in_channel',
  });
  const [message] = slack.as('ada').messages('random');
  if (message) await slack.as('ada').click(message, 'go');
  return String(receiver.requests.at(-1)?.payload.response_url);
}

async function respond(url: string, message: unknown): Promise<{ status: number; body: string }> {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, body: await response.text() };
}

const texts = (slack: DrivenSlack, person: string, conversation = 'random') =>
  slack
    .as(person)
    .messages(conversation)
    .map(({ text }) => text);

describe('a response URL', () => {
  it.each(['random', 'ml-platform', 'ml-secrets', 'ben', 'Keysmith'])(
    'posts to %s, ephemeral by default',
    async (conversation) => {
      const { slack, receiver } = await startSlackWithApp();
      const url = await urlOfCommand(slack, receiver, conversation);
      expect(await respond(url, { text: 'Only you' })).toEqual({ status: 200, body: 'ok' });
      expect(slack.as('ada').messages(conversation)).toMatchObject([{ text: 'Only you', ephemeral: true }]);
    },
  );

  it('shows a message to everyone when its response_type is in_channel', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const url = await urlOfCommand(slack, receiver);
    await respond(url, { text: 'All', response_type: 'in_channel' });
    await respond(url, { text: 'One', response_type: 'ephemeral' });
    expect(texts(slack, 'ada')).toEqual(['All', 'One']);
    expect(texts(slack, 'ben')).toEqual(['All']);
  });

  it('accepts five messages and refuses a sixth', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const url = await urlOfCommand(slack, receiver);
    for (const text of ['1', '2', '3', '4', '5']) expect((await respond(url, { text })).status).toBe(200);
    expect(await respond(url, { text: '6' })).toEqual({
      status: 404,
      body: '{"ok":false,"error":"used_url"}',
    });
    expect(texts(slack, 'ada')).toHaveLength(5);
  });

  it('accepts messages for 30 minutes', async () => {
    const { slack, receiver, clock } = await startSlackWithApp();
    const url = await urlOfCommand(slack, receiver);
    clock.advance(30 * 60_000 - 1);
    expect((await respond(url, { text: 'In time' })).status).toBe(200);
    clock.advance(1);
    expect(await respond(url, { text: 'Late' })).toEqual({
      status: 404,
      body: '{"ok":false,"error":"expired_url"}',
    });
  });

  it.each<[string, unknown, string]>([
    ['that is not JSON', '{', 'invalid_payload'],
    ['without text', {}, 'no_text'],
    ['with bad blocks', { blocks: [{ type: 'poem' }] }, 'invalid_blocks'],
  ])('refuses a message %s without counting a use', async (_what, message, error) => {
    const { slack, receiver } = await startSlackWithApp();
    const url = await urlOfCommand(slack, receiver);
    for (let i = 0; i < 6; i++) {
      expect(await respond(url, message)).toEqual({ status: 400, body: `{"ok":false,"error":"${error}"}` });
    }
    expect((await respond(url, { text: 'x' })).status).toBe(200);
  });

  it('refuses a response URL with another secret', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const url = await urlOfCommand(slack, receiver);
    expect((await respond(`${url}x`, { text: 'x' })).status).toBe(404);
    expect(texts(slack, 'ada')).toEqual([]);
  });

  it.each([true, false])(
    'replaces and deletes the message with the button (ephemeral: %s)',
    async (isEphemeral) => {
      const { slack, receiver } = await startSlackWithApp();
      const url = await urlOfButton(slack, receiver, isEphemeral);
      await respond(url, { text: 'After', replace_original: true });
      expect(texts(slack, 'ada')).toEqual(['After']);
      await respond(url, { text: 'Beside' });
      expect(texts(slack, 'ada')).toEqual(['After', 'Beside']);
      expect(await respond(url, { delete_original: true })).toMatchObject({ status: 200 });
      expect(texts(slack, 'ada')).toEqual(['Beside']);
      expect(await respond(url, { delete_original: true })).toMatchObject({ status: 400 });
    },
  );

  it('has no original message to replace or delete after a command', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const url = await urlOfCommand(slack, receiver);
    await respond(url, { text: 'One' });
    await respond(url, { text: 'Two', replace_original: true });
    expect(texts(slack, 'ada')).toEqual(['One', 'Two']);
    expect(await respond(url, { delete_original: true })).toMatchObject({ status: 400 });
  });
});
