import { isDirectMessageKind } from '../../../application/home/direct-messages.ts';
import { findAccounts } from '../../../application/home/find-accounts.ts';
import { readMessageSettings, saveMessageSettings } from '../../../application/home/message-settings.ts';
import { type OfferCollectionResult, offerCollection } from '../../../application/home/offer-collection.ts';
import { COLLECT_ACTION } from '../../messages/accounts/collect-button.ts';
import { notice, option } from '../../messages/blocks.ts';
import { refusalText } from '../../messages/failures/refusal-text.ts';
import { HOME_ACTIONS } from '../../messages/home/home-view.ts';
import {
  KINDS_FIELD,
  MESSAGE_SETTINGS_CALLBACK,
  messageSettingsView,
  SETTINGS_TITLE,
} from '../../messages/home/message-settings-view.ts';
import { showAction } from '../accounts/show-account.ts';
import type { EventPayload } from '../event-payloads.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import type { BlockSuggestionPayload, ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { openView } from '../views/open-account-form.ts';
import { type SubmissionResponse, textResponse } from '../views/submission-response.ts';
import { newAccountAction, newAccountShortcut } from './new-account.ts';

/** A person opened the app. Slack sends this for its *Messages* tab too. */
async function homeOpened(
  { homes }: ListenerContext,
  { user, tab }: Extract<EventPayload, { type: 'app_home_opened' }>,
): Promise<void> {
  if (tab === 'home') await homes.open(user);
}

/** *Settings*: opens the choice of direct messages. */
async function settingsAction(
  context: ListenerContext,
  { replyTo, requestId, triggerId }: ButtonClick,
): Promise<void> {
  const read = await readMessageSettings(context.ports, replyTo.slackUserId);
  if (!read.ok) {
    await context.reply.ephemeral(replyTo, notice(refusalText(read.refusal), requestId));
    return;
  }
  const opened = await openView(context, triggerId ?? '', messageSettingsView(read), replyTo.view);
  if ('viewId' in opened) return;
  const text = 'The settings didn’t open, and nothing was changed. Press *Settings* again.';
  await context.reply.ephemeral(replyTo, notice(text, requestId));
}

/** *Save* in the settings. */
async function saveSettings(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const slackUserId = payload.user.id;
  const { state } = payload.view;
  const field = state?.values[KINDS_FIELD]?.[KINDS_FIELD];
  if (field === undefined) {
    const reason = state === undefined ? 'state_missing' : 'field_unknown';
    const text = await refuseInteraction(context, { slackUserId, reason, requestId });
    return textResponse(context, payload, { title: SETTINGS_TITLE, text }, requestId);
  }
  const chosen = field.selected_options ?? [];
  const wanted = chosen.map(({ value }) => value).filter(isDirectMessageKind);
  const saved = await saveMessageSettings(context.ports, { slackUserId, wanted, requestId });
  return saved.ok
    ? { kind: 'close', instead: async () => {} }
    : textResponse(context, payload, { title: SETTINGS_TITLE, text: refusalText(saved.refusal) }, requestId);
}

/** *Collect key* in a view: sends the message in which the key can appear. */
async function collectFromView(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId } = click;
  const { slackUserId } = replyTo;
  const result = await offerCollection(context.ports, { slackUserId, collectionId: value, requestId });
  const reference = result.kind === 'sent' ? undefined : requestId;
  await context.reply.ephemeral(replyTo, notice(offeredText(result), reference));
}

function offeredText(result: OfferCollectionResult): string {
  switch (result.kind) {
    case 'sent':
      return 'Keysmith sent you a message with *Collect key*. Open the *Messages* tab: the key appears below that message, for you alone.';
    case 'not_sent':
      return 'Slack didn’t accept the message with *Collect key*. No key was created. Try again in a minute.';
    case 'nothing_to_collect':
      return 'You don’t have a key to collect here. It may have been collected, or its time is over.';
    case 'refused':
      return refusalText(result.refusal);
  }
}

async function accountOptions(context: ListenerContext, { user, value }: BlockSuggestionPayload) {
  const found = await findAccounts(context.ports, user.id, value);
  return found.map(({ id, name, teamName }) => option(id, `${name} (${teamName})`));
}

const NEW_ACCOUNT_SHORTCUT = 'new_service_account';

/** An account was chosen in the search. */
function foundAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  return showAction(context, click, { accountId: click.value });
}

/** What people do on the Home tab, and with shortcuts. */
export const homeListeners = {
  shortcuts: { [NEW_ACCOUNT_SHORTCUT]: newAccountShortcut },
  events: { app_home_opened: homeOpened },
  viewButtons: {
    [HOME_ACTIONS.newAccount]: newAccountAction,
    [HOME_ACTIONS.settings]: settingsAction,
    [HOME_ACTIONS.find]: foundAction,
    [COLLECT_ACTION]: collectFromView,
  },
  submissions: { [MESSAGE_SETTINGS_CALLBACK]: saveSettings },
  options: { [HOME_ACTIONS.find]: accountOptions },
};
