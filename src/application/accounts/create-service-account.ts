import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import type { Person } from '../../domain/organization/person.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { EarlierSubmission } from '../ports/account-records.ts';
import type {
  AccountRequest,
  BackendFailure,
  CreateAccountResult,
  UnknownOutcomeCause,
} from '../ports/backend.ts';
import type { Route } from '../ports/slack.ts';
import { type AccountForm, checkAccountForm, type FieldProblem } from './account-form.ts';
import { administerTeam, type Caller, type Refusal, recordRefusal, refuseForTeam } from './authorize.ts';
import { type DeliverKeyResult, deliverKey } from './deliver-key.ts';

export interface CreateServiceAccount {
  slackUserId: string;
  form: AccountForm;
  /** One per form: submitted again it makes no second account. */
  submissionId: string;
  /** The way to answer, chosen before the key is made. */
  route: Route;
  requestId: string;
}

export type CreateServiceAccountResult =
  | { kind: 'created'; account: ServiceAccount; key: DeliverKeyResult }
  /** `announced`: how the details of the account went to the person. */
  | {
      kind: 'created_federated';
      account: ServiceAccount;
      announced: 'in_conversation' | 'in_direct_message' | 'not';
    }
  | { kind: 'already_submitted'; earlier: EarlierSubmission }
  /** The backend said no, and nothing was made. `link`: where an admin does it by hand. */
  | { kind: 'not_created'; failure: BackendFailure; link: string | undefined }
  /** The server keeps new keys to itself. `removed`: what it made is gone again; else it will be. */
  | { kind: 'no_key_shown'; removed: boolean; link: string | undefined }
  /** It is being found out what was made; the person hears it in a direct message. */
  | { kind: 'outcome_unknown'; cause: UnknownOutcomeCause; link: string | undefined }
  | { kind: 'invalid'; problems: FieldProblem[] }
  | { kind: 'refused'; refusal: Refusal };

/**
 * Makes a service account and hands over its credential: permission is read afresh; account, key hash, delivery and audit
 * event are one write; the same form has one effect however often it arrives.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was made
 */
export async function createServiceAccount(
  ports: Ports,
  request: CreateServiceAccount,
): Promise<CreateServiceAccountResult> {
  const { slackUserId, form, submissionId, requestId } = request;
  const administering = await administerTeam(ports, slackUserId, form.teamName);
  if (!administering.ok) return refuse(ports, request, administering.who, administering.refusal);
  const { person, standing } = administering;
  const earlier = await ports.store.earlierSubmission(submissionId);
  if (earlier !== undefined) return { kind: 'already_submitted', earlier };
  const [issuers, features] = await Promise.all([ports.backend.issuers(), ports.backend.features()]);
  const check = checkAccountForm(form, standing, { issuers, features });
  if (!check.ok) {
    await recordNeverOffered(ports, request, person, check.problems);
    return { kind: 'invalid', problems: check.problems };
  }
  const { authentication, fields } = check;
  const common = {
    team: standing.team,
    ...fields,
    requestedBy: person,
    submissionId,
    requestId,
  };
  const route = request.route.kind;
  const created = await ports.backend.createAccount({
    ...common,
    authentication: authentication.method === 'api_key' ? { ...authentication, route } : authentication,
  } satisfies AccountRequest);
  if (!created.ok) {
    if (created.reason === 'not_admin') {
      return refuse(ports, request, person, await refuseForTeam(ports, standing.team.name));
    }
    return notCreated(created, ports.backend.teamPage(standing.team.name));
  }
  ports.logger.info(
    {
      accountId: created.account.id,
      team: standing.team.name,
      method: authentication.method,
    },
    'service account created',
  );
  const { account, issued } = created;
  if (issued === undefined) return announce(ports, account, request);
  return {
    kind: 'created',
    account,
    key: await deliverKey(ports, issued, request.route, requestId),
  };
}

/** A mistake is shown at its field and no more; a choice that the form never offered is somebody's doing, or a setting that changed meanwhile. */
async function recordNeverOffered(
  ports: Ports,
  { form, requestId }: CreateServiceAccount,
  person: Person,
  problems: FieldProblem[],
): Promise<void> {
  const fields = problems.filter(({ reason }) => reason === 'not_offered').map(({ field }) => field);
  if (fields.length === 0) return;
  await recordRefusal(ports, {
    who: person,
    action: 'service_account.create_refused',
    reason: 'not_offered',
    details: { team: form.teamName, fields },
    requestId,
  });
}

/** A federated account has no secret: what does not arrive in the conversation goes out again as a direct message. */
async function announce(
  ports: Ports,
  account: ServiceAccount,
  { route, slackUserId }: CreateServiceAccount,
): Promise<CreateServiceAccountResult> {
  const attempt = await ports.delivery.deliverFederatedAccount(account, route);
  if (attempt.outcome === 'accepted')
    return { kind: 'created_federated', account, announced: 'in_conversation' };
  const told = await ports.notifications.announceFederatedAccount(account, slackUserId);
  return {
    kind: 'created_federated',
    account,
    announced: told ? 'in_direct_message' : 'not',
  };
}

function notCreated(
  result: Exclude<CreateAccountResult, { ok: true } | { reason: 'not_admin' }>,
  link: string | undefined,
): CreateServiceAccountResult {
  switch (result.reason) {
    case 'already_submitted':
      return { kind: 'already_submitted', earlier: result.earlier };
    case 'name_taken':
      return {
        kind: 'invalid',
        problems: [{ field: 'name', reason: 'name_taken' }],
      };
    case 'subject_taken':
      return {
        kind: 'invalid',
        problems: [{ field: 'subject', reason: 'subject_taken' }],
      };
    case 'team_archived':
      return {
        kind: 'invalid',
        problems: [{ field: 'team', reason: 'team_archived' }],
      };
    case 'backend_refused':
      return { kind: 'not_created', failure: result.failure, link };
    case 'no_key_shown':
      return { kind: 'no_key_shown', removed: result.removed, link };
    case 'outcome_unknown':
      return { kind: 'outcome_unknown', cause: result.cause, link };
  }
}

async function refuse(
  ports: Ports,
  { form, requestId }: CreateServiceAccount,
  who: Caller,
  refusal: Refusal,
): Promise<CreateServiceAccountResult> {
  await recordRefusal(ports, {
    who,
    action: 'service_account.create_refused',
    reason: refusal.reason,
    // The name comes from the request and may be anything: bounded, as data.
    details: { team: form.teamName.slice(0, 64) },
    requestId,
  });
  return { kind: 'refused', refusal };
}

/** The account that was asked for, as every backend keeps it. */
export function newServiceAccount(
  request: AccountRequest,
  made: { id: string; organizationId: string; teamId: string; createdAtMs: number },
): ServiceAccount {
  const { team, name, authentication, purpose, usedBy, contact, requestedBy } = request;
  return {
    ...made,
    scope: 'team',
    teamName: team.name,
    name,
    method: authentication.method,
    externalIdentity: authentication.method === 'federated' ? authentication.identity : undefined,
    purpose,
    usedBy,
    contact,
    createdBy: requestedBy,
    status: 'active',
    revokedAtMs: undefined,
  };
}
