import { useState } from 'react';
import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';

/** While paused, what was there stays, unchanged; what arrives is counted. */
export function usePause(exchanges: readonly Exchange[]): {
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
