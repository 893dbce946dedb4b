/** A value that tells of its changes, in the shape that `useSyncExternalStore` takes. */
export interface Observable<Value> {
  get(): Value;
  set(value: Value): void;
  /** Returns how to stop listening. */
  subscribe(listener: () => void): () => void;
}

export function createObservable<Value>(initial: Value): Observable<Value> {
  const listeners = new Set<() => void>();
  let value = initial;
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
