import { randomCharacters } from '../protocol/slack-ids.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import { verificationToken } from './interaction-payloads.ts';

export interface AppEvent {
  type: string;
  [field: string]: unknown;
}

export interface EventPayload {
  type: 'event_callback';
  event: AppEvent;
  event_id: string;
  [field: string]: unknown;
}

/** @see https://docs.slack.dev/apis/events-api#event-payloads */
export function eventPayload(
  { workspace: { team, app: ids }, now }: SlackState,
  event: AppEvent,
): EventPayload {
  const authorization = {
    enterprise_id: team.enterprise?.id ?? null,
    team_id: team.id,
    user_id: ids.botUserId,
    is_bot: true,
    is_enterprise_install: false,
  };
  return {
    token: verificationToken,
    team_id: team.id,
    ...(team.enterprise && { enterprise_id: team.enterprise.id }),
    api_app_id: ids.id,
    event,
    type: 'event_callback',
    event_id: `Ev0${randomCharacters(9)}`,
    event_time: Math.trunc(now() / 1000),
    authorizations: [authorization],
    is_ext_shared_channel: false,
  };
}
