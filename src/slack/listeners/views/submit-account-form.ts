import type { ModalView } from '@slack/types';
import { isDoubt } from '../../../application/accounts/account-form.ts';
import { createServiceAccount } from '../../../application/accounts/create-service-account.ts';
import { type AccountFormOffer, openAccountForm } from '../../../application/accounts/open-account-form.ts';
import { endNotification } from '../../../application/jobs/notification-jobs.ts';
import type { Route } from '../../../application/ports/slack.ts';
import { type RequestAccountResult, requestAccount } from '../../../application/requests/request-account.ts';
import { OTHER_EXPIRY_CHOICES } from '../../../domain/accounts/key-expiry.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { escapeMarkup, notice } from '../../messages/blocks.ts';
import { fieldProblemText } from '../../messages/failures/field-problem-text.ts';
import { failureText, isPermanentFailure, refusalText } from '../../messages/failures/refusal-text.ts';
import { chooseRoute } from '../../web/response-url.ts';
import { directMessageWith } from '../../web/web-client.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { type Field, readFields, requestForm, unreadOffer } from './account-form-fields.ts';
import { ACCOUNT_FORM_TITLE, textView, workingView } from './account-form-view.ts';
import { isInConversation } from './form-metadata.ts';
import { updateView } from './open-account-form.ts';
import { type ShownResponse, type SubmissionResponse, textResponse } from './submission-response.ts';
import {
  type FormResult,
  formToRetry,
  refilledForm,
  type Submission,
  submissionResult,
} from './submission-result.ts';

/** *Create* in the form *New service account*. Responds within Slack's deadline, however long the work takes. */
export async function submitAccountForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const slackUserId = payload.user.id;
  const metadata = await context.metadata.open(payload.view, slackUserId);
  const fields = readFields(payload.view);
  if (metadata === undefined || !fields.ok) {
    const reason = fields.ok ? 'metadata_invalid' : fields.reason;
    const text = await refuseInteraction(context, { slackUserId, reason, requestId });
    return textResponse(context, payload, { title: ACCOUNT_FORM_TITLE, text }, requestId);
  }
  const { team } = fields.values;
  const teamPage = team === undefined ? undefined : context.ports.backend.teamPage(team);
  const isOnServer = context.ports.backend.administeredIn === 'wandb';
  const submission: Submission = { payload, requestId, metadata, teamPage, isOnServer, ...fields };
  return lacksFields(submission) ? swapFieldsInTime(context, submission) : create(context, submission);
}

async function create(context: ListenerContext, submission: Submission): Promise<SubmissionResponse> {
  const creating: Promise<Creation> = context.work.track(
    createOrWarn(context, submission).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    ),
  );
  const showResult = () => showLateResult(context, creating, submission);
  const early = await settledWithin(creating, context.timing.respondWithinMs);
  if (early !== undefined) {
    const { result, error } = early.value;
    const response =
      result === undefined ? failedResponse(context, submission, error) : responseTo(result, submission);
    const afterwards = () => endNotice(context, early.value, { wasNotified: true });
    return { ...response, afterwards, instead: showResult };
  }
  const isRequest = submission.shown.has('reason');
  const view = viewWhileWorking(submission, isRequest ? 'Requesting the account…' : 'Creating the account…');
  return { kind: 'view', view, afterwards: showResult, instead: showResult };
}

