/** One request between Slack and the app, raw as it was sent: secrets are in it. */
export interface TrafficRecord {
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

export interface Traffic {
  records: TrafficRecord[];
  begin(record: Omit<TrafficRecord, 'startedAtMs'>): TrafficRecord;
  end(record: TrafficRecord, result: Pick<TrafficRecord, 'answer' | 'failure'>): void;
}

const kept = 1000;

export function createTraffic(now: () => number): Traffic {
  const records: TrafficRecord[] = [];
  return {
    records,
    begin(begun) {
      const record = { ...begun, startedAtMs: now() };
      records.push(record);
      if (records.length > kept) records.shift();
      return record;
    },
    end(record, result) {
      Object.assign(record, result, { durationMs: now() - record.startedAtMs });
    },
  };
}
