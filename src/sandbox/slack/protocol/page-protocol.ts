/**
 * The protocol between the sandbox's page and its server: JSON under `/sandbox/`, beside Slack's own wire format under
 * `/api/`. Each request acts as one person, whose Slack user ID is in `as`.
 *
 * - `GET  /sandbox/state?as=U…`                     → {@link PageWorkspace}. `&load=1` marks the first request of a page
 *   load, which closes the person's modals without a request to the app, as a reload of Slack does. Requests after an
 *   interrupted event stream leave it out.
 * - `GET  /sandbox/messages?as=U…&conversation=C…`  → {@link PageMessage}[], oldest first, with the replies in threads but
 *   without ephemeral messages, which a reload of Slack drops as well.
 * - `GET  /sandbox/events?as=U…`                    → server-sent events, each `data:` one {@link PageEvent}
 * - `POST /sandbox/command`  {@link CommandRequest}  → {@link Outcome}
 * - `POST /sandbox/action`   {@link ActionRequest}   → {@link Outcome}
 * - `POST /sandbox/options`  {@link OptionsRequest}  → {@link OptionsResponse}
 * - `POST /sandbox/submit`   {@link SubmitRequest}   → {@link Outcome}
 * - `POST /sandbox/close`    {@link CloseRequest}    → {@link Outcome}
 * - `POST /sandbox/shortcut` {@link ShortcutRequest} → {@link Outcome}
 * - `POST /sandbox/home`     {@link OpenHomeRequest} → {@link Outcome}
 * - `POST /sandbox/read`     {@link ReadRequest}     → {@link Outcome}
 *
 * An invalid or forbidden request gets a 4xx with `{ ok: false, error, message }`. The developers' panel has its own
 * protocol in panel-protocol.ts.
 */

export interface Person {
  id: string;
  name: string;
  realName: string;
  /** One line for the person picker. */
  about: string;
}

export interface Conversation {
  id: string;
  /** The channel's name (`ml-platform`), or the name of the other side of a direct message. */
  name: string;
  kind: 'public' | 'private' | 'app_dm' | 'person_dm';
  hasApp: boolean;
}

export interface SlashCommand {
  command: string;
  description: string;
  usageHint: string;
}

export interface Shortcut {
  /** `global` shortcuts are beside the composer, `message` shortcuts in the menu of a message. */
  type: 'global' | 'message';
  callbackId: string;
  name: string;
  description: string;
}

export interface PageWorkspace {
  team: { id: string; name: string };
  app: {
    name: string;
    botUserId: string;
    /** Whether the manifest enables the tab. */
    homeTab: boolean;
    messagesTab: boolean;
    /** Set when people can only read in the messages tab. */
    messagesTabReadOnly?: true;
    shortcuts: Shortcut[];
  };
  me: Person;
  people: Person[];
  /** The deactivated people, whose messages remain. */
  former: Person[];
  /** The conversations of which `me` is a member. */
  conversations: Conversation[];
  /** What has arrived in each conversation since `me` last had it open: conversation ID → {@link Unread}. */
  unread: Record<string, Unread>;
  commands: SlashCommand[];
  /** The open modals of `me`, the topmost last. */
  views: PageModal[];
  /** Absent until the app publishes its Home tab for `me`. */
  home?: PageHomeTab;
  /** The W&B tab, if the sandbox has runs to show; `baseUrl` is where workloads log them. */
  wandb?: { baseUrl?: string };
}

export interface Unread {
  /** The number of direct messages and mentions. */
  mentions: number;
}

export interface PageHomeTab {
  id: string;
  hash: string;
  blocks: Block[];
}

/** A Block Kit block from the app, which the server has validated. */
export type Block = { type: string; block_id: string; [key: string]: unknown };

export interface PageMessage {
  conversation: string;
  ts: string;
  /** The Slack user ID of the author, or the app's bot user. */
  user: string;
  text: string;
  blocks: Block[];
  ephemeral: boolean;
  edited: boolean;
  /** The `ts` of the message to which this one is a reply. A reply is only in the thread, not in the conversation itself. */
  thread?: string;
}

export interface PageModal {
  id: string;
  hash: string;
  title: string;
  /** Absent: the view has no submit button. */
  submit?: string;
  close: string;
  blocks: Block[];
}

/** The values of the elements in a view or message, in Slack's format: block ID → action ID → element state. */
export type State = Record<string, Record<string, ElementState>>;
export type ElementState = { type: string; [key: string]: unknown };

export type PageEvent =
  | { type: 'message'; message: PageMessage }
  | { type: 'message_changed'; message: PageMessage }
  | { type: 'message_deleted'; conversation: string; ts: string }
  /** All open modals after a change, the topmost last. */
  | { type: 'views'; views: PageModal[] }
  | { type: 'home'; home: PageHomeTab }
  /** The workspace changed, for example the app's membership. The page reloads the state. */
  | { type: 'workspace' };

export interface CommandRequest {
  as: string;
  conversation: string;
  /** The whole line, including the slash: `/wandb sa new`. */
  line: string;
  /** The `ts` of the message to reply to. Commands don't work in threads. */
  thread?: string;
}

export interface ActionRequest {
  as: string;
  container: { conversation: string; ts: string } | { view: string };
  block_id: string;
  action_id: string;
  /** The new state of the element: `{ type: 'button' }`, `{ type: 'radio_buttons', selected_option }`, … */
  element: ElementState;
  state: State;
}

export interface OptionsRequest {
  as: string;
  container: { conversation: string; ts: string } | { view: string };
  block_id: string;
  action_id: string;
  query: string;
}

export interface FoundOption {
  text: { type: 'plain_text'; text: string };
  value: string;
  description?: { type: 'plain_text'; text: string };
}

export interface OptionsResponse {
  options: FoundOption[];
  /** Replaces `options` if the app sent groups. */
  groups?: { label: string; options: FoundOption[] }[];
  /** The text that Slack shows in the menu when the app didn't respond. */
  error?: string;
}

export interface SubmitRequest {
  as: string;
  view: string;
  state: State;
}

export interface CloseRequest {
  as: string;
  view: string;
}

export interface ShortcutRequest {
  as: string;
  callback_id: string;
  /** Only for a message shortcut. */
  message?: { conversation: string; ts: string };
}

export interface OpenHomeRequest {
  as: string;
  tab: 'home' | 'messages';
}

/** The person has a conversation open, with all its messages in view. */
export interface ReadRequest {
  as: string;
  conversation: string;
}

export type Outcome =
  | { ok: true }
  /** `errors`: the text to show at each field, by block ID. */
  | { ok: false; error: 'errors'; errors: Record<string, string> }
  /** `error` is Slack's code (`operation_timeout`, `dispatch_failed`, …), `message` the text that Slack shows. */
  | { ok: false; error: string; message: string };

/** Returns whether a message to `personId` adds to the number beside its conversation, not only to the bold name. */
export function isForPerson(
  { text, blocks }: Pick<PageMessage, 'text' | 'blocks'>,
  conversation: Pick<Conversation, 'kind'> | undefined,
  personId: string,
): boolean {
  if (conversation?.kind === 'app_dm' || conversation?.kind === 'person_dm') return true;
  const written = text + JSON.stringify(blocks);
  return written.includes(`<@${personId}>`) || written.includes(`"user_id":"${personId}"`);
}
