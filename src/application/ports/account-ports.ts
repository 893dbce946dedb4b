import type { Logger } from 'pino';
import type { ApiKeyParts } from '../../domain/keys/api-key.ts';
import type { AssertionRules } from '../authority/jwt/examine-jwt.ts';
import type { Cards } from '../cards/card.ts';
import type { StoredApiKey } from './authority-store.ts';
import type { Backend } from './backend.ts';
import type { Clock } from './clock.ts';
import type { RunAccess, RunsOfAccounts } from './gateway.ts';
import type { RefusalRecord } from './refusals.ts';
import type { Delivery, Directory, Installation, Notifications } from './slack.ts';
import type { Store } from './store.ts';

/** What the use cases of accounts depend on. */
export interface Ports extends Clock {
  store: Store;
  backend: Backend;
  directory: Directory;
  delivery: Delivery;
  notifications: Notifications;
  cards: Cards;
  installation: Installation;
  /** Returns the stored key whose ID and secret these are, whatever became of it. */
  findGenuineKey: (parts: ApiKeyParts) => Promise<StoredApiKey | undefined>;
  organization: { name: string };
  /** Where workloads reach Keysmith, or the W&B server where accounts live there. */
  workloadUrl: string;
  newId: (prefix: string) => string;
  logger: Logger;
  refusals: RefusalRecord;
  /** Runs the jobs that are due now, instead of within seconds. Never throws. */
  wakeJobs: () => void;
  /** Stores the uses of credentials that this process has only in memory. Never throws. */
  flushUses: () => Promise<void>;
  /** Never throws, and asks no server. */
  runAccess: (teamName: string) => Promise<RunAccess>;
  /** What JWTs are checked against. Undefined where Keysmith doesn't exchange them. */
  assertionRules: AssertionRules | undefined;
  /** The ID of the channel that gets the head of the audit chain every day, if any. */
  auditChannel: string | undefined;
  /** Undefined without a gateway. */
  writingRuns: RunsOfAccounts | undefined;
}
