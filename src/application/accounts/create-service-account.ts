import type { LifecycleState } from '../../domain/accounts/lifecycle.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../domain/organization/team-name.ts';
import { endNotification, holdNotification } from '../jobs/notification-jobs.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { EarlierSubmission } from '../ports/account-records.ts';
import type {
  AccountRequest,
  BackendFailure,
  CreateAccountResult,
  UnknownOutcomeCause,
} from '../ports/backend.ts';
import type { HeldJob } from '../ports/job-store.ts';
import type { DeliveryFailure, Route } from '../ports/slack.ts';
import type { AccountOfRequestConflict } from '../requests/request-store.ts';
import { type AccountForm, checkAccountForm, credentialProblems, type FieldProblem } from './account-form.ts';
import { type Attempt, authorize, checkTeam, recordRefusal } from './authorize.ts';
import { type DeliverKeyResult, deliverKey } from './deliver-key.ts';
import { type Refusal, refusalForTeam } from './refusal.ts';

export interface CreateServiceAccount {
  slackUserId: string;
  form: AccountForm;
  /** The person has seen the warnings about the form's issuer and subject. */
  isIdentityConfirmed?: boolean;
  /** One per form: submitting it again doesn't create a second account. */
  submissionId: string;
  /** How the key is sent, chosen before it is created. */
  route: Route;
  requestId: string;
}

export type CreateServiceAccountResult =
  | { kind: 'created'; account: ServiceAccount; key: DeliverKeyResult }
  /** `announced`: where the person received the account's details. */
  | {
      kind: 'created_federated';
      account: ServiceAccount;
      announced: 'in_conversation' | 'in_direct_message';
    }
  /** Slack accepted neither the message nor the direct message, which is sent again later. */
  | { kind: 'created_federated'; account: ServiceAccount; announced: 'not'; failure: DeliveryFailure }
  | { kind: 'already_submitted'; earlier: EarlierSubmission }
  /**
   * The backend refused and created nothing. `link`: the page where an admin can create the account manually. `notice`: to be ended
   * once Slack has shown the outcome.
   */
  | { kind: 'not_created'; failure: BackendFailure; link: string | undefined; notice: HeldJob }
  /** An admin creates its key on the server's page. */
  | {
      kind: 'created_without_key';
      account: ServiceAccount;
      /** On the server. */
      serverName: string | undefined;
      link: string | undefined;
    }
  /**
   * Keysmith is finding out what the server created, and sends the person a direct message. `collectUntilMs`: the account exists, and
   * its key can be collected until then.
   */
  | {
      kind: 'outcome_unknown';
      account: ServiceAccount;
      cause: UnknownOutcomeCause;
      collectUntilMs: number | undefined;
      link: string | undefined;
    }
  | { kind: 'invalid'; problems: FieldProblem[] }
  | { kind: 'refused'; refusal: Refusal };

/**
 * Creates a service account and sends its credential. Permission is checked from fresh data; the account, key hash,
 * delivery and audit event are one write; a form has one effect however often it arrives.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was created
 */
export async function createServiceAccount(
  ports: Ports,
  request: CreateServiceAccount,
): Promise<CreateServiceAccountResult> {
  const { slackUserId, form, isIdentityConfirmed = false, submissionId, requestId } = request;
  const pasted = credentialProblems(form);
  if (pasted.length > 0) return { kind: 'invalid', problems: pasted };
  const attempt: Attempt = {
    slackUserId,
    action: 'service_account.create_refused',
    // Bounded: the name comes from the request and may be anything.
    details: { team: form.teamName.slice(0, TEAM_NAME_MAX_LENGTH).toWellFormed() },
    requestId,
  };
  const authorized = await authorize(ports, attempt, (person) => checkTeam(ports, person, form.teamName));
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  const { person, granted: access } = authorized;
  const earlier = await ports.store.earlierSubmission(submissionId);
  if (earlier !== undefined) return { kind: 'already_submitted', earlier };
  const [issuers, features] = await Promise.all([ports.backend.issuers(), ports.backend.features()]);
  const check = checkAccountForm(form, access, {
    issuers,
    features,
    isIdentityConfirmed,
    policy: await ports.store.policyOf(access.team.name),
    nowMs: ports.now(),
  });
  if (!check.ok) {
    recordForgedChoices(ports, attempt, { person, problems: check.problems });
    return { kind: 'invalid', problems: check.problems };
  }
  const { authentication, fields } = check;
  const { team } = access;
  const route = request.route.kind;
  const notice = holdNotification(ports);
  const created = await ports.backend.createAccount({
    team,
    ...fields,
    authentication: authentication.method === 'api_key' ? { ...authentication, route } : authentication,
    requestedBy: person,
    submissionId,
    requestId,
    notice,
  });
  if (created.ok) return handOver(ports, request, created, notice);
  if (isConflictOfRequest(created)) throw new Error('No member requested this account.');
  if (created.reason === 'not_admin') {
    recordRefusal(ports, attempt, { person, reason: created.reason });
    return { kind: 'refused', refusal: await refusalForTeam(ports, team.name) };
  }
  if (created.reason === 'outcome_unknown') ports.wakeJobs();
  // The form shows it at its field.
  if (created.reason === 'subject_taken') await endNotification(ports, notice, { wasNotified: true });
  return notCreated(created, { link: ports.backend.teamPage(team.name), notice });
}

