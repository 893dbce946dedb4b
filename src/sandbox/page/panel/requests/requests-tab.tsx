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
  say,
}: {
  exchanges: readonly Exchange[];
  connection: FeedState['connection'];
} & Pick<Outcomes, 'act' | 'say'>) {
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
          say('good', paused ? 'Paused: new requests wait.' : 'New requests are shown again.');
        }}
        onClear={() => void act(clearTraffic(), 'The requests so far are forgotten.')}
      />
      {found.length > 0 ? (
        <RequestList exchanges={found} say={say} />
      ) : (
        <p className="panel-empty">{emptyText(shown.length, connection)}</p>
      )}
    </>
  );
}

function emptyText(total: number, connection: FeedState['connection']): string {
  if (total > 0) return 'No request matches the filter.';
  if (connection === 'connecting') return 'Loading the requests…';
  return 'No requests yet. Type a command, press a button or post a message, and what Slack and the app say to each other shows up here.';
}

/** While paused, what was there stays, unchanged; what arrives is counted. */
function usePause(exchanges: readonly Exchange[]): {
  shown: readonly Exchange[];
  isPaused: boolean;
  waiting: number;
  setPaused: (isPaused: boolean) => void;
} {
  const [frozen, setFrozen] = useState<readonly Exchange[]>();
  const newest = frozen?.at(-1)?.id ?? Number.NEGATIVE_INFINITY;
  return {
    // What was cleared is gone, paused or not.
    shown: frozen && exchanges.length > 0 ? frozen : exchanges,
    isPaused: frozen !== undefined,
    waiting: frozen ? exchanges.filter(({ id }) => id > newest).length : 0,
    setPaused: (isPaused) => setFrozen(isPaused ? exchanges : undefined),
  };
}
