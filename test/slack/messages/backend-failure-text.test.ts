import { describe, expect, test } from 'vitest';
import { type BackendFailure, BackendUnavailableError } from '../../../src/application/ports/backend.ts';
import {
  backendFailureText,
  isWorthRetrying,
  outcomeCauseText,
} from '../../../src/slack/messages/failures/backend-failure-text.ts';
import { failureText, readFailureText } from '../../../src/slack/messages/failures/refusal-text.ts';

const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';
const text = (failure: BackendFailure) => backendFailureText(failure, PAGE);

const FAILURES: BackendFailure[] = [
  { reason: 'not_reached' },
  { reason: 'broken_off' },
  { reason: 'too_slow' },
  { reason: 'under_way' },
  { reason: 'server_error' },
  { reason: 'rate_limited', retryAfterSeconds: undefined },
  { reason: 'credential_refused' },
  { reason: 'not_allowed' },
  { reason: 'not_supported' },
  { reason: 'other_page' },
  { reason: 'redirected', host: undefined },
  { reason: 'redirected', host: 'login.acme.test:8443' },
  { reason: 'no_api' },
  { reason: 'other_answer' },
  { reason: 'answer_too_large' },
  { reason: 'team_not_shown' },
  { reason: 'account_not_shown' },
  { reason: 'not_found', message: 'entity not found' },
  { reason: 'conflict', message: 'it exists' },
  { reason: 'refused', message: undefined },
  { reason: 'refused', message: 'entity is read only' },
];

describe('Text for a failure of the W&B server', () => {
  test('names a different cause for each failure', () => {
    expect(new Set(FAILURES.map((failure) => outcomeCauseText(failure))).size).toBe(FAILURES.length);
  });

  test.each(FAILURES)('says what happened and what to do for $reason', (failure) => {
    expect(text(failure)).toMatch(/^(the|this|there’s|a|an|Keysmith) .+\. [A-Z].+\S$/);
  });

  test.each(['credential_refused', 'not_allowed', 'not_supported', 'team_not_shown'] as const)(
    'leads to the team’s page in W&B for %s, where a retry doesn’t help',
    (reason) => {
      expect(text({ reason })).toContain(`A team admin can do it manually in W&B: <${PAGE}>`);
      expect(isWorthRetrying({ reason })).toBe(false);
    },
  );

  test.each(['not_reached', 'broken_off', 'too_slow', 'server_error'] as const)(
    'recommends a retry for %s, and not the page of a server that can’t be reached',
    (reason) => {
      expect(text({ reason })).toContain('Try again in a minute.');
      expect(text({ reason })).not.toContain(PAGE);
      expect(isWorthRetrying({ reason })).toBe(true);
    },
  );

  test.each([
    [undefined, 'Try again in a minute.'],
    [7, 'Try again in a minute.'],
    [61, 'Try again in 2 minutes.'],
    [3_600, 'Try again in 60 minutes.'],
    [86_400, 'Try again in 24 hours.'],
  ])('says how long to wait where the server limits requests for %s seconds', (retryAfterSeconds, wait) => {
    expect(text({ reason: 'rate_limited', retryAfterSeconds })).toContain(wait);
  });

  test('shows the server’s own message as code, whatever it contains', () => {
    const shown = text({ reason: 'refused', message: '`<!channel>` *now* <https://evil.test|here> & :key:' });

    expect(shown).toContain(
      "rejected the request with `'&lt;!channel&gt;' *now* &lt;https://evil.test|here&gt; &amp; :key:`.",
    );
  });

  test('escapes the team’s page, so that its URL can’t end the link', () => {
    const shown = backendFailureText(
      { reason: 'not_allowed' },
      'https://wandb.acme.test/a|b>c/service-accounts',
    );

    expect(shown).toContain('<https://wandb.acme.test/a%7Cb&gt;c/service-accounts>');
  });

  test('says that nothing was changed where only reading failed', () => {
    expect(failureText(new BackendUnavailableError({ reason: 'broken_off' }))).toBe(
      'Nothing was changed: the connection to the W&B server was lost before it finished responding. Try again in a minute. If it keeps failing, contact your Keysmith administrator with the reference below.',
    );
    expect(failureText(new BackendUnavailableError({ reason: 'not_allowed' }), PAGE)).toContain(PAGE);
  });
});

test('The Home tab, which changes nothing, says nothing of a change after an unexpected error', () => {
  expect(readFailureText(new Error('boom'))).toBe(
    'Open it again in a minute. If it keeps failing, contact your Keysmith administrator with the reference below.',
  );
  const error = new BackendUnavailableError({ reason: 'too_slow' });
  expect(readFailureText(error)).toBe(failureText(error));
});
