import { WandbError } from '../permissions.ts';

export interface AuditQuery {
  startMs: number;
  /** Exclusive. */
  endMs: number;
  limit: number;
  /** How many entries of the range come before the page. */
  offset: number;
  isPaged: boolean;
}

/** How the log is served: by a server, by an older one, or by the cloud. */
type AuditFlavor = 'server' | 'old_server' | 'cloud';

export type AuditParameters = Partial<
  Record<'startDate' | 'endDate' | 'numDays' | 'limit' | 'cursor', string>
>;

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_LIMIT = { server: 20_000, old_server: Number.POSITIVE_INFINITY, cloud: 1_000_000 };
const MAX_CLOUD_DAYS = 7;

/**
 * Reads the parameters as W&B documents them: a server takes times and `endDate`, the cloud whole days. An older server returns
 * everything at once, and counts days back from `startDate`.
 * @throws WandbError 400
 */
export function readAuditQuery(
  parameters: AuditParameters,
  { flavor, nowMs }: { flavor: AuditFlavor; nowMs: number },
): AuditQuery {
  const { startDate, numDays } = parameters;
  const { endDate, limit, cursor }: AuditParameters = flavor === 'old_server' ? {} : parameters;
  if (endDate !== undefined && flavor === 'cloud') throw invalid('endDate is not supported');
  if (endDate !== undefined && numDays !== undefined) throw invalid('endDate and numDays exclude each other');
  const isPaged = flavor === 'cloud' || limit !== undefined || endDate !== undefined;
  if (cursor !== undefined && !isPaged) throw invalid('cursor needs limit or endDate');
  const maxDays = flavor === 'cloud' ? MAX_CLOUD_DAYS : Number.MAX_SAFE_INTEGER;
  const days = wholeNumber('numDays', numDays, { min: 0, max: maxDays }) ?? 0;
  const today = nowMs - (nowMs % DAY_MS);
  const fromMs = startDate === undefined ? today : timeOf('startDate', startDate, flavor);
  const [daysBefore, daysAfter] = startDate === undefined || flavor === 'old_server' ? [days, 0] : [0, days];
  const startMs = fromMs - daysBefore * DAY_MS;
  const endMs =
    endDate === undefined
      ? fromMs - (fromMs % DAY_MS) + (daysAfter + 1) * DAY_MS
      : timeOf('endDate', endDate, flavor);
  const max = MAX_LIMIT[flavor];
  return {
    startMs,
    endMs,
    isPaged,
    limit: wholeNumber('limit', limit, { min: 1, max }) ?? max,
    offset: cursor === undefined ? 0 : offsetOf(cursor, startMs),
  };
}

const invalid = (problem: string) => new WandbError(problem, { status: 400 });

function wholeNumber(
  name: string,
  text: string | undefined,
  { min, max }: { min: number; max: number },
): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (number < min || number > max) throw invalid(`invalid ${name}`);
  return number;
}

/** `YYYY-MM-DD`, and on a server `T` and the hour, minutes and seconds. All in UTC. */
function timeOf(name: string, text: string, flavor: AuditFlavor): number {
  const [, day, hour = '00', minute = '00', second = '00', rest] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2}))?)?)?(.*)$/s.exec(text) ?? [];
  const timeMs = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  const isSupported = rest === '' && (flavor === 'server' || day === text);
  if (Number.isNaN(timeMs) || !isSupported) throw invalid(`invalid ${name}`);
  return timeMs;
}

/** A cursor belongs to one range. */
export function cursorAt(offset: number, startMs: number): string {
  return Buffer.from(JSON.stringify({ offset, startMs })).toString('base64url');
}

function offsetOf(cursor: string, startMs: number): number {
  try {
    const read = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Record<string, unknown>;
    if (read.startMs === startMs && Number.isSafeInteger(read.offset)) return read.offset as number;
  } catch {
    // Falls through: not a cursor of this server.
  }
  throw invalid('invalid cursor');
}
