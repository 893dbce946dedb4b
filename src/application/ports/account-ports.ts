import type { Logger } from 'pino';
import type { Backend } from './backend.ts';
import type { Delivery, Directory, Notifications } from './slack.ts';
import type { Store } from './store.ts';

/** How often callers whom Keysmith can't name were refused since the start, by reason: they are counted, not recorded. */
export interface RefusalCount {
  /** Answers how often it has been this reason now. */
  add(reason: string): number;
}

export function createRefusalCount(): RefusalCount {
  const counts = new Map<string, number>();
  return {
    add(reason) {
      const count = (counts.get(reason) ?? 0) + 1;
      counts.set(reason, count);
      return count;
    },
  };
}

/** What the use cases need of the world; wired in main.ts alone. */
export interface Ports {
  store: Store;
  backend: Backend;
  directory: Directory;
  delivery: Delivery;
  notifications: Notifications;
  organization: { name: string };
  /** Milliseconds since the epoch. */
  now: () => number;
  newId: (prefix: string) => string;
  logger: Logger;
  /** Of callers who are no known person. */
  unrecordedRefusals: RefusalCount;
}
