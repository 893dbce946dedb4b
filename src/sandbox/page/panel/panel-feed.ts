import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Controls, Exchange, PanelEvent } from '../../slack/protocol/panel-protocol.ts';
import { type Answered, fetchControls, fetchTraffic, panelEventsUrl } from './panel-api.ts';

const RETRY_AFTER_MS = 1_000;

export interface FeedState {
  /** Oldest first. */
  exchanges: readonly Exchange[];
  /** Absent until they are known. */
  controls?: Controls;
  connection: 'connecting' | 'live' | 'lost';
  /** Why what is shown is not whole. */
  problem?: string;
}

export interface PanelFeed {
  state(): FeedState;
  subscribe(listener: () => void): () => void;
  /** Follows until the returned function is called. */
  follow(): () => void;
  /** Fetches everything anew. */
  catchUp(): Promise<void>;
  /** What an answer brought, without waiting for the event. */
  setControls(controls: Controls): void;
}

/** What the panel knows: a snapshot at each connection, and events from then on. */
function createPanelFeed(): PanelFeed {
  let state: FeedState = { exchanges: [], connection: 'connecting' };
  // Events that arrive during a snapshot wait for it, so that it never undoes news.
  let waiting: PanelEvent[] | undefined;
  const listeners = new Set<() => void>();

  const update = (changed: Partial<FeedState>): void => {
    state = { ...state, ...changed };
    for (const listener of listeners) listener();
  };
  const apply = (event: PanelEvent): void => update(changedBy(event, state));

  const catchUp = async (): Promise<void> => {
    const mine: PanelEvent[] = [];
    waiting = mine;
    const [traffic, controls] = await Promise.all([fetchTraffic(), fetchControls()]);
    // A later snapshot is under way, and knows more.
    if (waiting !== mine) return;
    waiting = undefined;
    const { problem: _solved, ...rest } = state;
    state = { ...rest, ...snapshot(traffic, controls) };
    update({});
    for (const event of mine) apply(event);
  };

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow: () =>
      followEvents({
        event: (event) => (waiting ? void waiting.push(event) : apply(event)),
        connected: () => {
          update({ connection: 'live' });
          void catchUp();
        },
        lost: () => update({ connection: 'lost' }),
      }),
    catchUp,
    setControls: (controls) => update({ controls }),
  };
}

function changedBy(event: PanelEvent, state: FeedState): Partial<FeedState> {
  switch (event.type) {
    case 'exchange':
      return { exchanges: mergeExchange(state.exchanges, event.exchange) };
    case 'cleared':
      return { exchanges: [] };
    case 'controls':
      return { controls: event.controls };
  }
}

function snapshot(traffic: Answered<Exchange[]>, controls: Answered<Controls>): Partial<FeedState> {
  const problems = [traffic, controls].flatMap((answer) => (answer.ok ? [] : [answer.message]));
  return {
    ...(traffic.ok ? { exchanges: traffic.value } : {}),
    ...(controls.ok ? { controls: controls.value } : {}),
    ...(problems[0] ? { problem: problems[0] } : {}),
  };
}

function followEvents(on: { event: (event: PanelEvent) => void; connected: () => void; lost: () => void }) {
  let source: EventSource;
  let retry: number | undefined;
  const connect = (): void => {
    source = new EventSource(panelEventsUrl);
    source.addEventListener('open', on.connected);
    source.addEventListener('message', ({ data }) => on.event(JSON.parse(data)));
    source.addEventListener('error', () => {
      on.lost();
      // After an HTTP error the browser gives up; while CONNECTING it tries again by itself.
      if (source.readyState === EventSource.CLOSED) retry = window.setTimeout(connect, RETRY_AFTER_MS);
    });
  };
  connect();
  return () => {
    source.close();
    window.clearTimeout(retry);
  };
}

/** As many as the server keeps. */
const KEPT = 1_000;

/** A new exchange at the end, or a known one in its place; an answer that came is never taken back. */
function mergeExchange(known: readonly Exchange[], arrived: Exchange): readonly Exchange[] {
  const index = known.findLastIndex(({ id }) => id === arrived.id);
  if (index < 0) return [...known, arrived].slice(-KEPT);
  if (known[index]?.durationMs !== undefined && arrived.durationMs === undefined) return known;
  return known.with(index, arrived);
}

/** Follows as long as the component stands. */
export function usePanelFeed(): { feed: PanelFeed; state: FeedState } {
  const [feed] = useState(createPanelFeed);
  useEffect(() => feed.follow(), [feed]);
  return { feed, state: useSyncExternalStore(feed.subscribe, feed.state) };
}
