import { exitCode } from './exit-code.ts';

export interface Stoppable {
  stop(): Promise<void>;
}

interface ShutdownLogger {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface Shutdown {
  /** Sets what to stop before the process exits. A later call replaces an earlier one. */
  register(starting: Promise<Stoppable>, logger: ShutdownLogger): void;
  /** Stops everything that was registered, as after a signal, and exits with this code. */
  exit(code: number): void;
}

/** Process managers usually kill after ten seconds. */
const EXIT_AT_LATEST_MS = 9_500;

/**
 * Exits with 0 on SIGTERM or SIGINT. Before anything has started, the process exits at once; afterwards, it first
 * drains what is running. Further signals change nothing.
 */
export function shutDownOnSignal(): Shutdown {
  let starting: Promise<Stoppable> | undefined;
  let logger: ShutdownLogger | undefined;
  let isShuttingDown = false;
  const shutDown = async (code: number, cause: { signal?: string }) => {
    if (isShuttingDown) return;
    isShuttingDown = true;
    logger?.info(cause, 'shutdown started');
    setTimeout(() => process.exit(code), EXIT_AT_LATEST_MS).unref();
    await stopIfStarted(starting).catch((error: unknown) => logger?.error({ err: error }, 'shutdown failed'));
    logger?.info({}, 'shutdown complete');
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void shutDown(exitCode.success, { signal }));
  }
  return {
    register(newStarting, newLogger) {
      starting = newStarting;
      logger = newLogger;
    },
    exit: (code) => void shutDown(code, {}),
  };
}

/** Doesn't wait for a start in progress: it hasn't accepted any work yet. */
async function stopIfStarted(starting: Promise<Stoppable> | undefined): Promise<void> {
  const notStarted = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
  const started = await Promise.race([starting?.catch(() => undefined), notStarted]);
  await started?.stop();
}
