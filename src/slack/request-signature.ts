import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack asks for five minutes; Bolt checks the past alone, here both directions count. */
export const SIGNATURE_TOLERANCE_SECONDS = 300;

export type SignatureVerdict =
  | { ok: true }
  | {
      ok: false;
      reason: 'signature_missing' | 'timestamp_stale' | 'timestamp_future' | 'signature_wrong';
    };

/**
 * Checks Slack's request signature, `v0=` and HMAC-SHA-256 over `v0:{timestamp}:{body}`
 * (docs.slack.dev/authentication/verifying-requests-from-slack). Says nothing about whether the request came before.
 */
export function verifyRequestSignature(request: {
  signingSecret: string;
  signature: string | undefined;
  timestamp: string | undefined;
  body: Uint8Array;
  nowMs: number;
}): SignatureVerdict {
  const { signature, timestamp } = request;
  if (signature === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) {
    return { ok: false, reason: 'signature_missing' };
  }
  const ageSeconds = Math.floor(request.nowMs / 1000) - Number(timestamp);
  if (ageSeconds > SIGNATURE_TOLERANCE_SECONDS) return { ok: false, reason: 'timestamp_stale' };
  if (ageSeconds < -SIGNATURE_TOLERANCE_SECONDS) return { ok: false, reason: 'timestamp_future' };
  const hmac = createHmac('sha256', request.signingSecret).update(`v0:${timestamp}:`).update(request.body);
  const expected = Buffer.from(`v0=${hmac.digest('hex')}`);
  const given = Buffer.from(signature);
  const isEqual = given.length === expected.length && timingSafeEqual(given, expected);
  return isEqual ? { ok: true } : { ok: false, reason: 'signature_wrong' };
}
