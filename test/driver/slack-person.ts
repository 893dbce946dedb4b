import type {
  Conversation,
  OpenHomeRequest,
  OptionsResponse,
  Outcome,
  PageHomeTab,
  PageMessage,
  PageModal,
  State,
} from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { InteractionPayload } from '../../src/sandbox/slack/to-app/interaction-payloads.ts';
import type { ClickOptions, ConfirmDialog, FieldValue } from './form-filling.ts';
import type { Waiting } from './wait.ts';

export interface SubmitOptions {
  /** Leaves out what Slack's clients check: required fields, lengths, choices that were offered. */
  unchecked?: boolean;
  /** Laid over what the fields hold, block by block. Needs `unchecked` when it is not what a person could enter. */
  state?: State;
  /** Changes the payload before it is signed: fields laid over it, or a function of it. */
  payload?: Record<string, unknown> | ((payload: InteractionPayload) => InteractionPayload);
}

export interface FillOptions {
  /** Default true; counts for text inputs, whose `dispatch_action_config` may say that the app hears of Enter only. */
  pressEnter?: boolean;
}

export interface Clicked {
  outcome: Outcome;
  /** The dialog that asked first. It was agreed to, unless `deny` was given. */
  confirm?: ConfirmDialog;
}

export type Wanted<T> = string | RegExp | ((shown: T) => boolean);

/**
 * One person at Slack, for tests: does and sees exactly what the page's API lets that person do and see. Conversations
 * go by name (`ml-platform`, `#ml-platform`; direct messages by the other side's) or by ID.
 */
export interface SlackPerson {
  id: string;
  name: string;
  /** Those that the person is a member of. */
  conversations(): Conversation[];
  conversation(nameOrId: string): Conversation;
  /** Resolves when the app has acknowledged, or did not: what the person then sees at once. */
  command(conversation: string, line: string): Promise<Outcome>;
  /** Oldest first, the person's own ephemeral ones among them. */
  messages(conversation: string): PageMessage[];
  /** The open views, the topmost last. */
  views(): PageModal[];
  view(): PageModal | undefined;
  /** Fills in one field of the topmost view; tells the app where the field is set to (`dispatch_action`). */
  fill(blockId: string, value: FieldValue, options?: FillOptions): Promise<Outcome>;
  /** What the fields of the topmost view hold: by `block_id`, or `block_id/action_id` where a block has several. */
  values(): Record<string, FieldValue>;
  submit(options?: SubmitOptions): Promise<Outcome>;
  close(): Promise<Outcome>;
  /** A button, or an entry of an overflow menu, by its `action_id` or its text. */
  click(message: PageMessage, actionIdOrText: string, options?: ClickOptions): Promise<Clicked>;
  clickInView(actionIdOrText: string, options?: ClickOptions): Promise<Clicked>;
  /** Uses a global shortcut, or one on a message; by its `callback_id`. */
  shortcut(callbackId: string, message?: PageMessage): Promise<Outcome>;
  /** Enters something in an element of a message, by `block_id` or `block_id/action_id`: the app hears of it. */
  fillInMessage(
    message: PageMessage,
    blockId: string,
    value: FieldValue,
    options?: FillOptions,
  ): Promise<Outcome>;
  optionsInMessage(message: PageMessage, blockId: string, query: string): Promise<OptionsResponse>;
  /** What the app has published on its Home tab; undefined before the first time. */
  home(): PageHomeTab | undefined;
  /** Opens a tab of the app's own place, the Home tab unless told otherwise. Does not wait for the app. */
  openHome(tab?: OpenHomeRequest['tab']): Promise<Outcome>;
  clickInHome(actionIdOrText: string, options?: ClickOptions): Promise<Clicked>;
  fillInHome(blockId: string, value: FieldValue, options?: FillOptions): Promise<Outcome>;
  homeValues(): Record<string, FieldValue>;
  optionsInHome(blockId: string, query: string): Promise<OptionsResponse>;
  /** What an external select of the topmost view offers for a query. */
  options(blockId: string, query: string): Promise<OptionsResponse>;
  /** The newest message that contains the text, matches, or fits; now or as soon as there is one. */
  waitForMessage(conversation: string, wanted: Wanted<PageMessage>, waiting?: Waiting): Promise<PageMessage>;
  /** As soon as the topmost view contains the text, matches, or fits. */
  waitForView(wanted: Wanted<PageModal>, waiting?: Waiting): Promise<PageModal>;
  /** As soon as the Home tab contains the text, matches, or fits. */
  waitForHome(wanted: Wanted<PageHomeTab>, waiting?: Waiting): Promise<PageHomeTab>;
  waitUntilClosed(waiting?: Waiting): Promise<void>;
  /** As soon as `find` gives something; asked again after everything that happens before this person's eyes. */
  waitFor<T>(description: string, find: () => T | undefined, waiting?: Waiting): Promise<T>;
}