/** A warning about the issuer and subject is shown once: the next submission of the same ones confirms them. */
async function createOrWarn(context: ListenerContext, submission: Submission): Promise<FormResult> {
  const { ports, warnedIdentities } = context;
  const { payload, metadata, values, shown, requestId } = submission;
  const slackUserId = payload.user.id;
  const form = requestForm(values, slackUserId);
  const identity = JSON.stringify([form.issuer, form.subject]);
  const isIdentityConfirmed = warnedIdentities.get(metadata.formId) === identity;
  const submitted = { slackUserId, form, isIdentityConfirmed, submissionId: metadata.formId, requestId };
  const result = shown.has('reason')
    ? requestResult(await requestAccount(ports, submitted))
    : await createServiceAccount(ports, { ...submitted, route: await routeOf(context, submission) });
  if (result.kind === 'invalid' && result.problems.some(isDoubt)) {
    warnedIdentities.set(metadata.formId, identity);
  }
  const isOtherForm =
    result.kind === 'may_create' || (result.kind === 'refused' && result.refusal.reason === 'not_admin');
  if (!isOtherForm) return result;
  // The team was chosen, or the person's role changed, before the form's fields were swapped.
  const opened = await readOffer(context, submission);
  if (!opened.ok) return { kind: 'refused', refusal: opened.refusal };
  const isChanged = (opened.offer.asks === 'request') !== shown.has('reason');
  return isChanged || result.kind === 'may_create' ? { kind: 'form_changed', offer: opened.offer } : result;
}

/** The conversation of the command, or a direct message for a form that was opened elsewhere. */
async function routeOf(context: ListenerContext, { metadata }: Submission): Promise<Route> {
  const channelId = isInConversation(metadata)
    ? metadata.channelId
    : await directMessageWith(context.web, metadata.slackUserId);
  return chooseRoute({ ...metadata, channelId }, context, context.ports.now());
}

function requestResult(
  result: RequestAccountResult,
): Exclude<FormResult, { kind: 'form_changed' }> | { kind: 'may_create' } {
  switch (result.kind) {
    case 'invalid':
    case 'refused':
    case 'may_create':
      return result;
    default:
      return { kind: 'request', result };
  }
}

type Creation = { result: FormResult; error?: never } | { result?: never; error: unknown };

function responseTo(result: FormResult, submission: Submission): ShownResponse {
  const ended = submissionResult(result, submission);
  switch (ended.kind) {
    case 'notified':
      return { kind: 'close' };
    case 'view':
      return { kind: 'view', view: ended.view };
    case 'errors':
      return ended;
  }
}

function failedResponse(context: ListenerContext, submission: Submission, error: unknown): ShownResponse {
  context.ports.logger.error({ err: error }, 'view submission failed');
  return { kind: 'view', view: viewOfFailure(error, submission) };
}

function viewOfFailure(error: unknown, submission: Submission): ModalView {
  const text = failureText(error, submission.teamPage);
  return isPermanentFailure(error) ? textView(text, submission.requestId) : formToRetry(submission, text);
}

/** Puts a late result into the working view, or sends it as a message if that view has been closed. */
async function showLateResult(
  context: ListenerContext,
  creating: Promise<Creation>,
  submission: Submission,
): Promise<void> {
  const { payload, metadata, requestId } = submission;
  const creation = await creating;
  const { view, text } = await lateResult(context, creation, submission);
  const update = await updateView(context, { viewId: payload.view.id }, view);
  const { slackUserId } = metadata;
  const { responseUrl, channelId } = isInConversation(metadata)
    ? metadata
    : { responseUrl: undefined, channelId: undefined };
  const wasNotified =
    update === 'updated' ||
    text === undefined ||
    (await context.reply.ephemeral({ responseUrl, channelId, slackUserId }, notice(text, requestId)));
  await endNotice(context, creation, { wasNotified });
}

/** Lets a direct message tell the person of a failure that Slack didn't show. */
async function endNotice(
  { ports }: ListenerContext,
  { result }: Creation,
  options: { wasNotified: boolean },
): Promise<void> {
  if (result?.kind === 'not_created') await endNotification(ports, result.notice, options);
}

