export interface WorkBounds {
  /** Requests that run at the same time. */
  running: number;
  /** Requests that wait for their turn. */
  waiting: number;
  /** Bytes of responses that their clients haven't read yet. While there are more, no further request starts. */
  unreadBytes: number;
}

type WorkRefusal = 'caller_busy' | 'server_busy';

/** A request's turn. It counts towards the limit until `end`. */
interface Turn {
  ok: true;
  hasWaited: boolean;
  /** Call it when the response is complete: the next request runs while the client still reads this one's bytes. */
  respond(bytes: number): void;
  /** Can be called more than once. */
  end(): void;
}

interface Refused {
  ok: false;
  reason: WorkRefusal;
  /** The first refusal since the caller, or everybody, last had no request in progress. */
  isFirst: boolean;
}

/** Bounds the work of each caller and of all callers together. */
export interface WorkLimit {
  /**
   * Waits for the caller's turn, or immediately returns why the request is refused. Callers take turns, so that nobody waits for
   * another caller's whole queue. When `gone` aborts, a waiting request leaves the queue and gets a turn that has ended.
   */
  enter(caller: string, gone: AbortSignal): Promise<Turn | Refused>;
}

/** The turn of a request that left the queue. */
const ENDED: Turn = { ok: true, hasWaited: true, respond: () => {}, end: () => {} };

interface Load {
  running: number;
  waiting: Set<() => void>;
  unreadBytes: number;
  hasRefused: boolean;
}

const newLoad = (): Load => ({ running: 0, waiting: new Set(), unreadBytes: 0, hasRefused: false });

export function createWorkLimit({
  perCaller,
  overall,
}: {
  perCaller: WorkBounds;
  overall: WorkBounds;
}): WorkLimit {
  /** Only callers with a load. Those at the front started a request longest ago. */
  const callers = new Map<string, Load>();
  const total = newLoad();

  const startWaiting = () => {
    for (const [caller, load] of callers) {
      if (!canRun(total, overall)) return;
      const [start] = load.waiting;
      if (start === undefined || !canRun(load, perCaller)) continue;
      load.waiting.delete(start);
      total.waiting.delete(start);
      // To the end, where this loop meets it again.
      callers.delete(caller);
      callers.set(caller, load);
      start();
    }
  };

  const begin = (caller: string, load: Load, hasWaited: boolean): Turn => {
    const both = [load, total];
    let unreadBytes: number | undefined;
    let hasEnded = false;
    for (const each of both) each.running += 1;
    const stopRunning = (bytes: number) => {
      unreadBytes = bytes;
      for (const each of both) {
        each.running -= 1;
        each.unreadBytes += bytes;
      }
    };
    return {
      ok: true,
      hasWaited,
      respond(bytes) {
        if (hasEnded || unreadBytes !== undefined) return;
        stopRunning(bytes);
        startWaiting();
      },
      end() {
        if (hasEnded) return;
        hasEnded = true;
        if (unreadBytes === undefined) stopRunning(0);
        for (const each of both) each.unreadBytes -= unreadBytes ?? 0;
        if (isIdle(load)) callers.delete(caller);
        if (isIdle(total)) total.hasRefused = false;
        startWaiting();
      },
    };
  };

  return {
    async enter(caller, gone) {
      const load = callers.get(caller) ?? newLoad();
      if (canRun(load, perCaller) && canRun(total, overall)) {
        callers.set(caller, load);
        return begin(caller, load, false);
      }
      if (load.waiting.size >= perCaller.waiting) return refuse(load, 'caller_busy');
      if (total.waiting.size >= overall.waiting) return refuse(total, 'server_busy');
      if (gone.aborted) return ENDED;
      callers.set(caller, load);
      return await new Promise((resolve) => {
        const start = () => {
          gone.removeEventListener('abort', leave);
          resolve(begin(caller, load, true));
        };
        const leave = () => {
          load.waiting.delete(start);
          total.waiting.delete(start);
          if (isIdle(load)) callers.delete(caller);
          resolve(ENDED);
        };
        load.waiting.add(start);
        total.waiting.add(start);
        gone.addEventListener('abort', leave, { once: true });
      });
    },
  };
}

function canRun(load: Load, bounds: WorkBounds): boolean {
  return load.running < bounds.running && load.unreadBytes < bounds.unreadBytes;
}

function refuse(load: Load, reason: WorkRefusal): Refused {
  const isFirst = !load.hasRefused;
  load.hasRefused = true;
  return { ok: false, reason, isFirst };
}

function isIdle({ running, waiting, unreadBytes }: Load): boolean {
  return running === 0 && waiting.size === 0 && unreadBytes === 0;
}
