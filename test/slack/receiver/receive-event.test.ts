import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { ListenerContext } from '../../../src/slack/listeners/listener-context.ts';
import type { Listeners } from '../../../src/slack/listeners/listeners.ts';
import { createEventFilter, receiveEvent } from '../../../src/slack/receiver/receive-event.ts';

const opened = (more: object = {}) => ({
  type: 'event_callback',
  team_id: 'T1',
  event_id: 'Ev1',
  event: { type: 'app_home_opened', user: 'U1', tab: 'home' },
  ...more,
});

function createReceiver(listener: () => Promise<void> = async () => {}) {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line).msg) });
  const directory = { workspace: { workspaceId: 'T1', enterpriseId: undefined } };
  const context = { ports: { logger, directory, newId: () => 'ks_1' } } as unknown as ListenerContext;
  const received: unknown[] = [];
  const events: Listeners['events'] = {
    async app_home_opened(_context, event) {
      received.push(event);
      await listener();
    },
  };
  const isNew = createEventFilter();
  return { received, lines, receive: (body: unknown) => receiveEvent(context, { events }, body, isNew) };
}

describe('An event', () => {
  test('reaches its listener once, however often Slack sends it again', async () => {
    const { received, receive } = createReceiver();
    await Promise.all([receive(opened()), receive(opened())]);
    await receive(opened());
    await receive(opened({ event_id: 'Ev2' }));
    expect(received).toEqual([opened().event, opened().event]);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['an event of another type', opened({ event: { type: 'message', user: 'U1' } })],
    ['an event without a person', opened({ event: { type: 'app_home_opened', tab: 'home' } })],
  ])('over Socket Mode is ignored if it is %s', async (_what, body) => {
    const { received, lines, receive } = createReceiver();
    await receive(body);
    expect(received).toEqual([]);
    expect(lines).toEqual(['event ignored']);
  });

  test('of another workspace is ignored', async () => {
    const { received, lines, receive } = createReceiver();
    await receive(opened({ team_id: 'T2' }));
    expect(received).toEqual([]);
    expect(lines).toEqual(['event of another workspace ignored']);
  });

  test('whose listener fails is only logged', async () => {
    const { lines, receive } = createReceiver(() => Promise.reject(new Error('Slack is down')));
    await receive(opened());
    expect(lines).toEqual(['event failed']);
  });

  test('without a listener has no effect', async () => {
    const { received, lines, receive } = createReceiver();
    await receive(opened({ event: { type: 'app_uninstalled' } }));
    expect(received).toEqual([]);
    expect(lines).toEqual([]);
  });
});
