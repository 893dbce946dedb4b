export interface Waiting {
  /** Default 10 s: a bound for a hang, not a measure of speed. */
  timeoutMs?: number;
}

/**
 * Resolves as soon as `find` gives something: now, or after one of the changes that `subscribe` tells of. Rejects after
 * the time-out, saying what was waited for and what was there instead.
 */
export function waitUntil<T>(wanted: {
  find: () => T | undefined;
  subscribe: (listener: () => void) => () => void;
  description: string;
  whatIsThere: () => string;
  waiting: Waiting | undefined;
}): Promise<T> {
  const { find, subscribe, description, whatIsThere, waiting } = wanted;
  const found = find();
  if (found !== undefined) return Promise.resolve(found);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const end = () => {
    clearTimeout(timer);
    unsubscribe();
  };
  const unsubscribe = subscribe(() => {
    try {
      const value = find();
      if (value === undefined) return;
      end();
      resolve(value);
    } catch (error) {
      end();
      reject(error);
    }
  });
  const timeoutMs = waiting?.timeoutMs ?? 10_000;
  const timer = setTimeout(() => {
    end();
    reject(new Error(`Waited ${timeoutMs} ms for ${description}. Instead:\n${whatIsThere()}`));
  }, timeoutMs);
  return promise;
}
