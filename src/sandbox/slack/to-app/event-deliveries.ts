import { setTimeout as delay } from 'node:timers/promises';
import type { AppAnswer } from '../protocol/app-answer.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import type { AppRequests, EventRetry } from './app-requests.ts';
import { type AppEvent, eventPayload } from './event-payloads.ts';

/** Tells the app of something, if it subscribes to it. Returns at once: nobody in Slack waits for an app's events. */
export type SendEvent = (event: AppEvent) => void;

/**
 * Events that the app does not answer with a 2xx in time are sent again, three times, unless it asks not to.
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
      if (reason === undefined || !(await passed(waitMs, appRequests.stopped))) return;
      const retry: EventRetry = { attempt: index + 1, reason };
      reason = retryReason(await appRequests.send({ kind: 'event', payload, retry }));
    }
  };
  return (event) => {
    if (state.app.eventSubscriptions?.includes(event.type)) void send(event);
  };
}

/** False when the server stopped meanwhile. */
async function passed(ms: number, stopped: AbortSignal): Promise<boolean> {
  return delay(ms, true, { signal: stopped, ref: false }).catch(() => false);
}

function retryReason(answer: AppAnswer): string | undefined {
  switch (answer.kind) {
    case 'timed_out':
      return 'http_timeout';
    case 'unreachable':
      return 'connection_failed';
    case 'answered':
      return (answer.status >= 200 && answer.status < 300) || answer.noRetry ? undefined : 'http_error';
  }
}
