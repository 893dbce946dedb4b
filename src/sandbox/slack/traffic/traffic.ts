import type { Exchange } from '../protocol/panel-protocol.ts';
import type { SecretMask } from './mask-secrets.ts';

/** Calls its listeners synchronously, in the order in which they subscribed. */
export interface Signal<T> {
  emit(value: T): void;
  /** Returns a function that ends the subscription. */
  subscribe(listener: (value: T) => void): () => void;
}

export function createSignal<T = void>(): Signal<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    emit(value) {
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      const own = (value: T) => listener(value);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}

/** One request between Slack and the app exactly as it was sent, secrets included. */
export interface TrafficRecord {
  /** 1, 2, … in the order of their start; never reused. */
  id: number;
  direction: 'to_slack' | 'to_app';
  transport: 'http' | 'socket';
  /** A Web API method, `response_url`, `slash_command`, or the `type` of an interaction. */
  method: string;
  url: string;
  startedAtMs: number;
  headers: Record<string, string>;
  /** The body as sent. */
  body: string;
  /** The parsed body: arguments, command fields, or the payload of an interaction. */
  payload: unknown;
  /** Absent until the response arrives. */
  response?: { status: number; body: string };
  /** Why there is no response, or the kind of the planned failure. */
  failure?: string;
  durationMs?: number;
}

export type TrafficChange =
  /** A request began or ended. */
  { type: 'record'; record: TrafficRecord } | { type: 'cleared' };

export interface Traffic {
  records: TrafficRecord[];
  begin(record: Omit<TrafficRecord, 'id' | 'startedAtMs'>): TrafficRecord;
  end(record: TrafficRecord, result: Pick<TrafficRecord, 'response' | 'failure'>): void;
  /** Also drops the requests that are still in flight. */
  clear(): void;
  subscribe: Signal<TrafficChange>['subscribe'];
}

const maximumRecords = 1000;

export function createTraffic(now: () => number): Traffic {
  const records: TrafficRecord[] = [];
  const changes = createSignal<TrafficChange>();
  let lastId = 0;
  return {
    records,
    begin(begun) {
      const record = { ...begun, id: ++lastId, startedAtMs: now() };
      records.push(record);
      if (records.length > maximumRecords) records.shift();
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

const maximumLength = 100_000;

/** Returns a request and its response as the panel shows them: masked, and limited in length. */
export function toExchange(record: TrafficRecord, mask: SecretMask): Exchange {
  const { id, direction, transport, method, url, startedAtMs, durationMs, headers, response } = record;
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
    ...(response && { response }),
    ...(problem !== undefined && { problem }),
  }) as Exchange;
  masked.payload = truncatedPayload(masked.payload);
  if (masked.response) masked.response.body = truncate(masked.response.body);
  return masked;
}

function problemOf({ direction, response, failure }: TrafficRecord): string | undefined {
  const errorCode = direction === 'to_slack' && response ? errorCodeOf(response.body) : undefined;
  if (errorCode !== undefined) return errorCode;
  if (failure !== undefined && failure !== 'status') return failure;
  const isFailed = response && (failure === 'status' || response.status >= 400);
  return isFailed ? `status ${response.status}` : failure;
}

/** Returns the `error` of `{ "ok": false, "error": … }`, which the Web API and response URLs send. */
function errorCodeOf(body: string): string | undefined {
  try {
    const { ok, error } = JSON.parse(body) as { ok?: unknown; error?: unknown };
    return ok === false && typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

function truncatedPayload(payload: unknown): unknown {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return text.length > maximumLength ? truncate(text) : payload;
}

function truncate(text: string): string {
  return text.length > maximumLength
    ? `${text.slice(0, maximumLength)}… (${text.length - maximumLength} more characters)`
    : text;
}
