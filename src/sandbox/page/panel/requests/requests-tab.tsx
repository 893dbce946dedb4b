import { useDeferredValue, useMemo, useState } from 'react';
import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';
import type { Outcomes } from '../outcome.tsx';
import { clearTraffic } from '../panel-api.ts';
import type { FeedState } from '../panel-feed.ts';
import { RequestList } from './request-list.tsx';
import { filterExchanges, type RequestFilter, RequestToolbar } from './request-toolbar.tsx';

export function RequestsTab({
  exchanges,
  connection,
  act,
  announce,
}: {
  exchanges: readonly Exchange[];
  connection: FeedState['connection'];
} & Pick<Outcomes, 'act' | 'announce'>) {
  const [filter, setFilter] = useState<RequestFilter>({ text: '', direction: 'all' });
  const { shown, isPaused, waiting, setPaused } = usePause(exchanges);
  const wanted = useDeferredValue(filter);
  const found = useMemo(() => filterExchanges(shown, wanted), [shown, wanted]);
  return (
    <>
      <RequestToolbar
        filter={filter}
        onFilter={setFilter}
        count={found.length === shown.length ? `${shown.length}` : `${found.length} of ${shown.length}`}
        isPaused={isPaused}
        waiting={waiting}
        onPause={(paused) => {
          setPaused(paused);
          announce('good', paused ? 'Paused. New requests are held back.' : 'Resumed.');
        }}
        onClear={() => void act(clearTraffic(), 'Cleared all requests.')}
      />
      {found.length > 0 ? (
        <RequestList exchanges={found} announce={announce} />
      ) : (
        <p className="panel-empty">{emptyText(shown.length, connection)}</p>
      )}
    </>
  );
}

function emptyText(total: number, connection: FeedState['connection']): string {
  if (total > 0) return 'No requests match the filter.';
  if (connection === 'connecting') return 'Loading requests…';
  return 'No requests yet. Type a command, press a button or post a message to see what Slack and the app send each other.';
}

/** While paused, the list stays frozen and new requests are only counted. */
function usePause(exchanges: readonly Exchange[]): {
  shown: readonly Exchange[];
  isPaused: boolean;
  waiting: number;
  setPaused: (isPaused: boolean) => void;
} {
  const [frozen, setFrozen] = useState<readonly Exchange[]>();
  const newest = frozen?.at(-1)?.id ?? Number.NEGATIVE_INFINITY;
  return {
    // Clearing also empties a paused list.
    shown: frozen && exchanges.length > 0 ? frozen : exchanges,
    isPaused: frozen !== undefined,
    waiting: frozen ? exchanges.filter(({ id }) => id > newest).length : 0,
    setPaused: (isPaused) => setFrozen(isPaused ? exchanges : undefined),
  };
}
