import { memo } from 'react';
import { Button } from 'react-aria-components';
import type { ShownLine } from '../../../slack/protocol/runs-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { useFollowing } from '../../session/following.ts';

/** The console log, followed until the reader scrolls up. */
export function LogsTab({ lines }: { lines: readonly ShownLine[] }) {
  if (lines.length === 0) return <p className="wandb-quiet">This run hasn’t written to its console yet.</p>;
  return <Lines lines={lines} />;
}

function Lines({ lines }: { lines: readonly ShownLine[] }) {
  const { scroller, list, isFollowing, follow } = useFollowing();
  return (
    <div className="logs">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section className="logs-scroller" ref={scroller} tabIndex={0} aria-label="Console log">
        <ol ref={list}>
          {lines.map((line) => (
            <Line key={line.number} line={line} />
          ))}
        </ol>
      </section>
      {!isFollowing && (
        <Button className="wandb-button logs-follow" onPress={follow}>
          <Icon name="chevron-down" />
          Follow latest
        </Button>
      )}
    </div>
  );
}

const Line = memo(function Line({ line: { number, timestamp, isError, text } }: { line: ShownLine }) {
  return (
    <li className={isError ? 'log-line log-error' : 'log-line'}>
      <span className="log-number">{number + 1}</span>
      <span className="log-time">{timestamp?.replace('T', ' ').slice(0, 19)}</span>
      <span className="log-text">{text}</span>
    </li>
  );
});
