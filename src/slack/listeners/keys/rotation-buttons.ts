import type { ModalView } from '@slack/types';
import { checkRotation, extendRotation, finishRotation } from '../../../application/keys/rotate-key.ts';
import type { Rotation } from '../../../application/keys/rotation.ts';
import { EXTENSION_MS } from '../../../domain/keys/rotation.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { type Message, notice, plainText } from '../../messages/blocks.ts';
import { failureText } from '../../messages/failures/refusal-text.ts';
import {
  accountText,
  keysUnavailableText,
  keyText,
  recentUseWarning,
} from '../../messages/keys/key-outcome-text.ts';
import {
  ROTATION_ACTIONS,
  readExtendChoice,
  rotationExtendedText,
  rotationFinishedText,
} from '../../messages/keys/rotation-text.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { updateView } from '../views/open-account-form.ts';
import { type ModalContent, type ModalFrame, openModal } from '../views/open-modal.ts';
import { type SubmissionResponse, textResponse } from '../views/submission-response.ts';

export const FINISH_FORM_CALLBACK = 'finish_rotation_form';

const FRAME: ModalFrame = { callbackId: FINISH_FORM_CALLBACK, title: 'Finish rotation' };

/** The buttons of a rotation, by `action_id`. */
export const rotationButtons = {
  [ROTATION_ACTIONS.finish]: finishAction,
  [ROTATION_ACTIONS.extend]: extendAction,
};

/** *Finish now*: opens a confirmation, which says first if the old key was just used. */
async function finishAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value: rotationId, triggerId, requestId } = click;
  const { slackUserId } = replyTo;
  const building = checkRotation(context.ports, { slackUserId, rotationId, requestId }).then((checked) =>
    contentOf(context, checked, requestId),
  );
  await openModal(context, { replyTo, triggerId, requestId }, FRAME, building);
}

function contentOf(
  context: ListenerContext,
  checked: Awaited<ReturnType<typeof checkRotation>>,
  requestId: string,
): ModalContent {
  if (!checked.ok) return { message: notice(keysUnavailableText(checked.refused), requestId) };
  const { rotation } = checked;
  if (rotation.state === 'open') return question(context, rotation);
  return { message: notice(rotationFinishedText({ kind: 'not_open', rotation }), requestId) };
}

/** What the person sees here is what they confirm: a later use is shown before the old key is revoked. */
function question({ ports }: ListenerContext, rotation: Rotation) {
  const { id, account, oldKey } = rotation;
  const warning = recentUseWarning(oldKey, ports.now());
  const lead = warning === undefined ? '' : `${warning} What uses it will fail.\n`;
  const metadata = JSON.stringify({ rotationId: id, seenUseAtMs: oldKey.lastUse?.atMs ?? 0 });
  const message = notice(
    `${lead}Revoke ${keyText(oldKey)} of ${accountText(account)} now? It stops working immediately, and this can’t be undone.`,
  );
  return { blocks: message.blocks, submit: 'Finish now', metadata };
}

function questionView(context: ListenerContext, rotation: Rotation): ModalView {
  const { blocks, submit, metadata } = question(context, rotation);
  return { ...viewOf({ blocks }, metadata), submit: plainText(submit) };
}

function viewOf(message: Pick<Message, 'blocks'>, metadata: string): ModalView {
  return {
    type: 'modal',
    callback_id: FRAME.callbackId,
    private_metadata: metadata,
    title: plainText(FRAME.title),
    close: plainText('Close'),
    blocks: message.blocks,
  };
}

/** *Finish now* in the confirmation. */
export async function submitFinishForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { view, user } = payload;
  const slackUserId = user.id;
  const confirmed = readConfirmed(view.private_metadata);
  if (confirmed === undefined) {
    const text = await refuseInteraction(context, { slackUserId, reason: 'metadata_invalid', requestId });
    return textResponse(context, payload, { title: FRAME.title, text }, requestId);
  }
  const finishing = context.work.track(
    finishRotation(context.ports, { slackUserId, ...confirmed, requestId }).then(
      (result) =>
        result.kind === 'used_since'
          ? questionView(context, result.rotation)
          : viewOf(notice(rotationFinishedText(result)), view.private_metadata),
      (error: unknown) => {
        context.ports.logger.error({ err: error }, 'view submission failed');
        return viewOf(notice(failureText(error), requestId), view.private_metadata);
      },
    ),
  );
  const showLater = async () => void (await updateView(context, { viewId: view.id }, await finishing));
  const early = (await settledWithin(finishing, context.timing.respondWithinMs))?.value;
  if (early !== undefined) return { kind: 'view', view: early, instead: showLater };
  const waiting = viewOf(notice(':hourglass_flowing_sand: Revoking the old key…'), view.private_metadata);
  return { kind: 'view', view: waiting, afterwards: showLater, instead: showLater };
}

function readConfirmed(metadata: string): { rotationId: string; seenUseAtMs: number } | undefined {
  try {
    const { rotationId, seenUseAtMs } = JSON.parse(metadata);
    const isRead = typeof rotationId === 'string' && typeof seenUseAtMs === 'number';
    return isRead ? { rotationId, seenUseAtMs } : undefined;
  } catch {
    return undefined;
  }
}

/** *Extend by 7 days*. */
async function extendAction(
  context: ListenerContext,
  { replyTo, value, requestId }: ButtonClick,
): Promise<void> {
  const { slackUserId } = replyTo;
  const result = await extendRotation(context.ports, {
    slackUserId,
    ...readExtendChoice(value),
    byMs: EXTENSION_MS,
    requestId,
  });
  await context.reply.ephemeral(replyTo, notice(rotationExtendedText(result), requestId));
}
