import type { ReplyTo } from './reply.ts';

/** A button of a message, used by somebody. */
export interface ButtonUsed {
  replyTo: ReplyTo;
  value: string;
  requestId: string;
  /** It stands on a message of the app's own, which can be replaced; not on an ephemeral one. */
  isOnOwnMessage: boolean;
}
