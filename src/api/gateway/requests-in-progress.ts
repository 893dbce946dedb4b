import type { Socket } from 'node:net';
import type { Clock } from '../../application/ports/clock.ts';
import { Secret } from '../../domain/keys/secret.ts';

/** A request that is being forwarded. */
interface RequestInProgress {
  /** Read again when it is checked, which most requests don't last long enough for. */
  credential(): Secret | undefined;
  /** The client's connection. */
  socket: Pick<Socket, 'bytesRead' | 'bytesWritten'>;
  /** Aborts when the request is over. */
  over: AbortSignal;
  /** Whether nothing can be expected from the client at the moment. */
  isWaiting(): boolean;
  /** Ends the request: its credential isn't valid anymore, or nothing was sent or received for too long. */
  end(reason: 'credential' | 'idle'): Promise<void> | void;
}

export interface RequestsInProgressOptions extends Pick<Clock, 'monotonicMs'> {
  /** Checks a credential without noting a use. Rejects if the database can't be read. */
  isValid: (credential: Secret) => Promise<boolean>;
  onError: (error: unknown) => void;
  /** How often each credential is checked. */
  checkEveryMs?: number | undefined;
  idleTimeoutMs: number;
}

/** Ends long requests when their credential was revoked, and when the client neither sends nor reads. */
export interface RequestsInProgress {
  watch(request: RequestInProgress): void;
  stop(): void;
}

/** A revocation ends an upload within five seconds. */
const CHECK_EVERY_MS = 2_000;

interface Watched extends RequestInProgress {
  bytes: number;
  /** On the monotonic clock. */
  activeAtMs: number;
}

export function createRequestsInProgress(options: RequestsInProgressOptions): RequestsInProgress {
  const { isValid, onError, monotonicMs, checkEveryMs = CHECK_EVERY_MS, idleTimeoutMs } = options;
  const requests = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  let isChecking = false;

  const end = async (request: Watched, reason: 'credential' | 'idle') => {
    requests.delete(request);
    await request.end(reason);
  };
  const endIdle = async () => {
    const nowMs = monotonicMs();
    for (const request of requests) {
      const bytes = request.socket.bytesRead + request.socket.bytesWritten;
      if (bytes !== request.bytes || request.isWaiting())
        Object.assign(request, { bytes, activeAtMs: nowMs });
      else if (nowMs - request.activeAtMs >= idleTimeoutMs) await end(request, 'idle');
    }
  };
  const endInvalid = async () => {
    // Many requests share a credential.
    const byCredential = Map.groupBy(requests, (request) => request.credential()?.reveal());
    for (const [credential, sharing] of byCredential) {
      if (credential !== undefined && (await isValid(new Secret(credential)))) continue;
      for (const request of sharing) if (requests.has(request)) await end(request, 'credential');
    }
  };
  const check = async () => {
    if (isChecking) return;
    isChecking = true;
    try {
      await endIdle();
      await endInvalid();
    } catch (error) {
      // The next check comes soon.
      onError(error);
    } finally {
      isChecking = false;
    }
  };
  const stopIfEmpty = () => {
    if (requests.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    watch(request) {
      if (request.over.aborted) return;
      const bytes = request.socket.bytesRead + request.socket.bytesWritten;
      const watched = { ...request, bytes, activeAtMs: monotonicMs() };
      requests.add(watched);
      timer ??= setInterval(() => void check(), checkEveryMs).unref();
      request.over.addEventListener('abort', () => {
        requests.delete(watched);
        stopIfEmpty();
      });
    },
    stop: () => clearInterval(timer),
  };
}
