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

export interface Waiting {
  /** Default 20 s, which only bounds a hang and doesn't measure speed. */
  timeoutMs?: number;
}

export interface SubmitOptions {
  /** Skips the checks of Slack's clients: required fields, lengths, and that choices were offered. */
  unchecked?: boolean;
  /** Replaces the values of whole blocks. Needs `unchecked` for values that a person couldn't enter. */
  state?: State;
  /** Changes the payload before it is signed: fields to replace, or a function. */
  payload?: Record<string, unknown> | ((payload: InteractionPayload) => InteractionPayload);
}

export interface FillOptions {
  /** Default true. Matters for text inputs whose `dispatch_action_config` waits for Enter. */
  pressEnter?: boolean;
}

export interface Clicked {
  outcome: Outcome;
  /** The confirmation dialog, which was confirmed unless `deny` was set. */
  confirm?: ConfirmDialog;
}

export type Matcher<T> = string | RegExp | ((shown: T) => boolean);

/**
 * One person in Slack, who can do and see exactly what the page's API allows. Conversations are given by name
 * (`ml-platform`, `#ml-platform`, or the name of the other side of a direct message) or by ID.
 */
export interface SlackPerson {
  id: string;
  name: string;
  /** Returns the conversations of which the person is a member. */
  conversations(): Conversation[];
  conversation(nameOrId: string): Conversation;
  /** Resolves with what the person sees when the app has acknowledged or failed to. */
  command(conversation: string, line: string): Promise<Outcome>;
  /** Returns the messages, oldest first, including the person's own ephemeral ones, without the replies in threads. */
  messages(conversation: string): PageMessage[];
  /** Returns the replies to a message, oldest first. */
  thread(message: PageMessage): PageMessage[];
  reply(message: PageMessage, line: string): Promise<Outcome>;
  /** Returns the open views, the topmost last. */
  views(): PageModal[];
  view(): PageModal | undefined;
  /** Fills in a field of the topmost view, which reaches the app if the field has `dispatch_action`. */
  fill(blockId: string, value: FieldValue, options?: FillOptions): Promise<Outcome>;
  /** Returns the values of the topmost view by `block_id`, or by `block_id/action_id` if a block has several. */
  values(): Record<string, FieldValue>;
  submit(options?: SubmitOptions): Promise<Outcome>;
  close(): Promise<Outcome>;
  /** Clicks a button or an entry of an overflow menu, by its `action_id` or text. */
  click(message: PageMessage, actionIdOrText: string, options?: ClickOptions): Promise<Clicked>;
  clickInView(actionIdOrText: string, options?: ClickOptions): Promise<Clicked>;
  /** Uses a global shortcut, or a shortcut on a message. */
  shortcut(callbackId: string, message?: PageMessage): Promise<Outcome>;
  /** Fills in an element of a message, which reaches the app. */
  fillInMessage(
    message: PageMessage,
    blockId: string,
    value: FieldValue,
    options?: FillOptions,
  ): Promise<Outcome>;
  optionsInMessage(message: PageMessage, blockId: string, query: string): Promise<OptionsResponse>;
  /** Returns the app's Home tab; undefined before it is published. */
  home(): PageHomeTab | undefined;
  /** Opens one of the app's tabs, by default the Home tab. Doesn't wait for the app. */
  openHome(tab?: OpenHomeRequest['tab']): Promise<Outcome>;
  clickInHome(actionIdOrText: string, options?: ClickOptions): Promise<Clicked>;
  fillInHome(blockId: string, value: FieldValue, options?: FillOptions): Promise<Outcome>;
  homeValues(): Record<string, FieldValue>;
  optionsInHome(blockId: string, query: string): Promise<OptionsResponse>;
  /** Returns the options that an external select of the topmost view offers for a query. */
  options(blockId: string, query: string): Promise<OptionsResponse>;
  /** Waits for a message that contains the text or matches, and returns the newest. */
  waitForMessage(
    conversation: string,
    matcher: Matcher<PageMessage>,
    waiting?: Waiting,
  ): Promise<PageMessage>;
  /** Waits for a reply to the message that contains the text or matches, and returns the newest. */
  waitForReply(message: PageMessage, matcher: Matcher<PageMessage>, waiting?: Waiting): Promise<PageMessage>;
  /** Waits until the topmost view contains the text or matches. */
  waitForView(matcher: Matcher<PageModal>, waiting?: Waiting): Promise<PageModal>;
  /** Waits until the Home tab contains the text or matches. */
  waitForHome(matcher: Matcher<PageHomeTab>, waiting?: Waiting): Promise<PageHomeTab>;
  waitUntilClosed(waiting?: Waiting): Promise<void>;
  /** Waits until `find` returns something. It is called again after every event that the person can see. */
  waitFor<T>(description: string, find: () => T | undefined, waiting?: Waiting): Promise<T>;
}
