import { identifyPerson, type Person } from '../../domain/organization/person.ts';
import { type EffectivePolicy, mayApprove } from '../../domain/organization/policy.ts';
import type { TeamAccess } from '../../domain/organization/team.ts';
import { approverAddresses, decideAsk } from '../../domain/requests/decide-request.ts';
import type { Check } from '../accounts/authorize.ts';
import { contactsOf, type Refusal, refusalForTeam } from '../accounts/refusal.ts';
import type { CardPlace } from '../cards/card.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AccessRequest } from './access-request.ts';

/** Checks that a person may request an account for a team, or create one, from fresh data. */
export async function checkMayAsk(
  ports: Ports,
  person: Person,
  teamName: string,
): Promise<Check<{ access: TeamAccess; may: 'create' | 'request' }, Refusal>> {
  const access = await ports.backend.teamAccess(person, teamName);
  const may = access === undefined ? 'unknown' : decideAsk(access);
  if (access === undefined || may === 'unknown') return { ok: false, refusal: { reason: 'team_unknown' } };
  if (may !== 'view_only') return { ok: true, granted: { access, may } };
  const refusal = await refusalForTeam(ports, teamName);
  return {
    ok: false,
    refusal: refusal.reason === 'not_admin' ? { ...refusal, reason: 'view_only' } : refusal,
  };
}

/** Returns the email addresses of those who can approve a request of this person, at most 20. */
export async function approversFor(
  { backend }: Ports,
  teamName: string,
  policy: EffectivePolicy,
  requester: Pick<Person, 'email'>,
): Promise<string[]> {
  const [teamAdmins, organizationAdmins] = await Promise.all([
    backend.teamAdmins(teamName),
    backend.organizationAdmins(),
  ]);
  return approverAddresses(policy, {
    teamAdmins: teamAdmins.map(({ email }) => email),
    organizationAdmins,
    requester: requester.email,
  });
}

export type DecideRefusal = Refusal | { reason: 'request_unknown' } | { reason: 'own_request' };

/**
 * Checks that a person may decide on a request, from fresh data. To someone who is neither in its team nor an approver, the request
 * doesn't exist.
 */
export async function checkMayDecide(
  ports: Ports,
  person: Person,
  accessRequestId: string,
): Promise<Check<{ request: AccessRequest; policy: EffectivePolicy; access: TeamAccess }, DecideRefusal>> {
  const request = await ports.store.accessRequest(accessRequestId);
  if (request === undefined) return { ok: false, refusal: { reason: 'request_unknown' } };
  const { teamName } = request;
  const [policy, access] = await Promise.all([
    ports.store.policyOf(teamName),
    ports.backend.teamAccess(person, teamName),
  ]);
  if (access === undefined) return { ok: false, refusal: { reason: 'request_unknown' } };
  // Before the permission: an admin who made the request as a member reads why they can't decide on it.
  if (request.person.email === person.email) return { ok: false, refusal: { reason: 'own_request' } };
  if (mayApprove(policy, person, access)) return { ok: true, granted: { request, policy, access } };
  if (access.role === undefined) return { ok: false, refusal: { reason: 'request_unknown' } };
  const emails = await approversFor(ports, teamName, policy, request.person);
  const approvers = await contactsOf(
    ports,
    emails.map((email) => ({ email, username: email })),
  );
  const setBy = policy.sources.approvers;
  return { ok: false, refusal: { reason: 'not_approver', teamName, approvers, setBy } };
}

/** Returns whether the requester can still use the account: known to Slack, and in the team. */
export async function isStillMember(
  { backend, directory }: Ports,
  { person, teamName }: Pick<AccessRequest, 'person' | 'teamName'>,
): Promise<boolean> {
  const profile = await directory.profile(person.slackUserId);
  const identified = profile && identifyPerson(profile, directory.workspace);
  if (!identified?.ok || identified.person.email !== person.email) return false;
  const access = await backend.teamAccess(person, teamName);
  return access !== undefined && ['create', 'request'].includes(decideAsk(access));
}

/** Returns where the card of a request is: in the team's channel, else in direct messages to the approvers. */
export async function requestPlaces(
  { store }: Ports,
  teamName: string,
  approvers: readonly string[],
): Promise<CardPlace[]> {
  const channelId = await store.teamChannel(teamName);
  return channelId === undefined ? approvers.map((email) => ({ email })) : [{ channelId }];
}
