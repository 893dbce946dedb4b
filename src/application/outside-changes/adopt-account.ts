import { proposeAccountName } from '../../domain/accounts/names.ts';
import { REVIEW_DAYS } from '../../domain/accounts/outside-change.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../domain/organization/team-name.ts';
import {
  type AccountForm,
  accountFormProblems,
  credentialProblems,
  type FieldProblem,
} from '../accounts/account-form.ts';
import { type Attempt, authorize, checkTeam, recordRefusal } from '../accounts/authorize.ts';
import { type Refusal, refusalForTeam } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';

interface AdoptionOf {
  slackUserId: string;
  teamName: string;
  /** On the server. */
  memberId: string;
  requestId: string;
}

export type OpenAdoptFormResult =
  /** `name`: the server's. `proposedName`: a valid one for Keysmith, if there is a near one. */
  | { kind: 'open'; name: string; proposedName: string | undefined }
  /** The account is gone, or Keysmith manages it already. */
  | { kind: 'gone' }
  | { kind: 'refused'; refusal: Refusal };

/** @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError */
export async function openAdoptForm(ports: Ports, of: AdoptionOf): Promise<OpenAdoptFormResult> {
  const authorized = await authorize(ports, attemptOf(of), (person) => checkTeam(ports, person, of.teamName));
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  const account = await ports.backend.adoptableAccount(of.teamName, of.memberId);
  if (account === undefined) return { kind: 'gone' };
  const { name } = account;
  return { kind: 'open', name, proposedName: proposeAccountName(name) };
}

/** The submitted form *Adopt service account*, unvalidated. */
export interface AdoptAccountForm extends AdoptionOf {
  fields: Pick<AccountForm, 'name' | 'purpose' | 'usedBy' | 'contact'>;
  reviewDays: number;
  /** One per form: submitting it again has no further effect. */
  submissionId: string;
}

export type AdoptServiceAccountResult =
  | { kind: 'adopted'; account: ServiceAccount; reviewAtMs: number }
  | { kind: 'already_submitted' | 'gone' }
  | { kind: 'invalid'; problems: FieldProblem[] }
  | { kind: 'refused'; refusal: Refusal };

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Takes over a service account that was created on the W&B server: from then on Keysmith lists it, and can delete it. Its keys stay
 * as they are.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was adopted
 */
export async function adoptServiceAccount(
  ports: Ports,
  form: AdoptAccountForm,
): Promise<AdoptServiceAccountResult> {
  const { teamName, memberId, fields, reviewDays, submissionId, requestId } = form;
  const checked: AccountForm = {
    ...fields,
    teamName,
    method: '',
    expiry: undefined,
    issuer: undefined,
    subject: undefined,
  };
  const pasted = credentialProblems(checked);
  if (pasted.length > 0) return { kind: 'invalid', problems: pasted };
  const attempt = attemptOf(form);
  const authorized = await authorize(ports, attempt, (person) => checkTeam(ports, person, teamName));
  if (!authorized.ok) return { kind: 'refused', refusal: authorized.refusal };
  const problems = accountFormProblems(checked, {
    policy: await ports.store.policyOf(teamName),
    keysExpire: false,
    nowMs: ports.now(),
  });
  if (problems.length > 0) return { kind: 'invalid', problems };
  const days = REVIEW_DAYS.find((one) => one === reviewDays) ?? REVIEW_DAYS[0];
  const reviewAtMs = ports.now() + days * DAY_MS;
  const { person } = authorized;
  const adopted = await ports.backend.adoptAccount({
    ...fields,
    teamName,
    memberId,
    reviewAtMs,
    requestedBy: person,
    submissionId,
    requestId,
  });
  if (adopted.ok) {
    const { account } = adopted;
    ports.logger.info({ accountId: account.id, team: teamName }, 'service account adopted');
    return { kind: 'adopted', account, reviewAtMs };
  }
  switch (adopted.reason) {
    case 'not_admin':
      recordRefusal(ports, attempt, { person, reason: adopted.reason });
      return { kind: 'refused', refusal: await refusalForTeam(ports, teamName) };
    case 'name_taken':
      return { kind: 'invalid', problems: [{ field: 'name', reason: 'name_taken' }] };
    case 'subject_taken':
      return { kind: 'invalid', problems: [{ field: 'subject', reason: 'subject_taken' }] };
    case 'team_archived':
      return { kind: 'invalid', problems: [{ field: 'team', reason: 'team_archived' }] };
    case 'already_submitted':
      return { kind: 'already_submitted' };
    case 'already_managed':
    case 'gone':
      return { kind: 'gone' };
  }
}

function attemptOf({ slackUserId, teamName, memberId, requestId }: AdoptionOf): Attempt {
  return {
    slackUserId,
    action: 'service_account.adopt_refused',
    // Bounded: both come from the request and may be anything.
    details: {
      team: teamName.slice(0, TEAM_NAME_MAX_LENGTH).toWellFormed(),
      member: memberId.slice(0, 100).toWellFormed(),
    },
    requestId,
  };
}
