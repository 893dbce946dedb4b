import type { ModalView } from '@slack/types';
import {
  type CreateServiceAccountResult,
  createServiceAccount,
} from '../../../application/accounts/create-service-account.ts';
import {
  type AccountFormOffer,
  openAccountForm,
  SEARCH_ONLY_OFFER,
} from '../../../application/accounts/open-account-form.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { escapeMarkup, notice } from '../../messages/blocks.ts';
import { fieldProblemText } from '../../messages/field-problem-text.ts';
import { failureText, refusalText } from '../../messages/refusal-text.ts';
import { chooseRoute } from '../../web/response-url.ts';
import type { SlackEdge } from '../edge.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { accountForm, type Field, readFields } from './account-form-fields.ts';
import { textView, workingView } from './account-form-view.ts';
import { updateView } from './open-account-form.ts';
import { formAgain, formToRepeat, type Submitted, submissionEnd } from './submission-end.ts';

/** How a `view_submission` is answered (docs.slack.dev/surfaces/modals#response_actions). */
export type SubmissionAnswer =
  | { kind: 'close' }
  | { kind: 'errors'; errors: Partial<Record<Field, string>> }
  /** `afterwards` begins once Slack has the answer, so that what it shows comes second. */
  | { kind: 'view'; view: ModalView; afterwards?: () => Promise<void> };

/** Takes the form *New service account*: answered in time, whatever the work takes. */
export async function submitAccountForm(
  edge: SlackEdge,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionAnswer> {
  const metadata = await edge.metadata.open(payload.view, payload.user.id);
  const fields = readFields(payload.view);
  if (metadata === undefined || !fields.ok) {
    const reason = fields.ok ? 'metadata_invalid' : fields.reason;
    const words = await refuseInteraction(edge, {
      slackUserId: payload.user.id,
      reason,
      requestId,
    });
    return { kind: 'view', view: textView(words, requestId) };
  }
  const { team } = fields.values;
  const teamPage = team === undefined ? undefined : edge.ports.backend.teamPage(team);
  const submitted: Submitted = { payload, requestId, metadata, teamPage, ...fields };
  return lacksFields(submitted) ? swapInTime(edge, submitted) : create(edge, submitted);
}

/** Whether the method was changed and the form sent before its fields were swapped. */
function lacksFields({ values, shown, metadata }: Submitted): boolean {
  if (values.method === 'federated') return !shown.has('subject');
  const keysExpire = metadata.features?.keysExpire ?? true;
  return shown.has('subject') || (keysExpire && !shown.has('expires'));
}

/** Swaps the fields, behind a working view where that takes longer than Slack waits. */
async function swapInTime(edge: SlackEdge, submitted: Submitted): Promise<SubmissionAnswer> {
  const { payload, metadata, requestId } = submitted;
  const swapping = edge.work.track(
    swapFields(edge, submitted).catch((error: unknown) => afterFailure(edge, submitted, error)),
  );
  const early = await settledWithin(swapping, edge.timing.answerWithinMs);
  if (early !== undefined) return early.value;
  const afterwards = async () => {
    const answer = await swapping;
    const view = answer.kind === 'view' ? answer.view : textView(errorsText(answer), requestId);
    await updateView(edge, { viewId: payload.view.id }, view);
  };
  const privateMetadata = payload.view.private_metadata;
  const text = 'Looking up your teams…';
  return { kind: 'view', view: workingView({ formId: metadata.formId, privateMetadata, text }), afterwards };
}

function errorsText(answer: SubmissionAnswer): string {
  return answer.kind === 'errors' ? escapeMarkup(Object.values(answer.errors).join('\n')) : '';
}

async function swapFields(edge: SlackEdge, submitted: Submitted): Promise<SubmissionAnswer> {
  const offered = await offerFor(edge, submitted);
  if (!offered.ok)
    return {
      kind: 'view',
      view: textView(refusalText(offered.refusal), submitted.requestId),
    };
  const reason = submitted.values.method === 'federated' ? whyNotFederated(offered.offer) : undefined;
  if (reason !== undefined) {
    return { kind: 'errors', errors: { method: fieldProblemText({ field: 'method', reason }) } };
  }
  return { kind: 'view', view: formAgain(submitted, offered.offer) };
}

function whyNotFederated({
  issuers,
  features,
}: AccountFormOffer): 'no_issuers' | 'not_supported' | undefined {
  if (features?.federated.available === false && features.federated.reason === 'not_supported') {
    return 'not_supported';
  }
  return issuers?.length === 0 ? 'no_issuers' : undefined;
}

function afterFailure(edge: SlackEdge, submitted: Submitted, error: unknown): SubmissionAnswer {
  edge.ports.logger.error({ err: error }, 'the submission failed');
  return { kind: 'view', view: formToRepeat(submitted, failureText(error, submitted.teamPage)) };
}

type Ending = { result: CreateServiceAccountResult; error?: never } | { result?: never; error: unknown };

async function create(edge: SlackEdge, submitted: Submitted): Promise<SubmissionAnswer> {
  const { payload, metadata, values, requestId } = submitted;
  const creating: Promise<Ending> = edge.work.track(
    createServiceAccount(edge.ports, {
      slackUserId: payload.user.id,
      form: accountForm(values, payload.user.id),
      submissionId: metadata.formId,
      route: chooseRoute(metadata, edge, edge.ports.now()),
      requestId,
    }).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    ),
  );
  const early = await settledWithin(creating, edge.timing.answerWithinMs);
  if (early !== undefined) {
    const { result, error } = early.value;
    return result === undefined ? afterFailure(edge, submitted, error) : answerTo(result, submitted);
  }
  const { formId } = metadata;
  const privateMetadata = payload.view.private_metadata;
  return {
    kind: 'view',
    view: workingView({ formId, privateMetadata, text: 'Creating the account…' }),
    afterwards: () => reportLate(edge, creating, submitted),
  };
}

