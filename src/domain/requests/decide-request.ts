import { APPROVER_GROUPS, type EffectivePolicy } from '../organization/policy.ts';
import type { TeamAccess } from '../organization/team.ts';
import { type AccessRequestState, isUndecided } from './request-state.ts';

/** What one person decided on a request. A person is one address, whatever their Slack account. */
export interface RequestDecision {
  slackUserId: string;
  /** Lowercase. */
  email: string;
  /** `confirmed`: an urgent request, after it was granted. */
  decision: 'approved' | 'denied' | 'confirmed';
  atMs: number;
}

/** A click on *Approve* or *Confirm*, or on *Deny*. */
export type RequestChoice = 'approve' | 'deny';

export type RequestVerdict =
  | { kind: 'refused'; reason: 'own_request' | 'not_approver' }
  /** Someone decided before. */
  | { kind: 'decided' }
  /** The person has already approved it, and another person has to approve it too. */
  | { kind: 'waits_for_another' }
  /** The decision counts. `becomes`: undefined if another person has to approve it too. */
  | {
      kind: 'counts';
      decision: RequestDecision['decision'];
      becomes: 'approved' | 'denied' | undefined;
    };

/** Decides what a person's choice does to a request. The first denial ends it; approvals are counted by address. */
export function decideRequest(
  request: {
    state: AccessRequestState;
    /** Who asked. */
    email: string;
    decisions: readonly Pick<RequestDecision, 'email' | 'decision'>[];
  },
  by: { email: string; mayApprove: boolean; choice: RequestChoice },
  { approvals }: Pick<EffectivePolicy, 'approvals'>,
): RequestVerdict {
  if (!by.mayApprove) return { kind: 'refused', reason: 'not_approver' };
  if (by.email === request.email) return { kind: 'refused', reason: 'own_request' };
  if (!isUndecided(request.state)) return { kind: 'decided' };
  if (by.choice === 'deny') return { kind: 'counts', decision: 'denied', becomes: 'denied' };
  const decision = request.state === 'granted' ? 'confirmed' : 'approved';
  const others = new Set(
    request.decisions.filter((one) => one.decision === decision).map(({ email }) => email),
  );
  const isRepeated = others.has(by.email);
  const isEnough = others.add(by.email).size >= approvals;
  if (isRepeated && !isEnough) return { kind: 'waits_for_another' };
  return { kind: 'counts', decision, becomes: isEnough ? 'approved' : undefined };
}

/** Decides whether a person may request an account for a team. Its admins create accounts instead. */
export function decideAsk({
  role,
  isOrganizationAdmin,
}: TeamAccess): 'create' | 'request' | 'view_only' | 'unknown' {
  if (isOrganizationAdmin || role === 'admin') return 'create';
  if (role === undefined) return 'unknown';
  return role === 'member' ? 'request' : 'view_only';
}

/** The most people whom one request is sent to directly. */
export const MOST_APPROVERS = 20;

/**
 * Returns the addresses of the people who can approve a request, at most {@link MOST_APPROVERS}. Organization admins stand in for the
 * admins of a team that has too few.
 */
export function approverAddresses(
  { approvers, approvals }: Pick<EffectivePolicy, 'approvers' | 'approvals'>,
  people: { teamAdmins: readonly string[]; organizationAdmins: readonly string[]; requester: string },
): string[] {
  const { teamAdmins, organizationAdmins, requester } = people;
  const others = (emails: readonly string[]) => [...new Set(emails)].filter((email) => email !== requester);
  const isGroup = (entry: string) => APPROVER_GROUPS.some((group) => group === entry);
  const has = (group: (typeof APPROVER_GROUPS)[number]) => approvers.includes(group);
  const named = others([
    ...approvers.filter((entry) => !isGroup(entry)),
    ...(has('team_admins') ? teamAdmins : []),
    ...(has('organization_admins') ? organizationAdmins : []),
  ]);
  const isEnough = named.length >= approvals || !has('team_admins');
  return (isEnough ? named : others([...named, ...organizationAdmins])).slice(0, MOST_APPROVERS);
}
