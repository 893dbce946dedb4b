import type { PageEvent } from './page-protocol.ts';

/** What happens before the eyes of one person: feeds the page's event stream and the waits of the test driver. */
export interface PersonEvents {
  emit(personIds: Iterable<string>, event: PageEvent): void;
  /** Returns what ends the subscription. */
  subscribe(personId: string, listener: (event: PageEvent) => void): () => void;
}

export function createPersonEvents(): PersonEvents {
  const listeners = new Map<string, Set<(event: PageEvent) => void>>();
  return {
    emit(personIds, event) {
      for (const personId of personIds) {
        for (const listener of [...(listeners.get(personId) ?? [])]) listener(event);
      }
    },
    subscribe(personId, listener) {
      const ofPerson = listeners.get(personId) ?? new Set();
      listeners.set(personId, ofPerson.add(listener));
      return () => void ofPerson.delete(listener);
    },
  };
}
