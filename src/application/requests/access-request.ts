import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { ExternalIdentity } from '../../domain/accounts/service-account.ts';

/**
 * `granted`: an urgent request whose account exists until the admins confirm it, or until its time is over. `lapsed`: nobody decided
 * in time.
 */
export const ACCESS_REQUEST_STATES = [
  'open',
  'granted',
  'approved',
  'denied',
  'withdrawn',
  'lapsed',
] as const;

/** The account that a member asks for, as their form was validated. Contains no secret. */
export interface RequestedAccount {
  name: string;
  authentication:
    | { method: 'api_key'; keyExpiry: KeyExpiry }
    | { method: 'api_key_on_server' }
    | { method: 'federated'; identity: ExternalIdentity };
  purpose: string | null;
  usedBy: string | null;
  /** Slack user ID. */
  contact: string;
}
