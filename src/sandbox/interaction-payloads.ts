import type { StoredMessage } from './conversation-log.ts';
import type { OpenView } from './open-views.ts';
import type { State } from './page-protocol.ts';
import type { SlackState } from './slack-state.ts';
import type { ConversationRecord } from './workspace.ts';
import type { PersonSeed } from './workspace-seed.ts';

export type InteractionPayload = { type: string; [key: string]: unknown };

/** A verification token, long deprecated: only signatures count. */
const verificationToken = 'sandbox-verification-token';

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
function channelName({ kind, name, id }: ConversationRecord): string {
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

export function messageActionPayload(
  state: SlackState,
  person: PersonSeed,
  used: {
    message: StoredMessage;
    conversation: ConversationRecord;
    values: State;
    action: object;
  },
): InteractionPayload {
  const { message, conversation } = used;
  const isEphemeral = message.ephemeralFor !== undefined;
  return {
    type: 'block_actions',
    ...interactionFields(state, person),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: conversation.id,
      is_ephemeral: isEphemeral,
    },
    trigger_id: state.triggers.issue({ personId: person.id }),
    channel: { id: conversation.id, name: channelName(conversation) },
    ...(!isEphemeral && { message: wireMessage(state, message) }),
    state: { values: used.values },
    response_url: state.responseUrls.issue('actions', {
      conversation: conversation.id,
      personId: person.id,
      original: message,
    }),
    actions: [used.action],
  };
}

export function viewActionPayload(
  state: SlackState,
  person: PersonSeed,
  open: OpenView,
  action: object,
): InteractionPayload {
  return {
    type: 'block_actions',
    ...interactionFields(state, person),
    container: { type: 'view', view_id: open.id },
    trigger_id: state.triggers.issue({ personId: person.id, viewId: open.id }),
    view: state.views.payload(open),
    actions: [action],
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
    view: state.views.payload(open),
    response_urls: [],
  };
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
    view: state.views.payload(open),
    is_cleared: isCleared,
  };
}

export function suggestionPayload(
  state: SlackState,
  person: PersonSeed,
  asked: {
    container: object;
    surface: object;
    block_id: string;
    action_id: string;
    query: string;
  },
): InteractionPayload {
  return {
    type: 'block_suggestion',
    ...interactionFields(state, person),
    container: asked.container,
    ...asked.surface,
    action_id: asked.action_id,
    block_id: asked.block_id,
    value: asked.query,
  };
}

function wireMessage({ workspace: { team, app: ids } }: SlackState, message: StoredMessage) {
  const { user, ts, text, blocks } = message;
  return structuredClone({
    type: 'message',
    user,
    ts,
    text,
    blocks,
    bot_id: ids.botId,
    app_id: ids.id,
    team: team.id,
  });
}
