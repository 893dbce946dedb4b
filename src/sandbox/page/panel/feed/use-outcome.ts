import { useCallback, useState } from 'react';
import type { Controls } from '../../../slack/protocol/panel-protocol.ts';
import type { Answered } from './panel-api.ts';
import type { PanelFeed } from './panel-feed.ts';

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
