import {
  type AdoptServiceAccountResult,
  adoptServiceAccount,
  type OpenAdoptFormResult,
  openAdoptForm,
} from '../../../application/outside-changes/adopt-account.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { code, day, escapeMarkup, notice } from '../../messages/blocks.ts';
import { fieldProblemText } from '../../messages/failures/field-problem-text.ts';
import { failureText, refusalText } from '../../messages/failures/refusal-text.ts';
import { readAdoptChoice } from '../../messages/outside/unmanaged-blocks.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import type { Field } from './account-form-fields.ts';
import { ADOPT_TITLE, adoptTextView, adoptView, readAdoptView } from './adopt-view.ts';
import { ownMetadata } from './form-metadata.ts';
import { openView, updateView } from './open-account-form.ts';
import { type SubmissionResponse, textResponse } from './submission-response.ts';

const GONE =
  'Nothing was adopted: W&B no longer shows this account, it belongs to the whole organization, or Keysmith already manages it. Run `/wandb service-account list` to see the current accounts.';
const NOT_OPENED = 'The form didn’t open, and nothing was changed. Press *Adopt* again.';

/** *Adopt* in the list: opens the form before its trigger expires, as a loading view if the server is slow. */
export async function adoptAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, triggerId, requestId } = click;
  const { slackUserId } = replyTo;
  const choice = readAdoptChoice(value);
  if (choice === undefined || triggerId === undefined) {
    const text = await refuseInteraction(context, { slackUserId, reason: 'action_unknown', requestId });
    await context.reply.ephemeral(replyTo, notice(text, requestId));
    return;
  }
  const formId = context.ports.newId('form');
  const metadata = await context.metadata.withOrigin(value, click);
  const opening = openAdoptForm(context.ports, { slackUserId, ...choice, requestId });
  const viewOf = (opened: OpenAdoptFormResult) =>
    opened.kind === 'open'
      ? adoptView({ formId, metadata, teamName: choice.teamName, slackUserId, ...opened })
      : adoptTextView(notOpenText(opened), { formId, metadata, reference: requestId });
  const early = (await settledWithin(opening, context.timing.loadingAfterMs))?.value;
  if (early !== undefined && early.kind !== 'open') {
    await context.reply.ephemeral(replyTo, notice(notOpenText(early), requestId));
    return;
  }
  const loading = ':hourglass_flowing_sand: Waiting for the W&B server…';
  const view = early === undefined ? adoptTextView(loading, { formId, metadata }) : viewOf(early);
  const opened = await openView(context, triggerId, view);
  if ('error' in opened) {
    opening.catch(() => {});
    await context.reply.ephemeral(replyTo, notice(NOT_OPENED, requestId));
    return;
  }
  if (early !== undefined) return;
  const late = await opening.then(viewOf, (error: unknown) => {
    context.ports.logger.error({ err: error }, 'form offer not read');
    return adoptTextView(failureText(error), { formId, metadata, reference: requestId });
  });
  await updateView(context, { viewId: opened.viewId }, late);
}

function notOpenText(opened: Exclude<OpenAdoptFormResult, { kind: 'open' }>): string {
  return opened.kind === 'gone' ? GONE : refusalText(opened.refusal);
}

/** *Adopt* in the form *Adopt service account*. */
export async function submitAdoptForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { view, user } = payload;
  const { external_id: formId, private_metadata: metadata } = view;
  const slackUserId = user.id;
  const choice = readAdoptChoice(ownMetadata(view));
  const form = readAdoptView(view, slackUserId);
  if (choice === undefined || form === undefined || formId === '') {
    const reason = choice === undefined || formId === '' ? 'metadata_invalid' : 'field_unknown';
    const text = await refuseInteraction(context, { slackUserId, reason, requestId });
    return textResponse(context, payload, { title: ADOPT_TITLE, text }, requestId);
  }
  const adopting: Promise<Ended> = context.work.track(
    adoptServiceAccount(context.ports, {
      slackUserId,
      ...choice,
      ...form,
      submissionId: `adopt:${formId}`,
      requestId,
    }).then(endOf, (error: unknown) => {
      context.ports.logger.error({ err: error }, 'view submission failed');
      return { text: failureText(error) };
    }),
  );
  const textView = (text: string) => adoptTextView(text, { formId, metadata, reference: requestId });
  const showResult = async () => {
    const { text } = await adopting;
    if ((await updateView(context, { viewId: view.id }, textView(text))) === 'updated') return;
    const person = { responseUrl: undefined, channelId: undefined, slackUserId };
    await context.reply.ephemeral(person, notice(text, requestId));
  };
  const early = (await settledWithin(adopting, context.timing.respondWithinMs))?.value;
  if (early === undefined) {
    const working = adoptTextView(':hourglass_flowing_sand: Adopting the account…', { formId, metadata });
    return { kind: 'view', view: working, afterwards: showResult, instead: showResult };
  }
  const { text, errors } = early;
  return errors === undefined
    ? { kind: 'view', view: textView(text), instead: showResult }
    : { kind: 'errors', errors, instead: showResult };
}

/** How a submission ended. `text`: markup. */
interface Ended {
  text: string;
  errors?: Partial<Record<Field, string>>;
}

function endOf(result: AdoptServiceAccountResult): Ended {
  switch (result.kind) {
    case 'adopted': {
      const { account, reviewAtMs } = result;
      const name = `${code(account.name)} in ${code(account.teamName)}`;
      return {
        text: `:white_check_mark: Adopted ${name}. Keysmith now lists it and can delete it from W&B. Nothing changes for its workloads. Its review is due on ${day(reviewAtMs)}.`,
      };
    }
    case 'already_submitted':
      return {
        text: 'This form was already submitted, so nothing else was changed. Run `/wandb service-account list` to see the account.',
      };
    case 'gone':
      return { text: GONE };
    case 'invalid': {
      const errors: Partial<Record<Field, string>> = {};
      for (const problem of result.problems) {
        errors[isShown(problem.field) ? problem.field : 'name'] ??= fieldProblemText(problem);
      }
      const text = escapeMarkup(Object.values(errors).join('\n'));
      return { text: `:warning: The account wasn’t adopted. ${text}`, errors };
    }
    case 'refused':
      return { text: refusalText(result.refusal) };
  }
}

/** Slack rejects an error for a field that isn't in the view. */
function isShown(field: Field): boolean {
  return field === 'purpose' || field === 'used_by' || field === 'contact';
}
