import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import { readHome } from '../../../application/home/read-home.ts';
import type { Ports } from '../../../application/ports/account-ports.ts';
import { currentRequest } from '../../../log/create-logger.ts';
import { failureText } from '../../messages/failures/refusal-text.ts';
import { homeFailureView, homeRefusalView, homeView } from '../../messages/home/home-view.ts';

/** Publishes the Home tabs of people, one publication of a person's tab at a time: a later one has what happened before it. */
export interface HomePublisher {
  /** Publishes the tab of a person who has opened it. Never throws. */
  open(slackUserId: string): Promise<void>;
  /** Publishes the tab again, if this process has published it before. Never throws. */
  refresh(slackUserId: string): Promise<void>;
}

/** More people than look at the tab at a time. A tab that is forgotten is published again when it is opened. */
const MAX_OPENED = 2_000;

/** @param publish may throw */
export function createHomePublisher(
  publish: (slackUserId: string) => Promise<void>,
  onError: (error: unknown) => void,
): HomePublisher {
  const opened = new LRUCache<string, true>({ maxSize: MAX_OPENED, sizeCalculation: () => 1 });
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();
  const start = (slackUserId: string) => {
    const run = publish(slackUserId)
      .catch(onError)
      .finally(() => {
        if (running.get(slackUserId) === run) running.delete(slackUserId);
      });
    running.set(slackUserId, run);
    return run;
  };
  const inTurn = (slackUserId: string): Promise<void> => {
    const current = running.get(slackUserId);
    if (current === undefined) return start(slackUserId);
    // Everyone who asks during a publication shares the next one.
    const next =
      waiting.get(slackUserId) ??
      current.then(() => {
        waiting.delete(slackUserId);
        return start(slackUserId);
      });
    waiting.set(slackUserId, next);
    return next;
  };
  return {
    open(slackUserId) {
      opened.set(slackUserId, true);
      return inTurn(slackUserId);
    },
    refresh: async (slackUserId) => {
      if (opened.get(slackUserId)) await inTurn(slackUserId);
    },
  };
}

/** Publishes the Home tab of a person, or why it can't be shown. */
export async function publishHome(
  { ports, web }: { ports: Ports; web: WebClient },
  slackUserId: string,
): Promise<void> {
  const requestId = currentRequest()?.requestId ?? ports.newId('ks');
  try {
    const read = await readHome(ports, slackUserId);
    const view = read.ok ? homeView(read.home, ports.now()) : homeRefusalView(read.refusal);
    await web.views.publish({ user_id: slackUserId, view });
  } catch (error) {
    await web.views.publish({ user_id: slackUserId, view: homeFailureView(failureText(error), requestId) });
    throw error;
  }
}
