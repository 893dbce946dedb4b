import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { CardFailure, CardMessageId, Cards, DueCard } from '../../application/cards/card.ts';
import type { Installation } from '../../application/ports/slack.ts';
import { cardContent } from '../messages/cards/card-messages.ts';
import { slackErrorCode } from './token-rejection.ts';

/** Errors after which the same call never succeeds (docs.slack.dev/reference/methods/chat.postMessage, chat.update). */
const FINAL_ERRORS = new Set([
  'channel_not_found',
  'is_archived',
  'message_not_found',
  'cant_update_message',
  'not_in_channel',
  'restricted_action',
  'user_not_found',
  'user_disabled',
  'thread_not_found',
]);

/** Creates the sender of cards: `chat.postMessage`, `chat.update`, and replies in the thread for the log. */
export function createCards(dependencies: {
  web: WebClient;
  installation: Installation;
  logger: Logger;
}): Cards {
  const { web, installation, logger } = dependencies;
  const attempt = async <Value>(
    call: () => Promise<Value>,
    details: object,
  ): Promise<Value | CardFailure> => {
    try {
      const value = await call();
      installation.noteSuccess();
      return value;
    } catch (error) {
      installation.noteFailure(error);
      const code = slackErrorCode(error);
      logger.warn({ err: error, ...details }, 'card not accepted');
      return code !== undefined && FINAL_ERRORS.has(code) ? 'rejected' : 'not_accepted';
    }
  };
  const reply = async ({ channelId, messageTs }: CardMessageId, entry: string) => {
    const threaded = { channel: channelId, thread_ts: messageTs, text: entry, unfurl_links: false };
    return (await attempt(() => web.chat.postMessage(threaded), { channelId })) !== 'not_accepted';
  };
  return {
    async post(place, due: DueCard) {
      const { message } = cardContent(due);
      return attempt(async () => {
        const channel = 'channelId' in place ? place.channelId : await openDirectMessage(web, place);
        const posted = await web.chat.postMessage({ ...message, channel, unfurl_links: false });
        return { channelId: channel, messageTs: posted.ts ?? '' };
      }, place);
    },
    async update({ channelId, messageTs }, due) {
      const { message } = cardContent(due);
      return attempt(
        async () => {
          await web.chat.update({ ...message, channel: channelId, ts: messageTs });
          return 'updated' as const;
        },
        { channelId },
      );
    },
    async log(message, due, postedEntries) {
      const { log } = cardContent(due);
      let posted = postedEntries;
      // In order: a later entry isn't posted before an earlier one.
      while (posted < log.length && (await reply(message, log[posted] ?? ''))) posted += 1;
      return { postedEntries: posted, isComplete: posted >= log.length };
    },
  };
}

async function openDirectMessage(web: WebClient, { slackUserId }: { slackUserId: string }): Promise<string> {
  const { channel } = await web.conversations.open({ users: slackUserId });
  if (channel?.id === undefined) throw new Error('Slack returned no conversation.');
  return channel.id;
}
