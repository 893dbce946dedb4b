import type { Secret } from '../../domain/keys/secret.ts';
import type { UpstreamCredentialKind } from '../ports/upstream-store.ts';

/** What Keysmith sends to the W&B server instead of a workload's credential. */
export interface UpstreamCredential {
  teamName: string;
  kind: UpstreamCredentialKind;
  /** The value of `Authorization`. */
  authorization: Secret;
  /** Whether it reaches more than its team: a key stored with `--allow-wider`. */
  isWider: boolean;
}

export type UpstreamCredentialResult =
  | { ok: true; credential: UpstreamCredential }
  /** The team has none. */
  | { ok: false; reason: 'none' }
  /** `rejected`: W&B didn't accept it. `unavailable`: W&B couldn't be asked for one. Both may pass. */
  | { ok: false; reason: 'rejected' | 'unavailable'; retryAfterSeconds: number };

/** The upstream credentials of all teams. */
export interface UpstreamCredentials {
  /**
   * Returns a team's credential.
   *
   * @param teamName the exact name of an active team
   * @throws StoreUnavailableError
   */
  of(teamName: string): Promise<UpstreamCredentialResult>;
  /**
   * Call it when W&B responded with 401 to a credential. Returns a new one to try once, if there can be one; otherwise the organization's
   * admins are notified, once until it works again.
   */
  renew(rejected: UpstreamCredential): Promise<UpstreamCredentialResult>;
  /** Call it when W&B accepted a credential: with any status but 401. */
  accepted(credential: UpstreamCredential): void;
}

/** Where teams without a stored key get a credential: identity federation. Both methods keep what W&B issued, and never throw. */
export interface FederatedCredentials {
  /** Returns the team's access token. `rejected`: W&B refused Keysmith's JWT. */
  of(teamName: string): Promise<UpstreamCredentialResult>;
  /** Returns an access token other than this one, which W&B rejected: a newer one, or the result of one new exchange. */
  renew(rejected: UpstreamCredential): Promise<UpstreamCredentialResult>;
}
