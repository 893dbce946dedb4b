import type {
  ActionsBlockElement,
  ContextActionsBlockElement,
  InputBlockElement,
  KnownBlock,
  RichTextBlockElement,
  RichTextElement,
  SectionBlockAccessory,
} from '@slack/types';

/** How true the sandbox is to Slack in one thing, and where it is not, why. */
export type Fidelity =
  | { level: 'supported' }
  | { level: 'partial'; why: string }
  | { level: 'not_started'; why: string };

const supported: Fidelity = { level: 'supported' };
const partial = (why: string): Fidelity => ({ level: 'partial', why });
const notStarted = (why: string): Fidelity => ({ level: 'not_started', why });
const unused = notStarted('The app does not use it: refused, as Slack refuses a type that it does not know.');

/** Web API methods that answer, and the near ones that are `unknown_method` here. */
export const methodFidelity: Record<string, Fidelity> = {
  'api.test': supported,
  'auth.test': supported,
  'apps.connections.open': supported,
  'bots.info': supported,
  'chat.postMessage': partial(
    'No attachments, threads, unfurling or channel names; text is not reformatted.',
  ),
  'chat.postEphemeral': partial('Always delivered: nobody is ever away. No attachments or threads.'),
  'chat.update': partial('No attachments.'),
  'chat.delete': supported,
  'conversations.info': partial('Name, kind, membership and archived only.'),
  'conversations.open': partial('Direct messages with one person only.'),
  'users.info': partial('Profile without pictures, status and custom fields; no locale.'),
  'users.lookupByEmail': supported,
  'views.open': partial(
    'From within a dialog it replaces the whole dialog; in Slack that depends on the client.',
  ),
  'views.push': supported,
  'views.update': supported,
  'views.publish': notStarted('The app has no Home tab.'),
  'conversations.list': notStarted('The app never looks for conversations.'),
  'conversations.members': notStarted('The app never asks who is in a conversation.'),
  'users.list': notStarted('The app looks people up one by one.'),
  'chat.scheduleMessage': notStarted('The app schedules nothing.'),
  'oauth.v2.access': notStarted('The sandbox has one workspace, where the app is already installed.'),
};

/** Everything that reaches an app without its calling. */
export const requestFidelity: Record<string, Fidelity> = {
  slash_command: partial('Not in threads; text is never escaped (`should_escape: false`).'),
  block_actions: partial('Messages are sent without their metadata and attachments.'),
  view_submission: partial('`response_urls` is always empty: `response_url_enabled` has no effect.'),
  view_closed: supported,
  block_suggestion: partial('From views only, not from messages; groups are shown as one list.'),
  response_url: partial('No attachments or threads.'),
  socket_mode: partial('No Events API envelopes; connections are never recycled unless a test says so.'),
  events_api: notStarted('The app subscribes to no events.'),
  shortcut: notStarted('The app has no shortcuts.'),
  message_action: notStarted('The app has no message shortcuts.'),
};

/** Every block of `@slack/types`: a new one there is a compile error here. */
export const blockFidelity: Record<KnownBlock['type'], Fidelity> = {
  actions: supported,
  context: supported,
  divider: supported,
  header: supported,
  image: partial('By `image_url` only, not by `slack_file`.'),
  input: supported,
  rich_text: partial('See the rich text elements.'),
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

/** Every block element of `@slack/types`. */
export const elementFidelity: Record<ElementType, Fidelity> = {
  button: supported,
  checkboxes: supported,
  conversations_select: partial(
    '`filter` and `default_to_current_conversation` are accepted and have no effect.',
  ),
  datepicker: supported,
  email_text_input: supported,
  external_select: partial('Offers options in views only.'),
  image: partial('By `image_url` only, not by `slack_file`.'),
  number_input: supported,
  overflow: supported,
  plain_text_input: partial('`dispatch_action_config` is accepted; when to tell the app is up to the page.'),
  radio_buttons: supported,
  static_select: supported,
  url_text_input: supported,
  users_select: supported,
  channels_select: unused,
  datetimepicker: unused,
  feedback_buttons: unused,
  file_input: unused,
  icon_button: unused,
  multi_channels_select: unused,
  multi_conversations_select: unused,
  multi_external_select: unused,
  multi_static_select: unused,
  multi_users_select: unused,
  rich_text_input: unused,
  timepicker: unused,
  workflow_button: unused,
};

/** Every part of a rich text block, and every element of those. */
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
