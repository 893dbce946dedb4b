import type { ModalView } from '@slack/types';
import { findIssuers, findTeams, openAccountForm } from '../../../application/accounts/open-account-form.ts';
import { ACCOUNT_NAME_LENGTH, proposeAccountName } from '../../../domain/accounts/names.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { issuerOptions, type Message, notice, option, plainNotice, quoted } from '../../messages/blocks.ts';
import { failureText, refusalMessage } from '../../messages/failures/refusal-text.ts';
import { permanentFailureText, slackWaitText } from '../../messages/failures/slack-failure-text.ts';
import type { ReplyTo, ReplyView } from '../../web/reply.ts';
import { slackFailure } from '../../web/slack-failure.ts';
import { slackErrorCode } from '../../web/token-rejection.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { BlockSuggestionPayload, SlashCommandPayload } from '../payloads.ts';
import { accountFormView, messageView, textView, workingView } from './account-form-view.ts';
import type { FormMetadata } from './form-metadata.ts';

export interface NewAccountCommand {
  /** The command, or what a shortcut or the Home tab has of it: there, the conversation and the response URL are empty. */
  command: Pick<
    SlashCommandPayload,
    'user_id' | 'channel_id' | 'channel_name' | 'response_url' | 'trigger_id'
  >;
  replyTo: ReplyTo;
  requestId: string;
  name: string | undefined;
  teamName: string | undefined;
}

/** Opens the form *New service account* before its trigger expires, as a loading view if it isn't ready by then. */
export async function openNewAccountForm(
  context: ListenerContext,
  requested: NewAccountCommand,
): Promise<void> {
  const { command, replyTo, requestId } = requested;
  const metadata: FormMetadata = {
    formId: context.ports.newId('form'),
    slackUserId: command.user_id,
    channelId: command.channel_id,
    responseUrl: command.response_url,
    openedAtMs: context.ports.now(),
    kept: {},
  };
  const building = buildForm(context, requested, metadata);
  const early = await settledWithin(building, context.timing.loadingAfterMs);
  if (early?.value.refusal !== undefined) {
    await context.reply.ephemeral(replyTo, early.value.refusal);
    return;
  }
  const view = early?.value.form ?? (await loadingView(context, metadata));
  const opened = await openView(context, command.trigger_id, view);
  if ('error' in opened) {
    building.catch(() => {});
    await context.reply.ephemeral(replyTo, notice(notOpenedText(opened.error), requestId));
    return;
  }
  if (early === undefined) await replaceLoadingView(context, opened.viewId, building, { replyTo, requestId });
}

type BuiltForm = { refusal: Message; form?: never } | { form: ModalView; refusal?: never };

async function buildForm(
  context: ListenerContext,
  { command, requestId, name, teamName }: NewAccountCommand,
  metadata: FormMetadata,
): Promise<BuiltForm> {
  const result = await openAccountForm(context.ports, {
    slackUserId: command.user_id,
    teamName,
    channelName: command.channel_name || undefined,
    requestId,
  });
  if (!result.ok) return { refusal: refusalMessage(result.refusal, requestId, teamName) };
  const { offer } = result;
  const preset = name === undefined ? {} : presetName(name);
  return {
    form: accountFormView({
      offer,
      values: { contact: command.user_id, name: preset.name },
      ...(preset.notice && { notice: preset.notice }),
      formId: metadata.formId,
      privateMetadata: await context.metadata.seal({ ...metadata, features: offer.features }),
      focusesName: true,
    }),
  };
}

/** Returns what the form opens with for a typed name: the nearest valid name, and a notice if that differs. */
function presetName(typed: string): { name?: string; notice?: Message } {
  if (typed.length > ACCOUNT_NAME_LENGTH.max) {
    // Truncated, it would be a name that the person never chose.
    const problem = `Account names can have at most ${ACCOUNT_NAME_LENGTH.max} characters, so ${quoted(typed)} wasn’t filled in.`;
    return { notice: plainNotice(problem) };
  }
  const proposed = proposeAccountName(typed);
  if (proposed === undefined) return { name: typed };
  const rule = 'Account names can only contain lowercase letters, digits and hyphens';
  return {
    name: proposed,
    notice: plainNotice(`${rule}, so ${quoted(typed)} became ${quoted(proposed, 64)}.`),
  };
}

