import type { WebClient } from '@slack/web-api';
import type { Ports } from '../../application/ports/account-ports.ts';
import { settledWithin } from '../../net/deadline.ts';
import { notice } from '../messages/blocks.ts';
import type { Reply, ReplyTo } from '../web/reply.ts';
import type { SealedMetadata } from './payloads.ts';

/** Counts what still runs, so that a shutdown waits for it: Bolt's own `stop` does not wait for acknowledged listeners. */
export interface WorkInFlight {
  track<Value>(work: Promise<Value>): Promise<Value>;
  /** Resolves when nothing runs any more, or after the time; answers how much still does. */
  drained(withinMs: number): Promise<number>;
}

export function createWorkInFlight(): WorkInFlight {
  const running = new Set<Promise<unknown>>();
  return {
    track(work) {
      const ended: Promise<unknown> = work.then(
        () => running.delete(ended),
        () => running.delete(ended),
      );
      running.add(ended);
      return work;
    },
    async drained(withinMs) {
      const drain = async () => {
        while (running.size > 0) await Promise.allSettled(running);
      };
      await settledWithin(drain(), withinMs);
      return running.size;
    },
  };
}

/** What the listeners need. */
export interface SlackEdge {
  ports: Ports;
  web: WebClient;
  reply: Reply;
  metadata: SealedMetadata;
  apiUrl: string;
  work: WorkInFlight;
  timing: EdgeTiming;
}

export interface EdgeTiming {
  /** After this long a form that can't be shown yet opens as a loading view; a trigger lives for 3 s. */
  loadingAfterMs: number;
  /** After this long a submission is answered with a working view; Slack waits for 3 s. */
  answerWithinMs: number;
  /** After this long a command or a button that asks the W&B server is answered with words that it does. */
  sayAfterMs: number;
}

export const DEFAULT_TIMING: EdgeTiming = {
  loadingAfterMs: 700,
  answerWithinMs: 2_000,
  sayAfterMs: 1_500,
};

const ASKING = ':hourglass_flowing_sand: Waiting for the W&B server. The result will follow.';

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

/** A button of a message, used by somebody. */
export interface ButtonUsed {
  replyTo: ReplyTo;
  value: string;
  requestId: string;
  /** It stands on a message of the app's own, which can be replaced; not on an ephemeral one. */
  isOnOwnMessage: boolean;
}
