import { useCallback, useState } from 'react';
import type { Controls } from '../../slack/protocol/panel-protocol.ts';
import type { Answered } from './panel-api.ts';
import type { PanelFeed } from './panel-feed.ts';
import './outcome.css';
import { Icon } from '../look/icons.tsx';

export interface Outcome {
  /** Counts up, so that the same words are said again. */
  id: number;
  tone: 'good' | 'bad';
  text: string;
  atMs: number;
}

/** Waits for the server and says what came of it; true when it was done. */
type Act = (
  answer: Promise<Answered<Controls>>,
  done: string | ((controls: Controls) => string),
) => Promise<boolean>;

export interface Outcomes {
  last: Outcome | undefined;
  say: (tone: Outcome['tone'], text: string) => void;
  act: Act;
}

export function useOutcome(feed: PanelFeed): Outcomes {
  const [last, setLast] = useState<Outcome>();
  const say = useCallback<Outcomes['say']>(
    (tone, text) => setLast((before) => ({ id: (before?.id ?? 0) + 1, tone, text, atMs: Date.now() })),
    [],
  );
  const act = useCallback<Act>(
    async (pending, done) => {
      const answer = await pending;
      if (answer.ok) {
        feed.setControls(answer.value);
        say('good', typeof done === 'string' ? done : done(answer.value));
      } else {
        say('bad', `Not done: ${answer.message}`);
      }
      return answer.ok;
    },
    [feed, say],
  );
  return { last, say, act };
}

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

/** `09:05:07`: wire logs are compared with the app's own, which say it this way. */
function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** `09:05:07.042` */
export function timeOfDayWithMs(atMs: number): string {
  return `${timeOfDay(atMs)}.${String(new Date(atMs).getMilliseconds()).padStart(3, '0')}`;
}
