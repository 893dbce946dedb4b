import type { ShownMessage } from '../../../slack/protocol/page-protocol.ts';
import { timeOf } from './time-of.ts';

/** Within this time, the same author's next message is drawn without the name. */
const SAME_BREATH_MS = 5 * 60_000;

export type Row =
  | { kind: 'day'; key: string; day: Date }
  | { kind: 'message'; key: string; message: ShownMessage; isCompact: boolean };

/** A conversation's messages with its days between them. */
export function layOut(messages: ShownMessage[]): Row[] {
  const rows: Row[] = [];
  let previous: ShownMessage | undefined;
  for (const message of messages) {
    const day = timeOf(message).toDateString();
    if (previous === undefined || timeOf(previous).toDateString() !== day) {
      rows.push({ kind: 'day', key: `day ${day}`, day: timeOf(message) });
      previous = undefined;
    }
    const isCompact = previous !== undefined && doesContinue(previous, message);
    rows.push({ kind: 'message', key: message.ts, message, isCompact });
    previous = message;
  }
  return rows;
}

function doesContinue(previous: ShownMessage, message: ShownMessage): boolean {
  if (previous.user !== message.user || previous.ephemeral || message.ephemeral) return false;
  return timeOf(message).getTime() - timeOf(previous).getTime() < SAME_BREATH_MS;
}
