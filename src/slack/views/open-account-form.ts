import type { ModalView } from '@slack/types';
import { openAccountForm } from '../../application/open-account-form.ts';
import type { SlackEdge } from '../edge.ts';
import { failureWords } from '../messages/failure-words.ts';
import { notice } from '../messages/message.ts';
import { refusalWords } from '../messages/refusal-words.ts';
import type { SlashCommandPayload } from '../payloads.ts';
import type { ReplyTo } from '../reply.ts';
import type { FormMetadata } from '../sealed-metadata.ts';
import { settledWithin } from '../settled-within.ts';
import { accountFormView, wordsView, workingView } from './account-form-view.ts';
import { openView, updateView } from './show-view.ts';

export interface FormWanted {
  command: SlashCommandPayload;
  replyTo: ReplyTo;
  requestId: string;
  name: string | undefined;
  teamName: string | undefined;
}

/** Opens the form *New service account* within the life of the trigger: as a loading view where it can't be shown yet. */
export async function openNewAccountForm(edge: SlackEdge, wanted: FormWanted): Promise<void> {
  const { command, replyTo, requestId, teamName } = wanted;
  const formId = edge.ports.newId('form');
  const metadata = {
    formId,
    slackUserId: command.user_id,
    channelId: command.channel_id,
    responseUrl: command.response_url,
    openedAtMs: edge.ports.now(),
    kept: {},
  };
  const opening = openAccountForm(edge.ports, {
    slackUserId: command.user_id,
    teamName,
    channelName: command.channel_name,
    requestId,
  }).then(async (result) => {
    if (!result.ok) return { refusal: refusalWords(result.refusal) };
    const values = {
      contact: command.user_id,
      ...(wanted.name === undefined ? {} : { name: wanted.name }),
    };
    return {
      form: accountFormView({
        offer: result.offer,
        values,
        formId,
        privateMetadata: await edge.metadata.seal({ ...metadata, features: result.offer.features }),
      }),
    };
  });
  const early = await settledWithin(opening, edge.timing.loadingAfterMs);
  if (early?.value.refusal !== undefined)
    return edge.reply.ephemeral(replyTo, notice(early.value.refusal, requestId));
  const first = early?.value.form ?? (await loadingView(edge, metadata));
  const opened = await openView(edge, command.trigger_id, first);
  if ('error' in opened) {
    opening.catch(() => {});
    return edge.reply.ephemeral(replyTo, notice(notOpenedWords(opened.error), requestId));
  }
  if (early === undefined) await fillIn(edge, opened.viewId, opening, { replyTo, requestId });
}

async function loadingView(edge: SlackEdge, metadata: FormMetadata): Promise<ModalView> {
  const { formId } = metadata;
  const privateMetadata = await edge.metadata.seal(metadata);
  return workingView({ formId, privateMetadata, text: 'Looking up your teams…' });
}

async function fillIn(
  edge: SlackEdge,
  viewId: string,
  opening: Promise<{ refusal: string; form?: never } | { form: ModalView; refusal?: never }>,
  { replyTo, requestId }: { replyTo: ReplyTo; requestId: string },
): Promise<void> {
  try {
    const { form, refusal } = await opening;
    const update = await updateView(edge, { viewId }, form ?? wordsView(refusal, requestId));
    // A loading view that stays as it is says nothing.
    const words = refusal ?? (update === 'failed' ? notOpenedWords('not_updated') : undefined);
    if (words !== undefined) await edge.reply.ephemeral(replyTo, notice(words, requestId));
  } catch (error) {
    await updateView(edge, { viewId }, wordsView(failureWords(error), requestId));
    throw error;
  }
}

function notOpenedWords(error: string): string {
  return error === 'expired_trigger_id'
    ? 'The form did not open: Slack allows three seconds for it, and they were over. Nothing was made. Type the command again.'
    : 'The form did not open: Slack did not take it. Nothing was made. Type the command again in a minute.';
}
