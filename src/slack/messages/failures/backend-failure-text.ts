import type {
  BackendFailure,
  PermanentFailure,
  RefusedFailure,
  TemporaryFailure,
  UnexpectedResponseFailure,
  UnknownOutcomeCause,
} from '../../../application/ports/backend.ts';
import { code, link } from '../blocks.ts';

interface FailureText {
  /** What the W&B server did instead. Continues after a colon and ends with a full stop. */
  happened: string;
  advice: string;
  /** Whether the same request may succeed later, or with other values. */
  isWorthRetrying: boolean;
  /** Whether a team admin gets further in W&B itself; false while the server can't be reached. */
  needsManualAction: boolean;
}

/**
 * Returns why the W&B server didn't do its part and what to do, with the team's page in W&B where an admin gets further
 * there. Markup that continues after a colon: "The account wasn't created: …".
 */
export function backendFailureText(failure: BackendFailure, teamPage?: string): string {
  const { happened, advice, needsManualAction } = failureText(failure);
  return `${happened} ${advice}${needsManualAction ? manualStepsText(teamPage) : ''}`;
}

/** Returns only what happened, for an outcome that isn't known yet. Markup that continues after a colon. */
export function outcomeCauseText(cause: UnknownOutcomeCause): string {
  return cause.reason === 'not_recorded'
    ? 'the W&B server completed the request, but Keysmith’s database didn’t record it.'
    : failureText(cause).happened;
}

/** Returns what happened, and what to change where Keysmith can't get further on its own. Markup that continues after a colon. */
export function pendingCauseText(cause: UnknownOutcomeCause): string {
  if (cause.reason === 'not_recorded') return outcomeCauseText(cause);
  const { happened, advice, isWorthRetrying } = failureText(cause);
  return isWorthRetrying ? happened : `${happened} ${advice}`;
}

const CREATE_AGAIN = 'Run `/wandb service-account new` to try again.';

/** Causes that Keysmith stores for a creation that failed, besides the reasons of {@link BackendFailure}. */
const CREATION_CAUSES: Readonly<Record<string, CauseAndAdvice>> = {
  not_admin: {
    happened: 'you’re no longer an admin of the team.',
    advice: 'Ask an admin of the team to create it.',
  },
  not_member: {
    happened: 'you’re no longer a member of the team.',
    advice: 'Ask an admin of the team to add you, and request it again.',
  },
  too_late: { happened: 'the W&B server didn’t create it within an hour.', advice: CREATE_AGAIN },
  process_lost: {
    happened: 'Keysmith restarted before the W&B server responded.',
    advice: CREATE_AGAIN,
  },
  removed_again: {
    happened: 'its key couldn’t be delivered, so Keysmith deleted it again.',
    advice: CREATE_AGAIN,
  },
};

const NOT_COMPLETED: CauseAndAdvice = {
  happened: 'the W&B server didn’t complete the request.',
  advice: CREATE_AGAIN,
};

/** Returns why an account wasn't created, from a stored cause code, and what to do. Markup that continues after a colon. */
export function creationCauseText(cause: string): string {
  const { happened, advice } = CREATION_CAUSES[cause] ?? storedFailureText(cause) ?? NOT_COMPLETED;
  return `${happened} ${advice}`;
}

/** Only the reason is stored. Undefined for a code that isn't one. */
function storedFailureText(reason: string): CauseAndAdvice | undefined {
  const failure = { reason } as BackendFailure;
  const text: FailureText | undefined = failureText(failure);
  return text && { happened: text.happened, advice: text.isWorthRetrying ? CREATE_AGAIN : text.advice };
}

export function isWorthRetrying(failure: BackendFailure): boolean {
  return failureText(failure).isWorthRetrying;
}

/** Returns a sentence with the page where a team admin can do what Keysmith can't; empty without a page. Markup. */
export function manualStepsText(teamPage: string | undefined): string {
  return teamPage === undefined ? '' : ` A team admin can do it manually in W&B: ${link(teamPage)}`;
}

/** Returns a sentence with the team's page; empty without one. Markup. */
export function teamPageText(teamPage: string | undefined): string {
  return teamPage === undefined ? '' : ` See the team in W&B: ${link(teamPage)}`;
}

function failureText(failure: BackendFailure): FailureText {
  switch (failure.reason) {
    case 'not_reached':
    case 'broken_off':
    case 'too_slow':
    case 'server_error':
    case 'rate_limited':
    case 'account_not_shown':
    case 'under_way':
      return { ...temporaryText(failure), isWorthRetrying: true, needsManualAction: false };
    case 'credential_refused':
    case 'not_allowed':
    case 'not_supported':
    case 'team_not_shown':
    case 'another_account':
      return { ...permanentText(failure), isWorthRetrying: false, needsManualAction: true };
    case 'other_page':
    case 'redirected':
    case 'no_api':
    case 'other_answer':
    case 'answer_too_large':
      return { ...unexpectedResponseText(failure), isWorthRetrying: false, needsManualAction: false };
    case 'not_found':
    case 'conflict':
    case 'refused':
      return { ...rejectionText(failure), isWorthRetrying: true, needsManualAction: true };
  }
}

