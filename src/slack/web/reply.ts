import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { type Message, notice } from '../messages/blocks.ts';
import { isResponseUrl, postOnce, type ResponseUrlBody, responseUrlRefusal } from './response-url.ts';

/** Where somebody is to be answered. */
export interface ReplyTo {
  responseUrl: string | undefined;
  channelId: string | undefined;
  slackUserId: string;
}

export interface Reply {
  /** Answers in a message only the person sees; by direct message where the conversation takes none. Never throws. */
  ephemeral(to: ReplyTo, message: Message): Promise<void>;
  /** Puts a message in the place of the one whose button was used. Never throws. */
  replace(to: ReplyTo, message: Message): Promise<void>;
  /** Removes the message whose button was used; says so where Slack did not. Never throws. */
  remove(to: ReplyTo): Promise<void>;
}

export interface ReplyDependencies {
  fetch: typeof globalThis.fetch;
  apiUrl: string;
  web: WebClient;
  logger: Logger;
}

const REPLY_TIMEOUT_MS = 5_000;

/** Answers that hold no secret: tried in turn until Slack takes one, since silence is a defect. */
export function createReply(dependencies: ReplyDependencies): Reply {
  const { web, logger } = dependencies;
  const ephemeral: Reply['ephemeral'] = async (to, message) => {
    const { channelId, slackUserId } = to;
    if (await postTo(dependencies, to, { ...message, response_type: 'ephemeral', replace_original: false })) {
      return;
    }
    const ways = [
      ...(channelId === undefined
        ? []
        : [() => web.chat.postEphemeral({ ...message, channel: channelId, user: slackUserId })]),
      () => web.chat.postMessage({ ...message, channel: slackUserId }),
      // Blocks that Slack refuses must not end in silence.
      () => web.chat.postMessage({ text: message.text, channel: slackUserId }),
    ];
    for (const way of ways) {
      try {
        await way();
        return;
      } catch (error) {
        logger.warn({ err: error }, 'Slack did not take the answer; trying the next way');
      }
    }
    logger.error({ slackUserId }, 'the person could not be answered');
  };
  return {
    ephemeral,
    async replace(to, message) {
      if (await postTo(dependencies, to, { ...message, replace_original: true })) return;
      await ephemeral({ ...to, responseUrl: undefined }, message);
    },
    async remove(to) {
      if (await postTo(dependencies, to, { delete_original: true })) return;
      await ephemeral(to, notice('Slack didn’t remove that message. Dismiss it yourself.'));
    },
  };
}

async function postTo(
  { fetch, apiUrl, logger }: ReplyDependencies,
  { responseUrl }: ReplyTo,
  body: ResponseUrlBody,
): Promise<boolean> {
  if (responseUrl === undefined) return false;
  if (!isResponseUrl(responseUrl, { apiUrl })) {
    logger.warn('a response URL leads elsewhere than to Slack and was not followed');
    return false;
  }
  const attempt = await postOnce({
    fetch,
    url: responseUrl,
    body,
    timeoutMs: REPLY_TIMEOUT_MS,
    refusalIn: responseUrlRefusal,
  });
  if (attempt.outcome !== 'accepted') logger.warn(attempt, 'response URL did not take the answer');
  return attempt.outcome === 'accepted';
}
