/** The desired state of one account on the W&B server, and what Keysmith knows about the account. */
export interface WantedAccount {
  desired: 'present' | 'absent';
  /** The name on the server, which is unique if it has a tag. */
  name: string;
  /** Undefined for an account created before tags existed, which only its ID identifies. */
  tag: string | undefined;
  /** The IDs that the server returned; all undefined until then. */
  memberId: string | undefined;
  clientId: string | undefined;
  scimId: string | undefined;
}

/** A member that the server shows with the tag, or the stored ID, of a wanted account. */
export interface ShownAccount {
  /** Undefined if the server shows the member without an ID. */
  memberId: string | undefined;
  scimId: string | undefined;
  /** The OAuth client with the account's subject. */
  clientId: string | undefined;
  name: string | undefined;
  isServiceAccount: boolean;
  /** False for a federated account that the server shows without its subject: it was created only in part. */
  isComplete: boolean;
}

/** Why an admin has to act. */
export type AdminProblem =
  /** Several accounts have the tag. */
  | 'duplicate_tag'
  /** The tag or the ID belongs to a person, or to an account with another ID or name. */
  | 'another_account'
  /** The server shows the account without an ID. */
  | 'no_id'
  /** A creation before tags existed, whose outcome was never known. */
  | 'unknown_creation'
  /** The server hasn't done what Keysmith asked for more than an hour. Retries go on. */
  | 'stalled';

export type ReconciliationStep =
  | { kind: 'create' }
  | { kind: 'adopt'; shown: ShownAccount }
  /** `shown` is undefined if only an OAuth client is left. */
  | { kind: 'delete'; shown: ShownAccount | undefined }
  | { kind: 'needs_admin'; problem: Exclude<AdminProblem, 'unknown_creation' | 'stalled'> }
  | { kind: 'done' };

/**
 * Compares what is wanted with what the server shows under the account's tag or ID. Returns `delete` only
 * for what is certainly the wanted account, so an account that an admin created is never touched.
 */
export function reconcile(wanted: WantedAccount, shown: readonly ShownAccount[]): ReconciliationStep {
  const [found, ...others] = shown;
  if (others.length > 0) return { kind: 'needs_admin', problem: 'duplicate_tag' };
  if (found === undefined) return withoutAccount(wanted);
  if (!isTheWanted(wanted, found)) return { kind: 'needs_admin', problem: 'another_account' };
  if (found.memberId === undefined && found.scimId === undefined)
    return { kind: 'needs_admin', problem: 'no_id' };
  if (wanted.desired === 'absent' || !found.isComplete) return { kind: 'delete', shown: found };
  return isKnown(wanted) ? { kind: 'done' } : { kind: 'adopt', shown: found };
}

function withoutAccount(wanted: WantedAccount): ReconciliationStep {
  // Some servers show no membership for a federated account, but its client still lets workloads sign in.
  if (wanted.desired === 'absent') {
    return wanted.clientId === undefined ? { kind: 'done' } : { kind: 'delete', shown: undefined };
  }
  return isKnown(wanted) ? { kind: 'done' } : { kind: 'create' };
}

function isKnown({ memberId, clientId, scimId }: WantedAccount): boolean {
  return memberId !== undefined || clientId !== undefined || scimId !== undefined;
}

function isTheWanted(wanted: WantedAccount, shown: ShownAccount): boolean {
  if (!shown.isServiceAccount) return false;
  const isOther = (stored: string | undefined, seen: string | undefined) =>
    stored !== undefined && seen !== undefined && stored !== seen;
  if (isOther(wanted.memberId, shown.memberId) || isOther(wanted.scimId, shown.scimId)) return false;
  if (wanted.tag !== undefined) return shown.name === wanted.name;
  // An account without a tag may have been renamed in W&B, so its client or ID identifies it. A plain name proves nothing, and the
  // server may show none.
  const isSame = (stored: string | undefined, seen: string | undefined) =>
    stored !== undefined && stored === seen;
  if (isSame(wanted.clientId, shown.clientId)) return true;
  const hasId = shown.memberId !== undefined || shown.scimId !== undefined;
  const hasSameId = isSame(wanted.memberId, shown.memberId) || isSame(wanted.scimId, shown.scimId);
  return (shown.name ?? wanted.name) === wanted.name && (hasSameId || !hasId);
}
