import type { DeliveryFailure, Route } from '../../application/ports/slack.ts';

type Reason = DeliveryFailure['reason'];

/** Slack's error codes for `chat.postEphemeral` and response URLs, as far as people can act on them. */
const REASONS = new Map<string, Reason>([
  ['timeout', 'timeout'],
  ['connection_lost', 'connection_lost'],
  ['ratelimited', 'rate_limited'],
  ['rate_limited', 'rate_limited'],
  ['http_429', 'rate_limited'],
  ['internal_error', 'slack_unavailable'],
  ['fatal_error', 'slack_unavailable'],
  ['service_unavailable', 'slack_unavailable'],
  ['request_timeout', 'slack_unavailable'],
  ['team_added_to_org', 'slack_unavailable'],
  ['not_in_channel', 'app_not_in_conversation'],
  // Slack hides private conversations from apps that aren't in them.
  ['channel_not_found', 'app_not_in_conversation'],
  ['user_not_in_channel', 'person_not_in_conversation'],
  ['is_archived', 'conversation_archived'],
  ['channel_is_archived', 'conversation_archived'],
  ['expired_url', 'response_url_expired'],
  ['used_url', 'response_url_used_up'],
  ['access_denied', 'app_not_permitted'],
  ['accesslimited', 'app_not_permitted'],
  ['account_inactive', 'app_not_permitted'],
  ['app_uninstalled', 'app_not_permitted'],
  ['ekm_access_denied', 'app_not_permitted'],
  ['enterprise_is_restricted', 'app_not_permitted'],
  ['forbidden_team', 'app_not_permitted'],
  ['invalid_auth', 'app_not_permitted'],
  ['is_bot', 'app_not_permitted'],
  ['messages_tab_disabled', 'app_not_permitted'],
  ['missing_scope', 'app_not_permitted'],
  ['no_permission', 'app_not_permitted'],
  ['not_allowed_token_type', 'app_not_permitted'],
  ['not_authed', 'app_not_permitted'],
  ['org_login_required', 'app_not_permitted'],
  ['restricted_action', 'app_not_permitted'],
  ['team_access_not_granted', 'app_not_permitted'],
  ['team_disabled', 'app_not_permitted'],
  ['token_expired', 'app_not_permitted'],
  ['token_revoked', 'app_not_permitted'],
  ['two_factor_setup_required', 'app_not_permitted'],
  ['user_removed_from_team', 'app_not_permitted'],
  ['unreadable_answer', 'unexpected_response'],
]);

/**
 * Returns why a delivery failed, tagged for the person's message.
 *
 * @param attempt.cause Slack's error code, `http_` and a status, `timeout`, `connection_lost` or `unreadable_response`
 */
export function deliveryFailure(
  {
    outcome,
    cause,
    retryAfterSeconds,
  }: { outcome: 'rejected' | 'unknown'; cause: string; retryAfterSeconds?: number },
  route: Route,
): DeliveryFailure {
  const reason = REASONS.get(cause) ?? unlistedReason(outcome, cause);
  switch (reason) {
    case 'app_not_in_conversation':
    case 'person_not_in_conversation':
    case 'conversation_archived':
      return route.kind === 'post_ephemeral'
        ? { reason, channelId: route.channelId }
        : { reason: 'message_rejected' };
    case 'rate_limited':
      return { reason, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
    default:
      return { reason };
  }
}

function unlistedReason(outcome: 'rejected' | 'unknown', cause: string): Reason {
  if (/^http_5\d\d$/.test(cause)) return 'slack_unavailable';
  return outcome === 'rejected' ? 'message_rejected' : 'unexpected_response';
}
