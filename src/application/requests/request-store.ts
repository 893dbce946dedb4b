import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { AuditEvent } from '../../domain/audit/audit-event.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { RequestDecision } from '../../domain/requests/decide-request.ts';
import type { AccessRequestState } from '../../domain/requests/request-state.ts';
import type { CardPlace } from '../cards/card.ts';
import type { NewNotification } from '../ports/job-store.ts';
import type { AccessRequest } from './access-request.ts';

export type NewAccessRequest = Pick<
  AccessRequest,
  'id' | 'teamId' | 'person' | 'requested' | 'reason' | 'isUrgent' | 'createdAtMs' | 'confirmUntilMs'
>;

/** What is written with a change of a request, besides the change itself. */
interface AuditedChange {
  auditEvent: AuditEvent;
  notifications: readonly NewNotification[];
  /** Where the card of the request is, besides the places where it already is. */
  places?: readonly CardPlace[] | undefined;
}

/** `too_many_of_person`, `too_many_of_team`: of requests that wait for a decision. */
export type RequestConflict =
  | 'already_submitted'
  | 'too_many_of_person'
  | 'too_many_of_team'
  | 'name_taken'
  | 'subject_taken'
  | 'team_archived';

/** What creates the account of a request: an approval, or at once for an urgent request. Written with the account. */
export interface AccountOfRequest extends AuditedChange {
  request: { granted: NewAccessRequest } | { approved: { id: string; decision: RequestDecision } };
  /** For an account with an API key: the requester's right to create that key. */
  collection:
    | { id: string; expiresAtMs: number; person: Person; keyName: string; keyExpiry: KeyExpiry }
    | undefined;
  nowMs: number;
}

export type AccountOfRequestConflict =
  | Extract<RequestConflict, 'too_many_of_person' | 'too_many_of_team'>
  /** Someone decided on the request in the meantime. */
  | 'request_decided';

export interface EndAccessRequest extends AuditedChange {
  id: string;
  state: Extract<AccessRequestState, 'denied' | 'withdrawn' | 'lapsed'>;
  /** Of an approver. */
  decision?: RequestDecision | undefined;
  denialReason?: string | undefined;
  nowMs: number;
}

export interface ConfirmAccessRequest extends AuditedChange {
  id: string;
  decision: RequestDecision;
  /** How many decisions the request had when this one was judged. */
  seenDecisions: number;
  /** Whether this confirmation is enough. Then the account's key gets the expiry that was requested. */
  isEnough: boolean;
  nowMs: number;
}

/** Members' requests for accounts. */
export interface RequestStore {
  /** Stores a request with the job that reminds its approvers and lets it lapse. */
  openAccessRequest(
    request: NewAccessRequest & AuditedChange & { nowMs: number },
  ): Promise<{ ok: true } | { ok: false; reason: RequestConflict }>;
  accessRequest(id: string): Promise<AccessRequest | undefined>;
  /** Returns the request that an account was created for. */
  requestOfAccount(accountId: string): Promise<AccessRequest | undefined>;
  /** Records an approval that isn't enough on its own. Returns false if the request is no longer open, or was decided on since. */
  recordApproval(
    approval: { id: string; decision: RequestDecision; seenDecisions: number; nowMs: number } & AuditedChange,
  ): Promise<boolean>;
  /** Confirms an urgent request. Returns false if it no longer waits for that, or was decided on since. */
  confirmAccessRequest(confirmation: ConfirmAccessRequest): Promise<boolean>;
  /** Ends a request. The account of an urgent one is revoked by the request's job. Returns false if it was decided before. */
  endAccessRequest(end: EndAccessRequest): Promise<boolean>;
  /** Shows the request's card in these places too, and its state in all others. Queues the notifications. */
  showRequest(
    id: string,
    places: readonly CardPlace[],
    nowMs: number,
    notifications?: readonly NewNotification[],
  ): Promise<void>;
  /** Shows the request's card in those of these places where it isn't yet. The others stay as they are. */
  showRequestAlsoIn(id: string, places: readonly CardPlace[], nowMs: number): Promise<void>;
  /** Records that the approvers are reminded. Returns false if they were, or the request is no longer open. */
  remindApprovers(reminder: { id: string; nowMs: number } & AuditedChange): Promise<boolean>;
  /**
   * Returns what became of the key of an approved request: `closed`: it wasn't collected in time. `untilMs`: until when it can be
   * collected.
   */
  requestedKey(
    id: string,
  ): Promise<
    | { state: 'none' | 'being_sent' | 'collected' | 'closed' }
    | { state: 'open'; collectionId: string; untilMs: number }
  >;
}
