const MAX_SECONDS = 24 * 60 * 60;

/** IMF-fixdate and the two obsolete forms of RFC 9110, 5.6.7; `Date.parse` alone reads far more than dates. */
const HTTP_DATE = /^(?:[A-Z][a-z]{2,8},? )[A-Za-z0-9 :-]{8,24}(?: GMT)?$/;

/** Seconds to wait by a `Retry-After` header (RFC 9110, 10.2.3), at most a day; undefined where it says nothing. */
export function readRetryAfterSeconds(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_SECONDS);
  if (!HTTP_DATE.test(text)) return undefined;
  // The form of asctime names no zone and means GMT.
  const atMs = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(Math.ceil((atMs - nowMs) / 1000), 0), MAX_SECONDS);
}