async function loadingView(context: ListenerContext, metadata: FormMetadata): Promise<ModalView> {
  const privateMetadata = await context.metadata.seal(metadata);
  return workingView({ formId: metadata.formId, privateMetadata, text: 'Looking up your teams…' });
}

async function replaceLoadingView(
  context: ListenerContext,
  viewId: string,
  building: Promise<BuiltForm>,
  { replyTo, requestId }: { replyTo: ReplyTo; requestId: string },
): Promise<void> {
  try {
    const { form, refusal } = await building;
    const update = await updateView(context, { viewId }, form ?? messageView(refusal));
    // Without this, the person would be left with the loading view.
    const message =
      refusal ?? (typeof update === 'object' ? notice(notOpenedText(update.error), requestId) : undefined);
    if (message !== undefined) await context.reply.ephemeral(replyTo, message);
  } catch (error) {
    await updateView(context, { viewId }, textView(failureText(error), requestId));
    throw error;
  }
}

/** @param error of `views.open` or `views.update` */
function notOpenedText(error: unknown): string {
  if (slackErrorCode(error) === 'expired_trigger_id') {
    return 'The form didn’t open in time (Slack allows three seconds). Nothing was created. Run the command again.';
  }
  const failure = slackFailure(error);
  const permanent = permanentFailureText(failure);
  return permanent === undefined
    ? `The form didn’t open: Slack returned an error. Nothing was created. Run the command again in ${slackWaitText(failure)}.`
    : `The form didn’t open, and nothing was created. ${permanent}`;
}

/**
 * Returns the view's ID, or the error of the call.
 *
 * @param over of a click in a view: a modal stays below the new one
 */
export async function openView(
  { web, ports }: ListenerContext,
  triggerId: string,
  view: ModalView,
  over?: Pick<ReplyView, 'overViewId'>,
): Promise<{ viewId: string } | { error: unknown }> {
  try {
    const request = { trigger_id: triggerId, view };
    const opened =
      over?.overViewId !== undefined ? await web.views.push(request) : await web.views.open(request);
    if (opened.view?.id === undefined) throw new Error('Slack returned no view');
    return { viewId: opened.view.id };
  } catch (error) {
    ports.logger.error({ err: error }, 'view not opened');
    return { error };
  }
}

/** `gone`: the person closed the view, or it has changed since `hash`. */
export type ViewUpdate = 'updated' | 'gone' | { error: unknown };

export async function updateView(
  { web, ports }: ListenerContext,
  { viewId, hash }: { viewId: string; hash?: string },
  view: ModalView,
): Promise<ViewUpdate> {
  try {
    await web.views.update({ view_id: viewId, view, ...(hash === undefined ? {} : { hash }) });
    return 'updated';
  } catch (error) {
    const code = slackErrorCode(error);
    if (code === 'not_found' || code === 'hash_conflict') return 'gone';
    ports.logger.error({ err: error }, 'view not updated');
    return { error };
  }
}

/** Returns the options of *Team*, where there are too many for a list. */
export async function teamOptions(context: ListenerContext, payload: BlockSuggestionPayload) {
  const teams = await findTeams(context.ports, payload.user.id, payload.value.normalize('NFC').trim());
  return teams.map((team) => option(team));
}

/** Returns the options of *Issuer*, where there are too many for a list. */
export async function issuerSuggestions(context: ListenerContext, payload: BlockSuggestionPayload) {
  const issuers = await findIssuers(context.ports, payload.user.id, payload.value.trim().toLowerCase());
  return issuerOptions(issuers);
}
