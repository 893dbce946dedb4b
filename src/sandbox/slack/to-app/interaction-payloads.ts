import type { StoredMessage } from '../workspace/conversation-log.ts';
import { inputElements, valueKey } from '../workspace/form-elements.ts';
import type { SlackState, Surface } from '../workspace/slack-state.ts';
import { type OpenView, viewPayload } from '../workspace/views.ts';
import type { ConversationRecord } from '../workspace/workspace.ts';
import type { PersonSeed } from '../workspace/workspace-seed.ts';

export type InteractionPayload = { type: string; [key: string]: unknown };

/** Slack still sends this token, but apps verify signatures instead. */
export const verificationToken = 'sandbox-verification-token';

/**
 * Returns the fields that all interaction payloads have.
 * @see https://docs.slack.dev/reference/interaction-payloads
 */
export function interactionFields(
  { workspace: { team, app: ids } }: SlackState,
  { id, name, teamId }: PersonSeed,
) {
  return {
    team: { id: team.id, domain: team.domain },
    user: { id, username: name, name, team_id: teamId ?? team.id },
    api_app_id: ids.id,
    token: verificationToken,
    enterprise: team.enterprise ?? null,
    is_enterprise_install: false,
  };
}

/** Returns the name that Slack uses in payloads, where only public channels have their own. */
export function channelName({ kind, name, id }: ConversationRecord): string {
  if (kind === 'public') return name ?? id;
  return kind === 'private' ? 'privategroup' : 'directmessage';
}

/** @see https://docs.slack.dev/interactivity/implementing-slash-commands */
export function commandFields(
  state: SlackState,
  person: PersonSeed,
  conversation: ConversationRecord,
  typed: { command: string; text: string },
): Record<string, string> {
  const { team, app: ids } = state.workspace;
  return {
    token: verificationToken,
    team_id: team.id,
    team_domain: team.domain,
    ...(team.enterprise && { enterprise_id: team.enterprise.id, enterprise_name: team.enterprise.name }),
    channel_id: conversation.id,
    channel_name: channelName(conversation),
    user_id: person.id,
    user_name: person.name,
    command: typed.command,
    text: typed.text,
    api_app_id: ids.id,
    is_enterprise_install: 'false',
    response_url: state.responseUrls.issue('commands', {
      conversation: conversation.id,
      personId: person.id,
    }),
    trigger_id: state.triggers.issue({ personId: person.id }),
  };
}

/** @see https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export function blockActionsPayload(
  state: SlackState,
  person: PersonSeed,
  surface: Surface,
  action: object,
): InteractionPayload {
  const shared = { type: 'block_actions', ...interactionFields(state, person) };
  if (surface.kind === 'view') {
    return {
      ...shared,
      ...surfaceFields(state, surface),
      trigger_id: state.triggers.issue({ personId: person.id, viewId: surface.view.id }),
      actions: [action],
    };
  }
  const { message, conversation, formInput } = surface;
  return {
    ...shared,
    ...surfaceFields(state, surface),
    trigger_id: state.triggers.issue({ personId: person.id }),
    state: structuredClone({ values: formInput.state }),
    response_url: state.responseUrls.issue('actions', {
      conversation: conversation.id,
      personId: person.id,
      original: message,
    }),
    actions: [action],
  };
}

/** Returns the fields for the message or view of an element. Slack doesn't include the body of ephemeral messages. */
function surfaceFields(state: SlackState, surface: Surface): Record<string, unknown> {
  if (surface.kind === 'view') {
    const { view } = surface;
    return { container: { type: 'view', view_id: view.id }, view: viewPayload(state.workspace, view) };
  }
  const { message, conversation } = surface;
  const isEphemeral = message.ephemeralFor !== undefined;
  return {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: conversation.id,
      is_ephemeral: isEphemeral,
      ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
    },
    channel: { id: conversation.id, name: channelName(conversation) },
    ...(!isEphemeral && { message: wireMessage(state, message) }),
  };
}

export function viewSubmissionPayload(
  state: SlackState,
  person: PersonSeed,
  open: OpenView,
): InteractionPayload {
  return {
    type: 'view_submission',
    ...interactionFields(state, person),
    trigger_id: state.triggers.issue({ personId: person.id, viewId: open.id }),
    view: viewPayload(state.workspace, open),
    response_urls: responseUrls(state, person, open),
  };
}

/** Issues a response URL for each conversation chosen in an input with `response_url_enabled`. */
function responseUrls(state: SlackState, person: PersonSeed, open: OpenView): object[] {
  return inputElements(open.view.blocks).flatMap(({ block, blockId, actionId, element }) => {
    const chosen = open.state[blockId]?.[actionId]?.[valueKey(element.type) ?? ''];
    const isEnabled = block.type === 'input' && element.response_url_enabled === true;
    if (!isEnabled || typeof chosen !== 'string') return [];
    const response_url = state.responseUrls.issue('app', { conversation: chosen, personId: person.id });
    return [{ block_id: blockId, action_id: actionId, channel_id: chosen, response_url }];
  });
}

export function viewClosedPayload(
  state: SlackState,
  person: PersonSeed,
  open: OpenView,
  isCleared: boolean,
): InteractionPayload {
  return {
    type: 'view_closed',
    ...interactionFields(state, person),
    view: viewPayload(state.workspace, open),
    is_cleared: isCleared,
  };
}

/** @see https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload */
export function suggestionPayload(
  state: SlackState,
  person: PersonSeed,
  surface: Surface,
  request: { block_id: string; action_id: string; query: string },
): InteractionPayload {
  return {
    type: 'block_suggestion',
    ...interactionFields(state, person),
    ...surfaceFields(state, surface),
    action_id: request.action_id,
    block_id: request.block_id,
    value: request.query,
  };
}

/** Returns a message as Slack sends it to the app. Only the app's own messages have a `bot_id`. */
export function wireMessage(
  { workspace: { team, app: ids }, log }: Pick<SlackState, 'workspace' | 'log'>,
  message: StoredMessage,
) {
  const { user, ts, text, blocks } = message;
  return structuredClone({
    type: 'message',
    user,
    ts,
    text,
    blocks,
    ...(user === ids.botUserId && { bot_id: ids.botId, app_id: ids.id }),
    team: team.id,
    ...threadFields(message, log.repliesTo(message)),
  });
}

function threadFields({ ts, threadTs }: StoredMessage, replies: StoredMessage[]): Record<string, unknown> {
  if (threadTs !== undefined) return { thread_ts: threadTs };
  const latest = replies.at(-1);
  if (!latest) return {};
  const users = [...new Set(replies.map(({ user }) => user))];
  return {
    thread_ts: ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    latest_reply: latest.ts,
    reply_users: users,
    is_locked: false,
  };
}
