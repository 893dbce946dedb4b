import type { ModalView } from '@slack/types';
import { isLive } from '../../../application/keys/account-key.ts';
import { unrevokedKey } from '../../../application/keys/key-access.ts';
import {
  type KeyFormPurpose,
  type OpenKeyFormResult,
  openKeyForm,
} from '../../../application/keys/open-key-form.ts';
import { OTHER_EXPIRY_CHOICES } from '../../../domain/accounts/key-expiry.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { readKeyButton } from '../../messages/accounts/key-message.ts';
import { notice } from '../../messages/blocks.ts';
import { failureText } from '../../messages/failures/refusal-text.ts';
import { KEY_ACTIONS, type KeyAction, readKeyMenu } from '../../messages/keys/key-buttons.ts';
import {
  keyNotFoundText,
  keysUnavailableText,
  noKeyToRotateText,
} from '../../messages/keys/key-outcome-text.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import type { ActionPayload, BlockActionsPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import type { FormMetadata } from '../views/form-metadata.ts';
import { openView, updateView } from '../views/open-account-form.ts';
import {
  type KeyFormValues,
  type KeyViewFrame,
  keyFormView,
  keyTextView,
  keyWaitingView,
  readKeyForm,
} from './key-views.ts';

const NOT_OPENED = 'The form didn’t open, and nothing was changed. Press the button again.';

type About = NonNullable<FormMetadata['about']>;

/** Returns the listener of a button that opens a form about keys. */
function opening(purpose: KeyFormPurpose) {
  return (context: ListenerContext, click: ButtonClick) => openForm(context, purpose, click);
}

const OPENERS: Record<KeyAction, (context: ListenerContext, click: ButtonClick) => Promise<void>> = {
  create: opening('create'),
  rotate: opening('rotate'),
  rename: opening('rename'),
  revoke: opening('revoke'),
};

/** The buttons that open forms about keys, by `action_id`. */
export const keyButtons = Object.fromEntries(
  Object.entries(KEY_ACTIONS).map(([action, id]) => [id, OPENERS[action as KeyAction]]),
);

/** The menu of one key. */
export async function keyMenuAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const chosen = readKeyMenu(click.value);
  if (chosen !== undefined) return OPENERS[chosen.action](context, { ...click, value: chosen.value });
  const { replyTo, requestId } = click;
  const { slackUserId } = replyTo;
  const text = await refuseInteraction(context, { slackUserId, reason: 'action_unknown', requestId });
  await context.reply.ephemeral(replyTo, notice(text, requestId));
}

/** Opens a form before its trigger expires, as a waiting view if what it shows isn't read by then. */
export async function openForm(
  context: ListenerContext,
  purpose: KeyFormPurpose,
  click: Pick<ButtonClick, 'replyTo' | 'value' | 'triggerId' | 'requestId'> &
    Partial<Pick<ButtonClick, 'blockId'>>,
): Promise<void> {
  const { replyTo, value, triggerId, requestId } = click;
  const { slackUserId } = replyTo;
  const about: About = { purpose, ...readKeyButton(value) };
  const metadata: FormMetadata = {
    formId: context.ports.newId('form'),
    slackUserId,
    channelId: replyTo.channelId ?? '',
    responseUrl: replyTo.responseUrl ?? '',
    openedAtMs: context.ports.now(),
    ...(click.blockId !== undefined && { blockId: click.blockId, viewId: replyTo.view?.overViewId }),
    kept: {},
    about,
  };
  const frame = await frameOf(context, metadata, purpose);
  const building = buildForm(context, { frame, about, slackUserId, requestId });
  const early = (await settledWithin(building, context.timing.loadingAfterMs))?.value;
  if (early !== undefined && 'text' in early) {
    await context.reply.ephemeral(replyTo, notice(early.text, requestId));
    return;
  }
  const opened = await openView(context, triggerId ?? '', early?.view ?? keyWaitingView(frame), replyTo.view);
  if ('error' in opened) {
    building.catch(() => {});
    await context.reply.ephemeral(replyTo, notice(NOT_OPENED, requestId));
    return;
  }
  if (early !== undefined) return;
  const late = await building.catch((error: unknown) => {
    context.ports.logger.error({ err: error }, 'key form not read');
    return { text: failureText(error) };
  });
  const view = 'text' in late ? keyTextView(frame, notice(late.text, requestId)) : late.view;
  await updateView(context, { viewId: opened.viewId }, view);
}

async function frameOf(
  { metadata: sealer }: ListenerContext,
  metadata: FormMetadata,
  purpose: KeyFormPurpose,
): Promise<KeyViewFrame> {
  return { purpose, formId: metadata.formId, privateMetadata: await sealer.seal(metadata) };
}

async function buildForm(
  { ports }: ListenerContext,
  form: {
    frame: KeyViewFrame;
    about: About;
    slackUserId: string;
    requestId: string;
    values?: KeyFormValues;
  },
): Promise<{ view: ModalView } | { text: string }> {
  const { frame, about, slackUserId, requestId, values = {} } = form;
  const { purpose, keyId } = about;
  const opened: OpenKeyFormResult = await openKeyForm(ports, { ...about, slackUserId, requestId });
  if (opened.kind !== 'open') return { text: keysUnavailableText(opened) };
  const key = unrevokedKey(opened, keyId);
  if (purpose === 'rotate' && !opened.keys.some((one) => isLive(one, ports.now()))) {
    return { text: noKeyToRotateText(opened.account) };
  }
  if (key === undefined && purpose !== 'create' && purpose !== 'rotate')
    return { text: keyNotFoundText(opened.account) };
  return { view: keyFormView(frame, { ...opened, key, values, nowMs: ports.now() }) };
}

/** *Expires* was chosen: shows or hides the date. */
export async function changeKeyExpiry(
  context: ListenerContext,
  payload: BlockActionsPayload,
  action: ActionPayload,
  requestId: string,
): Promise<void> {
  const { view } = payload;
  const slackUserId = payload.user.id;
  if (!view) return;
  const metadata = await context.metadata.open(view, slackUserId);
  const read = readKeyForm(view);
  if (metadata?.about === undefined || read === undefined) {
    await refuseInteraction(context, { slackUserId, reason: 'metadata_invalid', requestId });
    return;
  }
  const chosen = action.selected_option?.value;
  const isDateShown = Object.hasOwn(read, 'key_expires_on');
  // Another lifetime changes no other field, and an update could overtake the person's next choice.
  if ((chosen === OTHER_EXPIRY_CHOICES.onDate) === isDateShown) return;
  const { about } = metadata;
  const frame = { purpose: about.purpose, formId: metadata.formId, privateMetadata: view.private_metadata };
  const values = { ...read, key_expires: chosen };
  const built = await buildForm(context, { frame, about, slackUserId, requestId, values });
  const shown = 'text' in built ? keyTextView(frame, notice(built.text, requestId)) : built.view;
  await updateView(context, { viewId: view.id, ...(view.hash !== undefined && { hash: view.hash }) }, shown);
}
