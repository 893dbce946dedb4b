import type { ModalView } from '@slack/types';
import type { FieldProblem } from '../../../application/accounts/account-form.ts';
import type { CreateServiceAccountResult } from '../../../application/accounts/create-service-account.ts';
import type { AccountFormOffer } from '../../../application/accounts/open-account-form.ts';
import type { RequestAccountResult } from '../../../application/requests/request-account.ts';
import { alreadySubmittedText, createdText, notCreatedText } from '../../messages/accounts/outcome-text.ts';
import { type Message, notice } from '../../messages/blocks.ts';
import { isWorthRetrying } from '../../messages/failures/backend-failure-text.ts';
import { fieldProblemText } from '../../messages/failures/field-problem-text.ts';
import { refusalText } from '../../messages/failures/refusal-text.ts';
import { requestedText } from '../../messages/requests/request-outcome-text.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { type Field, type FieldValues, unreadOffer } from './account-form-fields.ts';
import { accountFormView, textView } from './account-form-view.ts';
import { type FormMetadata, hiddenValues, isInConversation } from './form-metadata.ts';

/** A submission of the form *New service account*. */
export interface Submission {
  payload: ViewSubmissionPayload;
  requestId: string;
  metadata: FormMetadata;
  values: FieldValues;
  shown: ReadonlySet<Field>;
  /** The page of the team in the form. */
  teamPage: string | undefined;
  isOnServer: boolean;
}

/** How the submission of a form ended: the account was created or requested, or the form is another one now. */
export type FormResult =
  | CreateServiceAccountResult
  | { kind: 'request'; result: Exclude<RequestAccountResult, { kind: 'invalid' | 'refused' | 'may_create' }> }
  /** The person creates accounts in the chosen team where the form requests one, or the other way around. */
  | { kind: 'form_changed'; offer: AccountFormOffer };

const NOW_A_MEMBER =
  ':warning: Nothing was created: you’re a member of this team, so an approver has to approve the account. Fill in *Reason*, and press *Request*.';
const NOW_AN_ADMIN =
  ':white_check_mark: Nothing was requested: you’re an admin of this team, so you can create the account yourself. Press *Create*.';

/** How a submission ended, for its view. */
export type SubmissionResult =
  /** Only this view informs the person; `text` is for where it has been closed. */
  | { kind: 'view'; view: ModalView; text: string }
  /** The person has a message already. The view repeats it, if one is needed. */
  | { kind: 'notified'; view: ModalView }
  | { kind: 'errors'; errors: Partial<Record<Field, string>> };

export function submissionResult(result: FormResult, submission: Submission): SubmissionResult {
  const { requestId, shown, isOnServer } = submission;
  const textResult = (text: string): SubmissionResult => ({
    kind: 'view',
    view: textView(text, requestId),
    text,
  });
  // A form from the Home tab or a shortcut covers no conversation in which the person would see the message.
  const notifiedResult = (text: string): SubmissionResult =>
    isInConversation(submission.metadata)
      ? { kind: 'notified', view: textView(text, requestId) }
      : textResult(`${text} Open the *Messages* tab of Keysmith to see it.`);
  switch (result.kind) {
    case 'request':
      return textResult(requestedText(result.result));
    case 'form_changed': {
      const text = result.offer.asks === 'request' ? NOW_A_MEMBER : NOW_AN_ADMIN;
      return { kind: 'view', view: refilledForm(submission, result.offer, notice(text)), text };
    }
    case 'created':
      return result.key.kind === 'delivered'
        ? notifiedResult(createdText(result, isOnServer))
        : textResult(createdText(result, isOnServer));
    case 'created_federated':
      return result.announced === 'in_conversation'
        ? notifiedResult(createdText(result, isOnServer))
        : textResult(createdText(result, isOnServer));
    case 'created_without_key':
      return textResult(createdText(result, isOnServer));
    case 'already_submitted':
      return textResult(alreadySubmittedText(result.earlier, isOnServer));
    case 'not_created': {
      const text = notCreatedText(result);
      if (!isWorthRetrying(result.failure)) return textResult(text);
      return { kind: 'view', view: formToRetry(submission, text), text };
    }
    case 'outcome_unknown':
      return textResult(notCreatedText(result));
    case 'invalid':
      return { kind: 'errors', errors: fieldErrors(result.problems, shown) };
    case 'refused':
      return textResult(refusalText(result.refusal));
  }
}

/** Returns the submitted form with everything that was typed. */
export function refilledForm(
  { payload, metadata, values, shown, teamPage }: Submission,
  offer: AccountFormOffer,
  message?: Message,
): ModalView {
  const { formId } = metadata;
  return accountFormView({
    offer: { ...offer, features: offer.features ?? metadata.features, teamPage },
    values: { ...hiddenValues(metadata, shown), ...values },
    formId,
    privateMetadata: payload.view.private_metadata,
    ...(message === undefined ? {} : { notice: message }),
  });
}

/** Returns the submitted form below a failure. It looks nothing up, as that may fail as well. */
export function formToRetry(submission: Submission, failure: string): ModalView {
  const { shown, requestId } = submission;
  const again = shown.has('reason')
    ? 'Press *Request* to try again; nothing is requested twice.'
    : 'Press *Create* to try again; nothing is created twice.';
  const text = `:warning: ${failure}\nYour entries are still here. ${again}`;
  return refilledForm(submission, unreadOffer(shown), notice(text, requestId));
}

/** Slack rejects an error for a field that isn't in the view. Such an error is shown at *Name*, which always is. */
function fieldErrors(problems: FieldProblem[], shown: ReadonlySet<Field>): Partial<Record<Field, string>> {
  const errors: Partial<Record<Field, string>> = {};
  for (const problem of problems) {
    const field = shown.has(problem.field) ? problem.field : 'name';
    errors[field] ??= fieldProblemText(problem);
  }
  return errors;
}
