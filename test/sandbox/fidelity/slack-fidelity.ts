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
  'views.publish': partial(
    'Slack does not say whether a `hash` counts before anything was published: here it is a conflict.',
  ),
  'conversations.list': partial('Conversations carry their name, kind, membership and archived only.'),
  'conversations.members': supported,
  'users.list': partial('Profiles as in users.info; no Slackbot.'),
  'users.conversations': notStarted('conversations.list says with `is_member` where the app is.'),
  'conversations.join': notStarted('Who is where is up to the seed and the developers’ panel.'),
  'chat.scheduleMessage': notStarted('The app schedules nothing.'),
  'oauth.v2.access': notStarted('The sandbox has one workspace, where the app is already installed.'),
};

/** Everything that reaches an app without its calling. */
export const requestFidelity: Record<string, Fidelity> = {
  slash_command: partial('Not in threads; text is never escaped (`should_escape: false`).'),
  block_actions: partial('Messages are sent without their metadata and attachments.'),
  view_submission: supported,
  view_closed: partial('A reload of the page closes the dialog in every tab of that person at once.'),
  block_suggestion: supported,
  shortcut: supported,
  message_action: partial('Messages are sent without their metadata, attachments and threads.'),
  app_home_opened: partial(
    'Retries keep Slack’s delays, but do not follow redirects nor switch a failing app off.',
  ),
  response_url: partial('No attachments or threads.'),
  socket_mode: partial(
    'Connections are recycled only on demand; `link_disabled` does not keep an app from connecting anew. What was not acknowledged when its connection closed fails at once; events are sent again.',
  ),
  message: notStarted('The app subscribes to no messages.'),
  app_mention: notStarted('The app is not mentioned.'),
  url_verification: notStarted('The sandbox is told the request URL and does not ask it to prove itself.'),
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

const conversationsSelect = partial(
  '`filter` and `default_to_current_conversation` are accepted and have no effect on the server.',
);

/** Every block element of `@slack/types`. */
export const elementFidelity: Record<ElementType, Fidelity> = {
  button: supported,
  checkboxes: supported,
  channels_select: partial('Takes any conversation, also one that is no public channel.'),
  conversations_select: conversationsSelect,
  datepicker: supported,
  datetimepicker: supported,
  email_text_input: supported,
  external_select: supported,
  image: partial('By `image_url` only, not by `slack_file`.'),
  multi_conversations_select: conversationsSelect,
  multi_external_select: supported,
  multi_static_select: supported,
  multi_users_select: supported,
  number_input: supported,
  overflow: supported,
  plain_text_input: partial(
    'When `dispatch_action_config` lets the app be told is up to the page and the test driver.',
  ),
  radio_buttons: supported,
  static_select: supported,
  timepicker: partial('Times carry no `timezone` in the state.'),
  url_text_input: supported,
  users_select: supported,
  feedback_buttons: unused,
  file_input: unused,
  icon_button: unused,
  multi_channels_select: unused,
  rich_text_input: unused,
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
