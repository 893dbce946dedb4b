import { useDeferredValue, useMemo, useState } from 'react';
import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';
import { clearTraffic } from '../feed/panel-api.ts';
import type { FeedState } from '../feed/panel-feed.ts';
import type { Outcomes } from '../feed/use-outcome.ts';
import { filterExchanges, type RequestFilter } from './filter-exchanges.ts';
import { RequestList } from './list/request-list.tsx';
import { RequestToolbar } from './request-toolbar.tsx';
import { usePause } from './use-pause.ts';

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
