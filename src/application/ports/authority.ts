import type { Logger } from 'pino';
import type { Issuer } from '../../domain/issuer.ts';
import type { AccessTokens } from '../authority/access-tokens.ts';
import type { ExchangeOutcome } from '../authority/exchange-assertion.ts';
import type { IssuerKeys } from '../authority/issuer-keys.ts';
import type { LastUses } from '../authority/last-uses.ts';
import type { VerificationOutcome } from '../authority/verify-credential.ts';
import type { Store } from './store.ts';

/** Why a document of an issuer could not be had now. The code is for the log. */
interface DocumentUnavailable {
  ok: false;
  /**
   * `not_allowed`: the address may not be asked (private network, no https, a redirect); `not_found`: 404 or 410;
   * `unreachable`: no answer in time, TLS, a 5xx; `unusable`: too large, no JSON.
   */
  reason: 'not_allowed' | 'not_found' | 'unreachable' | 'unusable';
  cause: string;
}

/** Reads JSON documents of issuers, guarded: https, public addresses, no redirects, 5 s, 1 MiB. Never throws. */
export interface IssuerDocuments {
  /** @param signal ends it earlier */
  read(
    url: string,
    issuer: Issuer,
    signal?: AbortSignal,
  ): Promise<{ ok: true; document: unknown } | DocumentUnavailable>;
}

/** Counts for the metrics. Never given a name, a key ID or an address. */
export interface AuthorityCounts {
  verification(outcome: VerificationOutcome): void;
  exchange(outcome: ExchangeOutcome): void;
}

/** What the use cases of the authority need of the world. */
export interface AuthorityPorts {
  store: Store;
  organization: { id: string; name: string };
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
