import { WebAPIHTTPError, WebAPIPlatformError } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { SlackTokenRejectedError, toTokenRejection } from '../../../src/slack/web/token-rejection.ts';

const platformError = (error: string) => new WebAPIPlatformError({ ok: false, error } as never);

describe('A token that Slack rejects', () => {
  test.each([
    ['invalid_auth', 'Copy the app-level token from the app'],
    ['not_authed', 'Copy the app-level token from the app'],
    ['token_revoked', 'Copy the app-level token from the app'],
    ['token_expired', 'Copy the app-level token from the app'],
    ['account_inactive', 'Install the app in the workspace again'],
    ['app_uninstalled', 'Install the app in the workspace again'],
    ['user_removed_from_team', 'Install the app in the workspace again'],
    ['team_disabled', 'Install the app in the workspace again'],
    ['missing_scope', 'Generate an app-level token with the scope connections:write'],
    ['not_allowed_token_type', 'starts with xapp-'],
    ['no_permission', 'Ask an admin of the Slack workspace'],
  ])('ends the process with the remedy: %s', (code, remedy) => {
    const rejection = toTokenRejection(platformError(code), 'SLACK_APP_TOKEN');
    expect(rejection).toBeInstanceOf(SlackTokenRejectedError);
    expect(String(rejection)).toContain(`Slack rejected SLACK_APP_TOKEN (${code}).`);
    expect(String(rejection)).toContain(remedy);
  });

  test.each([
    platformError('internal_error'),
    platformError('service_unavailable'),
    platformError('ratelimited'),
    platformError('request_timeout'),
    platformError('team_added_to_org'),
    platformError('org_login_required'),
    new WebAPIHTTPError(503, 'Unavailable', {}, ''),
    new Error('connect ECONNREFUSED'),
    undefined,
  ])('is not assumed after an error that passes: %s', (error) => {
    expect(toTokenRejection(error, 'SLACK_APP_TOKEN')).toBe(error);
  });
});
