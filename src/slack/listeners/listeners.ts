import { COLLECT_ACTION } from '../messages/accounts/collect-button.ts';
import { KEY_MESSAGE_ACTIONS } from '../messages/accounts/key-message.ts';
import { DISMISS_ACTION } from '../messages/accounts/revoke-message.ts';
import { KEY_MENU_ACTION } from '../messages/keys/key-buttons.ts';
import { KEYS_DELETED_ACTION } from '../messages/outside/key-reminder-message.ts';
import { ADOPT_ACTIONS } from '../messages/outside/unmanaged-blocks.ts';
import { accountButtons, accountSubmissions } from './accounts/account-listeners.ts';
import { collectAction, dismissAction, revokeAction, storedAction } from './actions/account-actions.ts';
import { appUninstalled } from './actions/app-uninstalled.ts';
import { changeField } from './actions/change-field.ts';
import { keysDeletedAction } from './actions/keys-deleted.ts';
import { auditButtons } from './audit/audit-pages.ts';
import { careButtons } from './care/care-buttons.ts';
import { wandbCommand } from './commands/wandb-command.ts';
import type { EventPayload, EventType } from './event-payloads.ts';
import { homeListeners } from './home/home-listeners.ts';
import { jwtSubmissions } from './jwt/check-jwt.ts';
import { changeKeyExpiry, keyButtons, keyMenuAction } from './keys/key-forms.ts';
import { FINISH_FORM_CALLBACK, rotationButtons, submitFinishForm } from './keys/rotation-buttons.ts';
import { keySubmissions } from './keys/submit-key-form.ts';
import type { ButtonClick, ListenerContext } from './listener-context.ts';
import type {
  ActionPayload,
  BlockActionsPayload,
  BlockSuggestionPayload,
  GlobalShortcutPayload,
  MessageShortcutPayload,
  SlashCommandPayload,
  ViewSubmissionPayload,
} from './payloads.ts';
import { THIS_IS_A_KEY, thisIsAKey } from './reported-keys/this-is-a-key.ts';
import { requestListeners } from './requests/decide-request.ts';
import { teamButtons, teamSubmissions } from './teams/team-listeners.ts';
import { ACCOUNT_FORM_CALLBACK } from './views/account-form-view.ts';
import { adoptAction, submitAdoptForm } from './views/adopt-account.ts';
import { ADOPT_FORM_CALLBACK } from './views/adopt-view.ts';
import { issuerSuggestions, teamOptions } from './views/open-account-form.ts';
import type { SubmissionResponse } from './views/submission-response.ts';
import { submitAccountForm } from './views/submit-account-form.ts';

type CommandListener = (
  context: ListenerContext,
  payload: SlashCommandPayload,
  requestId: string,
) => Promise<void>;

type ButtonListener = (context: ListenerContext, click: ButtonClick) => Promise<void>;

type ViewActionListener = (
  context: ListenerContext,
  payload: BlockActionsPayload,
  action: ActionPayload,
  requestId: string,
) => Promise<void>;

type SubmissionListener = (
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
) => Promise<SubmissionResponse>;

type OptionsListener = (
  context: ListenerContext,
  payload: BlockSuggestionPayload,
) => ReturnType<typeof teamOptions>;

type ShortcutListener<Payload> = (
  context: ListenerContext,
  payload: Payload,
  requestId: string,
) => Promise<void>;

/** An event may arrive more than once, and nobody waits for a reply. */
type EventListener<Type extends EventType> = (
  context: ListenerContext,
  event: Extract<EventPayload, { type: Type }>,
  requestId: string,
) => Promise<void>;

export interface Listeners {
  /** Slash commands, by name. */
  commands: Record<string, CommandListener>;
  /** Buttons of messages, by `action_id`. */
  buttons: Record<string, ButtonListener>;
  /** Buttons and menus of modals and the Home tab, by `action_id`. */
  viewButtons: Record<string, ButtonListener>;
  /** Fields of views, by `action_id`. */
  viewActions: Record<string, ViewActionListener>;
  /** Submitted views, by `callback_id`. */
  submissions: Record<string, SubmissionListener>;
  /** External selects, by `action_id`. */
  options: Record<string, OptionsListener>;
  /** Global shortcuts, by `callback_id`. */
  shortcuts: Record<string, ShortcutListener<GlobalShortcutPayload>>;
  /** Shortcuts on messages, by `callback_id`. */
  messageShortcuts: Record<string, ShortcutListener<MessageShortcutPayload>>;
  events: { [Type in EventType]?: EventListener<Type> };
}

/** Every interaction that Keysmith handles, by Slack's identifier. */
export const listeners: Listeners = {
  commands: { '/wandb': wandbCommand },
  buttons: {
    [KEY_MESSAGE_ACTIONS.stored]: storedAction,
    [KEY_MESSAGE_ACTIONS.revoke]: revokeAction,
    ...accountButtons,
    [COLLECT_ACTION]: collectAction,
    [DISMISS_ACTION]: dismissAction,
    ...Object.fromEntries(ADOPT_ACTIONS.map((actionId) => [actionId, adoptAction])),
    [KEYS_DELETED_ACTION]: keysDeletedAction,
    ...careButtons,
    ...auditButtons,
    ...keyButtons,
    [KEY_MENU_ACTION]: keyMenuAction,
    ...teamButtons,
    ...rotationButtons,
    ...requestListeners.buttons,
  },
  viewButtons: {
    ...homeListeners.viewButtons,
    ...keyButtons,
    [KEY_MENU_ACTION]: keyMenuAction,
    ...rotationButtons,
    ...accountButtons,
    ...careButtons,
    ...requestListeners.buttons,
  },
  viewActions: {
    method: changeField,
    expires: changeField,
    team: changeField,
    key_expires: changeKeyExpiry,
  },
  submissions: {
    [ACCOUNT_FORM_CALLBACK]: submitAccountForm,
    [ADOPT_FORM_CALLBACK]: submitAdoptForm,
    ...keySubmissions,
    ...jwtSubmissions,
    ...homeListeners.submissions,
    ...teamSubmissions,
    [FINISH_FORM_CALLBACK]: submitFinishForm,
    ...requestListeners.submissions,
    ...accountSubmissions,
  },
  options: { team: teamOptions, issuer: issuerSuggestions, ...homeListeners.options },
  shortcuts: homeListeners.shortcuts,
  messageShortcuts: { [THIS_IS_A_KEY]: thisIsAKey },
  events: { app_uninstalled: appUninstalled, ...homeListeners.events },
};
