import { describe, expect, it } from 'vitest';
import { webApiMethods } from '../../../../src/sandbox/slack/web-api/call.ts';
import { startDrivenSlack } from '../../../driver/driven-slack.ts';
import { app, conversations, people, startSlackWithApp } from '../slack-with-app.ts';
import { ask, jsonType, post } from './page-client.ts';
import { controlsOf, setControl, trafficOf, watchPanel } from './panel-client.ts';

const reads = ['traffic', 'controls', 'events'].map((name) => `/sandbox/panel/${name}`);
const changes: [string, object][] = [
  ['/sandbox/panel/failure', { method: 'auth.test', failure: { kind: 'timeout' } }],
  ['/sandbox/panel/membership', { conversation: conversations.withApp, isMember: false }],
  ['/sandbox/panel/person', { person: people.ben, isActive: false }],
  ['/sandbox/panel/installation', { isInstalled: false }],
  ['/sandbox/panel/expire', { what: 'next_trigger' }],
  ['/sandbox/panel/sockets', { reason: 'link_disabled' }],
  ['/sandbox/panel/clear', {}],
];

describe('the API of the developers’ panel', () => {
  it('returns the initial controls', async () => {
    const { slack } = await startSlackWithApp();
    const { headers, json } = await ask(slack, '/sandbox/panel/controls');
    expect(headers['cache-control']).toBe('no-store');
    expect(json).toEqual({
      methods: [...Object.keys(webApiMethods), 'response_url'].sort(),
      failures: [],
      channels: [
        { id: conversations.withApp, name: 'ml-platform', kind: 'public', hasApp: true },
        { id: conversations.withoutApp, name: 'random', kind: 'public', hasApp: false },
        { id: conversations.privateWithoutApp, name: 'ml-secrets', kind: 'private', hasApp: false },
      ],
      people: [
        { id: people.ada, name: 'Ada Lindqvist', isActive: true },
        { id: people.ben, name: 'Ben Okafor', isActive: true },
        { id: people.cy, name: 'Cy Marchetti', isActive: true },
        { id: people.dee, name: 'Dee Tanaka', isActive: true },
      ],
      isInstalled: true,
      triggers: 0,
      responseUrls: 0,
      nextTriggerExpires: false,
      sockets: 0,
    });
  });

  it.each(changes)('returns the controls after %s', async (path, body) => {
    const { slack } = await startSlackWithApp();
    const { status, headers, json } = await post(slack, path, body);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(json).toEqual(await controlsOf(slack));
  });

  it('streams the controls first and after every change, whether the panel or a test makes it', async () => {
    const { slack } = await startSlackWithApp();
    const panel = await watchPanel(slack);
    expect(panel.contentType).toBe('text/event-stream; charset=utf-8');
    const before = await controlsOf(slack);
    expect(await panel.next()).toEqual({ type: 'controls', controls: before });
    const failure = { kind: 'timeout' as const };
    slack.failures.set('auth.test', failure, { times: 2 });
    const planned = { ...before, failures: [{ method: 'auth.test', failure, times: 2 }] };
    expect(await panel.next()).toEqual({ type: 'controls', controls: planned });
    // This request changes nothing, so no event is sent.
    await setControl(slack, 'membership', { conversation: conversations.withApp, isMember: true });
    slack.failures.clear();
    expect(await panel.next()).toEqual({ type: 'controls', controls: before });
  });

  it('clears the recorded traffic, including requests in flight', async () => {
    const { slack, client, receiver } = await startSlackWithApp();
    const acknowledged = Promise.withResolvers<undefined>();
    receiver.response = () => acknowledged.promise;
    const command = slack.as('ada').command('random', '/wandb');
    const panel = await watchPanel(slack);
    await setControl(slack, 'clear', {});
    expect(await trafficOf(slack)).toEqual([]);
    acknowledged.resolve(undefined);
    await command;
    await client.auth.test();
    await panel.exchange(({ durationMs }) => durationMs !== undefined);
    const seen = panel.seen.flatMap((event) =>
      event.type === 'exchange' ? event.exchange.method : event.type,
    );
    expect(seen.filter((what) => what !== 'controls')).toEqual(['cleared', 'auth.test', 'auth.test']);
    expect((await trafficOf(slack)).map(({ id, method }) => [id, method])).toEqual([[2, 'auth.test']]);
  });

  it.each(['evil.test', '127.0.0.1:1', 'localhost.evil.test'])(
    'refuses requests with the Host %s, against DNS rebinding',
    async (host) => {
      const { slack } = await startSlackWithApp();
      const before = await controlsOf(slack);
      const refused = { status: 403, json: { ok: false, error: 'not_allowed', message: expect.any(String) } };
      for (const path of reads) expect(await ask(slack, path, { headers: { host } })).toMatchObject(refused);
      for (const [path, body] of changes) {
        expect(await post(slack, path, body, { ...jsonType, host })).toMatchObject(refused);
      }
      expect(await controlsOf(slack)).toEqual(before);
    },
  );

  it.each(['http://evil.test', 'null', 'https://localhost'])(
    'refuses requests from the origin %s',
    async (origin) => {
      const { slack } = await startSlackWithApp();
      const before = await controlsOf(slack);
      for (const path of reads) expect((await ask(slack, path, { headers: { origin } })).status).toBe(403);
      for (const [path, body] of changes) {
        expect((await post(slack, path, body, { ...jsonType, origin })).status).toBe(403);
      }
      expect(await controlsOf(slack)).toEqual(before);
    },
  );

  const failing = (failure: object, more: object = {}) => ({ method: 'auth.test', failure, ...more });

  it.each<[string, string, unknown, Record<string, string>?]>([
    ['a form body', 'clear', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a text body', 'clear', '{}', { 'content-type': 'text/plain' }],
    ['broken JSON', 'clear', '{'],
    ['additional fields', 'clear', { all: true }],
    ['a failure of an unknown kind', 'failure', failing({ kind: 'poem' })],
    ['a status outside the range of HTTP', 'failure', failing({ kind: 'status', status: 42 })],
    ['an error that is not a valid code', 'failure', failing({ kind: 'error', error: 'Oh no!\n' })],
    ['a delay above the maximum', 'failure', failing({ kind: 'slow', delayMs: 1e12 })],
    ['a redirect to a script', 'failure', failing({ kind: 'redirect', location: 'javascript:alert(1)' })],
    ['a failure for zero calls', 'failure', failing({ kind: 'timeout' }, { times: 0 })],
    [
      'a membership that is not a boolean',
      'membership',
      { conversation: conversations.withApp, isMember: 'no' },
    ],
    ['an unknown kind of expiry', 'expire', { what: 'people' }],
    ['an unknown reason to disconnect', 'sockets', { reason: 'boredom' }],
  ])(
    'refuses %s with a 400 and leaves the controls unchanged',
    async (_what, route, body, headers = jsonType) => {
      const { slack } = await startSlackWithApp();
      const before = await controlsOf(slack);
      expect(await post(slack, `/sandbox/panel/${route}`, body, headers)).toMatchObject({
        status: 400,
        json: { ok: false, error: 'invalid_request', message: expect.any(String) },
      });
      expect(await controlsOf(slack)).toEqual(before);
    },
  );

  it.each<[string, string, object]>([
    ['an unknown method', 'failure', { method: 'chat.sing', failure: { kind: 'timeout' } }],
    [
      'a method named like an inherited property',
      'failure',
      { method: 'constructor', failure: { kind: 'timeout' } },
    ],
    ['an unknown conversation', 'membership', { conversation: 'C0NOWHERE1', isMember: true }],
    ['a direct message', 'membership', { conversation: conversations.betweenPeople, isMember: true }],
  ])('returns 404 for %s', async (_what, route, body) => {
    const { slack } = await startSlackWithApp();
    expect(await post(slack, `/sandbox/panel/${route}`, body)).toMatchObject({
      status: 404,
      json: { ok: false, error: 'not_found', message: expect.any(String) },
    });
  });

  it('accepts changes while the app is starting, so that its start can be made to fail', async () => {
    const slack = await startDrivenSlack({ app, appStarts: new Promise(() => {}) });
    try {
      const { failures } = await setControl(slack, 'failure', failing({ kind: 'timeout' }));
      expect(failures).toEqual([{ method: 'auth.test', failure: { kind: 'timeout' } }]);
    } finally {
      await slack.stop();
    }
  });

  it('ends its event streams when Slack stops', async () => {
    const { slack } = await startSlackWithApp();
    const panel = await watchPanel(slack);
    await panel.next();
    await slack.stop();
    await expect(panel.next()).rejects.toThrow();
  });
});

describe('A demo run of the developers’ panel', () => {
  const start = (slack: Parameters<typeof post>[0], body: object) =>
    post(slack, '/sandbox/panel/demo-run', body);

  it('isn’t offered by a sandbox without a server that keeps runs', async () => {
    const { slack } = await startSlackWithApp();
    expect(await controlsOf(slack)).not.toHaveProperty('demoRun');
    expect((await start(slack, { key: 'keysmith_x' })).status).toBe(404);
  });

  it('starts with the pasted key, one at a time, and never returns the key', async () => {
    const { slack } = await startSlackWithApp();
    const keys: string[] = [];
    slack.offerDemoRuns({
      current: () => ({ state: 'running', step: 0, steps: 40 }),
      start: (key) => keys.push(key) === 1,
      onChange: () => {},
    });
    const started = await start(slack, { key: ' keysmith_x ' });
    expect([started.status, started.json.demoRun]).toEqual([200, { state: 'running', step: 0, steps: 40 }]);
    expect((await start(slack, { key: 'keysmith_x' })).status).toBe(409);
    expect(keys).toEqual(['keysmith_x', 'keysmith_x']);
    for (const body of [{ key: '' }, { key: ' ' }, { key: 'x'.repeat(1001) }, { key: 5 }, {}]) {
      const refused = await start(slack, body);
      expect(refused.status).toBe(400);
      expect(JSON.stringify(refused.json)).not.toContain('xxxx');
    }
    expect(JSON.stringify([await controlsOf(slack), await trafficOf(slack)])).not.toContain('keysmith_x');
  });
});
