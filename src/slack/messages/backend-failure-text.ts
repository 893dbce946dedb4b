import type {
  BackendFailure,
  PermanentFailure,
  RefusedFailure,
  TemporaryFailure,
  UnexpectedResponseFailure,
  UnknownOutcomeCause,
} from '../../application/ports/backend.ts';
import { code, link } from './blocks.ts';

/** Where an admin of the team does by hand what Keysmith can't: a sentence to add, empty where there is no such page. Markup. */
export function byHandWords(teamPage: string | undefined): string {
  return teamPage === undefined
    ? ''
    : ` An admin of the team can do it by hand, on the team’s page in W&B: ${link(teamPage)}`;
}

/** The page alone, for looking: a sentence to add, empty where there is none. Markup. */
export function teamPageWords(teamPage: string | undefined): string {
  return teamPage === undefined ? '' : ` The team’s page in W&B: ${link(teamPage)}`;
}

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
export function unclearCauseWords(cause: UnknownOutcomeCause): string {
  return cause.reason === 'not_recorded'
    ? 'the W&B server did its part, but Keysmith’s database did not record it.'
    : failureWords(cause).happened;
}

export function isWorthRepeating(failure: BackendFailure): boolean {
  return failureWords(failure).isWorthRepeating;
}

function failureWords(failure: BackendFailure): FailureWords {
  switch (failure.reason) {
    case 'not_reached':
    case 'broken_off':
    case 'too_slow':
    case 'server_error':
    case 'rate_limited':
    case 'account_not_shown':
    case 'under_way':
      return { ...passingWords(failure), isWorthRepeating: true, isForHands: false };
    case 'credential_refused':
    case 'not_allowed':
    case 'not_supported':
    case 'team_not_shown':
    case 'another_account':
      return { ...lastingWords(failure), isWorthRepeating: false, isForHands: true };
    case 'other_page':
    case 'redirected':
    case 'no_api':
    case 'other_answer':
    case 'answer_too_large':
      return { ...strangerWords(failure), isWorthRepeating: false, isForHands: false };
    case 'not_found':
    case 'conflict':
    case 'refused':
      return { ...refusedWords(failure), isWorthRepeating: true, isForHands: true };
  }
}

type Said = Pick<FailureWords, 'happened' | 'advice'>;

function passingWords(failure: TemporaryFailure): Said {
  switch (failure.reason) {
    case 'not_reached':
      return { happened: 'the W&B server could not be reached.', advice: AGAIN };
    case 'broken_off':
      return {
        happened: 'the connection to the W&B server was cut before its whole answer was there.',
        advice: AGAIN,
      };
    case 'too_slow':
      return {
        happened: 'the W&B server took too long to answer: Keysmith waits for ten seconds at most.',
        advice: AGAIN,
      };
    case 'server_error':
      return { happened: 'the W&B server answered that something is wrong with itself.', advice: AGAIN };
    case 'rate_limited':
      return {
        happened: 'the W&B server takes no more requests for now.',
        advice: `Try again in ${waitWords(failure.retryAfterSeconds)}.`,
      };
    case 'account_not_shown':
      return {
        happened: 'the W&B server does not show the account that it said to have made.',
        advice: AGAIN,
      };
    case 'under_way':
      return { happened: 'Keysmith is still at it, from another try.', advice: AGAIN };
  }
}

function lastingWords({ reason }: PermanentFailure): Said {
  switch (reason) {
    case 'credential_refused':
      return {
        happened: 'the W&B server does not accept the API key that Keysmith signs in with.',
        advice: `${TELL}: Keysmith needs a new API key of its W&B account.`,
      };
    case 'not_allowed':
      return {
        happened: 'the W&B server does not allow Keysmith to do that.',
        advice: `${TELL}: Keysmith’s W&B account has to be an admin of the team, or of the organization.`,
      };
    case 'not_supported':
      return {
        happened: 'this W&B server can’t do that, or it is switched off there.',
        advice: 'Whoever runs the W&B server can say whether it is to be had.',
      };
    case 'team_not_shown':
      return {
        happened: 'the W&B server does not show Keysmith the team any more.',
        advice: `${TELL}: the team may be gone, or Keysmith’s W&B account may not see it any more.`,
      };
    case 'another_account':
      return {
        happened:
          'the W&B server shows a person, or an account of another name, in the place of this one, and Keysmith touches neither.',
        advice: 'Look in W&B whether the account was renamed there, and what it is now.',
      };
  }
}

function strangerWords(failure: UnexpectedResponseFailure): Said {
  switch (failure.reason) {
    case 'other_page':
      return {
        happened: 'what answered was not the W&B server, but a log-in page or something else in its place.',
        advice: `${TELL}: a proxy or a log-in may stand before the W&B server.`,
      };
    case 'redirected':
      return {
        happened: `the address of the W&B server sends Keysmith on to ${failure.host === undefined ? 'another one' : code(failure.host)}, and Keysmith does not follow.`,
        advice: `${TELL}: the W&B server may have moved, or a log-in may stand before it.`,
      };
    case 'no_api':
      return {
        happened: 'there is no W&B server at the address that Keysmith has for it.',
        advice: `${TELL}: the address may be wrong, or lack its path.`,
      };
    case 'other_answer':
      return {
        happened: 'the W&B server answered with something else than it was asked for.',
        advice: `${TELL}: the W&B server may be of a version that Keysmith does not know, or its address may be wrong.`,
      };
    case 'answer_too_large':
      return {
        happened: 'the W&B server answered with more than Keysmith reads.',
        advice: `${TELL}: the team may have very many members, or the address of the W&B server may be wrong.`,
      };
  }
}

/** What the server said no to in words of its own. */
function refusedWords({ reason, message }: RefusedFailure): Said {
  const itSaid = message === undefined ? 'It did not say more.' : `It said: ${code(message)}.`;
  switch (reason) {
    case 'not_found':
      return {
        happened: `the W&B server did not find what this is about. ${itSaid}`,
        advice: `Look in W&B whether the team, or the account, is still there. ${TELL}, if it is.`,
      };
    case 'conflict':
      return {
        happened: `the W&B server has something there already that this conflicts with, most likely of the same name. ${itSaid}`,
        advice: 'Look in W&B what it is, or choose another name.',
      };
    case 'refused':
      return {
        happened:
          message === undefined
            ? 'the W&B server refused, without saying why.'
            : `the W&B server refused. ${itSaid}`,
        advice: 'If that does not say what to change, tell whoever runs Keysmith, with the reference below.',
      };
  }
}

const TELL = 'Tell whoever runs Keysmith, with the reference below';
const AGAIN = 'Try again in a minute. If it goes on, tell whoever runs Keysmith, with the reference below.';

function waitWords(seconds: number | undefined): string {
  if (seconds === undefined || seconds <= 60) return 'a minute';
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
