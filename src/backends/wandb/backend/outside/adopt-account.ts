import { accountEvent, actorOf } from '../../../../application/accounts/account-event.ts';
import type {
  AdoptableAccount,
  AdoptRequest,
  AdoptResult,
} from '../../../../application/outside-changes/outside-change-store.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import { required } from '../backend-failure.ts';
import { administers, type ServiceMember, serviceMembersOf } from '../team-members.ts';
import type { WandbContext } from '../wandb-context.ts';

/** @throws BackendUnavailableError */
export async function adoptableAccount(
  context: WandbContext,
  teamName: string,
  memberId: string,
): Promise<AdoptableAccount | undefined> {
  const team = await context.teams.fresh(teamName);
  const member = team && (await findUnmanaged(context, team, memberId));
  return member && { teamName, memberId, name: nameOf(member), subject: clientOf(member)?.subject };
}

/** @throws BackendUnavailableError when nothing was adopted */
export async function adoptAccount(context: WandbContext, request: AdoptRequest): Promise<AdoptResult> {
  const { store, teams, now, newId } = context;
  const { requestedBy, submissionId, requestId, reviewAtMs } = request;
  const team = await teams.fresh(request.teamName, { email: requestedBy.email });
  if (team === undefined) return { ok: false, reason: 'team_archived' };
  if (!administers(context, team, requestedBy)) return { ok: false, reason: 'not_admin' };
  const earlier = await store.earlierSubmission(submissionId);
  if (earlier !== undefined) return { ok: false, reason: 'already_submitted', earlier };
  const member = await findUnmanaged(context, team, request.memberId);
  if (member === undefined) return { ok: false, reason: 'gone' };
  const nowMs = now();
  const stored = await store.ensureTeam(team.name, nowMs);
  const account = newAccount(request, member, team, {
    id: newId('sa'),
    organizationId: store.organizationId,
    teamId: stored.id,
    createdAtMs: nowMs,
  });
  const name = nameOf(member);
  const { issuer, subject } = account.externalIdentity ?? {};
  const adopted = await store.adoptAccount({
    account,
    submissionId,
    server: { id: newId('srv'), name, memberId: member.id, clientId: clientOf(member)?.id },
    reviewAtMs,
    nowMs,
    auditEvent: accountEvent(account, {
      action: 'service_account.adopted',
      actor: actorOf(requestedBy),
      atMs: nowMs,
      requestId,
      details: {
        method: account.method,
        issuer,
        subject,
        server_name: name,
        member: member.id,
        review_at_ms: reviewAtMs,
      },
    }),
  });
  return adopted.ok ? { ok: true, account } : adopted;
}

async function findUnmanaged(
  { store, scimDirectory }: WandbContext,
  team: WandbTeam,
  memberId: string,
): Promise<ServiceMember | undefined> {
  const member = serviceMembersOf(team).find(({ id }) => id === memberId);
  if (member === undefined) return undefined;
  const known = await store.knownOnServer([team.name]);
  if (known.memberIds.has(memberId) || known.names.has(member.name ?? '')) return undefined;
  // An account of the whole organization is in all teams, and none of their admins may delete it.
  const inScim = required(await scimDirectory.serviceAccounts({ name: nameOf(member), scimId: undefined }));
  return inScim?.some(({ accountType }) => accountType === 'ORG_SERVICE') ? undefined : member;
}

function nameOf({ name, username, id }: ServiceMember): string {
  return name ?? username ?? id;
}

function clientOf({ oauthClients }: ServiceMember) {
  return oauthClients?.find(({ subject }) => subject !== undefined);
}

function newAccount(
  { name, purpose, usedBy, contact, requestedBy }: AdoptRequest,
  member: ServiceMember,
  team: WandbTeam,
  made: Pick<ServiceAccount, 'id' | 'organizationId' | 'teamId' | 'createdAtMs'>,
): ServiceAccount {
  const subject = clientOf(member)?.subject;
  // W&B doesn't show a client's issuer, so it is known only if the organization has a single one.
  const issuers = team.organization?.oauthProviders ?? [];
  const issuer = issuers.length === 1 ? issuers[0]?.issuerUrl : undefined;
  const externalIdentity = issuer !== undefined && subject !== undefined ? { issuer, subject } : undefined;
  return {
    ...made,
    scope: 'team',
    teamName: team.name,
    name,
    method: externalIdentity === undefined ? 'api_key' : 'federated',
    externalIdentity,
    purpose,
    usedBy,
    contact,
    createdBy: requestedBy,
    state: 'active',
    revokedAtMs: undefined,
  };
}
