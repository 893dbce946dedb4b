/** How many keys of an account may work at a time. */
export const MAX_LIVE_KEYS = 10;

/** The latest use of a key that Keysmith verified. */
export interface KeyUse {
  atMs: number;
  address: string | undefined;
  userAgent: string | undefined;
}

/** A key of an account, without its secret. */
export interface AccountKey {
  keyId: string;
  name: string;
  createdAtMs: number;
  /** Undefined for a key from before its creator was recorded. */
  createdBySlackUserId: string | undefined;
  /** Undefined for a key that never expires. */
  expiresAtMs: number | undefined;
  revokedAtMs: number | undefined;
  /** When it was first found in public. */
  leakReportedAtMs: number | undefined;
  /** `sending`: it doesn't verify yet. `failed`: it never did. */
  delivery: 'sending' | 'delivered' | 'failed';
  lastUse: KeyUse | undefined;
}

/** Returns whether a key can be used now. */
export function isLive({ revokedAtMs, expiresAtMs, delivery }: AccountKey, nowMs: number): boolean {
  const isExpired = expiresAtMs !== undefined && expiresAtMs <= nowMs;
  return revokedAtMs === undefined && !isExpired && delivery === 'delivered';
}
