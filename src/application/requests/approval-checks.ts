import { expiryMs } from '../../domain/accounts/key-expiry.ts';
import {
  type EffectivePolicy,
  mayApprove,
  type PolicyProblem,
  policyProblems,
} from '../../domain/organization/policy.ts';
import { decideRegisterSubject, type TeamAccess } from '../../domain/organization/team.ts';
import type { RequestDecision } from '../../domain/requests/decide-request.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AccessRequest } from './access-request.ts';
import { isStillMember } from './approvers.ts';

/** Why a request can't be approved as it is. */
export type ApprovalObstacle =
  | { reason: 'requester_left' | 'name_taken' | 'subject_taken' | 'team_archived' | 'subject_not_allowed' }
  | { reason: 'expiry_over' }
  | { reason: 'policy'; problem: PolicyProblem };

/** Returns the decisions of people who may still decide: an approval doesn't outlast the right to give it. */
export async function standingDecisions(
  { backend }: Ports,
  { teamName, decisions }: AccessRequest,
  policy: EffectivePolicy,
): Promise<RequestDecision[]> {
  const standing = await Promise.all(
    decisions.map(async (decision) => {
      const access = await backend.teamAccess(decision, teamName);
      return access !== undefined && mayApprove(policy, decision, access);
    }),
  );
  return decisions.filter((_, index) => standing[index]);
}

/** Checks again what was checked at the request: the requester, the policy and the patterns may have changed since. */
export async function approvalObstacle(
  ports: Ports,
  { request, policy, access }: { request: AccessRequest; policy: EffectivePolicy; access: TeamAccess },
): Promise<ApprovalObstacle | undefined> {
  if (!(await isStillMember(ports, request))) return { reason: 'requester_left' };
  const { name, purpose, usedBy, authentication } = request.requested;
  const nowMs = ports.now();
  const facts = { name, fields: { purpose: purpose ?? undefined, used_by: usedBy ?? undefined } };
  if (authentication.method === 'federated') {
    const { allowed } = decideRegisterSubject(access, authentication.identity.subject);
    if (!allowed) return { reason: 'subject_not_allowed' };
  }
  const expiresAtMs =
    authentication.method === 'api_key' ? (expiryMs(nowMs, authentication.keyExpiry) ?? 'never') : undefined;
  if (typeof expiresAtMs === 'number' && expiresAtMs <= nowMs) return { reason: 'expiry_over' };
  const keysExpire = expiresAtMs !== undefined && (await ports.backend.features()).keysExpire;
  const [problem] = policyProblems(policy, keysExpire ? { ...facts, expiresAtMs } : facts, nowMs);
  return problem && { reason: 'policy', problem };
}
