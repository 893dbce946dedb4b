import type { UnclearCause } from '../../application/ports/backend.ts';
import type { BackendFailure } from '../../application/ports/backend-failure.ts';
import { byHandWords } from './team-page-words.ts';
import { code } from './text.ts';

interface FailureWords {
  /** What the W&B server did instead of its part: goes on after a colon, and ends in a full stop. */
  happened: string;
  advice: string;
  /** Whether the same thing may go well another time, or with other values. */
  isWorthRepeating: boolean;
  /** Whether somebody gets further in W&B's own pages: not where the server itself is out of reach. */
  isForHands: boolean;
}

/**
 * Why the W&B server did not do its part, `effect` ("Nothing was made.") and what to do; with the team's page in W&B where
 * an admin gets further there. Goes on after a colon. Markup.
 */
export function backendFailureWords(
  failure: BackendFailure,
  { effect, teamPage }: { effect: string; teamPage?: string | undefined },
): string {
  const { happened, advice, isForHands } = failureWords(failure);
  return `${happened} ${effect} ${advice}${isForHands ? byHandWords(teamPage) : ''}`;
}

/** What happened alone, for where the outcome is not known yet. Goes on after a colon. Markup. */
export function unclearCauseWords(cause: UnclearCause): string {
  return cause.reason === 'not_recorded'
    ? 'the W&B server did its part, but Keysmith’s database did not record it.'
    : failureWords(cause).happened;
}

export function isWorthRepeating(failure: BackendFailure): boolean {
  return failureWords(failure).isWorthRepeating;
}

function failureWords(failure: BackendFailure): FailureWords {
  switch (failure.reason) {
    case 'no_answer':
      return {
        happened: 'the W&B server did not answer in time, or broke off.',
        advice: AGAIN,
        ...PASSING,
      };
    case 'server_error':
      return {
        happened: 'the W&B server answered that something is wrong with itself.',
        advice: AGAIN,
        ...PASSING,
      };
    case 'rate_limited':
      return {
        happened: 'the W&B server takes no more requests for now.',
        advice: `Try again in ${waitWords(failure.retryAfterSeconds)}.`,
        ...PASSING,
      };
    case 'credential_refused':
      return {
        happened: 'the W&B server does not accept the API key that Keysmith signs in with.',
        advice: `${TELL}: Keysmith needs a new API key of its W&B account.`,
        ...LASTING,
      };
    case 'not_allowed':
      return {
        happened: 'the W&B server does not allow Keysmith to do that.',
        advice: `${TELL}: Keysmith’s W&B account has to be an admin of the team, or of the organization.`,
        ...LASTING,
      };
    case 'not_supported':
      return {
        happened: 'this W&B server can’t do that, or it is switched off there.',
        advice: 'Whoever runs the W&B server can say whether it is to be had.',
        ...LASTING,
      };
    case 'not_a_wandb_server':
      return {
        happened: 'what answered was not the W&B server, but a log-in page or something else in its place.',
        advice: `${TELL}: the address of the W&B server may be wrong, or a proxy stands between.`,
        isWorthRepeating: false,
        isForHands: false,
      };
    case 'refused':
      return {
        happened:
          failure.message === undefined
            ? 'the W&B server refused, without saying why.'
            : `the W&B server refused. It said: ${code(failure.message)}.`,
        advice: 'If that does not say what to change, tell whoever runs Keysmith, with the reference below.',
        isWorthRepeating: true,
        isForHands: true,
      };
  }
}

const TELL = 'Tell whoever runs Keysmith, with the reference below';
const AGAIN = 'Try again in a minute. If it goes on, tell whoever runs Keysmith, with the reference below.';
const PASSING = { isWorthRepeating: true, isForHands: false };
const LASTING = { isWorthRepeating: false, isForHands: true };

function waitWords(seconds: number | undefined): string {
  if (seconds === undefined || seconds <= 60) return 'a minute';
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
