import type { ModalView } from '@slack/types';
import type { FieldProblem } from '../../../application/accounts/account-form.ts';
import type { CreateServiceAccountResult } from '../../../application/accounts/create-service-account.ts';
import { type AccountFormOffer, SEARCH_ONLY_OFFER } from '../../../application/accounts/open-account-form.ts';
import { isWorthRetrying } from '../../messages/backend-failure-text.ts';
import { type Message, notice } from '../../messages/blocks.ts';
import { fieldProblemText } from '../../messages/field-problem-text.ts';
import { alreadySubmittedText, createdText, notCreatedText } from '../../messages/outcome-text.ts';
import { refusalText } from '../../messages/refusal-text.ts';
import type { FormMetadata, ViewSubmissionPayload } from '../payloads.ts';
import type { Field, FieldValues } from './account-form-fields.ts';
import { accountFormView, textView } from './account-form-view.ts';

/** The form *New service account* as it came in. */
export interface Submitted {
  payload: ViewSubmissionPayload;
  requestId: string;
  metadata: FormMetadata;
  values: FieldValues;
  shown: ReadonlySet<Field>;
  /** Of the team that stands in it. */
  teamPage: string | undefined;
}

/** The form that was submitted, with everything typed. */
export function formAgain(
  { payload, metadata, values, teamPage }: Submitted,
  offer: AccountFormOffer,
  said?: Message,
): ModalView {
  const { formId, kept } = metadata;
  return accountFormView({
    offer: { ...offer, features: offer.features ?? metadata.features, teamPage },
    values: { ...kept, ...values },
    formId,
    privateMetadata: payload.view.private_metadata,
    ...(said === undefined ? {} : { notice: said }),
  });
}

/** As above, to be submitted once more. What the form offers may not be readable either, so it asks for nothing. */
export function formToRepeat(submitted: Submitted, words: string): ModalView {
  const said = `:warning: ${words}\nYour entries are still here. Press *Create* to try again; nothing is created twice.`;
  return formAgain(submitted, SEARCH_ONLY_OFFER, notice(said, submitted.requestId));
}

/** How a submission ended, for its view. */
type SubmissionEnd =
  /** `words`: what the person would not learn without the view. */
  | { kind: 'words'; view: ModalView; words: string }
  /** The person has been told elsewhere: `view` says so where one is needed. */
  | { kind: 'told'; view: ModalView }
  | { kind: 'errors'; errors: Partial<Record<Field, string>> };

export function submissionEnd(result: CreateServiceAccountResult, submitted: Submitted): SubmissionEnd {
  const { requestId, shown } = submitted;
  const inWords = (words: string): SubmissionEnd => ({
    kind: 'words',
    view: textView(words, requestId),
    words,
  });
  switch (result.kind) {
    case 'created':
    case 'created_federated': {
      const words = createdText(result);
      const view = textView(words, requestId);
      return wasHandedOver(result) ? { kind: 'told', view } : { kind: 'words', view, words };
    }
    case 'already_submitted':
      return inWords(alreadySubmittedText(result.earlier));
    case 'not_created': {
      const words = notCreatedText(result);
      if (!isWorthRetrying(result.failure)) return inWords(words);
      return { kind: 'words', view: formToRepeat(submitted, words), words };
    }
    case 'no_key_shown':
    case 'outcome_unknown':
      return inWords(notCreatedText(result));
    case 'invalid':
      return { kind: 'errors', errors: fieldErrors(result.problems, shown) };
    case 'refused':
      return inWords(refusalText(result.refusal));
  }
}

function wasHandedOver(
  result: Extract<CreateServiceAccountResult, { kind: 'created' | 'created_federated' }>,
): boolean {
  return result.kind === 'created' ? result.key.kind === 'delivered' : result.announced === 'in_conversation';
}

/** Slack refuses an error for a field that is not in the view: such a one goes to the field that always is. */
function fieldErrors(problems: FieldProblem[], shown: ReadonlySet<Field>): Partial<Record<Field, string>> {
  const errors: Partial<Record<Field, string>> = {};
  for (const problem of problems) {
    const field = shown.has(problem.field) ? problem.field : 'name';
    errors[field] ??= fieldProblemText(problem);
  }
  return errors;
}