function isConflictOfRequest(
  created: Extract<CreateAccountResult, { ok: false }>,
): created is Extract<CreateAccountResult, { reason: AccountOfRequestConflict }> {
  return ['request_decided', 'too_many_of_person', 'too_many_of_team'].includes(created.reason);
}

/**
 * Records choices that the form didn't offer: the submission was forged, or a setting changed meanwhile. Other mistakes
 * only show at their field.
 */
function recordForgedChoices(
  ports: Ports,
  attempt: Attempt,
  { person, problems }: { person: Person; problems: FieldProblem[] },
): void {
  const fields = problems.filter(({ reason }) => reason === 'not_offered').map(({ field }) => field);
  if (fields.length === 0) return;
  recordRefusal(
    ports,
    { ...attempt, details: { ...attempt.details, fields } },
    { person, reason: 'not_offered' },
  );
}

async function handOver(
  ports: Ports,
  { route, slackUserId, requestId }: CreateServiceAccount,
  { account, issued, serverName }: Extract<CreateAccountResult, { ok: true }>,
  notice: HeldJob,
): Promise<CreateServiceAccountResult> {
  const { id: accountId, teamName: team, method } = account;
  ports.logger.info({ accountId, team, method }, 'service account created');
  if (issued === undefined && method === 'api_key') {
    // A direct message has the steps too.
    ports.wakeJobs();
    return { kind: 'created_without_key', account, serverName, link: ports.backend.teamPage(team) };
  }
  if (issued === undefined) {
    const announced = await announce(ports, account, { route, slackUserId, requestId });
    await endNotification(ports, notice, { wasNotified: announced.announced !== 'not' });
    return announced;
  }
  return { kind: 'created', account, key: await deliverKey(ports, issued, route, requestId) };
}

/** Sends a federated account's details, which aren't secret: if the conversation fails, as a direct message. */
async function announce(
  { delivery, notifications, backend }: Ports,
  account: ServiceAccount,
  { route, slackUserId, requestId }: Pick<CreateServiceAccount, 'route' | 'slackUserId' | 'requestId'>,
): Promise<Extract<CreateServiceAccountResult, { kind: 'created_federated' }>> {
  const created = { kind: 'created_federated', account } as const;
  const attempt = await delivery.deliverFederatedAccount(account, route);
  if (attempt.outcome === 'accepted') return { ...created, announced: 'in_conversation' };
  const isSent = await notifications.send(slackUserId, {
    message: 'federated_account_created',
    accountId: account.id,
    account,
    requestId,
    link: backend.teamPage(account.teamName),
  });
  return isSent
    ? { ...created, announced: 'in_direct_message' }
    : { ...created, announced: 'not', failure: attempt.failure };
}

function notCreated(
  result: Exclude<CreateAccountResult, { ok: true } | { reason: 'not_admin' | AccountOfRequestConflict }>,
  { link, notice }: { link: string | undefined; notice: HeldJob },
): CreateServiceAccountResult {
  switch (result.reason) {
    case 'already_submitted':
      return { kind: 'already_submitted', earlier: result.earlier };
    case 'name_taken':
      return { kind: 'invalid', problems: [{ field: 'name', reason: 'name_taken' }] };
    case 'subject_taken':
      return { kind: 'invalid', problems: [{ field: 'subject', reason: 'subject_taken' }] };
    case 'team_archived':
      return { kind: 'invalid', problems: [{ field: 'team', reason: 'team_archived' }] };
    case 'backend_refused':
      return { kind: 'not_created', failure: result.failure, link, notice };
    case 'outcome_unknown': {
      const { account, cause, collection } = result;
      return { kind: 'outcome_unknown', account, cause, collectUntilMs: collection?.expiresAtMs, link };
    }
  }
}

/** Returns the requested account as every backend stores it. */
export function newServiceAccount(
  request: AccountRequest,
  made: { id: string; organizationId: string; teamId: string; createdAtMs: number; state: LifecycleState },
): ServiceAccount {
  const { team, scope = 'team', name, authentication, purpose, usedBy, contact, requestedBy } = request;
  return {
    ...made,
    scope,
    teamName: team.name,
    name,
    method: authentication.method === 'federated' ? 'federated' : 'api_key',
    externalIdentity: authentication.method === 'federated' ? authentication.identity : undefined,
    purpose,
    usedBy,
    contact,
    createdBy: requestedBy,
    revokedAtMs: undefined,
  };
}
