import type { DeliveryFailure } from '../../../application/ports/slack.ts';
import { CONTACT, waitText } from './backend-failure-text.ts';

interface DeliveryFailureText {
  /** Continues after a colon and ends with a full stop. Markup. */
  cause: string;
  /** What to change, for a permanent cause: a sentence. Undefined where the next attempt may succeed. Markup. */
  toChange: string | undefined;
}

/** Returns why Slack didn't deliver a message with a credential. Only a temporary cause has nothing to change. */
export function deliveryFailureText(failure: DeliveryFailure): DeliveryFailureText {
  switch (failure.reason) {
    case 'timeout':
      return temporary('Slack didn’t respond in time.');
    case 'connection_lost':
      return temporary('the connection to Slack was lost.');
    case 'slack_unavailable':
      return temporary('Slack returned an internal error.');
    case 'rate_limited':
      // Up to a minute, the way to the next attempt takes as long.
      return temporary(
        (failure.retryAfterSeconds ?? 0) > 60
          ? `Slack is limiting requests for the next ${waitText(failure.retryAfterSeconds)}.`
          : 'Slack is limiting requests.',
      );
    case 'confirmed_too_late':
      return temporary('Slack confirmed the message too late.');
    case 'app_not_in_conversation': {
      const channel = mention(failure.channelId);
      return channel === undefined
        ? {
            cause: 'Keysmith isn’t in this conversation.',
            toChange: 'Next time, run the command in a channel that Keysmith is in.',
          }
        : {
            cause: `Keysmith isn’t in ${channel}.`,
            toChange: 'To get keys there, invite Keysmith with `/invite @Keysmith`.',
          };
    }
    case 'person_not_in_conversation':
      return {
        cause: `you’re not in ${mention(failure.channelId) ?? 'this conversation'}.`,
        toChange: 'To get keys there, join it first.',
      };
    case 'conversation_archived':
      return {
        cause: `${mention(failure.channelId) ?? 'this conversation'} is archived.`,
        toChange: 'Next time, run the command in another channel.',
      };
    case 'response_url_expired':
      return {
        cause: 'Slack’s response URL has expired.',
        toChange: 'Next time, submit the form within 30 minutes of opening it.',
      };
    case 'response_url_used_up':
      return {
        cause: 'Slack’s response URL was already used five times.',
        toChange: 'Next time, open a new form with `/wandb service-account new`.',
      };
    case 'app_not_permitted':
      return {
        cause: 'Slack doesn’t allow Keysmith to post there.',
        toChange:
          'Ask your Keysmith administrator to check its Slack token and scopes, and quote the reference below.',
      };
    case 'message_rejected':
      return { cause: 'Slack rejected the message.', toChange: `If it happens again, ${CONTACT}.` };
    case 'unexpected_response':
      return {
        cause: 'Slack returned an unexpected response.',
        toChange:
          'Ask your Keysmith administrator to check for a proxy in front of Slack, and quote the reference below.',
      };
    case 'internal_error':
      return {
        cause: 'Keysmith failed with an unexpected error.',
        toChange: `If it happens again, ${CONTACT}.`,
      };
  }
}

function temporary(cause: string): DeliveryFailureText {
  return { cause, toChange: undefined };
}

/** Returns a channel's mention, which Slack shows as its name; undefined for a direct message, which has none. */
function mention(channelId: string): string | undefined {
  return /^[CG][0-9A-Z]+$/.test(channelId) ? `<#${channelId}>` : undefined;
}
