import type { Logger } from 'pino';
import type { Backend } from './backend.ts';
import type { Clock } from './clock.ts';
import type { Delivery, Directory, Notifications } from './slack.ts';
import type { Store } from './store.ts';

/** Counts the refusals of unidentified callers since the start, by reason. They are counted instead of audited. */
export interface RefusalCount {
  /** Returns the new count of this reason. */
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

/** What the use cases of accounts depend on. */
export interface Ports extends Clock {
  store: Store;
  backend: Backend;
  directory: Directory;
  delivery: Delivery;
  notifications: Notifications;
  organization: { name: string };
  newId: (prefix: string) => string;
  logger: Logger;
  unrecordedRefusals: RefusalCount;
}