function answerTo(result: CreateServiceAccountResult, submitted: Submitted): SubmissionAnswer {
  const end = submissionEnd(result, submitted);
  switch (end.kind) {
    case 'told':
      return { kind: 'close' };
    case 'words':
      return { kind: 'view', view: end.view };
    case 'errors':
      return end;
  }
}

/** The submission was answered with a working view: its end goes into the same view, or to the person where that is gone. */
async function reportLate(edge: SlackEdge, creating: Promise<Ending>, submitted: Submitted): Promise<void> {
  const { payload, metadata, requestId } = submitted;
  const { view, words } = await lateEnd(edge, await creating, submitted);
  const update = await updateView(edge, { viewId: payload.view.id }, view);
  if (update === 'shown' || words === undefined) return;
  const { responseUrl, channelId, slackUserId } = metadata;
  await edge.reply.ephemeral({ responseUrl, channelId, slackUserId }, notice(words, requestId));
}

/** `words`: what the person would not learn without the view. */
async function lateEnd(
  edge: SlackEdge,
  { result, error }: Ending,
  submitted: Submitted,
): Promise<{ view: ModalView; words: string | undefined }> {
  if (result === undefined) {
    const words = failureText(error, submitted.teamPage);
    edge.ports.logger.error({ err: error }, 'the submission failed');
    return { view: formToRepeat(submitted, words), words };
  }
  const end = submissionEnd(result, submitted);
  switch (end.kind) {
    case 'told':
      return { view: end.view, words: undefined };
    case 'words':
      // The submission that made it has told the person.
      return { view: end.view, words: result.kind === 'already_submitted' ? undefined : end.words };
    case 'errors': {
      const words = `:warning: The account wasn’t created. ${escapeMarkup(Object.values(end.errors).join('\n'))}`;
      return { view: await formWithMistakes(edge, submitted, words), words };
    }
  }
}

async function formWithMistakes(edge: SlackEdge, submitted: Submitted, words: string): Promise<ModalView> {
  try {
    const offered = await offerFor(edge, submitted);
    return offered.ok
      ? formAgain(submitted, offered.offer, notice(words))
      : textView(refusalText(offered.refusal), submitted.requestId);
  } catch (error) {
    edge.ports.logger.error({ err: error }, 'what the form offers could not be read again');
    return formAgain(submitted, SEARCH_ONLY_OFFER, notice(words));
  }
}

function offerFor(edge: SlackEdge, { payload, values, requestId }: Submitted) {
  return openAccountForm(edge.ports, {
    slackUserId: payload.user.id,
    teamName: values.team,
    channelName: undefined,
    requestId,
  });
}
