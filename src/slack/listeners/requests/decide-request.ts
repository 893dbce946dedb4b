import {
  type DecideAccessRequestResult,
  decideAccessRequest,
} from '../../../application/requests/decide-access-request.ts';
import { withdrawAccessRequest } from '../../../application/requests/withdraw-access-request.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { notice } from '../../messages/blocks.ts';
import { failureText } from '../../messages/failures/refusal-text.ts';
import { REQUEST_ACTIONS } from '../../messages/requests/request-card-message.ts';
import {
  decidedText,
  denialProblemText,
  withdrawnText,
} from '../../messages/requests/request-outcome-text.ts';
import { type ButtonClick, type ListenerContext, withProgressMessage } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { openView, updateView } from '../views/open-account-form.ts';
import { type SubmissionResponse, textResponse } from '../views/submission-response.ts';
import { DENY_REQUEST_CALLBACK, DENY_TITLE, denyTextView, denyView, readDenyView } from './deny-view.ts';

/** *Approve* and *Confirm* on the card of a request. The card, which others see too, changes by its own job. */
async function approveAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId } = click;
  const { slackUserId } = replyTo;
  const deciding = context.work.track(
    decideAccessRequest(context.ports, { slackUserId, accessRequestId: value, choice: 'approve', requestId }),
  );
  const result = await withProgressMessage(context, replyTo, deciding);
  await context.reply.ephemeral(replyTo, notice(decidedText(result), referenceOf(result, requestId)));
}

/** A reference only where someone may have to look the outcome up. */
function referenceOf({ kind }: DecideAccessRequestResult, requestId: string): string | undefined {
  return kind === 'approved' || kind === 'confirmed' || kind === 'denied' ? undefined : requestId;
}

/** *Deny* on the card of a request: opens the modal that asks why. Permission is checked when it is submitted. */
async function denyAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId, triggerId } = click;
  const view = denyView(value);
  const opened = await openView(context, triggerId ?? '', view, replyTo.view);
  if ('viewId' in opened) return;
  const text = 'The form didn’t open, and nothing was changed. Press *Deny* again.';
  await context.reply.ephemeral(replyTo, notice(text, requestId));
}

/** *Deny* in the modal *Deny request*. */
async function submitDenyForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { view, user } = payload;
  const form = readDenyView(view);
  if (form === undefined) {
    const slackUserId = user.id;
    const text = await refuseInteraction(context, { slackUserId, reason: 'field_unknown', requestId });
    return textResponse(context, payload, { title: DENY_TITLE, text }, requestId);
  }
  const deciding: Promise<{ text: string; error?: string }> = context.work.track(
    decideAccessRequest(context.ports, { slackUserId: user.id, ...form, choice: 'deny', requestId }).then(
      (result) =>
        result.kind === 'invalid'
          ? { text: denialProblemText(result.reason), error: denialProblemText(result.reason) }
          : { text: decidedText(result) },
      (error: unknown) => {
        context.ports.logger.error({ err: error }, 'view submission failed');
        return { text: failureText(error) };
      },
    ),
  );
  const showResult = async () => {
    const { text } = await deciding;
    const shown = denyTextView(text, requestId);
    if ((await updateView(context, { viewId: view.id }, shown)) === 'updated') return;
    const person = { responseUrl: undefined, channelId: undefined, slackUserId: user.id };
    await context.reply.ephemeral(person, notice(text, requestId));
  };
  const early = (await settledWithin(deciding, context.timing.respondWithinMs))?.value;
  if (early === undefined) {
    const working = denyTextView(':hourglass_flowing_sand: Denying the request…');
    return { kind: 'view', view: working, afterwards: showResult, instead: showResult };
  }
  if (early.error !== undefined) {
    return { kind: 'errors', errors: { reason: early.error }, instead: showResult };
  }
  return { kind: 'view', view: denyTextView(early.text, requestId), instead: showResult };
}

/** *Withdraw* in the requester's direct message, which the outcome replaces. */
async function withdrawAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId, isOnOwnMessage } = click;
  const { slackUserId } = replyTo;
  const result = await withdrawAccessRequest(context.ports, {
    slackUserId,
    accessRequestId: value,
    requestId,
  });
  const message = notice(withdrawnText(result), result.kind === 'not_found' ? requestId : undefined);
  if (isOnOwnMessage && result.kind !== 'not_found') await context.reply.replace(replyTo, message);
  else await context.reply.ephemeral(replyTo, message);
}

export const requestListeners = {
  buttons: {
    [REQUEST_ACTIONS.approve]: approveAction,
    [REQUEST_ACTIONS.confirm]: approveAction,
    [REQUEST_ACTIONS.deny]: denyAction,
    [REQUEST_ACTIONS.withdraw]: withdrawAction,
  },
  submissions: { [DENY_REQUEST_CALLBACK]: submitDenyForm },
};
