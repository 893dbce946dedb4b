import type { SlackFailure } from '../../../application/ports/slack.ts';
import { code } from '../blocks.ts';
import { waitText } from './backend-failure-text.ts';

const ADMINISTRATOR = 'Ask your Keysmith administrator';

/**
 * Returns two sentences for a cause that stays until someone changes something: the cause, and who has to do what. Undefined
 * where a later attempt may succeed. Markup.
 */
export function permanentFailureText(failure: SlackFailure): string | undefined {
  switch (failure.reason) {
    case 'token_rejected':
      return `Slack rejected Keysmith’s token (${code(failure.code)}). ${ADMINISTRATOR} to install the app again and replace the token, and quote the reference below.`;
    case 'scope_missing':
      return `Keysmith lacks a permission in Slack (${code('missing_scope')}). ${ADMINISTRATOR} to install the app again with its current manifest, and quote the reference below.`;
    case 'request_rejected':
      return `Slack doesn’t accept Keysmith’s request (${code(failure.code)}). ${ADMINISTRATOR} to update Keysmith, and quote the reference below.`;
    case 'not_allowed':
      return `Slack doesn’t allow Keysmith to do this here (${code(failure.code)}). Ask an admin of your Slack workspace to allow the app.`;
    case 'rate_limited':
    case 'slack_unavailable':
    case 'connection_lost':
    case 'timeout':
    case 'unexpected_response':
      return undefined;
  }
}

/** Returns how long to wait after a cause that passes, such as `a minute`. */
export function slackWaitText(failure: SlackFailure): string {
  return waitText(failure.reason === 'rate_limited' ? failure.retryAfterSeconds : undefined);
}
