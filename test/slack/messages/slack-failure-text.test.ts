import { describe, expect, test } from 'vitest';
import { DirectoryUnavailableError, type SlackFailure } from '../../../src/application/ports/slack.ts';
import { failureText, isPermanentFailure } from '../../../src/slack/messages/failures/refusal-text.ts';

const error = (failure: SlackFailure) => new DirectoryUnavailableError('no profile', { failure });
const WHO = 'Nothing was changed: Slack couldn’t confirm who you are.';

describe('A person whom Slack doesn’t identify', () => {
  test.each<[SlackFailure, string]>([
    [{ reason: 'timeout' }, 'Try again in a minute.'],
    [{ reason: 'connection_lost' }, 'Try again in a minute.'],
    [{ reason: 'slack_unavailable' }, 'Try again in a minute.'],
    [{ reason: 'unexpected_response' }, 'Try again in a minute.'],
    [{ reason: 'rate_limited', retryAfterSeconds: undefined }, 'Try again in a minute.'],
    [{ reason: 'rate_limited', retryAfterSeconds: 30 }, 'Try again in a minute.'],
    [{ reason: 'rate_limited', retryAfterSeconds: 300 }, 'Try again in 5 minutes.'],
  ])('reads when to try again after a cause that passes: %o', (failure, next) => {
    expect(failureText(error(failure))).toBe(`${WHO} ${next}`);
    expect(isPermanentFailure(error(failure))).toBe(false);
  });

  test.each<[SlackFailure, string, string]>([
    [
      { reason: 'token_rejected', code: 'token_revoked' },
      '`token_revoked`',
      'Ask your Keysmith administrator',
    ],
    [
      { reason: 'token_rejected', code: 'account_inactive' },
      '`account_inactive`',
      'Ask your Keysmith administrator',
    ],
    [{ reason: 'scope_missing' }, '`missing_scope`', 'Ask your Keysmith administrator'],
    [
      { reason: 'request_rejected', code: 'method_deprecated' },
      '`method_deprecated`',
      'Ask your Keysmith administrator',
    ],
    [
      { reason: 'not_allowed', code: 'ekm_access_denied' },
      '`ekm_access_denied`',
      'Ask an admin of your Slack workspace',
    ],
  ])('reads the cause and whom to ask when another attempt can’t help: %o', (failure, cause, whom) => {
    const text = failureText(error(failure));
    expect(text).toContain(WHO);
    expect(text).toContain(cause);
    expect(text).toContain(whom);
    expect(text).not.toMatch(/try again|in a minute/i);
    expect(isPermanentFailure(error(failure))).toBe(true);
  });
});
