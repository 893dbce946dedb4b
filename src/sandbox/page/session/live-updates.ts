import type { PageEvent } from '../../slack/protocol/page-protocol.ts';

const RETRY_AFTER_MS = 1_000;

export interface LiveUpdates {
  /** Queues events while `work` runs and applies them afterwards, so a snapshot never overwrites newer state. */
  hold<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Reconnects immediately instead of at the next retry. */
  reconnect(): void;
  stop(): void;
}

/** Follows the server-sent events of one person and reconnects when the connection breaks. */
export function followUpdates(url: string, on: EventListeners<PageEvent>): LiveUpdates {
  const { take, hold } = createGate(on.event);
  return { hold, ...followEvents<PageEvent>(url, { ...on, event: take }) };
}

interface EventListeners<Event> {
  event: (event: Event) => void;
  connected: () => void;
  lost: () => void;
}

/** Follows server-sent events with JSON data and reconnects when the connection breaks. */
export function followEvents<Event>(
  url: string,
  on: EventListeners<Event>,
): Pick<LiveUpdates, 'reconnect' | 'stop'> {
  let source: EventSource;
  let retry: number | undefined;
  const connect = (): void => {
    source = new EventSource(url);
    source.addEventListener('open', on.connected);
    source.addEventListener('message', ({ data }) => on.event(JSON.parse(data)));
    source.addEventListener('error', () => {
      on.lost();
      // After an HTTP error the browser gives up; after a broken connection it retries on its own.
      if (source.readyState === EventSource.CLOSED) retry = window.setTimeout(connect, RETRY_AFTER_MS);
    });
  };
  const stop = (): void => {
    source.close();
    window.clearTimeout(retry);
  };
  connect();
  return {
    reconnect: () => {
      stop();
      connect();
    },
    stop,
  };
}

/** Passes events on, or queues them while it is held. */
function createGate(pass: (event: PageEvent) => void) {
  let holds = 0;
  let waiting: PageEvent[] = [];
  return {
    take: (event: PageEvent): void => {
      if (holds > 0) waiting.push(event);
      else pass(event);
    },
    hold: async <Result>(work: () => Promise<Result>): Promise<Result> => {
      holds += 1;
      try {
        return await work();
      } finally {
        holds -= 1;
        if (holds === 0) {
          const due = waiting;
          waiting = [];
          for (const event of due) pass(event);
        }
      }
    },
  };
}
