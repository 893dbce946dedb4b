import { createHash } from 'node:crypto';
import { FREE_TEXT_LENGTH, freeTextProblem } from '../../../domain/accounts/names.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { containsCredential } from '../../../domain/keys/pasted-credential.ts';
import { isSlackUserId } from '../../../domain/organization/person.ts';
import { policyProblems } from '../../../domain/organization/policy.ts';
import type { Ports } from '../../ports/account-ports.ts';
import type { NewNotification } from '../../ports/job-store.ts';
import { DirectoryUnavailableError } from '../../ports/slack.ts';
import { accountEvent, actorOf } from '../account-event.ts';
import type { FieldProblem } from '../account-form.ts';
import { type Attempt, authorize, checkAccount } from '../authorize.ts';
import type { Refusal } from '../refusal.ts';
import type { AccountDetails } from '../revocation/account-store.ts';
import { type AccountReference, findManagedAccount, type NotFound } from './find-named-account.ts';

export type OpenEditFormResult =
  /** `version`: comes back with the form. `hasContact`: whether the contact can still be chosen. */
  | { kind: 'open'; account: ServiceAccount; version: string; hasContact: boolean }
  | { kind: 'ended'; account: ServiceAccount }
  | NotFound;

export type EditAccountResult =
  | { kind: 'edited' | 'unchanged'; account: ServiceAccount }
  | { kind: 'invalid'; problems: FieldProblem[] }
  /** Someone else changed the account after the form opened. */
  | { kind: 'changed_meanwhile'; account: ServiceAccount }
  | { kind: 'ended'; account: ServiceAccount }
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

function editAttempt(request: { slackUserId: string; requestId: string; subject?: string }): Attempt {
  return { ...request, action: 'service_account.edit_refused' };
}

/** Reads an account for the form *Edit account*. Changes nothing. */
export async function openEditForm(
  ports: Ports,
  request: { slackUserId: string; reference: AccountReference; requestId: string },
): Promise<OpenEditFormResult> {
  const { slackUserId, reference, requestId } = request;
  const found = await findManagedAccount(ports, editAttempt({ slackUserId, requestId }), reference);
  if (found.kind !== 'found') return found;
  const { account } = found;
  if (account.state !== 'active') return { kind: 'ended', account };
  const hasContact = await isInSlack(ports, account.contact);
  return { kind: 'open', account, version: detailsVersion(account), hasContact };
}

/** Contacts seldom leave, and the daily check of contacts reads them too. */
const CONTACT_MAX_AGE_MS = 24 * 60 * 60_000;

async function isInSlack({ directory }: Ports, slackUserId: string): Promise<boolean> {
  try {
    const profile = await directory.profile(slackUserId, { maxAgeMs: CONTACT_MAX_AGE_MS });
    return profile !== undefined && !profile.isDeactivated;
  } catch (error) {
    // The form is useful without an answer.
    if (error instanceof DirectoryUnavailableError) return true;
    throw error;
  }
}

/** Returns what identifies the details that a form showed. */
function detailsVersion({ purpose, usedBy, contact }: AccountDetails): string {
  const details = JSON.stringify([purpose ?? '', usedBy ?? '', contact]);
  return createHash('sha256').update(details).digest('hex').slice(0, 32);
}

/**
 * Changes the details of an account. Permission is checked from fresh data; the change, its audit event and the notification of a new
 * contact are one write.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was changed
 */
