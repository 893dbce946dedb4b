import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { AccountKey, KeyUse } from './account-key.ts';

/** The rotation that a new key belongs to. */
export interface NewRotation {
  id: string;
  oldKeyId: string;
  overlapMs: number;
  /** Whether the old key is revoked when it is no longer used. */
  revokesUnused: boolean;
}

/** The replacement of a key by a new one, while both work. */
export interface Rotation {
  id: string;
  account: ServiceAccount;
  oldKey: AccountKey;
  /** Undefined until a new key was created, and after one that didn't reach anyone. */
  newKey: AccountKey | undefined;
  startedBy: Person;
  /** When the new key reached its person; before that, when it was asked for. */
  startedAtMs: number;
  /** The end of the overlap. The old key may expire earlier by itself. */
  overlapUntilMs: number;
  /** How far the overlap can be extended: to 30 days, or to the old key's own expiry if that comes first. */
  latestEndMs: number;
  revokesUnused: boolean;
  /** `canceled`: no new key reached anyone, the new key was revoked, or the account was. */
  state: 'open' | 'finished' | 'canceled';
  finishedAtMs: number | undefined;
  finishedBySlackUserId: string | undefined;
  askedAtMs: number | undefined;
  /** The longest pause between two uses of the old key in the last 90 days; undefined if none was longer than 12 hours. */
  oldLongestPauseMs: number | undefined;
}

/** A use of an old key after its rotation. */
export interface LateUse extends KeyUse {
  keyId: string;
}

/** What the card of a rotation shows. */
export interface RotationCard {
  card: 'rotation';
  rotation: Rotation;
  nowMs: number;
}
