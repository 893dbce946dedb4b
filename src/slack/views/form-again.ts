import type { ModalView } from '@slack/types';
import { type AccountFormOffer, SEARCHING_OFFER } from '../../application/open-account-form.ts';
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
  const said = `:warning: ${words}\nWhat you typed is still here: *Create* tries again, and makes nothing twice.`;
  return formAgain(submitted, SEARCHING_OFFER, notice(said, submitted.requestId));
}
