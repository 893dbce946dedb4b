import type { SlackEdge } from './edge.ts';
import { notice } from './messages/message.ts';
import type { ReplyTo } from './reply.ts';
import { settledWithin } from './settled-within.ts';

const ASKING = ':hourglass_flowing_sand: Asking the W&B server; its answer follows.';

/**
 * Waits for work that asks the W&B server, and where that takes long says so meanwhile. What it says stays above the
 * answer: Slack replaces no message that came through the response URL of a command (slackapi/bolt-js#2287).
 */
export async function sayWhenSlow<Value>(
  { ports, reply, timing }: SlackEdge,
  replyTo: ReplyTo,
  work: Promise<Value>,
): Promise<Value> {
  if (ports.backend.administeredIn !== 'wandb') return work;
  const early = await settledWithin(work, timing.sayAfterMs);
  if (early !== undefined) return early.value;
  // What it rejects with meanwhile is for who waits below.
  work.catch(() => {});
  await reply.ephemeral(replyTo, notice(ASKING));
  return work;
}
