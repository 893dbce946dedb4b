import type { LifecycleState } from './lifecycle.ts';

type AuthenticationMethod = 'api_key' | 'federated';

/** The key lifetimes that the form offers, in days. */
export const KEY_LIFETIMES_DAYS = [30, 90, 180, 365] as const;
export type KeyLifetimeDays = (typeof KEY_LIFETIMES_DAYS)[number];
export const DEFAULT_KEY_LIFETIME_DAYS: KeyLifetimeDays = 90;

export interface ExternalIdentity {
  /** The exact URL of a registered JWT issuer. */
  issuer: string;
  /** The exact `sub` of the JWT. */
  subject: string;
}

/** A non-human user of one team, or of all. */
export interface ServiceAccount {
  id: string;
  organizationId: string;
  /** `organization`: the account has access to every team, and its runs go to its own team by default. */
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
  state: LifecycleState;
  /** Set once the account has ended. */
  revokedAtMs: number | undefined;
}

/** The stored part of an API key, without its secret. */
export interface ApiKeyRecord {
  keyId: string;
  secretHash: string;
  pepperVersion: number;
  createdAtMs: number;
  expiresAtMs: number;
}

/** The stored part of a key that the W&B server created and verifies. It doesn't expire. */
export interface ExternalKeyRecord {
  keyId: string;
  createdAtMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Returns when a key expires, in milliseconds since the epoch. */
export function keyExpiryMs(createdAtMs: number, lifetimeDays: KeyLifetimeDays): number {
  return createdAtMs + lifetimeDays * DAY_MS;
}
