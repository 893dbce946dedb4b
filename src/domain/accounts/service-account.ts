type AuthenticationMethod = 'api_key' | 'federated';

/** Days that a key may live; the form offers these. */
export const KEY_LIFETIMES_DAYS = [30, 90, 180, 365] as const;
export type KeyLifetimeDays = (typeof KEY_LIFETIMES_DAYS)[number];
export const DEFAULT_KEY_LIFETIME_DAYS: KeyLifetimeDays = 90;

export interface ExternalIdentity {
  /** URL of a registered JWT issuer, letter for letter. */
  issuer: string;
  /** The JWT's `sub`, letter for letter. */
  subject: string;
}

/** A non-human user of one team, or of all. */
export interface ServiceAccount {
  id: string;
  organizationId: string;
  /** `organization`: it reaches every team, and its team is where runs go that name none. */
  scope: 'team' | 'organization';
  teamId: string;
  teamName: string;
  name: string;
  method: AuthenticationMethod;
  externalIdentity: ExternalIdentity | undefined;
  purpose: string | undefined;
  usedBy: string | undefined;
  /** Slack user ID of the person to ask. */
  contact: string;
  createdBy: { slackUserId: string; email: string };
  createdAtMs: number;
  status: 'active' | 'revoked';
  revokedAtMs: number | undefined;
}

/** What is kept of an API key; the secret is not. */
export interface ApiKeyRecord {
  keyId: string;
  secretHash: string;
  pepperVersion: number;
  createdAtMs: number;
  expiresAtMs: number;
}

/** What is kept of a key that another system made and checks. It does not end by itself. */
export interface ExternalKeyRecord {
  keyId: string;
  createdAtMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export function keyExpiryMs(createdAtMs: number, lifetimeDays: KeyLifetimeDays): number {
  return createdAtMs + lifetimeDays * DAY_MS;
}
