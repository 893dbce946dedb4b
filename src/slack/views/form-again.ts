import type { ModalView } from '@slack/types';
import { type AccountFormOffer, SEARCHING_OFFER } from '../../application/open-account-form.ts';
import { failureWords } from '../messages/failure-words.ts';
import { type Message, notice } from '../messages/message.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import type { FormMetadata } from '../sealed-metadata.ts';
import type { Field, FieldValues } from './account-form-fields.ts';
import { accountFormView } from './account-form-view.ts';

/** The form *New service account* as it came in. */
export interface Submitted {
  payload: ViewSubmissionPayload;
  requestId: string;
  metadata: FormMetadata;
  values: FieldValues;
  shown: ReadonlySet<Field>;
}

/** The form that was submitted, with everything typed. */
export function formAgain(
  { payload, metadata, values }: Submitted,
  offer: AccountFormOffer,
  said?: Message,
): ModalView {
  const { formId, kept } = metadata;
  return accountFormView({
    offer,
    values: { ...kept, ...values },
    formId,
    privateMetadata: payload.view.private_metadata,
    ...(said === undefined ? {} : { notice: said }),
  });
}

/** As above, after a failure: what the form offers could not be read either, so it asks for nothing. */
export function formAfterFailure(submitted: Submitted, error: unknown): ModalView {
  const words = `:warning: ${failureWords(error)} What you typed is still here: *Create* tries again, and makes nothing twice.`;
  return formAgain(submitted, SEARCHING_OFFER, notice(words, submitted.requestId));
}
