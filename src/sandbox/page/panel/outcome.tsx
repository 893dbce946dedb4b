import './outcome.css';
import { useCallback, useState } from 'react';
import type { Controls } from '../../slack/protocol/panel-protocol.ts';
import { Icon } from '../look/icons.tsx';
import type { Responded } from './panel-api.ts';
import type { PanelFeed } from './panel-feed.ts';

export interface Outcome {
  /** Counts up, so that a repeated text is announced again. */
  id: number;
  tone: 'good' | 'bad';
  text: string;
  atMs: number;
}

/** Waits for the server and announces the outcome. Resolves with whether it succeeded. */
type Act = (
  response: Promise<Responded<Controls>>,
  done: string | ((controls: Controls) => string),
) => Promise<boolean>;

export interface Outcomes {
  last: Outcome | undefined;
  announce: (tone: Outcome['tone'], text: string) => void;
  act: Act;
}

export function useOutcome(feed: PanelFeed): Outcomes {
  const [last, setLast] = useState<Outcome>();
  const announce = useCallback<Outcomes['announce']>(
    (tone, text) => setLast((before) => ({ id: (before?.id ?? 0) + 1, tone, text, atMs: Date.now() })),
    [],
  );
  const act = useCallback<Act>(
    async (pending, done) => {
      const response = await pending;
      if (response.ok) {
        feed.setControls(response.value);
        announce('good', typeof done === 'string' ? done : done(response.value));
      } else {
        announce('bad', `Failed: ${response.message}`);
      }
      return response.ok;
    },
    [feed, announce],
  );
  return { last, announce, act };
}

/** The outcome of the last action. Always rendered, because screen readers announce only changes. */
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

/** Returns `09:05:07`, the format of the app's own log, which the requests are compared with. */
function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Returns `09:05:07.042`. */
export function timeOfDayWithMs(atMs: number): string {
  return `${timeOfDay(atMs)}.${String(new Date(atMs).getMilliseconds()).padStart(3, '0')}`;
}
