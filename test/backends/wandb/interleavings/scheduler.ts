import { setImmediate } from 'node:timers/promises';

/** A process that a test can kill between any two steps: from then on, nothing that it waits for happens. */
export interface SteppedProcess {
  isKilled: boolean;
  /** True if its steps happen at once. */
  isAlone?: boolean;
}

/** Decides in which order the steps of all processes happen. */
export interface Scheduler {
  /** Returns a number from 0 up to 1; the same ones for the same seed. */
  random(): number;
  /** Waits until it is this step's turn. */
  step(process: SteppedProcess): Promise<void>;
  /** Returns whether a step waits for its turn. */
  isBusy(): boolean;
  /** Lets at most this many steps happen, in a random order. */
  run(steps: number): Promise<void>;
}

export function createScheduler(seed: number): Scheduler {
  const random = randomFrom(seed);
  let waiting: { process: SteppedProcess; resume: () => void }[] = [];
  return {
    random,
    step: async (process) => {
      if (process.isAlone) return;
      await new Promise<void>((resume) => void waiting.push({ process, resume }));
    },
    isBusy: () => waiting.some(({ process }) => !process.isKilled),
    async run(steps) {
      for (let step = 0; step < steps; step += 1) {
        // Whatever the last step has caused has happened.
        await setImmediate();
        waiting = waiting.filter((one) => !one.process.isKilled);
        const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
        if (next === undefined) return;
        next.resume();
      }
    },
  };
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
