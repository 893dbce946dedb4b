import { PAGE_ACTIONS, REVOKE_LISTED_ACTION } from '../messages/account-list-message.ts';
import { KEY_MESSAGE_ACTIONS } from '../messages/key-message.ts';
import { COLLECT_ACTION } from '../messages/notification-messages.ts';
import { DISMISS_ACTION } from '../messages/revoke-message.ts';
import {
  collectAction,
  dismissAction,
  revokeAction,
  revokeListedAction,
  storedAction,
  turnPageAction,
} from './actions/account-actions.ts';
import { changeMethod } from './actions/change-method.ts';
import { wandbCommand } from './commands/wandb-command.ts';
import type { ButtonUsed, SlackEdge } from './edge.ts';
import type {
  ActionPayload,
  BlockActionsPayload,
  BlockSuggestionPayload,
  SlashCommandPayload,
  ViewSubmissionPayload,
} from './payloads.ts';
import { ACCOUNT_FORM_CALLBACK } from './views/account-form-view.ts';
import { issuerOptions, teamOptions } from './views/open-account-form.ts';
import { type SubmissionAnswer, submitAccountForm } from './views/submit-account-form.ts';

/** Everything that Keysmith listens to, by Slack's name for it. */
export interface Listeners {
  commands: Record<
    string,
    (edge: SlackEdge, payload: SlashCommandPayload, requestId: string) => Promise<void>
  >;
  /** Buttons of messages, by `action_id`. */
  buttons: Record<string, (edge: SlackEdge, button: ButtonUsed) => Promise<void>>;
  /** Elements of views, by `action_id`. */
  viewElements: Record<
    string,
    (edge: SlackEdge, payload: BlockActionsPayload, action: ActionPayload, requestId: string) => Promise<void>
  >;
  /** Submitted views, by `callback_id`. */
  submissions: Record<
    string,
    (edge: SlackEdge, payload: ViewSubmissionPayload, requestId: string) => Promise<SubmissionAnswer>
  >;
  /** Searchable selects, by `action_id`. */
  options: Record<
    string,
    (edge: SlackEdge, payload: BlockSuggestionPayload) => Promise<Awaited<ReturnType<typeof teamOptions>>>
  >;
}

export const listeners: Listeners = {
  commands: { '/wandb': wandbCommand },
  buttons: {
    [KEY_MESSAGE_ACTIONS.stored]: storedAction,
    [KEY_MESSAGE_ACTIONS.revoke]: revokeAction,
    [REVOKE_LISTED_ACTION]: revokeListedAction,
    [PAGE_ACTIONS.previous]: turnPageAction,
    [PAGE_ACTIONS.next]: turnPageAction,
    [COLLECT_ACTION]: collectAction,
    [DISMISS_ACTION]: dismissAction,
  },
  viewElements: { method: changeMethod },
  submissions: { [ACCOUNT_FORM_CALLBACK]: submitAccountForm },
  options: { team: teamOptions, issuer: issuerOptions },
};
