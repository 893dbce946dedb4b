import type { LifecycleState } from './lifecycle.ts';

type AuthenticationMethod = 'api_key' | 'federated';

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
  /** Unique among the account's keys that aren't revoked. */
  name: string;
  secretHash: string;
  pepperVersion: number;
  createdAtMs: number;
  /** Undefined for a key that never expires. */
  expiresAtMs: number | undefined;
}

/** The stored part of a key that the W&B server created and verifies. It doesn't expire. */
export interface ExternalKeyRecord {
  keyId: string;
  name: string;
  createdAtMs: number;
}
