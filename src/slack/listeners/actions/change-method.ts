import {
  type AccountFormOffer,
  openAccountForm,
  SEARCH_ONLY_OFFER,
} from '../../../application/accounts/open-account-form.ts';
import { FREE_TEXT_LENGTH, freeTextProblem } from '../../../domain/accounts/names.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { refusalText } from '../../messages/refusal-text.ts';
import type { SlackEdge } from '../edge.ts';
import type { ActionPayload, BlockActionsPayload, FormMetadata, ViewPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { type Field, type FieldValues, readFields } from '../views/account-form-fields.ts';
import { accountFormView, textView } from '../views/account-form-view.ts';
import { updateView } from '../views/open-account-form.ts';

/** *Authentication method* was chosen: swaps the fields below it and keeps what was typed, also in the hidden ones. */
export async function changeMethod(
  edge: SlackEdge,
  payload: BlockActionsPayload,
  action: ActionPayload,
  requestId: string,
): Promise<void> {
  const { view } = payload;
  const slackUserId = payload.user.id;
  if (!view) return;
  const metadata = await edge.metadata.open(view, slackUserId);
  const fields = readFields(view);
  if (metadata === undefined || !fields.ok) {
    const reason = fields.ok ? 'metadata_invalid' : fields.reason;
    const words = await refuseInteraction(edge, {
      slackUserId,
      reason,
      requestId,
    });
    await updateView(edge, { viewId: view.id }, textView(words, requestId));
    return;
  }
  const method = action.selected_option?.value ?? fields.values.method;
  const values = { ...hiddenValues(metadata, fields.shown), ...fields.values, method };
  const opening = openAccountForm(edge.ports, {
    slackUserId,
    teamName: undefined,
    channelName: undefined,
    isOpen: true,
    requestId,
  });
  const early = (await settledWithin(opening, edge.timing.loadingAfterMs))?.value;
  // Whoever waits for the fields gets them at once: they search until more is known.
  if (early === undefined) await showFields(edge, { view, metadata, values, offer: SEARCH_ONLY_OFFER });
  const opened = early ?? (await opening);
  if (!opened.ok) {
    await updateView(edge, { viewId: view.id }, textView(refusalText(opened.refusal), requestId));
    return;
  }
  if (early !== undefined) await showFields(edge, { view, metadata, values, offer: opened.offer });
}

async function showFields(
  edge: SlackEdge,
  form: { view: ViewPayload; metadata: FormMetadata; values: FieldValues; offer: AccountFormOffer },
): Promise<void> {
  const { view, metadata, values, offer } = form;
  const { expires, issuer, subject, team } = values;
  const kept = {
    ...(expires && { expires }),
    ...(issuer && { issuer }),
    // Metadata has 3,000 characters: what could not be registered anyway is not kept.
    ...(subject && !freeTextProblem(subject, { maxLength: FREE_TEXT_LENGTH.subject }) && { subject }),
  };
  const features = offer.features ?? metadata.features;
  const teamPage = team === undefined ? offer.teamPage : edge.ports.backend.teamPage(team);
  const privateMetadata = await edge.metadata.seal({ ...metadata, features, kept });
  // The hash keeps an older choice from overwriting a newer one.
  await updateView(
    edge,
    { viewId: view.id, ...(view.hash === undefined ? {} : { hash: view.hash }) },
    accountFormView({
      offer: { ...offer, features, teamPage },
      values,
      formId: metadata.formId,
      privateMetadata,
    }),
  );
}

/** What was kept of the fields that are not shown; a field that is shown and empty was cleared. */
function hiddenValues({ kept }: FormMetadata, shown: ReadonlySet<Field>): FormMetadata['kept'] {
  return Object.fromEntries(Object.entries(kept).filter(([field]) => !shown.has(field as Field)));
}
