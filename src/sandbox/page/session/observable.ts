import { useCallback, useState, useSyncExternalStore } from 'react';

/** A value with subscribers, in the shape that `useSyncExternalStore` takes. */
export interface Observable<Value> {
  get(): Value;
  set(value: Value): void;
  /** Returns an unsubscribe function. */
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

/** A switch that is stored in this browser. */
export function useStoredSwitch(name: string): [boolean, (isOn: boolean) => void] {
  const [isOn, setIsOn] = useState(() => localStorage.getItem(name) === 'on');
  return [
    isOn,
    (next) => {
      localStorage.setItem(name, next ? 'on' : 'off');
      setIsOn(next);
    },
  ];
}

export function useMediaQuery(query: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}
