import type { Logger } from 'pino';
import type { Store } from '../ports/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { LastUses } from './last-uses.ts';
import type { ExchangeOutcome, VerificationOutcome } from './outcomes.ts';

/** Counts for the metrics. Never given a name, a key ID or an address. */
export interface AuthorityCounts {
  verification(outcome: VerificationOutcome): void;
  exchange(outcome: ExchangeOutcome): void;
}

/** What the use cases of the authority need of the world. */
export interface AuthorityPorts {
  store: Store;
  /** Under which the secrets of keys are hashed, by version. */
  peppers: ReadonlyMap<number, Uint8Array>;
  accessTokens: AccessTokens;
  issuerKeys: IssuerKeys;
  lastUses: LastUses;
  counts: AuthorityCounts;
  /** What a JWT's `aud` may be: the organization's name, and more by setting. */
  audiences: readonly string[];
  /** Milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
}
