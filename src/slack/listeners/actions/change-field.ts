import { type AccountFormOffer, openAccountForm } from '../../../application/accounts/open-account-form.ts';
import { OTHER_EXPIRY_CHOICES } from '../../../domain/accounts/key-expiry.ts';
import { subjectProblem } from '../../../domain/federation/subject.ts';
import { containsCredential } from '../../../domain/keys/pasted-credential.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { refusalText } from '../../messages/failures/refusal-text.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { ActionPayload, BlockActionsPayload, ViewPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { type Field, type FieldValues, readFields, unreadOffer } from '../views/account-form-fields.ts';
import { accountFormView, textView } from '../views/account-form-view.ts';
import { type FormMetadata, hiddenValues } from '../views/form-metadata.ts';
import { updateView } from '../views/open-account-form.ts';

/**
 * *Authentication method*, *Expires* or *Team* was chosen: swaps what depends on it. Keeps all values, including the values of hidden
 * fields.
 */
export async function changeField(
  context: ListenerContext,
  payload: BlockActionsPayload,
  action: ActionPayload,
  requestId: string,
): Promise<void> {
  const { view } = payload;
  const slackUserId = payload.user.id;
  if (!view) return;
  const metadata = await context.metadata.open(view, slackUserId);
  const fields = readFields(view);
  if (metadata === undefined || !fields.ok) {
    const reason = fields.ok ? 'metadata_invalid' : fields.reason;
    const text = await refuseInteraction(context, { slackUserId, reason, requestId });
    await updateView(context, { viewId: view.id }, textView(text, requestId));
    return;
  }
  if (!changesFields(action, fields.shown)) return;
  const chosen = action.selected_option && { [action.action_id]: action.selected_option.value };
  const values: FieldValues = { ...hiddenValues(metadata, fields.shown), ...fields.values, ...chosen };
  const opening = openAccountForm(context.ports, {
    slackUserId,
    // The server may not list it, as when it came from `--team`.
    teamName: values.team,
    channelName: undefined,
    isOpen: true,
    requestId,
  });
  const early = (await settledWithin(opening, context.timing.loadingAfterMs))?.value;
  // A slow lookup doesn't keep the person waiting for the fields: without it, they search.
  if (early === undefined)
    await showFields(context, { view, metadata, values, offer: unreadOffer(fields.shown) });
  const opened = early ?? (await opening);
  if (!opened.ok) {
    await updateView(context, { viewId: view.id }, textView(refusalText(opened.refusal), requestId));
    return;
  }
  if (early !== undefined) await showFields(context, { view, metadata, values, offer: opened.offer });
}

/** Another lifetime changes no other field. An update for it could overtake the person's next choice. */
function changesFields({ action_id, selected_option }: ActionPayload, shown: ReadonlySet<Field>): boolean {
  const isDateChosen = selected_option?.value === OTHER_EXPIRY_CHOICES.onDate;
  return action_id !== 'expires' || isDateChosen !== shown.has('expires_on');
}

async function showFields(
  context: ListenerContext,
  form: { view: ViewPayload; metadata: FormMetadata; values: FieldValues; offer: AccountFormOffer },
): Promise<void> {
  const { view, metadata, values, offer } = form;
  const features = offer.features ?? metadata.features;
  const teamPage = values.team === undefined ? offer.teamPage : context.ports.backend.teamPage(values.team);
  const privateMetadata = await context.metadata.seal({ ...metadata, features, kept: keptValues(values) });
  // The hash keeps an older choice from overwriting a newer one.
  await updateView(
    context,
    { viewId: view.id, ...(view.hash === undefined ? {} : { hash: view.hash }) },
    accountFormView({
      offer: { ...offer, features, teamPage },
      values,
      formId: metadata.formId,
      privateMetadata,
    }),
  );
}

/** Of the 3,000 characters of a view's metadata, which is sealed and so grows by a third. */
const MAX_KEPT_BYTES = 1_200;

/**
 * Doesn't keep a subject that couldn't be registered anyway, nor what needs more space than a subject of 1,024 ASCII characters:
 * then the reason stays and the subject goes.
 */
function keptValues(values: FieldValues): FormMetadata['kept'] {
  const { expires, expires_on: expiresOn, issuer, issuerLabel, subject = '', reason = '', urgent } = values;
  const isReasonKept = reason !== '' && !containsCredential(reason);
  const isSubjectKept =
    subject !== '' &&
    !subjectProblem(subject) &&
    !containsCredential(subject) &&
    bytesOf(subject) + (isReasonKept ? bytesOf(reason) : 0) <= MAX_KEPT_BYTES;
  return {
    ...(expires && { expires }),
    ...(expiresOn && { expires_on: expiresOn }),
    ...(issuer && { issuer, issuerLabel }),
    ...(isSubjectKept && { subject }),
    ...(isReasonKept && bytesOf(reason) <= MAX_KEPT_BYTES && { reason }),
    ...(urgent && { urgent }),
  };
}

function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
