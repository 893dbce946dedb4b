import { Button } from 'react-aria-components';
import type { FeedState } from './feed/panel-feed.ts';

/** Says so when what is shown may be old or is not whole. */
export function FeedNotice({ state, onRetry }: { state: FeedState; onRetry: () => void }) {
  return (
    <div role="status" aria-label="Connection">
      {state.connection === 'lost' && (
        <p className="panel-notice">The connection to the sandbox is lost. Trying again…</p>
      )}
      {state.connection === 'live' && state.problem !== undefined && (
        <div className="panel-notice">
          <p>Not everything could be loaded: {state.problem}</p>
          <Button className="panel-button" onPress={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}