/** `text` is undefined where the person has a message already. */
async function lateResult(
  context: ListenerContext,
  { result, error }: Creation,
  submission: Submission,
): Promise<{ view: ModalView; text: string | undefined }> {
  if (result === undefined) {
    const text = failureText(error, submission.teamPage);
    context.ports.logger.error({ err: error }, 'view submission failed');
    return { view: viewOfFailure(error, submission), text };
  }
  const ended = submissionResult(result, submission);
  switch (ended.kind) {
    case 'notified':
      return { view: ended.view, text: undefined };
    case 'view':
      // The submission that created the account has notified the person.
      return { view: ended.view, text: result.kind === 'already_submitted' ? undefined : ended.text };
    case 'errors': {
      const nothing = submission.shown.has('reason')
        ? 'Nothing was requested.'
        : 'The account wasn’t created.';
      const text = `:warning: ${nothing} ${errorsText(ended.errors)}`;
      return { view: await formWithErrors(context, submission, text), text };
    }
  }
}

async function formWithErrors(
  context: ListenerContext,
  submission: Submission,
  text: string,
): Promise<ModalView> {
  try {
    const opened = await readOffer(context, submission);
    return opened.ok
      ? refilledForm(submission, opened.offer, notice(text))
      : textView(refusalText(opened.refusal), submission.requestId);
  } catch (error) {
    context.ports.logger.error({ err: error }, 'form offer not read');
    return refilledForm(submission, unreadOffer(submission.shown), notice(text));
  }
}

/** Whether the person changed the method or the expiry and submitted the form before its fields were swapped. */
function lacksFields({ values, shown, metadata }: Submission): boolean {
  if (values.method === 'federated') return !shown.has('subject');
  const keysExpire = metadata.features?.keysExpire ?? true;
  const lacksExpiry =
    !shown.has('expires') || (values.expires === OTHER_EXPIRY_CHOICES.onDate && !shown.has('expires_on'));
  return shown.has('subject') || (keysExpire && lacksExpiry);
}

async function swapFieldsInTime(
  context: ListenerContext,
  submission: Submission,
): Promise<SubmissionResponse> {
  const { payload, requestId } = submission;
  const swapping = context.work.track(
    swapFields(context, submission).catch((error: unknown) => failedResponse(context, submission, error)),
  );
  const showResult = async () => {
    const response = await swapping;
    const text = response.kind === 'errors' ? errorsText(response.errors) : '';
    const view = response.kind === 'view' ? response.view : textView(text, requestId);
    await updateView(context, { viewId: payload.view.id }, view);
  };
  const early = await settledWithin(swapping, context.timing.respondWithinMs);
  if (early !== undefined) return { ...early.value, instead: showResult };
  const view = viewWhileWorking(submission, 'Looking up your teams…');
  return { kind: 'view', view, afterwards: showResult, instead: showResult };
}

async function swapFields(context: ListenerContext, submission: Submission): Promise<ShownResponse> {
  const opened = await readOffer(context, submission);
  if (!opened.ok) {
    return { kind: 'view', view: textView(refusalText(opened.refusal), submission.requestId) };
  }
  const reason = submission.values.method === 'federated' ? federatedProblem(opened.offer) : undefined;
  if (reason !== undefined) {
    return { kind: 'errors', errors: { method: fieldProblemText({ field: 'method', reason }) } };
  }
  return { kind: 'view', view: refilledForm(submission, opened.offer) };
}

function federatedProblem({
  issuers,
  features,
}: AccountFormOffer): 'no_issuers' | 'not_supported' | undefined {
  if (features?.federated.available === false && features.federated.reason === 'not_supported') {
    return 'not_supported';
  }
  return issuers?.length === 0 ? 'no_issuers' : undefined;
}

function readOffer(context: ListenerContext, { payload, values, requestId }: Submission) {
  return openAccountForm(context.ports, {
    slackUserId: payload.user.id,
    teamName: values.team,
    channelName: undefined,
    requestId,
  });
}

function viewWhileWorking({ payload, metadata }: Submission, text: string): ModalView {
  const { formId } = metadata;
  return workingView({ formId, privateMetadata: payload.view.private_metadata, text });
}

/** Markup, for where field errors can't be shown at their fields. */
function errorsText(errors: Partial<Record<Field, string>>): string {
  return escapeMarkup(Object.values(errors).join('\n'));
}
