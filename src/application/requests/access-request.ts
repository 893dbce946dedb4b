import type { KeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { LifecycleState } from '../../domain/accounts/lifecycle.ts';
import type { ExternalIdentity } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { RequestDecision } from '../../domain/requests/decide-request.ts';
import type { AccessRequestState } from '../../domain/requests/request-state.ts';

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

/** A member's request for an account of their team. */
export interface AccessRequest {
  id: string;
  teamId: string;
  teamName: string;
  isTeamArchived: boolean;
  person: Person;
  requested: RequestedAccount;
  reason: string;
  isUrgent: boolean;
  state: AccessRequestState;
  createdAtMs: number;
  /** When its approvers were reminded. */
  remindedAtMs: number | undefined;
  /** When it was approved, denied, withdrawn or lapsed. */
  decidedAtMs: number | undefined;
  denialReason: string | undefined;
  /** The account that an approval or an urgent grant created. */
  accountId: string | undefined;
  /** When the account of an urgent request is revoked, unless it is confirmed. */
  confirmUntilMs: number | undefined;
  /** Oldest first. */
  decisions: readonly RequestDecision[];
}

/** The card of a request, for those who decide on it. */
export interface RequestCard {
  card: 'access_request';
  request: AccessRequest;
  /** Whether the people in this place are asked to decide. To others, its card in their direct messages says no more. */
  isApprover: boolean;
  /** Whether they can decide on it now. */
  isDecidable: boolean;
  /** The decisions of people who may still decide, as they are counted. Absent: all. */
  standing?: readonly RequestDecision[];
  /** How many different people have to approve it. */
  approvals: 1 | 2;
  key: 'none' | 'open' | 'being_sent' | 'collected' | 'closed';
  /** Of the account that was created for it. */
  accountState: LifecycleState | undefined;
}

/** A request as its requester sees it, in a direct message. */
export interface OwnRequestCard extends Pick<RequestCard, 'card' | 'request' | 'accountState'> {
  isOwn: true;
  /** The key that the requester can collect now. */
  collection: { id: string; expiresAtMs: number } | undefined;
  /** The team's page on the W&B server, if there is one. */
  link: string | undefined;
}
