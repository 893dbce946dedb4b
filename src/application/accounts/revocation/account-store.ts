/** A use of a credential, as a server that asked Keysmith reported it. */
export interface CredentialUse {
  /** Undefined for a federated account. */
  key: { keyId: string; name: string } | undefined;
  atMs: number;
  address: string | undefined;
  userAgent: string | undefined;
}

/** The units of work about single accounts. */
export interface AccountStore {
  /** Returns the latest use of each credential that was used since then, the newest first. */
  usesSince(accountId: string, sinceMs: number): Promise<CredentialUse[]>;
}
