import type { ShownMessage } from '../../../slack/protocol/page-protocol.ts';

export function timeOf({ ts }: ShownMessage): Date {
  return new Date(Number(ts) * 1_000);
}
