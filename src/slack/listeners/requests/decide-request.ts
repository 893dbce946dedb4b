import {
  type DecideAccessRequestResult,
  decideAccessRequest,
  openDenyForm,
} from '../../../application/requests/decide-access-request.ts';
import { withdrawAccessRequest } from '../../../application/requests/withdraw-access-request.ts';
import { notice } from '../../messages/blocks.ts';
import { REQUEST_ACTIONS } from '../../messages/requests/request-card-message.ts';
import {
  decidedText,
  denialProblemText,
  withdrawnText,
} from '../../messages/requests/request-outcome-text.ts';
import { type ButtonClick, type ListenerContext, withProgressMessage } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { type ModalContent, type ModalEnd, modalResponse, openModal } from '../views/open-modal.ts';
import { type SubmissionResponse, textResponse } from '../views/submission-response.ts';
import { DENY_FRAME, denyBlocks, readDenyForm } from './deny-form.ts';

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

/** *Deny* on the card of a request: opens the modal that asks why. Permission is checked again when it is submitted. */
async function denyAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value: accessRequestId, requestId } = click;
  const { slackUserId } = replyTo;
  const reading = openDenyForm(context.ports, { slackUserId, accessRequestId, requestId });
  const building = reading.then((opened): ModalContent => {
    if (opened.kind !== 'open') return { message: notice(decidedText(opened), requestId) };
    return { submit: 'Deny', metadata: accessRequestId, blocks: denyBlocks(opened.request) };
  });
  await openModal(context, click, DENY_FRAME, building);
}

/** *Deny* in the modal *Deny request*. */
async function submitDenyForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { view, user } = payload;
  const form = readDenyForm(view);
  if (form === undefined) {
    const slackUserId = user.id;
    const text = await refuseInteraction(context, { slackUserId, reason: 'field_unknown', requestId });
    return textResponse(context, payload, { title: DENY_FRAME.title, text }, requestId);
  }
  const decide = { slackUserId: user.id, ...form, choice: 'deny', requestId } as const;
  const ending = decideAccessRequest(context.ports, decide).then(
    (result): ModalEnd =>
      result.kind === 'invalid'
        ? { errors: { reason: denialProblemText(result.reason) } }
        : { message: notice(decidedText(result), referenceOf(result, requestId)) },
  );
  const options = { frame: DENY_FRAME, requestId, waiting: 'Denying the request…' };
  return modalResponse(context, payload, options, ending);
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
  // The message shows any other outcome by its own job.
  if (isOnOwnMessage && result.kind === 'withdrawn') await context.reply.replace(replyTo, message);
  else await context.reply.ephemeral(replyTo, message);
}

export const requestListeners = {
  buttons: {
    [REQUEST_ACTIONS.approve]: approveAction,
    [REQUEST_ACTIONS.confirm]: approveAction,
    [REQUEST_ACTIONS.deny]: denyAction,
    [REQUEST_ACTIONS.withdraw]: withdrawAction,
  },
  submissions: { [DENY_FRAME.callbackId]: submitDenyForm },
};
