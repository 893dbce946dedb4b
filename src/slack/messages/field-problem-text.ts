import type { FieldProblem } from '../../application/accounts/account-form.ts';
import { ACCOUNT_NAME_LENGTH, FREE_TEXT_LENGTH, type FreeTextProblem } from '../../domain/accounts/names.ts';

/** What stands at the field of a form. Plain text: Slack shows no markup there. */
export function fieldProblemWords(problem: FieldProblem): string {
  switch (problem.field) {
    case 'team':
      return 'This team has been archived meanwhile. Choose another one.';
    case 'name':
      return nameWords(problem.reason);
    case 'method':
      return methodWords(problem.reason);
    case 'expires':
      return 'Choose one of the lifetimes offered.';
    case 'issuer':
      return 'Choose one of the issuers offered.';
    case 'subject':
      return subjectWords(problem);
    case 'contact':
      return 'Choose a person of this workspace.';
    case 'purpose':
      return freeTextWords(problem.reason, FREE_TEXT_LENGTH.purpose);
    case 'used_by':
      return freeTextWords(problem.reason, FREE_TEXT_LENGTH.usedBy);
  }
}

function methodWords(reason: Extract<FieldProblem, { field: 'method' }>['reason']): string {
  switch (reason) {
    case 'no_issuers':
      return 'No issuer is registered for this organization yet, so only API keys can be made. Ask an organization admin.';
    case 'no_key_shown':
      return 'This W&B server does not show new API keys, so Keysmith can’t hand one over. Nothing was made.';
    case 'not_supported':
      return 'This W&B server can’t make such accounts, or it is switched off there. Nothing was made.';
    case 'not_offered':
      return 'Choose one of the methods offered.';
  }
}

function nameWords(reason: Extract<FieldProblem, { field: 'name' }>['reason']): string {
  switch (reason) {
    case 'empty':
    case 'too_short':
      return `Use at least ${ACCOUNT_NAME_LENGTH.min} characters, such as nightly-eval.`;
    case 'too_long':
      return `Use at most ${ACCOUNT_NAME_LENGTH.max} characters.`;
    case 'upper_case':
      return 'Use lower-case letters only, such as nightly-eval.';
    case 'characters':
      return 'Use lower-case letters, digits and hyphens only, such as nightly-eval.';
    case 'hyphens':
      return 'Use single hyphens, between letters or digits, such as nightly-eval.';
    case 'says_nothing':
      return 'This name does not say what the account is for. Say it, such as ci-model-training or nightly-eval.';
    case 'name_taken':
      return 'This team has an account of that name, or had one whose keys may still be in use. Choose another name.';
  }
}

function subjectWords(problem: Extract<FieldProblem, { field: 'subject' }>): string {
  switch (problem.reason) {
    case 'empty':
      return 'Give the subject of the workload’s JWT.';
    case 'too_long':
    case 'invisible_characters':
      return freeTextWords(problem.reason, FREE_TEXT_LENGTH.subject);
    case 'no_patterns':
      return 'For this team only organization admins register external identities. Ask one of them.';
    case 'pattern_mismatch':
      return `This team’s admins may register only subjects that match ${shortList(problem.patterns)}.`;
    case 'subject_taken':
      return 'This subject is registered already. An issuer and a subject belong to one account.';
  }
}

function freeTextWords(reason: FreeTextProblem, maxLength: number): string {
  return reason === 'too_long'
    ? `Use at most ${maxLength} characters.`
    : 'Remove the invisible characters (control or direction marks).';
}

function shortList(patterns: readonly string[]): string {
  const shown = patterns.slice(0, 3).join(' or ');
  const more = patterns.length > 3 ? ` or one of ${patterns.length - 3} more patterns` : '';
  return `${shown.length > 300 ? `${shown.slice(0, 299)}…` : shown}${more}`;
}
