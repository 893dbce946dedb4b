import type { WebClient } from '@slack/web-api';
import { readHome } from '../../../application/home/read-home.ts';
import type { Ports } from '../../../application/ports/account-ports.ts';
import { currentRequest } from '../../../log/create-logger.ts';
import { readFailureText } from '../../messages/failures/refusal-text.ts';
import { homeFailureView, homeRefusalView, homeView } from '../../messages/home/home-view.ts';

/** Publishes the Home tabs of people, one publication of a person's tab at a time: a later one has what happened before it. */
export interface HomePublisher {
  /** Publishes the tab of a person who opens it. Never throws. */
  open(slackUserId: string): Promise<void>;
  /** Publishes the tab again, if the person has ever opened it. Never throws. */
  refresh(slackUserId: string): Promise<void>;
}

interface HomePublication {
  /** May throw. */
  publish(slackUserId: string): Promise<void>;
  /** Whether the person has ever opened the tab, in any process. May throw. */
  hasOpened(slackUserId: string): Promise<boolean>;
  onError(error: unknown): void;
}

export function createHomePublisher({ publish, hasOpened, onError }: HomePublication): HomePublisher {
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
    open: inTurn,
    refresh: async (slackUserId) => {
      try {
        if (await hasOpened(slackUserId)) await inTurn(slackUserId);
      } catch (error) {
        onError(error);
      }
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
    if (!read.ok) return;
  } catch (error) {
    await web.views.publish({
      user_id: slackUserId,
      view: homeFailureView(readFailureText(error), requestId),
    });
    throw error;
  }
  const { store } = ports;
  if (!(await store.hasOpenedHome(slackUserId))) await store.recordHomeOpened(slackUserId);
}
