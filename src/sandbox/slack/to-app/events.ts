import { setTimeout as delay } from 'node:timers/promises';
import type { AppResponse } from '../protocol/app-response.ts';
import { randomCharacters } from '../protocol/slack-ids.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import type { AppRequests, EventPayload, EventRetry } from './app-requests.ts';
import { verificationToken } from './interaction-payloads.ts';

interface AppEvent {
  type: string;
  [field: string]: unknown;
}

/** @see https://docs.slack.dev/apis/events-api#event-payloads */
function eventPayload({ workspace: { team, app: ids }, now }: SlackState, event: AppEvent): EventPayload {
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

/** Sends an event if the app subscribes to it. Returns at once, because no one in Slack waits for the app's response. */
export type SendEvent = (event: AppEvent) => void;

/**
 * Sends an event again, up to three times, if the app doesn't return a 2xx in time and doesn't refuse retries.
 * @see https://docs.slack.dev/apis/events-api#retries
 */
export function createEventSender(
  state: SlackState,
  appRequests: AppRequests,
  retryAfterMs: readonly number[] = [0, 60_000, 300_000],
): SendEvent {
  const send = async (event: AppEvent): Promise<void> => {
    const payload = eventPayload(state, event);
    let reason = retryReason(await appRequests.send({ kind: 'event', payload }));
    for (const [index, waitMs] of retryAfterMs.entries()) {
      if (reason === undefined || !(await hasElapsed(waitMs, appRequests.stopped))) return;
      const retry: EventRetry = { attempt: index + 1, reason };
      reason = retryReason(await appRequests.send({ kind: 'event', payload, retry }));
    }
  };
  return (event) => {
    if (state.app.eventSubscriptions?.includes(event.type)) void send(event);
  };
}

/** Resolves after the time, with false if the server stopped in between. */
async function hasElapsed(ms: number, stopped: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal: stopped, ref: false }).catch(() => false);
}

function retryReason(response: AppResponse): string | undefined {
  switch (response.kind) {
    case 'timed_out':
      return 'http_timeout';
    case 'unreachable':
      return 'connection_failed';
    case 'responded':
      return (response.status >= 200 && response.status < 300) || response.noRetry ? undefined : 'http_error';
  }
}
