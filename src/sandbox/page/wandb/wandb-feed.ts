import { useEffect, useState } from 'react';
import type {
  RunList,
  RunListEvent,
  RunPage,
  RunPageEvent,
  RunPath,
} from '../../slack/protocol/runs-protocol.ts';
import { followEvents } from '../session/live-updates.ts';
import { changedList, changedPage } from './run-state.ts';

/** `lost` while the data may be out of date. */
export type Connection = 'connecting' | 'live' | 'lost';

const EVENTS = '/sandbox/wandb/events';

/** Follows the list of runs while `isWanted`; what is known stays afterwards. */
export function useRunList(isWanted: boolean): { list: RunList | undefined; connection: Connection } {
  const [list, setList] = useState<RunList>();
  const [connection, setConnection] = useState<Connection>('connecting');
  useEffect(() => {
    if (!isWanted) return;
    return followWhileVisible<RunListEvent>(EVENTS, {
      event: (event) => setList((before) => changedList(before, event)),
      connection: setConnection,
    });
  }, [isWanted]);
  return { list, connection };
}

export type FollowedRun =
  | { status: 'loading' | 'missing'; connection: Connection }
  | { status: 'known'; page: RunPage; connection: Connection };

/** Follows one run. */
export function useRunPage({ entity, project, run }: RunPath): FollowedRun {
  const [page, setPage] = useState<RunPage | 'missing'>();
  const [connection, setConnection] = useState<Connection>('connecting');
  useEffect(() => {
    setPage(undefined);
    return followWhileVisible<RunPageEvent>(`${EVENTS}?${new URLSearchParams({ entity, project, run })}`, {
      event: (event) =>
        setPage((before) => {
          if (event.type === 'missing') return 'missing';
          return changedPage(before === 'missing' ? undefined : before, event.changes);
        }),
      connection: setConnection,
    });
  }, [entity, project, run]);
  if (page === undefined) return { status: 'loading', connection };
  return page === 'missing' ? { status: 'missing', connection } : { status: 'known', page, connection };
}

interface Listeners<Event> {
  event: (event: Event) => void;
  connection: (connection: Connection) => void;
}

/**
 * Follows events, but not in a hidden browser tab: a browser opens six connections to a server, and each followed stream takes
 * one. Returns a function that ends it.
 */
function followWhileVisible<Event>(url: string, { event, connection }: Listeners<Event>): () => void {
  let stop: (() => void) | undefined;
  const follow = (): void => {
    if (document.hidden) {
      stop?.();
      stop = undefined;
    } else {
      stop ??= followEvents<Event>(url, {
        event,
        connected: () => connection('live'),
        lost: () => connection('lost'),
      }).stop;
    }
  };
  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    stop?.();
  };
}
