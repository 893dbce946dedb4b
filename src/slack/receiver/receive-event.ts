import { LRUCache } from 'lru-cache';
import { currentRequest } from '../../log/create-logger.ts';
import { type EventCallback, eventCallback } from '../listeners/event-payloads.ts';
import type { ListenerContext } from '../listeners/listener-context.ts';
import type { Listeners } from '../listeners/listeners.ts';

/** Far more than the events for which Slack still waits for a response at any time. */
const REMEMBERED_EVENTS = 2_000;

/** Returns whether an event arrives for the first time. */
export type EventFilter = (eventId: string) => boolean;

/**
 * Creates a filter for this process. Slack sends an event again, with a new signature, if it didn't get the response in time. A
 * retry that reaches another process does no harm, because every event listener allows it.
 */
export function createEventFilter(): EventFilter {
  const seen = new LRUCache<string, true>({ max: REMEMBERED_EVENTS });
  return (eventId) => {
    if (seen.has(eventId)) return false;
    seen.set(eventId, true);
    return true;
  };
}

/** Runs the listener of an event, which is already acknowledged. A failure is only logged, as nobody waits for a reply. */
export async function receiveEvent(
  context: ListenerContext,
  listeners: Pick<Listeners, 'events'>,
  body: unknown,
  isNew: EventFilter,
): Promise<void> {
  const { logger, directory, newId } = context.ports;
  const parsed = eventCallback.safeParse(body);
  // Over Socket Mode, no request gate has looked at it.
  if (!parsed.success) {
    logger.info('event ignored');
    return;
  }
  const { team_id: workspaceId, event_id: eventId, event } = parsed.data;
  if (workspaceId !== directory.workspace.workspaceId) {
    logger.warn({ event: event.type, workspaceId }, 'event of another workspace ignored');
    return;
  }
  if (!isNew(eventId)) return;
  try {
    await dispatch(context, listeners.events, event, currentRequest()?.requestId ?? newId('ks'));
  } catch (error) {
    logger.error({ err: error, event: event.type }, 'event failed');
  }
}

async function dispatch(
  context: ListenerContext,
  events: Listeners['events'],
  event: EventCallback['event'],
  requestId: string,
): Promise<void> {
  switch (event.type) {
    case 'app_home_opened':
      return events.app_home_opened?.(context, event, requestId);
    case 'app_uninstalled':
      return events.app_uninstalled?.(context, event, requestId);
  }
}
