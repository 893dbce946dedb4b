import { exitCode } from './exit-code.ts';

/** What runs, and ends. */
export interface Running {
  stop(): Promise<void>;
}

interface EndingLogger {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface Ending {
  /** Names what is stopped before the process exits, from when it begins to start. */
  stops(starting: Promise<Running>, logger: EndingLogger): void;
}

/** A process manager waits for ten seconds before it kills. */
const EXIT_AT_LATEST_MS = 9_500;

/**
 * SIGTERM and SIGINT, also twice, end the process with 0, from the first moment on: before anything has started they end
 * it at once, and after that when what runs has drained.
 */
export function endOnSignal(): Ending {
  let starting: Promise<Running> | undefined;
  let logger: EndingLogger | undefined;
  let isEnding = false;
  const end = async (signal: string) => {
    if (isEnding) return;
    isEnding = true;
    logger?.info({ signal }, 'ending: no new work, what runs is finished');
    setTimeout(() => process.exit(exitCode.success), EXIT_AT_LATEST_MS).unref();
    await stop(starting).catch((error: unknown) => logger?.error({ err: error }, 'ending failed'));
    logger?.info({}, 'ended');
    process.exit(exitCode.success);
  };
  process.on('SIGTERM', (signal) => void end(signal));
  process.on('SIGINT', (signal) => void end(signal));
  return {
    stops(begun, log) {
      starting = begun;
      logger = log;
    },
  };
}

async function stop(starting: Promise<Running> | undefined): Promise<void> {
  // What still starts has taken no work yet: it is not waited for.
  const notYet = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
  const running = await Promise.race([starting?.catch(() => undefined), notYet]);
  await running?.stop();
}
