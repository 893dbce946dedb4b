import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startDrivenSlack } from '../../driver/driven-slack.ts';
import { ask } from './page-server/page-client.ts';
import { app, people, startSlackWithApp } from './slack-with-app.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the local Slack server', () => {
  it('refuses to start in production', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    await expect(startDrivenSlack({ app })).rejects.toThrow('NODE_ENV=production');
  });

  it.each(['0.0.0.0', '::', '192.168.0.7', 'acme.test'])('refuses to listen on %s', async (host) => {
    await expect(startDrivenSlack({ app, host })).rejects.toThrow('this machine only');
  });

  it.each(['127.0.0.2', '::1', 'localhost'])('serves its page on the loopback address %s', async (host) => {
    const slack = await startDrivenSlack({ app, host });
    onTestFinished(() => slack.stop());
    expect(new URL(slack.url).hostname).toContain(host);
    expect((await ask(slack, `/sandbox/state?as=${people.ada}`)).status).toBe(200);
  });

  it('returns the addresses of its page and its API', async () => {
    const { slack } = await startSlackWithApp();
    expect(slack.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(slack.apiUrl).toBe(`${slack.url}/api/`);
  });

  it('stops at once with open streams and calls in flight, and can be stopped twice', async () => {
    const { slack, receiver } = await startSlackWithApp();
    const events = await fetch(`${slack.url}/sandbox/events?as=U0ADA00001`);
    slack.failures.set('auth.test', { kind: 'timeout' });
    slack.failures.set('api.test', { kind: 'slow', delayMs: 60_000 });
    const calls = ['auth.test', 'api.test'].map((method) =>
      fetch(slack.apiUrl + method).catch(() => 'failed'),
    );
    receiver.response = () => 'never';
    const command = slack.as('ada').command('random', '/wandb');
    await vi.waitUntil(() => receiver.requests.length === 1 && slack.traffic.length === 3);
    await Promise.all([slack.stop(), slack.stop()]);
    expect(await Promise.all(calls)).toEqual(['failed', 'failed']);
    expect(await command).toMatchObject({ error: 'dispatch_failed' });
    await events.text().catch(() => '');
    await slack.stop();
  });
});
