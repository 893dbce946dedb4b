import { WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import type { SlackFailure } from '../../application/ports/slack.ts';
import { UNREADABLE_RESPONSE } from './slack-fetch.ts';
import { isTokenRejection, slackErrorCode } from './token-rejection.ts';

/** Returns after how many seconds Slack accepts the call again, if its limit was reached. */
export function rateLimitSeconds(error: unknown): number | undefined {
  return error instanceof WebAPIRateLimitedError ? error.retryAfter : undefined;
}

/** Codes of a rule of the workspace or the organization, which an admin of Slack has to change. */
const NOT_ALLOWED = new Set([
  'access_denied',
  'accesslimited',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'forbidden_team',
  'no_permission',
  'org_login_required',
  'restricted_action',
  'team_access_not_granted',
  'two_factor_setup_required',
]);

/** Codes of a request that Slack doesn't accept from anyone, or no longer. Any other code may come from an outage. */
const REQUEST_REJECTED = new Set([
  'deprecated_endpoint',
  'invalid_arg_name',
  'invalid_arguments',
  'invalid_array_arg',
  'invalid_blocks',
  'invalid_charset',
  'invalid_form_data',
  'invalid_json',
  'invalid_post_type',
  'json_not_object',
  'method_deprecated',
  'missing_argument',
  'missing_post_type',
  'unknown_method',
]);

/** Returns why a call of WebClient failed, by whether and how it can succeed later. */
export function slackFailure(error: unknown): SlackFailure {
  const code = slackErrorCode(error);
  if (code !== undefined) return failureOfCode(code);
  if (error instanceof WebAPIRateLimitedError) {
    return { reason: 'rate_limited', retryAfterSeconds: error.retryAfter };
  }
  if (error instanceof WebAPIHTTPError) {
    return { reason: error.statusCode >= 500 ? 'slack_unavailable' : 'unexpected_response' };
  }
  if (error instanceof WebAPIRequestError) {
    return { reason: error.original.name === 'TimeoutError' ? 'timeout' : 'connection_lost' };
  }
  return { reason: 'slack_unavailable' };
}

function failureOfCode(code: string): SlackFailure {
  if (code === 'ratelimited' || code === 'rate_limited') {
    return { reason: 'rate_limited', retryAfterSeconds: undefined };
  }
  if (code === UNREADABLE_RESPONSE) return { reason: 'unexpected_response' };
  if (NOT_ALLOWED.has(code)) return { reason: 'not_allowed', code };
  if (REQUEST_REJECTED.has(code)) return { reason: 'request_rejected', code };
  if (code === 'missing_scope') return { reason: 'scope_missing' };
  return isTokenRejection(code) ? { reason: 'token_rejected', code } : { reason: 'slack_unavailable' };
}
