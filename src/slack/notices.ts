import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Notices } from '../application/ports/slack.ts';
import { collectionMessage } from './messages/collection-message.ts';
import { endingMessage } from './messages/ending-message.ts';
import { federatedAccountMessage } from './messages/key-message.ts';
import type { Message } from './messages/message.ts';

/** Direct messages from the app: `conversations.open`, then `chat.postMessage`. */
export function createNotices(dependencies: {
  web: WebClient;
  logger: Logger;
  publicUrl: string;
  organizationName: string;
}): Notices {
  const { web, logger } = dependencies;
  const send = async (slackUserId: string, message: Message): Promise<boolean> => {
    try {
      const { channel } = await web.conversations.open({ users: slackUserId });
      if (channel?.id === undefined) return false;
      await web.chat.postMessage({
        ...message,
        channel: channel.id,
        unfurl_links: false,
      });
      return true;
    } catch (error) {
      logger.warn({ err: error, slackUserId }, 'Slack did not take the direct message');
      return false;
    }
  };
  return {
    offerCollection: (collection, account, deadKeyId) =>
      send(collection.person.slackUserId, collectionMessage(collection, account, deadKeyId)),
    announceFederatedAccount: (account, slackUserId) =>
      send(slackUserId, federatedAccountMessage(account, dependencies)),
    reportEnding: (ending) => send(ending.slackUserId, endingMessage(ending)),
  };
}
