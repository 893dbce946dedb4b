import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/sandbox/slack/protocol/failures.ts';
import { app, conversations, startSlackWithApp } from './slack-with-app.ts';

const channel = conversations.withApp;

/** Makes one attempt without Slack's client. */
async function post(
  apiUrl: string,
  signal?: AbortSignal,
): Promise<{ status: number; body: string; headers: Headers }> {
  const response = await fetch(`${apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${app.botToken}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: `channel=${channel}&text=Hello`,
    redirect: 'manual',
    ...(signal && { signal }),
  });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

describe('the local Slack with planned failures', () => {
  it('rate-limits with a Retry-After header that Slack’s client understands', async () => {
    const { slack, client } = await startSlackWithApp();
    slack.failures.set('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 30 });
    await expect(client.chat.postMessage({ channel, text: 'x' })).rejects.toMatchObject({ retryAfter: 30 });
    expect(await post(slack.apiUrl)).toMatchObject({
      status: 429,
      body: '{"ok":false,"error":"ratelimited"}',
    });
  });

  it('responses with any status and any error code', async () => {
    const { slack, client } = await startSlackWithApp();
    slack.failures.set('chat.postMessage', { kind: 'status', status: 503 });
    expect((await post(slack.apiUrl)).status).toBe(503);
    slack.failures.set('chat.postMessage', { kind: 'error', error: 'fatal_error' });
    await expect(client.chat.postMessage({ channel, text: 'x' })).rejects.toMatchObject({
      data: { error: 'fatal_error' },
    });
  });

  it('redirects a call to another address', async () => {
    const { slack } = await startSlackWithApp();
    slack.failures.set('chat.postMessage', { kind: 'redirect', location: 'http://127.0.0.1:9/other' });
    const { status, headers } = await post(slack.apiUrl);
    expect([status, headers.get('location')]).toEqual([302, 'http://127.0.0.1:9/other']);
  });

  it('never responses a call that is planned to time out', async () => {
    const { slack, client } = await startSlackWithApp();
    slack.failures.set('chat.postMessage', { kind: 'timeout' });
    const giveUp = new AbortController();
    const aborted = expect(post(slack.apiUrl, giveUp.signal)).rejects.toThrow('aborted');
    await expect.poll(() => slack.traffic.at(-1)?.failure, { timeout: 10_000 }).toBe('timeout');
    expect(slack.traffic.at(-1)).toMatchObject({ method: 'chat.postMessage', failure: 'timeout' });
    expect(await client.auth.test()).toMatchObject({ ok: true });
    giveUp.abort();
    await aborted;
    expect(slack.as('ada').messages('ml-platform')).toEqual([]);
  });

  it('resets the connection without an effect', async () => {
    const { slack } = await startSlackWithApp();
    slack.failures.set('chat.postMessage', { kind: 'reset' });
    await expect(post(slack.apiUrl)).rejects.toThrow('fetch failed');
    expect(slack.as('ada').messages('ml-platform')).toEqual([]);
  });

  it('sends the usual response late', async () => {
    const { slack } = await startSlackWithApp();
    slack.failures.set('chat.postMessage', { kind: 'slow', delayMs: 20 });
    expect(JSON.parse((await post(slack.apiUrl)).body)).toMatchObject({ ok: true });
  });

  it.each<Failure>([
    { kind: 'reset', afterEffect: true },
    { kind: 'timeout', afterEffect: true },
    { kind: 'status', status: 500, afterEffect: true },
    { kind: 'error', error: 'internal_error', afterEffect: true },
    { kind: 'redirect', location: 'http://127.0.0.1:9/', afterEffect: true },
    { kind: 'slow', delayMs: 60_000, afterEffect: true },
  ])('lets a call take effect and loses only its response: $kind', async (failure) => {
    const { slack } = await startSlackWithApp();
    slack.failures.set('chat.postMessage', failure);
    const givenUp = new AbortController();
    const response = post(slack.apiUrl, givenUp.signal).catch(() => 'no response');
    await slack.as('ada').waitForMessage('ml-platform', 'Hello');
    givenUp.abort();
    await response;
  });

  it('fails calls of one method as many times as planned, or until cleared', async () => {
    const { slack, client } = await startSlackWithApp();
    slack.failures.set('chat.postMessage', { kind: 'status', status: 500 }, { times: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await post(slack.apiUrl)).status);
    expect(statuses).toEqual([500, 500, 200]);
    slack.failures.set('chat.postMessage', { kind: 'status', status: 500 });
    expect(await client.auth.test()).toMatchObject({ ok: true });
    expect((await post(slack.apiUrl)).status).toBe(500);
    slack.failures.clear();
    expect((await post(slack.apiUrl)).status).toBe(200);
  });

  it('fails response URLs without counting a use', async () => {
    const { slack, receiver } = await startSlackWithApp();
    await slack.as('ada').command('random', '/wandb');
    const url = receiver.requests[0]?.fields.response_url ?? '';
    const respond = () =>
      fetch(url, { method: 'POST', body: '{"text":"x"}', headers: { 'content-type': 'application/json' } });
    slack.failures.set('response_url', { kind: 'error', error: 'expired_url' }, { times: 1 });
    expect((await respond()).status).toBe(404);
    for (let i = 0; i < 5; i++) expect((await respond()).status).toBe(200);
  });

  it('records every request in both directions exactly as sent', async () => {
    const { slack, client } = await startSlackWithApp();
    await slack.as('ada').command('random', '/wandb help');
    await client.chat.postMessage({ channel, text: 'Hello' });
    const [toApp, toSlack] = slack.traffic;
    expect(toApp).toMatchObject({
      direction: 'to_app',
      transport: 'http',
      method: 'slash_command',
      headers: { 'x-slack-signature': expect.stringMatching(/^v0=/) },
      payload: { text: 'help' },
      response: { status: 200, body: '' },
      durationMs: expect.any(Number),
    });
    expect(toSlack).toMatchObject({
      direction: 'to_slack',
      method: 'chat.postMessage',
      url: `${slack.apiUrl}chat.postMessage`,
      headers: { authorization: `Bearer ${app.botToken}` },
      payload: { channel, text: 'Hello' },
      body: `channel=${channel}&text=Hello`,
      response: { status: 200, body: expect.stringContaining('"ok":true') },
    });
  });
});
