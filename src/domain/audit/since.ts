const DAY_MS = 24 * 60 * 60_000;
const UNITS_MS: Record<string, number> = { m: 60_000, h: 60 * 60_000, d: DAY_MS, w: 7 * DAY_MS };

/**
 * Returns the time that a person typed: a date or time in UTC (`2026-11-01`, `2026-11-01T14:30`), or how long ago (`30m`, `24h`, `7d`,
 * `2w`), `today` or `yesterday`. Undefined for any other text.
 */
export function readSince(text: string, nowMs: number): number | undefined {
  const typed = text.trim().toLowerCase();
  const [, count, unit = ''] = /^(\d{1,4}) ?([mhdw])$/.exec(typed) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNITS_MS[unit] ?? 0);
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  if (typed === 'today') return todayMs;
  if (typed === 'yesterday') return todayMs - DAY_MS;
  const date = /^\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d)?$/.test(typed) ? typed.replace(' ', 't').toUpperCase() : '';
  const atMs = Date.parse(date.length === 10 ? `${date}T00:00Z` : `${date}Z`);
  // `Date.parse` reads 2026-02-31 as a day in March.
  return Number.isNaN(atMs) || !new Date(atMs).toISOString().startsWith(date) ? undefined : atMs;
}
