import type { WebClient } from '@slack/web-api';
import type { LRUCache } from 'lru-cache';
import type { Ports } from '../../application/ports/account-ports.ts';
import { settledWithin } from '../../net/deadline.ts';
import { notice } from '../messages/blocks.ts';
import type { Reply, ReplyTo } from '../web/reply.ts';
import type { HomePublisher } from './home/publish-home.ts';
import type { ViewPayload } from './payloads.ts';
import type { FormMetadataSealer } from './views/form-metadata.ts';

/** What every listener gets. */
export interface ListenerContext {
  ports: Ports;
  web: WebClient;
  reply: Reply;
  metadata: FormMetadataSealer;
  /**
   * The issuer and subject that a form's last submission was warned about, by form ID. In memory: after a restart the warning
   * is only shown again.
   */
  warnedIdentities: LRUCache<string, string>;
  homes: HomePublisher;
  apiUrl: string;
  work: WorkInFlight;
  timing: ListenerTiming;
}

export interface ListenerTiming {
  /** A form that isn't ready after this time opens as a loading view. A trigger is valid for 3 s. */
  loadingAfterMs: number;
  /** A submission or options request gets a response within this time. Slack waits for 3 s. */
  respondWithinMs: number;
  /** A command or button that waits longer than this for the W&B server gets a progress message. */
  progressAfterMs: number;
  /** Socket Mode connects again after this time, and after longer ones while it fails. */
  reconnectAfterMs: number;
}

export const DEFAULT_TIMING: ListenerTiming = {
  loadingAfterMs: 700,
  respondWithinMs: 2_000,
  progressAfterMs: 1_500,
  reconnectAfterMs: 1_000,
};

/** A click on a button of a message or view, or the choice of an option there. */
export interface ButtonClick {
  replyTo: ReplyTo;
  value: string;
  requestId: string;
  /** Opens a view, within three seconds. */
  triggerId: string | undefined;
  /** The `block_id`, which says what some messages and modals show. Undefined in the Home tab. */
  blockId: string | undefined;
  /** Whether the message is an ordinary one, which Keysmith can replace, and not ephemeral. */
  isOnOwnMessage: boolean;
  /** The modal or Home tab with the button, which comes from outside like any payload; undefined in a message. */
  view: ViewPayload | undefined;
}

/** The listeners' running work, which a shutdown waits for: Bolt's `stop` doesn't wait for acknowledged listeners. */
export interface WorkInFlight {
  track<Value>(work: Promise<Value>): Promise<Value>;
  /** Waits until nothing runs, at most for this time. Returns how much is still running. */
  drain(withinMs: number): Promise<number>;
}

export function createWorkInFlight(): WorkInFlight {
  const running = new Set<Promise<unknown>>();
  const settleAll = async () => {
    while (running.size > 0) await Promise.allSettled(running);
  };
  return {
    track(work) {
      const settled: Promise<unknown> = work.then(
        () => running.delete(settled),
        () => running.delete(settled),
      );
      running.add(settled);
      return work;
    },
    async drain(withinMs) {
      await settledWithin(settleAll(), withinMs);
      return running.size;
    },
  };
}

const WAITING_FOR_WANDB = ':hourglass_flowing_sand: Waiting for the W&B server. The result will follow.';

/**
 * Waits for work that asks the W&B server, and sends a progress message when it takes long. That message stays above the
 * result: Slack can't replace one sent through a command's response URL (slackapi/bolt-js#2287).
 */
export async function withProgressMessage<Value>(
  { ports, reply, timing }: ListenerContext,
  replyTo: ReplyTo,
  work: Promise<Value>,
): Promise<Value> {
  if (ports.backend.administeredIn !== 'wandb') return work;
  const early = await settledWithin(work, timing.progressAfterMs);
  if (early !== undefined) return early.value;
  // A rejection while the message is being sent is thrown by the return below.
  work.catch(() => {});
  await reply.ephemeral(replyTo, notice(WAITING_FOR_WANDB));
  return work;
}