export async function editServiceAccount(
  ports: Ports,
  request: {
    slackUserId: string;
    accountId: string;
    version: string;
    details: AccountDetails;
    requestId: string;
  },
): Promise<EditAccountResult> {
  const { slackUserId, accountId, version, requestId } = request;
  const details = {
    purpose: request.details.purpose?.trim() || undefined,
    usedBy: request.details.usedBy?.trim() || undefined,
    contact: request.details.contact,
  };
  const invalid = editProblems(details);
  if (invalid.length > 0) return { kind: 'invalid', problems: invalid };
  const attempt = editAttempt({
    slackUserId,
    subject: `service_account:${accountId.slice(0, 64)}`,
    requestId,
  });
  const authorized = await authorize(ports, attempt, (person) => checkAccount(ports, person, accountId));
  if (!authorized.ok) {
    const { refusal } = authorized;
    const isHidden = refusal.reason === 'account_unknown' || refusal.reason === 'team_unknown';
    return isHidden ? { kind: 'not_found' } : { kind: 'refused', refusal };
  }
  const { person, granted: account } = authorized;
  if (account.state !== 'active') return { kind: 'ended', account };
  const policy = await ports.store.policyOf(account.teamName);
  const fields = { purpose: details.purpose, used_by: details.usedBy };
  const required = policyProblems(policy, { fields }, ports.now()).flatMap((problem): FieldProblem[] =>
    problem.rule === 'required_fields' ? [{ field: problem.field, reason: 'policy', problem }] : [],
  );
  if (required.length > 0) return { kind: 'invalid', problems: required };
  if (detailsVersion(details) === detailsVersion(account)) return { kind: 'unchanged', account };
  // The form showed something else.
  if (version !== detailsVersion(account)) return { kind: 'changed_meanwhile', account };
  const nowMs = ports.now();
  const isEdited = await ports.store.editAccount({
    accountId,
    before: { purpose: account.purpose, usedBy: account.usedBy, contact: account.contact },
    after: details,
    nowMs,
    auditEvent: accountEvent(account, {
      action: 'service_account.edited',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: changes(account, details),
    }),
    notifications: newContactNotifications(account, details, { slackUserId, requestId, nowMs }),
  });
  if (!isEdited) return { kind: 'changed_meanwhile', account };
  ports.wakeJobs();
  ports.logger.info({ accountId, team: account.teamName }, 'service account edited');
  return { kind: 'edited', account: { ...account, ...details } };
}

function editProblems({ purpose = '', usedBy = '', contact }: AccountDetails): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const purposeProblem = freeTextProblem(purpose, { maxLength: FREE_TEXT_LENGTH.purpose, multiline: true });
  const usedByProblem = freeTextProblem(usedBy, { maxLength: FREE_TEXT_LENGTH.usedBy });
  if (containsCredential(purpose)) problems.push({ field: 'purpose', reason: 'contains_credential' });
  else if (purposeProblem !== undefined) problems.push({ field: 'purpose', reason: purposeProblem });
  if (containsCredential(usedBy)) problems.push({ field: 'used_by', reason: 'contains_credential' });
  else if (usedByProblem !== undefined) problems.push({ field: 'used_by', reason: usedByProblem });
  // Messages show it as a mention.
  if (!isSlackUserId(contact)) problems.push({ field: 'contact', reason: 'not_offered' });
  return problems;
}

/** Returns the details that change, with their earlier values. */
function changes(before: AccountDetails, after: AccountDetails): Record<string, string | undefined> {
  const changed: Record<string, string> = {};
  for (const [name, field] of [
    ['purpose', 'purpose'],
    ['used_by', 'usedBy'],
    ['contact', 'contact'],
  ] as const) {
    if (before[field] === after[field]) continue;
    changed[`${name}_before`] = before[field] ?? '';
    changed[name] = after[field] ?? '';
  }
  return changed;
}

function newContactNotifications(
  account: ServiceAccount,
  { contact }: AccountDetails,
  { slackUserId, requestId, nowMs }: { slackUserId: string; requestId: string; nowMs: number },
): NewNotification[] {
  if (contact === account.contact || contact === slackUserId) return [];
  const message = { message: 'contact_assigned', accountId: account.id, assignedBy: slackUserId } as const;
  return [{ payload: { ...message, to: { slackUserId: contact }, requestId }, start: { atMs: nowMs } }];
}
