/** Tells whoever listens, at once and in the order in which they came. */
export interface Signal<T> {
  emit(value: T): void;
  /** Returns what ends the subscription. */
  subscribe(listener: (value: T) => void): () => void;
}

export function createSignal<T = void>(): Signal<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    emit(value) {
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      const own = (value: T) => listener(value);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}
