import type { Secret } from '../../domain/keys/secret.ts';

/** What Keysmith sends to the W&B server instead of a workload's credential. */
export interface UpstreamCredential {
  teamName: string;
  /** `team_key`: a W&B API key that an operator stored. `access_token`: one that W&B issued for a JWT of Keysmith's. */
  kind: 'team_key' | 'access_token';
  /** The value of `Authorization`. */
  authorization: Secret;
  /** Whether it reaches more than its team: a key stored with `--allow-wider`. */
  isWider: boolean;
}

export type UpstreamCredentialResult =
  | { ok: true; credential: UpstreamCredential }
  /** Nobody gave the team one. */
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
   * Call it when W&B answered 401 to a credential. Returns a new one to try once, if there can be one; otherwise the organization's
   * admins are notified, once until it works again.
   */
  renew(rejected: UpstreamCredential): Promise<UpstreamCredentialResult>;
  /** Call it when W&B accepted a credential: with any status but 401. */
  accepted(credential: UpstreamCredential): void;
}
