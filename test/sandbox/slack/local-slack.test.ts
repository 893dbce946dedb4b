import { afterEach, expect, it, vi } from 'vitest';
import { startDrivenSlack } from '../../driver/driven-slack.ts';
import { app, startSlackWithApp } from './slack-with-app.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('does not start in production', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  await expect(startDrivenSlack({ app })).rejects.toThrow('NODE_ENV=production');
});

it.each(['0.0.0.0', '::', '192.168.0.7', 'acme.test'])('does not listen on %s', async (host) => {
  await expect(startDrivenSlack({ app, host })).rejects.toThrow('this machine only');
});

it('names its addresses', async () => {
  const { slack } = await startSlackWithApp();
  expect(slack.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(slack.apiUrl).toBe(`${slack.url}/api/`);
});

it('stops at once with streams open and calls under way, and a second time', async () => {
  const { slack, receiver } = await startSlackWithApp();
  const events = await fetch(`${slack.url}/sandbox/events?as=U0ADA00001`);
  slack.failures.set('auth.test', { kind: 'timeout' });
  slack.failures.set('api.test', { kind: 'slow', delayMs: 60_000 });
  const calls = ['auth.test', 'api.test'].map((method) =>
    fetch(slack.apiUrl + method).catch(() => 'cut off'),
  );
  receiver.answer = () => 'never';
  const command = slack.as('ada').command('random', '/wandb');
  await vi.waitUntil(() => receiver.requests.length === 1 && slack.traffic.length === 3);
  await Promise.all([slack.stop(), slack.stop()]);
  expect(await Promise.all(calls)).toEqual(['cut off', 'cut off']);
  expect(await command).toMatchObject({ error: 'dispatch_failed' });
  await events.text().catch(() => '');
  await slack.stop();
});

it('says what a test waited for and what was there instead', async () => {
  const { slack, client } = await startSlackWithApp();
  await client.chat.postMessage({ channel: 'C0MLPLAT01', text: 'Something else' });
  const ada = slack.as('ada');
  await expect(ada.waitForMessage('ml-platform', 'A key', { timeoutMs: 10 })).rejects.toThrow(
    /Waited 10 ms for ada to see a message in ml-platform \(A key\)\. Instead:\nSomething else/,
  );
  await expect(ada.waitForView('A form', { timeoutMs: 10 })).rejects.toThrow('no view is open');
  await ada.waitUntilClosed();
});

it('waits for what has yet to come', async () => {
  const { slack, client } = await startSlackWithApp();
  const coming = slack.as('ada').waitForMessage('Keysmith', /^Later/);
  await client.chat.postMessage({ channel: 'U0ADA00001', text: 'Sooner' });
  await client.chat.postMessage({ channel: 'U0ADA00001', text: 'Later' });
  expect((await coming).text).toBe('Later');
});