type CauseAndAdvice = Pick<FailureText, 'happened' | 'advice'>;

function temporaryText(failure: TemporaryFailure): CauseAndAdvice {
  switch (failure.reason) {
    case 'not_reached':
      return { happened: 'Keysmith couldn’t reach the W&B server.', advice: TRY_AGAIN };
    case 'broken_off':
      return {
        happened: 'the connection to the W&B server was lost before it finished responding.',
        advice: TRY_AGAIN,
      };
    case 'too_slow':
      return { happened: 'the W&B server took longer than ten seconds to respond.', advice: TRY_AGAIN };
    case 'server_error':
      return { happened: 'the W&B server returned an internal error.', advice: TRY_AGAIN };
    case 'rate_limited':
      return {
        happened: 'the W&B server is limiting requests.',
        advice: `Try again in ${waitText(failure.retryAfterSeconds)}.`,
      };
    case 'account_not_shown':
      return {
        happened: 'the W&B server reported a new account but doesn’t list it.',
        advice: TRY_AGAIN,
      };
    case 'under_way':
      return { happened: 'an earlier attempt is still running.', advice: TRY_AGAIN };
  }
}

function permanentText({ reason }: PermanentFailure): CauseAndAdvice {
  switch (reason) {
    case 'credential_refused':
      return {
        happened: 'the W&B server doesn’t accept Keysmith’s API key.',
        advice: askAdministrator('replace the API key of Keysmith’s W&B account'),
      };
    case 'not_allowed':
      return {
        happened: 'the W&B server doesn’t allow Keysmith to do that.',
        advice: askAdministrator('make Keysmith’s W&B account an admin of the team or organization'),
      };
    case 'not_supported':
      return {
        happened: 'this W&B server doesn’t support that, or it’s turned off there.',
        advice: 'Ask your W&B administrator whether it can be enabled.',
      };
    case 'team_not_shown':
      return {
        happened: 'the W&B server no longer shows the team to Keysmith.',
        advice: askAdministrator('check that the team exists and that Keysmith’s W&B account can see it'),
      };
    case 'another_account':
      return {
        happened:
          'the W&B server shows a different account, or several, under its name or ID, so Keysmith left it unchanged.',
        advice: 'Check in W&B whether accounts were renamed or added.',
      };
  }
}

function unexpectedResponseText(failure: UnexpectedResponseFailure): CauseAndAdvice {
  switch (failure.reason) {
    case 'other_page':
      return {
        happened: 'a sign-in page or another server responded instead of the W&B server.',
        advice: askAdministrator('check for a proxy or sign-in page in front of the W&B server'),
      };
    case 'redirected':
      return {
        happened: `the W&B server redirects to ${failure.host === undefined ? 'another address' : code(failure.host)}, and Keysmith doesn’t follow redirects.`,
        advice: askAdministrator('check whether the W&B server moved or is behind a sign-in page'),
      };
    case 'no_api':
      return {
        happened: 'there’s no W&B server at the configured address.',
        advice: askAdministrator('check the W&B server’s address, including its path'),
      };
    case 'other_answer':
      return {
        happened: 'the W&B server returned an unexpected response.',
        advice: askAdministrator('check the W&B server’s version and address'),
      };
    case 'answer_too_large':
      return {
        happened: 'the W&B server’s response was too large.',
        advice: askAdministrator('check the team’s number of members and the W&B server’s address'),
      };
  }
}

/** Text for errors that the server explained in its own words. */
function rejectionText({ reason, message }: RefusedFailure): CauseAndAdvice {
  const quoted = message === undefined ? '' : ` (${code(message)})`;
  switch (reason) {
    case 'not_found':
      return {
        happened: `the W&B server couldn’t find the team or account${quoted}.`,
        advice: `Check in W&B whether it still exists; if it does, ${CONTACT}.`,
      };
    case 'conflict':
      return {
        happened: `the W&B server reported a conflict with something that already exists${quoted}.`,
        advice: `Look for it in W&B; if you don’t find it, ${CONTACT}.`,
      };
    case 'refused':
      return {
        happened:
          message === undefined
            ? 'the W&B server rejected the request without a reason.'
            : `the W&B server rejected the request with ${code(message)}.`,
        advice: `If the server’s message doesn’t say what to change, ${CONTACT}.`,
      };
  }
}

/** Continues a sentence: "If it keeps failing, …". */
export const CONTACT = 'contact your Keysmith administrator with the reference below';
export const TRY_AGAIN = `Try again in a minute. If it keeps failing, ${CONTACT}.`;

function askAdministrator(action: string): string {
  return `Ask your Keysmith administrator to ${action}, and quote the reference below.`;
}

export function waitText(seconds: number | undefined): string {
  if (seconds === undefined || seconds <= 60) return 'a minute';
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
