import type { ModalView } from '@slack/types';
import { findIssuers, findTeams, openAccountForm } from '../../../application/accounts/open-account-form.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { type Message, notice, option } from '../../messages/blocks.ts';
import { failureText, refusalMessage } from '../../messages/refusal-text.ts';
import type { ReplyTo } from '../../web/reply.ts';
import { slackErrorCode } from '../../web/web-client.ts';
import type { SlackEdge } from '../edge.ts';
import type { BlockSuggestionPayload, FormMetadata, SlashCommandPayload } from '../payloads.ts';
import { accountFormView, messageView, textView, workingView } from './account-form-view.ts';

/** Opens a view. Answers its ID, or Slack's error code (`expired_trigger_id`, …) where it did not open. */
async function openView(
  { web, ports }: SlackEdge,
  triggerId: string,
  view: ModalView,
): Promise<{ viewId: string } | { error: string }> {
  try {
    const opened = await web.views.open({ trigger_id: triggerId, view });
    return opened.view?.id === undefined ? { error: 'no_view' } : { viewId: opened.view.id };
  } catch (error) {
    ports.logger.error({ err: error }, 'the view did not open');
    return { error: slackErrorCode(error) ?? 'unreachable' };
  }
}

/** `gone`: the view is not there any more, or has changed since `hash`. `failed`: Slack did not take it. */
export type ViewUpdate = 'shown' | 'gone' | 'failed';

export async function updateView(
  { web, ports }: SlackEdge,
  target: { viewId: string; hash?: string },
  view: ModalView,
): Promise<ViewUpdate> {
  const { viewId, hash } = target;
  try {
    await web.views.update({
      view_id: viewId,
      view,
      ...(hash === undefined ? {} : { hash }),
    });
    return 'shown';
  } catch (error) {
    const code = slackErrorCode(error);
    // A person who closed the view, or typed on, is no failure.
    if (code === 'not_found' || code === 'hash_conflict') return 'gone';
    ports.logger.error({ err: error }, 'the view was not updated');
    return 'failed';
  }
}

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
    if (!result.ok) return { refusal: refusalMessage(result.refusal, requestId, teamName) };
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
  if (early?.value.refusal !== undefined) return edge.reply.ephemeral(replyTo, early.value.refusal);
  const first = early?.value.form ?? (await loadingView(edge, metadata));
  const opened = await openView(edge, command.trigger_id, first);
  if ('error' in opened) {
    opening.catch(() => {});
    return edge.reply.ephemeral(replyTo, notice(notOpenedText(opened.error), requestId));
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
  opening: Promise<{ refusal: Message; form?: never } | { form: ModalView; refusal?: never }>,
  { replyTo, requestId }: { replyTo: ReplyTo; requestId: string },
): Promise<void> {
  try {
    const { form, refusal } = await opening;
    const update = await updateView(edge, { viewId }, form ?? messageView(refusal));
    // Otherwise the person would be left with the loading view.
    const message =
      refusal ?? (update === 'failed' ? notice(notOpenedText('not_updated'), requestId) : undefined);
    if (message !== undefined) await edge.reply.ephemeral(replyTo, message);
  } catch (error) {
    await updateView(edge, { viewId }, textView(failureText(error), requestId));
    throw error;
  }
}

function notOpenedText(error: string): string {
  return error === 'expired_trigger_id'
    ? 'The form didn’t open in time (Slack allows three seconds). Nothing was created. Run the command again.'
    : 'The form didn’t open: Slack returned an error. Nothing was created. Run the command again in a minute.';
}

/** The options of *Team* where there are too many to list. */
export async function teamOptions(edge: SlackEdge, payload: BlockSuggestionPayload) {
  const teams = await findTeams(edge.ports, payload.user.id, payload.value.trim().toLowerCase());
  return teams.map((team) => option(team));
}

/** The options of *Issuer* where there are too many to list. */
export async function issuerOptions(edge: SlackEdge, payload: BlockSuggestionPayload) {
  const issuers = await findIssuers(edge.ports, payload.user.id, payload.value.trim().toLowerCase());
  return issuers.map((url) => option(url));
}
