import type { Logger } from 'pino';
import type { Backend } from './ports/backend.ts';
import type { Delivery, Directory, Notices } from './ports/slack.ts';
import type { Store } from './ports/store.ts';
import type { RefusalCount } from './refusal-count.ts';

/** What the use cases need of the world; wired in main.ts alone. */
export interface Ports {
  store: Store;
  backend: Backend;
  directory: Directory;
  delivery: Delivery;
  notices: Notices;
  organization: { id: string; name: string };
  /** Milliseconds since the epoch. */
  now: () => number;
  newId: (prefix: string) => string;
  logger: Logger;
  /** Of callers who are no known person. */
  unrecordedRefusals: RefusalCount;
}
