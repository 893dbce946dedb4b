import type { WebClient } from '@slack/web-api';
import type { Ports } from '../application/ports.ts';
import type { Reply } from './reply.ts';
import type { SealedMetadata } from './sealed-metadata.ts';
import type { WorkInFlight } from './work-in-flight.ts';

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
