import { describe, expect, it } from 'vitest';
import { signRequest } from '../../src/sandbox/slack/to-app/post-to-app.ts';
import { app, people, startSlackWithApp } from '../sandbox/slack/slack-with-app.ts';

describe('the delivery of raw requests', () => {
  it('signs a request as in the example of Slack’s documentation', () => {
    // The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    expect(
      signRequest({ signingSecret: '8f742231b10e8888abcd99yyyzzz85a5', body, timestampSeconds: 1531420618 }),
    ).toEqual({
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    });
  });

  it('fills in the fields that Slack adds for a person, unless the test sets them', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const payload = { type: 'view_submission', view: { callback_id: 'unknown' } };
    const response = await slack.deliver({ payload }, { as: 'ada' });
    expect(response).toMatchObject({ kind: 'responded', status: 200 });
    expect(receiver.requests[0]?.payload).toMatchObject({
      ...payload,
      user: { id: people.ada },
      team: { id: 'T0ACME0001' },
    });
    await slack.deliver({ payload: { ...payload, user: { id: 'U0NOBODY01' } } }, { as: 'ada' });
    expect(receiver.requests[1]?.payload.user).toEqual({ id: 'U0NOBODY01' });
  });

  it('delivers the fields of a command, and a null payload', async () => {
    const { slack, receiver } = await startSlackWithApp();
    await slack.deliver({ command: '/wandb', text: 'help', team_id: 'T0OTHER001' }, { as: 'ben' });
    expect(receiver.requests[0]?.fields).toMatchObject({
      command: '/wandb',
      text: 'help',
      user_id: people.ben,
      team_id: 'T0OTHER001',
      channel_name: 'directmessage',
      trigger_id: expect.any(String),
    });
    await slack.deliver({ payload: null });
    expect(receiver.requests[1]?.rawBody).toBe('payload=null');
  });

  it('signs with another secret, another time or another signature, or not at all', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const body = 'command=%2Fwandb';
    const headersOf = async (delivery: Parameters<typeof slack.deliver>[1]) => {
      await slack.deliver(body, delivery);
      return receiver.requests.at(-1)?.headers ?? {};
    };
    expect(await headersOf({ sign: { timestampSeconds: 1 } })).toMatchObject(
      signRequest({ signingSecret: app.signingSecret, body, timestampSeconds: 1 }),
    );
    expect(await headersOf({ sign: { signingSecret: 'wrong', timestampSeconds: 1 } })).toMatchObject(
      signRequest({ signingSecret: 'wrong', body, timestampSeconds: 1 }),
    );
    expect(await headersOf({ sign: { signature: 'v0=00' } })).toMatchObject({ 'x-slack-signature': 'v0=00' });
    const unsigned = await headersOf({ sign: false, contentType: 'text/plain' });
    expect(unsigned).not.toHaveProperty('x-slack-signature');
    expect(unsigned['content-type']).toBe('text/plain');
  });

  it('repeats a request byte for byte with its old signature', async () => {
    const { slack, receiver, clock } = await startSlackWithApp();
    await slack.as('ada').command('random', '/wandb');
    clock.advance(60_000);
    const [record] = slack.traffic;
    if (record) await slack.deliver({ again: record });
    const [first, second] = receiver.requests;
    expect(second?.rawBody).toBe(first?.rawBody);
    for (const name of ['x-slack-signature', 'x-slack-request-timestamp', 'content-type']) {
      expect(second?.headers[name]).toBe(first?.headers[name]);
    }
  });
});
