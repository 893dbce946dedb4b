import type { StoredMessage } from '../workspace/conversation-log.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import type { Surface } from '../workspace/surface.ts';
import { statefulElements, valueKey } from '../workspace/view-state.ts';
import { type OpenView, viewPayload } from '../workspace/views.ts';
import type { ConversationRecord } from '../workspace/workspace.ts';
import type { PersonSeed } from '../workspace/workspace-seed.ts';

export type InteractionPayload = { type: string; [key: string]: unknown };

/** A verification token, long deprecated: only signatures count. */
export const verificationToken = 'sandbox-verification-token';

/**
 * What every interaction's payload carries.
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

/** How Slack names a conversation in a payload: private ones are not named. */
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
  const { message, conversation, formInput: entered } = surface;
  return {
    ...shared,
    ...surfaceFields(state, surface),
    trigger_id: state.triggers.issue({ personId: person.id }),
    state: structuredClone({ values: entered.state }),
    response_url: state.responseUrls.issue('actions', {
      conversation: conversation.id,
      personId: person.id,
      original: message,
    }),
    actions: [action],
  };
}

/** Where an element stands. Ephemeral messages are not sent along. */
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

/** For every conversation that was chosen in a menu of an input block with `response_url_enabled`. */
function responseUrls(state: SlackState, person: PersonSeed, open: OpenView): object[] {
  return statefulElements(open.view.blocks).flatMap(({ block, blockId, actionId, element }) => {
    const chosen = open.state[blockId]?.[actionId]?.[valueKey(element.type) ?? ''];
    const isAsked = block.type === 'input' && element.response_url_enabled === true;
    if (!isAsked || typeof chosen !== 'string') return [];
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
  asked: { block_id: string; action_id: string; query: string },
): InteractionPayload {
  return {
    type: 'block_suggestion',
    ...interactionFields(state, person),
    ...surfaceFields(state, surface),
    action_id: asked.action_id,
    block_id: asked.block_id,
    value: asked.query,
  };
}

/** The app's own messages name it as the bot; those of people do not. */
export function wireMessage({ workspace: { team, app: ids } }: SlackState, message: StoredMessage) {
  const { user, ts, text, blocks } = message;
  return structuredClone({
    type: 'message',
    user,
    ts,
    text,
    blocks,
    ...(user === ids.botUserId && { bot_id: ids.botId, app_id: ids.id }),
    team: team.id,
  });
}
