import type { Exchange } from '../protocol/panel-protocol.ts';
import { createSignal, type Signal } from '../protocol/signal.ts';
import type { SecretMask } from './mask-secrets.ts';

/** One request between Slack and the app, raw as it was sent: secrets are in it. */
export interface TrafficRecord {
  /** 1, 2, … in the order in which they began; never used again. */
  id: number;
  direction: 'to_slack' | 'to_app';
  transport: 'http' | 'socket';
  /** A Web API method, `response_url`, `slash_command`, or the `type` of an interaction. */
  method: string;
  url: string;
  startedAtMs: number;
  headers: Record<string, string>;
  /** The body as it stood on the wire. */
  body: string;
  /** The body as it was understood: arguments, command fields, or the interaction's payload. */
  payload: unknown;
  /** Absent until it came. */
  answer?: { status: number; body: string };
  /** Why there is no answer, or what was made to fail. */
  failure?: string;
  durationMs?: number;
}

export type TrafficChange =
  /** It began, or it ended. */
  { type: 'record'; record: TrafficRecord } | { type: 'cleared' };

export interface Traffic {
  records: TrafficRecord[];
  begin(record: Omit<TrafficRecord, 'id' | 'startedAtMs'>): TrafficRecord;
  end(record: TrafficRecord, result: Pick<TrafficRecord, 'answer' | 'failure'>): void;
  /** What is still under way is forgotten as well. */
  clear(): void;
  subscribe: Signal<TrafficChange>['subscribe'];
}

const kept = 1000;

export function createTraffic(now: () => number): Traffic {
  const records: TrafficRecord[] = [];
  const changes = createSignal<TrafficChange>();
  let lastId = 0;
  return {
    records,
    begin(begun) {
      const record = { ...begun, id: ++lastId, startedAtMs: now() };
      records.push(record);
      if (records.length > kept) records.shift();
      changes.emit({ type: 'record', record });
      return record;
    },
    end(record, result) {
      Object.assign(record, result, { durationMs: now() - record.startedAtMs });
      if (records.includes(record)) changes.emit({ type: 'record', record });
    },
    clear() {
      records.length = 0;
      changes.emit({ type: 'cleared' });
    },
    subscribe: changes.subscribe,
  };
}

const longest = 100_000;

/** A request and its answer as the panel may see it: without secrets, and not without bounds. */
export function toExchange(record: TrafficRecord, mask: SecretMask): Exchange {
  const { id, direction, transport, method, url, startedAtMs, durationMs, headers, answer } = record;
  const problem = problemOf(record);
  const masked = mask.value({
    id,
    direction,
    transport,
    method,
    url,
    startedAtMs,
    ...(durationMs !== undefined && { durationMs }),
    headers,
    payload: record.payload ?? record.body,
    ...(answer && { answer }),
    ...(problem !== undefined && { problem }),
  }) as Exchange;
  masked.payload = bounded(masked.payload);
  if (masked.answer) masked.answer.body = cut(masked.answer.body);
  return masked;
}

function problemOf({ direction, answer, failure }: TrafficRecord): string | undefined {
  const refusedWith = direction === 'to_slack' && answer ? errorOf(answer.body) : undefined;
  if (refusedWith !== undefined) return refusedWith;
  if (failure !== undefined && failure !== 'status') return failure;
  const isFailed = answer && (failure === 'status' || answer.status >= 400);
  return isFailed ? `status ${answer.status}` : failure;
}

/** Web API and response URLs refuse with `{ "ok": false, "error": … }`. */
function errorOf(body: string): string | undefined {
  try {
    const { ok, error } = JSON.parse(body) as { ok?: unknown; error?: unknown };
    return ok === false && typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

function bounded(payload: unknown): unknown {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return text.length > longest ? cut(text) : payload;
}

function cut(text: string): string {
  return text.length > longest
    ? `${text.slice(0, longest)}… (${text.length - longest} more characters)`
    : text;
}
