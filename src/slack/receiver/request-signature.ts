import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../application/ports/clock.ts';

/** Remembers accepted signatures for as long as they could be accepted again. */
export interface ReplayGuard {
  /** Returns false if this signature was accepted before, or may have been because its timestamp isn't newer than a forgotten one. */
  accept(signature: string, timestampSeconds: number): boolean;
}

/** Sustained for all of `keepMs`, this is far more than one workspace sends; beyond it the oldest signatures are forgotten. */
const MAX_SIGNATURES = 50_000;

/**
 * Creates a guard for this process. It gets verified signatures only, so a caller without the signing secret can't fill it. A
 * request that reaches another replica again is caught because each submission has one effect.
 *
 * After the clock was set back, the timestamp of a forgotten signature would be accepted again: the newest forgotten timestamp
 * rules those out without a clock.
 */
export function createReplayGuard({
  keepMs,
  monotonicMs,
}: {
  keepMs: number;
  monotonicMs: Clock['monotonicMs'];
}): ReplayGuard {
  /** Oldest first. */
  const accepted = new Map<string, { timestampSeconds: number; atMs: number }>();
  let forgottenUntilSeconds = Number.NEGATIVE_INFINITY;
  const forgetOld = (nowMs: number) => {
    for (const [signature, { timestampSeconds, atMs }] of accepted) {
      if (nowMs - atMs <= keepMs && accepted.size < MAX_SIGNATURES) return;
      accepted.delete(signature);
      forgottenUntilSeconds = Math.max(forgottenUntilSeconds, timestampSeconds);
    }
  };
  return {
    accept(signature, timestampSeconds) {
      const atMs = monotonicMs();
      forgetOld(atMs);
      if (accepted.has(signature) || !(timestampSeconds > forgottenUntilSeconds)) return false;
      accepted.set(signature, { timestampSeconds, atMs });
      return true;
    },
  };
}

/** Slack recommends five minutes. Bolt checks only for old timestamps; the gate also rejects future ones. */
export const SIGNATURE_TOLERANCE_SECONDS = 300;

export type SignatureVerdict =
  | { ok: true }
  | {
      ok: false;
      reason: 'signature_missing' | 'timestamp_stale' | 'timestamp_future' | 'signature_wrong';
    };

const WRONG: SignatureVerdict = { ok: false, reason: 'signature_wrong' };

export interface SignatureHeaders {
  signature: string | undefined;
  timestamp: string | undefined;
}

/** Checks what can be checked without the body: both headers in Slack's format, and the age of the timestamp. */
export function checkSignatureHeaders(
  { signature, timestamp }: SignatureHeaders,
  nowMs: number,
): SignatureVerdict {
  if (signature === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) {
    return { ok: false, reason: 'signature_missing' };
  }
  const ageSeconds = Math.floor(nowMs / 1000) - Number(timestamp);
  if (ageSeconds > SIGNATURE_TOLERANCE_SECONDS) return { ok: false, reason: 'timestamp_stale' };
  if (ageSeconds < -SIGNATURE_TOLERANCE_SECONDS) return { ok: false, reason: 'timestamp_future' };
  return /^v0=[0-9a-f]{64}$/.test(signature) ? { ok: true } : WRONG;
}

/**
 * Verifies Slack's request signature, `v0=` and HMAC-SHA-256 over `v0:{timestamp}:{body}`
 * (docs.slack.dev/authentication/verifying-requests-from-slack). Doesn't detect replayed requests.
 */
export function verifyRequestSignature(
  request: SignatureHeaders & { signingSecret: string | KeyObject; body: Uint8Array; nowMs: number },
): SignatureVerdict {
  const headers = checkSignatureHeaders(request, request.nowMs);
  if (!headers.ok) return headers;
  const hmac = createHmac('sha256', request.signingSecret)
    .update(`v0:${request.timestamp}:`)
    .update(request.body);
  const expected = Buffer.from(`v0=${hmac.digest('hex')}`);
  const given = Buffer.from(request.signature ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected) ? { ok: true } : WRONG;
}
