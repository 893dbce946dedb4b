import type { ModalView } from '@slack/types';
import type { FieldProblem } from '../../application/account-form.ts';
import {
  type CreateServiceAccountResult,
  createServiceAccount,
} from '../../application/create-service-account.ts';
import { openAccountForm, SEARCHING_OFFER } from '../../application/open-account-form.ts';
import { chooseRoute } from '../choose-route.ts';
import type { SlackEdge } from '../edge.ts';
import { failureWords } from '../messages/failure-words.ts';
import { fieldProblemWords } from '../messages/field-problem-words.ts';
import { notice } from '../messages/message.ts';
import { createdWords, submittedBeforeWords } from '../messages/outcome-words.ts';
import { refusalWords } from '../messages/refusal-words.ts';
import { escapeMarkup } from '../messages/text.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { settledWithin } from '../settled-within.ts';
import { accountForm, type Field, readFields } from './account-form-fields.ts';
import { wordsView, workingView } from './account-form-view.ts';
import { formAfterFailure, formAgain, type Submitted } from './form-again.ts';
import { updateView } from './show-view.ts';

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
    return { kind: 'view', view: wordsView(words, requestId) };
  }
  const submitted: Submitted = { payload, requestId, metadata, ...fields };
  const needed: Field = fields.values.method === 'federated' ? 'subject' : 'expires';
  if (!fields.shown.has(needed)) return swapInTime(edge, submitted);
  return create(edge, submitted);
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
    const view = answer.kind === 'view' ? answer.view : wordsView(NO_ISSUERS, requestId);
    await updateView(edge, { viewId: payload.view.id }, view);
  };
  const privateMetadata = payload.view.private_metadata;
  const text = 'Looking up your teams…';
  return { kind: 'view', view: workingView({ formId: metadata.formId, privateMetadata, text }), afterwards };
}

const NO_ISSUERS = fieldProblemWords({ field: 'method', reason: 'no_issuers' });

/** The method was changed and the form sent before its fields were swapped: show them now. */
async function swapFields(edge: SlackEdge, submitted: Submitted): Promise<SubmissionAnswer> {
  const offered = await offerFor(edge, submitted);
  if (!offered.ok)
    return {
      kind: 'view',
      view: wordsView(refusalWords(offered.refusal), submitted.requestId),
    };
  if (submitted.values.method === 'federated' && offered.offer.issuers?.length === 0) {
    return {
      kind: 'errors',
      errors: { method: NO_ISSUERS },
    };
  }
  return { kind: 'view', view: formAgain(submitted, offered.offer) };
}

function afterFailure(edge: SlackEdge, submitted: Submitted, error: unknown): SubmissionAnswer {
  edge.ports.logger.error({ err: error }, 'the submission failed');
  return { kind: 'view', view: formAfterFailure(submitted, error) };
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
    view: workingView({ formId, privateMetadata, text: 'Making the account…' }),
    afterwards: () => reportLate(edge, creating, submitted),
  };
}

function answerTo(result: CreateServiceAccountResult, { shown, requestId }: Submitted): SubmissionAnswer {
  switch (result.kind) {
    case 'created':
      if (result.key.kind === 'delivered') return { kind: 'close' };
      return { kind: 'view', view: wordsView(createdWords(result), requestId) };
    case 'created_federated':
      if (result.announced === 'in_conversation') return { kind: 'close' };
      return { kind: 'view', view: wordsView(createdWords(result), requestId) };
    case 'submitted_before':
      return {
        kind: 'view',
        view: wordsView(submittedBeforeWords(result.earlier), requestId),
      };
    case 'invalid':
      return { kind: 'errors', errors: fieldErrors(result.problems, shown) };
    case 'refused':
      return {
        kind: 'view',
        view: wordsView(refusalWords(result.refusal), requestId),
      };
  }
}

/** Slack refuses an error for a field that is not in the view: such a one goes to the field that always is. */
function fieldErrors(problems: FieldProblem[], shown: ReadonlySet<Field>): Partial<Record<Field, string>> {
  const errors: Partial<Record<Field, string>> = {};
  for (const problem of problems) {
    const field = shown.has(problem.field) ? problem.field : 'name';
    errors[field] ??= fieldProblemWords(problem);
  }
  return errors;
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
  const { requestId } = submitted;
  if (result === undefined) {
    edge.ports.logger.error({ err: error }, 'the submission failed');
    return { view: formAfterFailure(submitted, error), words: failureWords(error) };
  }
  const answer = answerTo(result, submitted);
  switch (result.kind) {
    case 'created':
    case 'created_federated': {
      const words = createdWords(result);
      return { view: wordsView(words, requestId), words: answer.kind === 'close' ? undefined : words };
    }
    case 'submitted_before': {
      // The submission that made it has told the person.
      return { view: wordsView(submittedBeforeWords(result.earlier), requestId), words: undefined };
    }
    case 'refused': {
      const words = refusalWords(result.refusal);
      return { view: wordsView(words, requestId), words };
    }
    case 'invalid': {
      const problems = answer.kind === 'errors' ? Object.values(answer.errors) : [];
      const words = `:warning: Nothing was made. ${escapeMarkup(problems.join('\n'))}`;
      return { view: await formWithMistakes(edge, submitted, words), words };
    }
  }
}

async function formWithMistakes(edge: SlackEdge, submitted: Submitted, words: string): Promise<ModalView> {
  try {
    const offered = await offerFor(edge, submitted);
    return offered.ok
      ? formAgain(submitted, offered.offer, notice(words))
      : wordsView(refusalWords(offered.refusal), submitted.requestId);
  } catch (error) {
    edge.ports.logger.error({ err: error }, 'what the form offers could not be read again');
    return formAgain(submitted, SEARCHING_OFFER, notice(words));
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
