import './outcome-line.css';
import { Icon } from '../look/icons.tsx';
import type { Outcome } from './feed/use-outcome.ts';
import { timeOfDay } from './time-of-day.ts';

/** What came of the last press: shown, and said by screen readers. It always stands, for only changes are said. */
export function OutcomeLine({ outcome }: { outcome: Outcome | undefined }) {
  return (
    <div className="panel-outcome" role="status" aria-label="Outcome">
      {outcome && (
        <p key={outcome.id} className={`panel-outcome-${outcome.tone}`}>
          <Icon name={outcome.tone === 'good' ? 'check' : 'warning'} />
          <span>{outcome.text}</span>
          <time className="panel-quiet">{timeOfDay(outcome.atMs)}</time>
        </p>
      )}
    </div>
  );
}
