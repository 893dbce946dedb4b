import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Controls, Exchange, PanelEvent } from '../../slack/protocol/panel-protocol.ts';
import { followEvents } from '../session/live-updates.ts';
import { fetchControls, fetchTraffic, panelEventsUrl, type Responded } from './panel-api.ts';

/** The server keeps the same number. */
const MAX_EXCHANGES = 1_000;

export interface FeedState {
  /** Oldest first. */
  exchanges: readonly Exchange[];
  /** Absent until they are known. */
  controls?: Controls;
  connection: 'connecting' | 'live' | 'lost';
  /** Why the snapshot is incomplete. */
  problem?: string;
}

export interface PanelFeed {
  state(): FeedState;
  subscribe(listener: () => void): () => void;
  /** Follows the server's events until the returned function is called. */
  follow(): () => void;
  /** Fetches a complete snapshot. */
  catchUp(): Promise<void>;
  /** Applies the controls of a response without waiting for the event. */
  setControls(controls: Controls): void;
}

/** Creates the state of the panel: a snapshot at each connection, updated by events. */
function createPanelFeed(): PanelFeed {
  let state: FeedState = { exchanges: [], connection: 'connecting' };
  // Events that arrive while a snapshot is loading wait for it, so a snapshot never overwrites newer state.
  let waiting: PanelEvent[] | undefined;
  const listeners = new Set<() => void>();

  const update = (changed: Partial<FeedState>): void => {
    state = { ...state, ...changed };
    for (const listener of listeners) listener();
  };
  const apply = (event: PanelEvent): void => update(changedBy(event, state));

  const catchUp = async (): Promise<void> => {
    const queued: PanelEvent[] = [];
    waiting = queued;
    const [traffic, controls] = await Promise.all([fetchTraffic(), fetchControls()]);
    // A newer snapshot is being loaded.
    if (waiting !== queued) return;
    waiting = undefined;
    const { problem: _solved, ...rest } = state;
    state = { ...rest, ...snapshot(traffic, controls) };
    update({});
    for (const event of queued) apply(event);
  };

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow: () =>
      followEvents<PanelEvent>(panelEventsUrl, {
        event: (event) => (waiting ? void waiting.push(event) : apply(event)),
        connected: () => {
          update({ connection: 'live' });
          void catchUp();
        },
        lost: () => update({ connection: 'lost' }),
      }).stop,
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

function snapshot(traffic: Responded<Exchange[]>, controls: Responded<Controls>): Partial<FeedState> {
  const problems = [traffic, controls].flatMap((response) => (response.ok ? [] : [response.message]));
  return {
    ...(traffic.ok ? { exchanges: traffic.value } : {}),
    ...(controls.ok ? { controls: controls.value } : {}),
    ...(problems[0] ? { problem: problems[0] } : {}),
  };
}

/** Appends a new exchange or updates a known one. An exchange that has ended never becomes pending again. */
function mergeExchange(known: readonly Exchange[], arrived: Exchange): readonly Exchange[] {
  const index = known.findLastIndex(({ id }) => id === arrived.id);
  if (index < 0) return [...known, arrived].slice(-MAX_EXCHANGES);
  if (known[index]?.durationMs !== undefined && arrived.durationMs === undefined) return known;
  return known.with(index, arrived);
}

/** Follows the feed while the component is mounted. */
export function usePanelFeed(): { feed: PanelFeed; state: FeedState } {
  const [feed] = useState(createPanelFeed);
  useEffect(() => feed.follow(), [feed]);
  return { feed, state: useSyncExternalStore(feed.subscribe, feed.state) };
}
