import { describe, expect, test } from 'vitest';
import { type BackendFailure, BackendUnavailableError } from '../../../src/application/ports/backend.ts';
import { backendFailureWords, isWorthRepeating } from '../../../src/slack/messages/backend-failure-text.ts';
import { failureWords } from '../../../src/slack/messages/refusal-text.ts';

const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';
const effect = 'Nothing was made.';
const words = (failure: BackendFailure) => backendFailureWords(failure, { effect, teamPage: PAGE });

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

describe('What a W&B server did instead of its part', () => {
  test('has a sentence of its own for each failure', () => {
    expect(new Set(FAILURES.map((failure) => words(failure).split(effect)[0])).size).toBe(FAILURES.length);
  });

  test.each(FAILURES)('$reason: what happened, what became of it, and what to do', (failure) => {
    expect(words(failure)).toMatch(/^(the|this|there|what|Keysmith) .+\. Nothing was made\. \S.+/);
  });

  test.each(['credential_refused', 'not_allowed', 'not_supported', 'team_not_shown'] as const)(
    '%s: another try does not help, the page in W&B does',
    (reason) => {
      expect(words({ reason })).toContain(
        `An admin of the team can do it by hand, on the team’s page in W&B: <${PAGE}>`,
      );
      expect(isWorthRepeating({ reason })).toBe(false);
    },
  );

  test.each(['not_reached', 'broken_off', 'too_slow', 'server_error'] as const)(
    '%s: another try may help, the page of a server that is out of reach does not',
    (reason) => {
      expect(words({ reason })).toContain('Try again in a minute.');
      expect(words({ reason })).not.toContain(PAGE);
      expect(isWorthRepeating({ reason })).toBe(true);
    },
  );

  test.each([
    [undefined, 'Try again in a minute.'],
    [7, 'Try again in a minute.'],
    [61, 'Try again in 2 minutes.'],
    [3_600, 'Try again in 60 minutes.'],
    [86_400, 'Try again in 24 hours.'],
  ])('a limit of %s seconds says how long to wait', (retryAfterSeconds, said) => {
    expect(words({ reason: 'rate_limited', retryAfterSeconds })).toContain(said);
  });

  test('the server’s own words are code, whatever is in them', () => {
    const said = words({ reason: 'refused', message: '`<!channel>` *now* <https://evil.test|here> & :key:' });

    expect(said).toContain("It said: `'&lt;!channel&gt;' *now* &lt;https://evil.test|here&gt; &amp; :key:`.");
  });

  test('an address is shown whole, and can’t be left', () => {
    const said = backendFailureWords(
      { reason: 'not_allowed' },
      { effect, teamPage: 'https://wandb.acme.test/a|b>c/service-accounts' },
    );

    expect(said).toContain('<https://wandb.acme.test/a%7Cb&gt;c/service-accounts>');
  });

  test('where nothing was to be made the words say that nothing was changed', () => {
    expect(failureWords(new BackendUnavailableError({ reason: 'broken_off' }))).toBe(
      'That failed: the connection to the W&B server was cut before its whole answer was there. Nothing was changed. Try again in a minute. If it goes on, tell whoever runs Keysmith, with the reference below.',
    );
    expect(failureWords(new BackendUnavailableError({ reason: 'not_allowed' }), PAGE)).toContain(PAGE);
  });
});
