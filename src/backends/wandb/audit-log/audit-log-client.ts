import { z } from 'zod';
import { parseBoundedJson } from '../../../net/json-bounds.ts';
import type { HttpResponse } from '../client/graphql-exchange.ts';
import type { CallOptions } from '../client/wandb-client.ts';
import type { WandbResult } from '../client/wandb-failure.ts';
import { createRestClient, type RestClientDependencies } from '../rest/rest-client.ts';
import { type AuditLogEntry, auditLogActions, readEntry } from './audit-log-entry.ts';

/** Where reading continues. `cursor` is the server's, for the next page of that day. */
interface AuditLogPosition {
  /** In UTC: `2026-11-30`. */
  day: string;
  cursor?: string;
}

interface AuditLogPage {
  /** In the server's order. Those of a day that isn't over are returned again by later reads. */
  entries: AuditLogEntry[];
  /** How many entries were unusable. */
  skipped: number;
  /** The next page, or the next day; undefined when today's last page was read. */
  next: AuditLogPosition | undefined;
}

/** The audit log of one W&B server. Never rejects. */
export interface AuditLogClient {
  read(
    from: AuditLogPosition,
    options?: CallOptions & { limit?: number },
  ): Promise<WandbResult<AuditLogPage>>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_LIMIT = 1000;
/** A day is read for that much longer: the server's clock may be behind, and may show entries late. */
const SETTLED_AFTER_MS = 60 * 60 * 1000;
/** Older servers return a whole day at once, whatever the limit. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
/** W&B's cloud serves the log of the key's organization at another path. */
const CLOUD_HOST = 'api.wandb.ai';

export function auditLogDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/**
 * Creates the client for the audit log. It reads day by day: versions of W&B disagree about the direction in which further days
 * count, and whether the time of day matters.
 */
export function createAuditLogClient(dependencies: RestClientDependencies): AuditLogClient {
  const { baseUrl, now, limits } = dependencies;
  const rest = createRestClient({
    ...dependencies,
    limits: { maxResponseBytes: MAX_RESPONSE_BYTES, ...limits },
  });
  const path = new URL(baseUrl).hostname === CLOUD_HOST ? '/audit_logs' : '/admin/audit_logs';
  return {
    async read({ day, cursor }, { limit = DEFAULT_LIMIT, ...options } = {}) {
      const query = new URLSearchParams({
        startDate: day,
        limit: String(limit),
        ...(cursor !== undefined && { cursor }),
      });
      const page = await rest.call(
        {
          kind: 'query',
          name: 'ReadAuditLog',
          method: 'GET',
          path: `${path}?${query}`,
          mediaType: 'application/json',
          read: readPage,
          skippedIn: ({ skipped }) => skipped,
        },
        options,
      );
      if (!page.ok) return page;
      const { nextCursor, ...read } = page.value;
      return { ok: true, value: { ...read, next: positionAfter({ day, cursor }, nextCursor, now()) } };
    },
  };
}

function positionAfter(
  { day, cursor }: { day: string; cursor: string | undefined },
  nextCursor: string | undefined,
  nowMs: number,
): AuditLogPosition | undefined {
  // Otherwise a server that repeats its cursor would be asked forever.
  if (nextCursor !== undefined && nextCursor !== cursor) return { day, cursor: nextCursor };
  return day < auditLogDay(nowMs - SETTLED_AFTER_MS)
    ? { day: auditLogDay(Date.parse(day) + DAY_MS) }
    : undefined;
}

type ReadPage = Omit<AuditLogPage, 'next'> & { nextCursor: string | undefined };

const page = z.object({
  audit_logs: z.array(z.unknown()).nullable(),
  next_cursor: z.string().min(1).optional().catch(undefined),
});

function readPage({ text }: HttpResponse): WandbResult<ReadPage> {
  const parsed = parseBoundedJson(text);
  const whole = parsed.ok ? page.safeParse(parsed.value) : undefined;
  if (whole?.success) {
    const { audit_logs: logs, next_cursor: nextCursor } = whole.data;
    // Some servers return a cursor behind the last page too, without end.
    const isLast = logs === null || logs.length === 0;
    return { ok: true, value: { ...readEntries(logs ?? []), nextCursor: isLast ? undefined : nextCursor } };
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // An error may also arrive as an object, and would pass for a day without entries.
  if (lines.length > 0 && !lines.slice(0, MAX_ODD_LINES).some((line) => hasAction(parseLine(line)))) {
    const reason = parsed.ok || lines.length > 1 ? 'not_json' : parsed.reason;
    return { ok: false, failure: { reason, mayHaveHappened: false } };
  }
  // On a busy server, most lines are about runs, and parsing them all would block the event loop.
  const followed = lines.filter((line) => FOLLOWED_ACTION.test(line));
  return { ok: true, value: { ...readEntries(followed.map(parseLine)), nextCursor: undefined } };
}

/** How many unusable lines may precede the first entry. */
const MAX_ODD_LINES = 10;
const FOLLOWED_ACTION = new RegExp(`"(?:${auditLogActions.join('|')})"`);

function parseLine(line: string): unknown {
  const parsed = parseBoundedJson(line);
  return parsed.ok ? parsed.value : undefined;
}

function hasAction(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'action' in value;
}

function readEntries(values: readonly unknown[]): Omit<AuditLogPage, 'next'> {
  const read = values.map(readEntry);
  return {
    entries: read.filter((entry) => entry !== undefined && entry !== 'skipped'),
    skipped: read.filter((entry) => entry === 'skipped').length,
  };
}
