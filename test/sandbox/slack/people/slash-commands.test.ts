import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acmeWorkspace } from '../../../../src/sandbox/slack/workspace/workspace-seed.ts';
import type { ReceiverResponse } from '../receiver.ts';
import { acknowledgeTimeFor, app, people, startSlackWithApp } from '../slack-with-app.ts';

describe('slash commands of the local Slack', () => {
  it('sends every field of a slash command', async () => {
    const { slack, receiver } = await startSlackWithApp();
    expect(await slack.as('ada').command('#ml-platform', '/wandb  sa new  "nightly eval" ')).toEqual({
      ok: true,
    });
    expect(receiver.requests[0]?.fields).toEqual({
      token: expect.any(String),
      team_id: 'T0ACME0001',
      team_domain: 'acme',
      channel_id: 'C0MLPLAT01',
      channel_name: 'ml-platform',
      user_id: people.ada,
      user_name: 'ada',
      command: '/wandb',
      text: 'sa new  "nightly eval"',
      api_app_id: 'A0KEYSM001',
      is_enterprise_install: 'false',
      response_url: expect.stringMatching(`^${slack.url}/commands/T0ACME0001/\\d+/[\\w-]+$`),
      trigger_id: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]+$/),
    });
  });

  it('sends a form that is signed with the current time', async () => {
    const { slack, receiver, clock } = await startSlackWithApp();
    await slack.as('ada').command('ml-platform', '/wandb');
    const { headers = {}, rawBody = '' } = receiver.requests[0] ?? {};
    const timestamp = String(Math.trunc(clock.now() / 1000));
    const signature = createHmac('sha256', app.signingSecret)
      .update(`v0:${timestamp}:${rawBody}`)
      .digest('hex');
    expect(headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    });
  });

  it.each([
    ['ml-secrets', 'privategroup'],
    ['Keysmith', 'directmessage'],
    ['ben', 'directmessage'],
    ['random', 'random'],
  ])('names the channel of a command in %s “%s”', async (conversation, name) => {
    const { slack, receiver } = await startSlackWithApp();
    await slack.as('ada').command(conversation, '/wandb');
    expect(receiver.requests[0]?.fields.channel_name).toBe(name);
  });

  it('names the enterprise of the workspace', async () => {
    const team = { ...acmeWorkspace.team, enterprise: { id: 'E0ACME0001', name: 'Acme Group' } };
    const { slack, receiver } = await startSlackWithApp({ workspace: { ...acmeWorkspace, team } });
    await slack.as('ada').command('random', '/wandb');
    expect(receiver.requests[0]?.fields).toMatchObject({ enterprise_id: 'E0ACME0001' });
  });

  it.each<[string, ReceiverResponse, object]>([
    ['text', 'Usage: /wandb', { text: 'Usage: /wandb', ephemeral: true }],
    ['JSON', { text: 'Usage' }, { text: 'Usage', ephemeral: true }],
    ['an in_channel message', { text: 'Hi', response_type: 'in_channel' }, { text: 'Hi', ephemeral: false }],
  ])(
    'posts %s from the acknowledgement, even where the app is not a member',
    async (_what, response, shown) => {
      const { slack, receiver } = await startSlackWithApp();
      receiver.response = () => response;
      for (const conversation of ['random', 'ml-secrets', 'ben']) {
        expect(await slack.as('ada').command(conversation, '/wandb')).toEqual({ ok: true });
        expect(slack.as('ada').messages(conversation)).toMatchObject([{ user: 'U0KEYSM001', ...shown }]);
      }
    },
  );

  it.each<[string, ReceiverResponse, string]>([
    ['responses 500', { status: 500 }, 'dispatch_failed'],
    ['responses 404', { status: 404 }, 'dispatch_failed'],
    ['redirects', { status: 302 }, 'dispatch_failed'],
    ['does not response in time', 'never', 'operation_timeout'],
    ['responses with an invalid message', { blocks: [{ type: 'poem' }] }, 'dispatch_failed'],
  ])("shows Slack's error message when the app %s", async (_how, response, error) => {
    const { slack, receiver } = await startSlackWithApp({
      acknowledgeWithinMs: acknowledgeTimeFor(response),
    });
    receiver.response = () => response;
    expect(await slack.as('ada').command('ml-platform', '/wandb new')).toEqual({
      ok: false,
      error,
      message: `/wandb failed with the error "${error}"`,
    });
    expect(slack.as('ada').messages('ml-platform')).toEqual([]);
  });

  it('shows dispatch_failed when the app is unreachable', async () => {
    const { slack, receiver } = await startSlackWithApp();
    await receiver.stop();
    expect(await slack.as('ada').command('random', '/wandb')).toMatchObject({ error: 'dispatch_failed' });
    slack.sendRequestsTo(undefined);
    expect(await slack.as('ada').command('random', '/wandb')).toMatchObject({ error: 'dispatch_failed' });
  });

  it('refuses commands that the app did not declare', async () => {
    const { slack, receiver } = await startSlackWithApp();
    expect(await slack.as('ada').command('random', '/wandbx new')).toMatchObject({
      error: 'invalid_command',
    });
    expect(receiver.requests).toEqual([]);
  });

  it('posts a line without a slash as a message from the person', async () => {
    const { slack, receiver } = await startSlackWithApp();
    await slack.as('ada').command('random', 'Good morning');
    expect(slack.as('dee').messages('random')).toMatchObject([{ user: people.ada, text: 'Good morning' }]);
    expect(receiver.requests).toEqual([]);
  });

  it('refuses commands and messages in a messages tab that is read-only', async () => {
    const { slack, receiver } = await startSlackWithApp({ app: { messagesTabReadOnly: true } });
    for (const line of ['/wandb', 'Good morning']) {
      expect(await slack.as('ada').command('Keysmith', line)).toMatchObject({
        error: 'not_allowed',
        message: 'Sending messages to this app has been turned off.',
      });
    }
    expect(slack.as('ada').messages('Keysmith')).toEqual([]);
    expect(receiver.requests).toEqual([]);
    expect(await slack.as('ada').command('ben', '/wandb')).toMatchObject({ ok: true });
  });

  it('refuses commands in conversations of which the person is not a member', async () => {
    const { slack } = await startSlackWithApp();
    await expect(slack.as('dee').command('ml-secrets', '/wandb')).rejects.toThrow(
      'dee is not in the conversation ml-secrets. Conversations: ml-platform, random, Keysmith',
    );
  });
});
