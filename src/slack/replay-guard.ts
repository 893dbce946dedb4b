/** Remembers what was accepted, for as long as it could be accepted again. */
export interface ReplayGuard {
  /** False where this signature was accepted before. */
  accept(signature: string, nowMs: number): boolean;
}

/**
 * Holds each verified signature until its time stamp is too old to pass anyway. Only verified ones come in, so nobody
 * without the signing secret can fill it. It is this process's own: what reaches another replica twice is caught by the
 * submission's own once-ness.
 */
export function createReplayGuard({ keepMs }: { keepMs: number }): ReplayGuard {
  // A Map keeps the order of insertion: the oldest stand first.
  const seen = new Map<string, number>();
  return {
    accept(signature, nowMs) {
      for (const [old, atMs] of seen) {
        if (nowMs - atMs <= keepMs) break;
        seen.delete(old);
      }
      if (seen.has(signature)) return false;
      seen.set(signature, nowMs);
      return true;
    },
  };
}
