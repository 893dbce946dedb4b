import type { AuditEvent } from '../../domain/audit/audit-event.ts';

/** `team_key`: a W&B API key that an operator stored. `access_token`: one that W&B issued for Keysmith's JWT. */
export type UpstreamCredentialKind = 'team_key' | 'access_token';

/** A team's W&B API key as it is stored, without the key. */
export interface StoredTeamKey {
  /** Every key has a new one, also when it replaces another key of the team. */
  id: string;
  teamName: string;
  /** An archived team keeps its key, which isn't used until the team is restored. */
  isTeamArchived: boolean;
  /** The user name of the key's owner in W&B. */
  owner: string;
  /** Whether its owner administers the server or reaches another team. */
  isWider: boolean;
  storedAtMs: number;
}

/** A credential that W&B doesn't accept, and since when. */
export interface UpstreamRejection {
  teamName: string;
  kind: UpstreamCredentialKind;
  sinceMs: number;
}

export interface NewTeamKey extends Omit<StoredTeamKey, 'isTeamArchived'> {
  /** As JWE. */
  sealed: string;
}

/** The upstream credentials of one organization. Every method may throw `StoreUnavailableError`, and then nothing was written. */
export interface UpstreamStore {
  /**
   * Returns a number that changes whenever `upstreamState` may have changed: that of the newest audit event. Takes
   * microseconds.
   */
  upstreamVersion(): Promise<number>;
  /** Returns the keys of all teams, archived ones included, and the rejections, by team, without the sealed keys. */
  upstreamState(): Promise<{ teamKeys: StoredTeamKey[]; rejections: UpstreamRejection[] }>;
  /** Returns undefined if the key was removed or replaced. */
  sealedTeamKey(id: string): Promise<string | undefined>;
  /** Stores the key of an active team, in place of its earlier one. Ends the rejection of that one. */
  saveTeamKey(
    teamKey: NewTeamKey,
    auditEventOf: (action: 'added' | 'replaced') => AuditEvent,
  ): Promise<'added' | 'replaced' | 'no_team'>;
  /** Removes the key of an active or archived team, and ends its rejection. Works on a full disk. */
  removeTeamKey(teamName: string, auditEvent: AuditEvent): Promise<'removed' | 'not_found'>;
  /**
   * Records that W&B rejects a credential, and queues a notification for each admin of the organization. Returns the email
   * addresses of the admins; undefined if nothing was written, because it was recorded before, the team is archived, or its
   * key was replaced.
   *
   * @param rejected.teamKeyId undefined for an access token
   */
  recordUpstreamRejection(
    rejected: UpstreamRejection & { teamKeyId: string | undefined },
    auditEvent: AuditEvent,
  ): Promise<string[] | undefined>;
  /** Records that W&B accepts a credential again. Returns false if no rejection was recorded. */
  recordUpstreamRecovery(
    accepted: Pick<UpstreamRejection, 'teamName' | 'kind'>,
    auditEvent: AuditEvent,
  ): Promise<boolean>;
}
