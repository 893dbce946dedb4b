import type { KnownBlock, ModalView } from '@slack/types';
import { settledWithin } from '../../../net/deadline.ts';
import { type Message, notice, plainText } from '../../messages/blocks.ts';
import { failureText } from '../../messages/failures/refusal-text.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { openView, updateView } from './open-account-form.ts';
import type { SubmissionResponse } from './submission-response.ts';

/** The click or command that opens a modal. */
export type ModalOpener = Pick<ButtonClick, 'replyTo' | 'triggerId' | 'requestId'> &
  Partial<Pick<ButtonClick, 'blockId'>>;

/** What stays the same while a modal changes. */
export interface ModalFrame {
  callbackId: string;
  title: string;
}

/** A form, or a message where there is nothing to fill in. */
export type ModalContent =
  /** `metadata`: comes back from outside with the submission. */
  { blocks: KnownBlock[]; submit: string; metadata: string } | { message: Message };

function modalView(frame: ModalFrame, content: ModalContent): ModalView {
  const same = {
    type: 'modal' as const,
    callback_id: frame.callbackId,
    title: plainText(frame.title),
  };
  if ('message' in content) return { ...same, close: plainText('Close'), blocks: content.message.blocks };
  const { blocks, submit, metadata } = content;
  return {
    ...same,
    private_metadata: metadata,
    submit: plainText(submit),
    close: plainText('Cancel'),
    blocks,
  };
}

const LOADING: ModalContent = { message: notice(':hourglass_flowing_sand: Loading…') };
const NOT_OPENED =
  'The form didn’t open, and nothing was changed. Press the button, or run the command, again.';

/** Opens a modal before its trigger expires, as a loading view if its content isn't ready by then. */
export async function openModal(
  context: ListenerContext,
  opener: ModalOpener,
  frame: ModalFrame,
  content: Promise<ModalContent>,
): Promise<void> {
  const { replyTo, triggerId, requestId } = opener;
  const building = content.then((built) => withOrigin(context, opener, built));
  const early = (await settledWithin(building, context.timing.loadingAfterMs))?.value;
  if (early !== undefined && 'message' in early) {
    await context.reply.ephemeral(replyTo, early.message);
    return;
  }
  const opened =
    triggerId === undefined
      ? { error: 'no trigger' }
      : await openView(context, triggerId, modalView(frame, early ?? LOADING), replyTo.view);
  if ('error' in opened) {
    building.catch(() => {});
    await context.reply.ephemeral(replyTo, notice(NOT_OPENED, requestId));
    return;
  }
  if (early !== undefined) return;
  const late = await building.catch((error: unknown): ModalContent => {
    context.ports.logger.error({ err: error }, 'modal not read');
    return { message: notice(failureText(error), requestId) };
  });
  const update = await updateView(context, { viewId: opened.viewId }, modalView(frame, late));
  if (typeof update === 'object') await context.reply.ephemeral(replyTo, notice(NOT_OPENED, requestId));
}

async function withOrigin(
  { metadata: sealer }: ListenerContext,
  opener: ModalOpener,
  content: ModalContent,
): Promise<ModalContent> {
  if ('message' in content) return content;
  return { ...content, metadata: await sealer.withOrigin(content.metadata, opener) };
}

/** How a submission ended. */
export type ModalEnd = (
  | { message: Message }
  /** By `block_id`. */
  | { errors: Record<string, string> }
) & {
  /** Runs when it is known whether the person has seen the outcome. */
  settle?: (options: { wasNotified: boolean }) => Promise<void>;
};

/** Returns the response to a submission whose outcome replaces the form, after a waiting view if the work takes long. */
export async function modalResponse(
  context: ListenerContext,
  { view, user }: ViewSubmissionPayload,
  { frame, requestId, waiting }: { frame: ModalFrame; requestId: string; waiting: string },
  ending: Promise<ModalEnd>,
): Promise<SubmissionResponse> {
  const tracked = context.work.track(
    ending.catch((error: unknown): ModalEnd => {
      context.ports.logger.error({ err: error }, 'view submission failed');
      return { message: notice(failureText(error), requestId) };
    }),
  );
  const messageOf = (end: ModalEnd) =>
    'message' in end ? end.message : notice(Object.values(end.errors).join('\n'), requestId);
  const showLater = async () => {
    const end = await tracked;
    const message = messageOf(end);
    const update = await updateView(context, { viewId: view.id }, modalView(frame, { message }));
    const person = { responseUrl: undefined, channelId: undefined, slackUserId: user.id };
    const wasNotified = update === 'updated' || (await context.reply.ephemeral(person, message));
    await end.settle?.({ wasNotified });
  };
  const early = (await settledWithin(tracked, context.timing.respondWithinMs))?.value;
  if (early === undefined) {
    const message = notice(`:hourglass_flowing_sand: ${waiting}`);
    return {
      kind: 'view',
      view: modalView(frame, { message }),
      afterwards: showLater,
      instead: showLater,
    };
  }
  const settled = { afterwards: async () => early.settle?.({ wasNotified: true }), instead: showLater };
  return 'errors' in early
    ? { kind: 'errors', errors: early.errors, ...settled }
    : { kind: 'view', view: modalView(frame, { message: early.message }), ...settled };
}
