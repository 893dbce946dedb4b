import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { type Message, notice, plainText } from '../messages/blocks.ts';
import { postOnce, responseUrlError } from './post-once.ts';
import { isResponseUrl, type ResponseUrlBody } from './response-url.ts';

/** Where to reply to a person. */
export interface ReplyTo {
  responseUrl: string | undefined;
  channelId: string | undefined;
  slackUserId: string;
  /** Set for a click in a modal or on the Home tab, where nobody looks at messages. */
  view?: ReplyView | undefined;
}

/** Replies to a click in a view with a modal, which further replies to the same click replace. */
export interface ReplyView {
  triggerId: string;
  /** The modal that was clicked in. The reply goes on top: Slack opens no second stack of modals. A stack has at most three. */
  overViewId?: string | undefined;
  /** The modal with the reply, once it is open. */
  viewId?: string | undefined;
}

/** Messages without a secret. No method throws. Those that send return whether Slack accepted the message. */
export interface Reply {
  /** Sends a message that only the person sees: in a view as a modal. A direct message if Slack accepts it nowhere else. */
  ephemeral(to: ReplyTo, message: Message): Promise<boolean>;
  /** Replaces the message whose button was clicked. */
  replace(to: ReplyTo, message: Message): Promise<boolean>;
  /** Replaces that message if Slack still accepts its response URL, or an open modal, and sends nothing otherwise. */
  update(to: Pick<ReplyTo, 'responseUrl' | 'view'>, message: Message): Promise<boolean>;
  /** Removes the message whose button was clicked, or asks the person to dismiss it. */
  remove(to: ReplyTo): Promise<void>;
}

export interface ReplyDependencies {
  fetch: typeof globalThis.fetch;
  apiUrl: string;
  web: WebClient;
  logger: Logger;
}

const REPLY_TIMEOUT_MS = 5_000;

/** Creates replies that try one method after another until Slack accepts the message. */
export function createReply(dependencies: ReplyDependencies): Reply {
  const { web, logger } = dependencies;
  const ephemeral: Reply['ephemeral'] = async (to, message) => {
    const { channelId, slackUserId } = to;
    if (await showTo(dependencies, to, message)) return true;
    if (await postTo(dependencies, to, { ...message, response_type: 'ephemeral', replace_original: false })) {
      return true;
    }
    const fallbacks = [
      ...(channelId === undefined
        ? []
        : [() => web.chat.postEphemeral({ ...message, channel: channelId, user: slackUserId })]),
      () => web.chat.postMessage({ ...message, channel: slackUserId }),
      // Slack may have rejected the blocks.
      () => web.chat.postMessage({ text: message.text, channel: slackUserId }),
    ];
    for (const send of fallbacks) {
      try {
        await send();
        return true;
      } catch (error) {
        logger.warn({ err: error }, 'reply rejected, trying the next method');
      }
    }
    logger.error({ slackUserId }, 'reply not sent');
    return false;
  };
  return {
    ephemeral,
    async replace(to, message) {
      if (await this.update(to, message)) return true;
      return ephemeral({ ...to, responseUrl: undefined }, message);
    },
    update: (to, message) =>
      to.view?.viewId === undefined
        ? postTo(dependencies, to, { ...message, replace_original: true })
        : showTo(dependencies, to, message),
    async remove(to) {
      if (await postTo(dependencies, to, { delete_original: true })) return;
      await ephemeral(to, notice('Slack couldn’t remove that message. Dismiss it manually.'));
    },
  };
}

/** A trigger is valid once, for three seconds, and a person may close the modal: then there are messages. */
async function showTo(
  { web, logger }: ReplyDependencies,
  { view: place }: Pick<ReplyTo, 'view'>,
  { blocks }: Message,
): Promise<boolean> {
  if (place === undefined) return false;
  const { triggerId, overViewId, viewId } = place;
  const view: ModalView = { type: 'modal', title: plainText('Keysmith'), close: plainText('Close'), blocks };
  const request = { trigger_id: triggerId, view };
  try {
    const shown =
      viewId !== undefined
        ? await web.views.update({ view_id: viewId, view })
        : await (overViewId === undefined ? web.views.open(request) : web.views.push(request));
    place.viewId = shown.view?.id;
    return true;
  } catch (error) {
    logger.warn({ err: error }, 'reply not shown in a modal, sending a message');
    return false;
  }
}

async function postTo(
  { fetch, apiUrl, logger }: ReplyDependencies,
  { responseUrl }: Pick<ReplyTo, 'responseUrl'>,
  body: ResponseUrlBody,
): Promise<boolean> {
  if (responseUrl === undefined) return false;
  if (!isResponseUrl(responseUrl, { apiUrl })) {
    logger.warn('response URL ignored: not issued by Slack');
    return false;
  }
  const attempt = await postOnce({
    fetch,
    url: responseUrl,
    body,
    timeoutMs: REPLY_TIMEOUT_MS,
    errorIn: responseUrlError,
  });
  if (attempt.outcome !== 'accepted') logger.warn(attempt, 'reply not accepted at the response URL');
  return attempt.outcome === 'accepted';
}
