/**
 * What the sandbox's page and its server say to each other: JSON under `/sandbox/`, beside Slack's own wire format
 * under `/api/`. Everything a page may do is done as one person, named by `as` (a Slack user ID).
 *
 * - `GET  /sandbox/state?as=U…`                       → {@link PageWorkspace}. With `&load=1`, for the first look after the
 *   page was loaded: as in Slack, a reload has closed that person's dialogs, and the app does not hear of it. Without,
 *   for another look (when the event stream was interrupted): what is open stays open.
 * - `GET  /sandbox/messages?as=U…&conversation=C…`    → {@link PageMessage}[], oldest first. Ephemeral messages are not
 *   in it: as in Slack, a reload forgets them.
 * - `GET  /sandbox/events?as=U…`                      → server-sent events, each `data:` one {@link PageEvent}
 * - `POST /sandbox/command`  {@link CommandRequest}     → {@link Outcome}
 * - `POST /sandbox/action`   {@link ActionRequest}      → {@link Outcome}
 * - `POST /sandbox/options`  {@link OptionsRequest}    → {@link OptionsResponse}
 * - `POST /sandbox/submit`   {@link SubmitRequest}    → {@link Outcome}
 * - `POST /sandbox/close`    {@link CloseRequest}       → {@link Outcome}
 * - `POST /sandbox/shortcut` {@link ShortcutRequest}     → {@link Outcome}
 * - `POST /sandbox/home`     {@link OpenHomeRequest}    → {@link Outcome}
 *
 * What the developers' panel uses stands in panel-protocol.ts.
 *
 * A malformed or forbidden request gets a 4xx with `{ ok: false, error, message }`.
 */

export interface Person {
  id: string;
  name: string;
  realName: string;
  /** One line about who this is, for the person picker. */
  about: string;
}

export interface Conversation {
  id: string;
  /** `ml-platform` for a channel, the other side's name for a direct message. */
  name: string;
  kind: 'public' | 'private' | 'app_dm' | 'person_dm';
  /** Whether the app is a member. */
  hasApp: boolean;
}

export interface SlashCommand {
  command: string;
  description: string;
  usageHint: string;
}

export interface Shortcut {
  /** `global`: offered beside the composer; `message`: in the menu of a message. */
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
    /** Which tabs the app has, as its manifest says. */
    homeTab: boolean;
    messagesTab: boolean;
    shortcuts: Shortcut[];
  };
  me: Person;
  people: Person[];
  /** Only those that `me` is a member of. */
  conversations: Conversation[];
  commands: SlashCommand[];
  /** The views open for `me`, the topmost last. */
  views: PageModal[];
  /** What the app last published on its Home tab for `me`. */
  home?: PageHomeTab;
}

/** A Home tab. Its elements are used as those of a view, by `id`. */
export interface PageHomeTab {
  id: string;
  hash: string;
  blocks: Block[];
}

/** Block Kit as the app sent it, already found valid by the server. */
export type Block = { type: string; block_id: string; [key: string]: unknown };

export interface PageMessage {
  conversation: string;
  ts: string;
  /** Slack user ID of the author; the app's bot user for its messages. */
  user: string;
  text: string;
  blocks: Block[];
  ephemeral: boolean;
  edited: boolean;
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

/** The values of a view's or message's inputs, as Slack sends them: block ID → action ID → element state. */
export type State = Record<string, Record<string, ElementState>>;
export type ElementState = { type: string; [key: string]: unknown };

export type PageEvent =
  | { type: 'message'; message: PageMessage }
  | { type: 'message_changed'; message: PageMessage }
  | { type: 'message_deleted'; conversation: string; ts: string }
  /** The whole stack of open views after a change, the topmost last; empty when the dialog closed. */
  | { type: 'views'; views: PageModal[] }
  /** The app published the Home tab. */
  | { type: 'home'; home: PageHomeTab }
  /** Something about the workspace changed, as the app's membership: read the state again. */
  | { type: 'workspace' };

export interface CommandRequest {
  as: string;
  conversation: string;
  /** The whole line, with the slash: `/wandb sa new`. */
  line: string;
}

export interface ActionRequest {
  as: string;
  /** Where the element stands. */
  container: { conversation: string; ts: string } | { view: string };
  block_id: string;
  action_id: string;
  /** What the element now holds: `{ type: 'button' }`, `{ type: 'radio_buttons', selected_option }`, … */
  element: ElementState;
  state: State;
}

export interface OptionsRequest {
  as: string;
  /** Where the select stands. */
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
  /** Instead of `options`, where the app answered in groups. */
  groups?: { label: string; options: FoundOption[] }[];
  /** What Slack would say in the menu when the app did not answer. */
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
  /** For a message shortcut: the message it was used on. */
  message?: { conversation: string; ts: string };
}

export interface OpenHomeRequest {
  as: string;
  tab: 'home' | 'messages';
}

export type Outcome =
  | { ok: true }
  /** `errors`: block ID → text, to be shown at the fields of the view. */
  | { ok: false; error: 'errors'; errors: Record<string, string> }
  /** `error` is Slack's code (`operation_timeout`, `dispatch_failed`, …), `message` what Slack shows to the person. */
  | { ok: false; error: string; message: string };
