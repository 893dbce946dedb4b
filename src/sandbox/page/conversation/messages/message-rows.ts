import type { PageMessage } from '../../../slack/protocol/page-protocol.ts';

/** Messages of one author within this time are grouped under one name. */
const GROUPING_WINDOW_MS = 5 * 60_000;

/** The replies to a message, in short. */
export interface ThreadSummary {
  /** The `ts` of the message. */
  ts: string;
  count: number;
  /** The authors of the replies, in the order of their first one. */
  users: string[];
  lastReply: Date;
}

export type Row =
  | { kind: 'day'; key: string; day: Date }
  | { kind: 'message'; key: string; message: PageMessage; isCompact: boolean; thread: Thread }
  /** A message that was deleted, but not the replies to it. */
  | { kind: 'deleted'; key: string; thread: Thread };

type Thread = ThreadSummary | undefined;
type Entry = Exclude<Row, { kind: 'day' }>;

/** Returns the messages of a conversation, each with its replies, and dividers between the days. */
export function layOut(messages: PageMessage[]): Row[] {
  const rows: Row[] = [];
  let day: string | undefined;
  let previous: Entry | undefined;
  for (const entry of entriesOf(messages)) {
    const time = timeOf({ ts: entry.key });
    if (time.toDateString() !== day) {
      day = time.toDateString();
      rows.push({ kind: 'day', key: `day ${day}`, day: time });
      previous = undefined;
    }
    const isCompact = previous !== undefined && continuesGroup(previous, entry);
    rows.push(entry.kind === 'message' ? { ...entry, isCompact } : entry);
    previous = entry;
  }
  return rows;
}

/** Returns the rows of a thread: its replies, of which those of one author form groups. */
export function layOutReplies(replies: PageMessage[]): (Entry & { kind: 'message' })[] {
  return replies.map((message, index) => {
    const row = { kind: 'message' as const, key: message.ts, message, thread: undefined, isCompact: false };
    const before = replies[index - 1];
    return { ...row, isCompact: before !== undefined && continuesGroup({ ...row, message: before }, row) };
  });
}

function summaryOf(replies: PageMessage[]): ThreadSummary | undefined {
  const last = replies.at(-1);
  if (last?.thread === undefined) return undefined;
  const users = [...new Set(replies.map(({ user }) => user))];
  return { ts: last.thread, count: replies.length, users, lastReply: timeOf(last) };
}

/** Returns the replies to a message, oldest first. */
export function repliesTo(messages: PageMessage[], ts: string): PageMessage[] {
  return messages.filter(({ thread }) => thread === ts);
}

function entriesOf(messages: PageMessage[]): Entry[] {
  const replies = Map.groupBy(
    messages.filter(({ thread }) => thread !== undefined),
    ({ thread }) => thread ?? '',
  );
  const own = messages.filter(({ thread }) => thread === undefined);
  const known = new Set(own.map(({ ts }) => ts));
  const deleted = [...replies].filter(([ts]) => !known.has(ts));
  const entries: Entry[] = [
    ...own.map(
      (message): Entry => ({
        kind: 'message',
        key: message.ts,
        message,
        isCompact: false,
        thread: summaryOf(replies.get(message.ts) ?? []),
      }),
    ),
    ...deleted.map(([ts, ofThread]): Entry => ({ kind: 'deleted', key: ts, thread: summaryOf(ofThread) })),
  ];
  return entries.sort((a, b) => Number(a.key) - Number(b.key));
}

function continuesGroup(previous: Entry, entry: Entry): boolean {
  if (previous.kind !== 'message' || entry.kind !== 'message') return false;
  const { message: before } = previous;
  const { message } = entry;
  // As in Slack, the replies below a message end its group.
  if (previous.thread) return false;
  if (before.user !== message.user || before.ephemeral || message.ephemeral) return false;
  return timeOf(message).getTime() - timeOf(before).getTime() < GROUPING_WINDOW_MS;
}

export function timeOf({ ts }: Pick<PageMessage, 'ts'>): Date {
  return new Date(Number(ts) * 1_000);
}
