import { createSignal, type Signal } from './signal.ts';

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
