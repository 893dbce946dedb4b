import type {
  ActionsBlockElement,
  ContextActionsBlockElement,
  InputBlockElement,
  KnownBlock,
  RichTextBlockElement,
  RichTextElement,
  SectionBlockAccessory,
} from '@slack/types';

/** How closely the sandbox follows Slack or W&B in one feature. `why` names the difference. */
export type Fidelity =
  | { level: 'supported' }
  | { level: 'partial'; why: string }
  | { level: 'not_started'; why: string };

export const supported: Fidelity = { level: 'supported' };
export const partial = (why: string): Fidelity => ({ level: 'partial', why });
export const notStarted = (why: string): Fidelity => ({ level: 'not_started', why });
const unused = notStarted('The app doesn’t use it. Refused, as Slack refuses unknown types.');

/** The Web API methods of the sandbox, and related ones that are `unknown_method`. */
export const methodFidelity: Record<string, Fidelity> = {
  'api.test': supported,
  'auth.test': supported,
  'apps.connections.open': supported,
  'bots.info': supported,
  'chat.postMessage': partial(
    'No attachments, unfurling, channel names or `reply_broadcast`. A reply to a reply is refused. Text isn’t reformatted.',
  ),
  'chat.postEphemeral': partial(
    'Always delivered, because no one is ever offline. No attachments or threads.',
  ),
  'chat.getPermalink': partial('The link opens the conversation in the sandbox, not at the message.'),
  'chat.update': partial('No attachments.'),
  'chat.delete': supported,
  'conversations.replies': notStarted('The app has no scope to read messages.'),
  'auth.revoke': notStarted('The developers’ panel uninstalls the app.'),
  'conversations.info': partial('Only the name, kind, membership and archived state.'),
  'conversations.open': partial('Only direct messages with one person.'),
  'users.info': partial('Profiles without pictures, status and custom fields. No locale.'),
  'users.lookupByEmail': supported,
  'views.open': partial(
    'With a trigger from a modal it replaces all views; in Slack that depends on the client.',
  ),
  'views.push': supported,
  'views.update': supported,
  'views.publish': partial(
    'A `hash` before the first publication is a conflict; Slack doesn’t document this.',
  ),
  'conversations.list': partial('Only the name, kind, membership and archived state.'),
  'conversations.members': supported,
  'users.list': partial('Profiles as in `users.info`. No Slackbot.'),
  'users.conversations': notStarted('`conversations.list` returns `is_member`.'),
  'conversations.join': notStarted('The seed and the developers’ panel set the members.'),
  'chat.scheduleMessage': notStarted('The app doesn’t schedule messages.'),
  'oauth.v2.access': notStarted('The app is already installed in the only workspace.'),
};

/** The requests from Slack to the app. */
export const requestFidelity: Record<string, Fidelity> = {
  slash_command: partial('Text is never escaped (`should_escape: false`).'),
  block_actions: partial('Messages have no metadata and attachments.'),
  view_submission: supported,
  view_closed: partial('A reload of the page closes the person’s modals in all browser tabs.'),
  block_suggestion: supported,
  shortcut: supported,
  message_action: partial('Messages have no metadata and attachments.'),
  app_home_opened: partial('Retries use Slack’s delays but don’t follow redirects or disable a failing app.'),
  app_uninstalled: partial('Without `tokens_revoked`. After another installation the tokens are the same.'),
  response_url: partial('No attachments or threads.'),
  socket_mode: partial(
    'Connections are only recycled on demand, and `link_disabled` doesn’t prevent a new connection. Requests without an acknowledgement fail when their connection closes; events are retried.',
  ),
  tokens_revoked: notStarted('The app learns from `app_uninstalled`.'),
  user_change: notStarted('The app reads profiles when it needs them.'),
  message: notStarted('The app doesn’t subscribe to messages.'),
  app_mention: notStarted('People can’t mention the app.'),
  url_verification: notStarted('The request URL is a setting of the sandbox and isn’t verified.'),
};

/** All blocks of `@slack/types`. The types make a new one a compile error. */
export const blockFidelity: Record<KnownBlock['type'], Fidelity> = {
  actions: supported,
  context: supported,
  divider: supported,
  header: supported,
  image: partial('Only with `image_url`, not with `slack_file`.'),
  input: supported,
  rich_text: partial('See the parts of rich text.'),
  section: supported,
  alert: unused,
  card: unused,
  carousel: unused,
  container: unused,
  context_actions: unused,
  data_table: unused,
  file: unused,
  markdown: unused,
  plan: unused,
  table: unused,
  task_card: unused,
  video: unused,
};

type ElementType = (
  | ActionsBlockElement
  | ContextActionsBlockElement
  | InputBlockElement
  | SectionBlockAccessory
)['type'];

const conversationsSelect = partial(
  '`filter` and `default_to_current_conversation` have no effect on the server.',
);

/** All block elements of `@slack/types`. */
export const elementFidelity: Record<ElementType, Fidelity> = {
  button: supported,
  checkboxes: supported,
  channels_select: partial('Accepts any conversation, not only public channels.'),
  conversations_select: conversationsSelect,
  datepicker: supported,
  datetimepicker: supported,
  email_text_input: supported,
  external_select: supported,
  image: partial('Only with `image_url`, not with `slack_file`.'),
  multi_conversations_select: conversationsSelect,
  multi_external_select: supported,
  multi_static_select: supported,
  multi_users_select: supported,
  number_input: supported,
  overflow: supported,
  plain_text_input: partial('The page and the test driver apply `dispatch_action_config`, not the server.'),
  radio_buttons: supported,
  static_select: supported,
  timepicker: partial('The state has no `timezone`.'),
  url_text_input: supported,
  users_select: supported,
  feedback_buttons: unused,
  file_input: unused,
  icon_button: unused,
  multi_channels_select: unused,
  rich_text_input: unused,
  workflow_button: unused,
};

/** All parts of a rich text block, and their elements. */
export const richTextFidelity: Record<(RichTextBlockElement | RichTextElement)['type'], Fidelity> = {
  rich_text_section: supported,
  rich_text_list: supported,
  rich_text_preformatted: supported,
  rich_text_quote: supported,
  text: supported,
  link: supported,
  user: supported,
  channel: supported,
  emoji: supported,
  broadcast: unused,
  color: unused,
  date: unused,
  team: unused,
  usergroup: unused,
};
