import type { FieldProblem } from '../../../application/accounts/account-form.ts';
import {
  DEFAULT_EXPIRY_RULES,
  type KeyExpiryProblem,
  type KeyExpiryRules,
  lastExpiryDay,
} from '../../../domain/accounts/key-expiry.ts';
import {
  ACCOUNT_NAME_LENGTH,
  FREE_TEXT_LENGTH,
  type FreeTextProblem,
} from '../../../domain/accounts/names.ts';
import type { Platform } from '../../../domain/federation/platforms.ts';
import { shortenedInMiddle } from '../blocks.ts';
import { daysText, policyProblemText, whoSetText } from './policy-text.ts';

/** Returns the error that a form shows at a field. Plain text: Slack renders no markup there. */
export function fieldProblemText(problem: FieldProblem): string {
  if (problem.reason === 'contains_credential') return CREDENTIAL_TEXT;
  if (problem.reason === 'policy') return policyProblemText(problem.problem);
  switch (problem.field) {
    case 'team':
      return 'This team was archived after you opened the form. Choose another one.';
    case 'scope':
      return 'Only organization admins can create accounts for all teams. Choose this team.';
    case 'name':
      return nameText(problem);
    case 'method':
      return methodText(problem.reason);
    case 'expires':
    case 'expires_on':
      return keyExpiryText(problem.reason, problem);
    case 'issuer':
      return problem.reason === 'not_chosen' ? 'Choose an issuer.' : 'Choose one of the listed issuers.';
    case 'subject':
      return subjectText(problem);
    case 'reason':
      return problem.reason === 'empty'
        ? 'Say why you need the account: its approvers read it.'
        : freeText(problem.reason, FREE_TEXT_LENGTH.reason);
    case 'urgent':
      return 'The policy of this team has no urgent requests. Clear this box.';
    case 'contact':
      return 'Choose a person in this workspace.';
    case 'purpose':
      return freeText(problem.reason, FREE_TEXT_LENGTH.purpose);
    case 'used_by':
      return freeText(problem.reason, FREE_TEXT_LENGTH.usedBy);
  }
}

/** Returns the error at the field *Expires*, or at the date below it. */
export function keyExpiryText(
  reason: KeyExpiryProblem,
  { rules = DEFAULT_EXPIRY_RULES, nowMs }: { rules?: KeyExpiryRules; nowMs?: number } = {},
): string {
  switch (reason) {
    case 'not_offered':
      return 'Choose one of the listed lifetimes.';
    case 'never_not_allowed':
      return `Keys of this team must expire. Choose a lifetime or a date. ${whoSetText(rules.setBy)}`;
    case 'too_long':
      return tooLongText(rules, nowMs);
    case 'no_date':
      return 'Choose a date.';
    case 'in_the_past':
      return 'This day is over (in UTC). Choose today or a later day.';
  }
}

function tooLongText({ longestDays = 0, setBy }: KeyExpiryRules, nowMs: number | undefined): string {
  const last =
    nowMs === undefined ? '' : `, so the last possible day is ${lastExpiryDay(longestDays, nowMs)}`;
  return `A key of this team may live ${daysText(longestDays)} at most${last}. ${whoSetText(setBy)}`;
}

/** The person has already sent it to Slack, so removing it isn't enough. */
export const CREDENTIAL_TEXT =
  'Nothing was saved, but this key or token was sent to Slack. Remove it here. If it’s real, revoke it and create a new one.';

function methodText(reason: Extract<FieldProblem, { field: 'method' }>['reason']): string {
  switch (reason) {
    case 'no_issuers':
      return 'No issuer is registered for this organization yet, so only API keys are available. Ask an organization admin to register one.';
    case 'no_key_shown':
      return 'The account wasn’t created: this W&B server doesn’t return new API keys. Run /wandb service-account new again to see the other options.';
    case 'not_supported':
      return 'The account wasn’t created: this W&B server doesn’t support this method, or it’s turned off there.';
    case 'not_offered':
      return 'Choose one of the listed methods.';
  }
}

function nameText({ reason, nearest }: Extract<FieldProblem, { field: 'name' }>): string {
  const example = nearest ?? 'nightly-eval';
  switch (reason) {
    case 'empty':
    case 'too_short':
      return `Use at least ${ACCOUNT_NAME_LENGTH.min} characters, such as nightly-eval.`;
    case 'too_long':
      return `Use at most ${ACCOUNT_NAME_LENGTH.max} characters.`;
    case 'upper_case':
      return `Use lowercase letters only, such as ${example}.`;
    case 'characters':
      return `Use lowercase letters, digits and hyphens only, such as ${example}.`;
    case 'hyphens':
      return `Use single hyphens, and only between letters or digits, such as ${example}.`;
    case 'says_nothing':
      return 'Use a name that says what the account is for, such as ci-model-training or nightly-eval.';
    case 'name_taken':
      return 'This team already has an account with this name. Choose another name.';
  }
}

function subjectText(problem: Extract<FieldProblem, { field: 'subject' }>): string {
  switch (problem.reason) {
    case 'empty':
      return 'Enter the subject (the sub claim) of the workload’s JWT.';
    case 'too_long':
    case 'invisible_characters':
      return freeText(problem.reason, FREE_TEXT_LENGTH.subject);
    case 'no_patterns':
      return 'Only organization admins can register external identities for this team. Ask one of them.';
    case 'wildcard':
      return 'Enter one exact subject: * isn’t a wildcard here. Create an account for each subject that should sign in.';
    case 'pattern_mismatch':
      return `Admins of this team can only register subjects that match ${shortList(problem.patterns)}.${immutablePatternText(problem.immutable)}`;
    case 'quotes':
      return `Enter only the value of the sub claim, without quotes or the claim’s name. ${OR_KEEP}`;
    case 'pattern_characters':
      return `Enter one exact subject, without placeholders: patterns don’t match anything. ${OR_KEEP}`;
    case 'unusual_characters':
      return `This contains unusual spaces, or letters that look like others but aren’t the same. Type it again. ${OR_KEEP}`;
    case 'other_issuer':
      return otherIssuerText(problem);
    case 'subject_taken':
      return 'This subject is already registered. An issuer and subject can belong to only one account.';
  }
}

const OR_KEEP = 'If it’s exactly what the JWT has, press Create again.';

function immutablePatternText(pattern: string | undefined): string {
  return pattern === undefined
    ? ''
    : ` This is the newer form of GitHub’s subjects: ask an organization admin to add ${shortenedInMiddle(pattern, 100)} to the team’s subjects.`;
}

const PLATFORMS: Record<Platform, string> = {
  aws: 'AWS',
  azure: 'Microsoft Entra',
  azure_devops: 'Azure DevOps',
  bitbucket: 'Bitbucket',
  buildkite: 'Buildkite',
  circleci: 'CircleCI',
  github: 'GitHub Actions',
  gitlab: 'GitLab',
  google: 'Google',
  kubernetes: 'Kubernetes',
  spiffe: 'SPIFFE',
  terraform: 'HCP Terraform',
  vercel: 'Vercel',
};

function otherIssuerText({
  chosen,
  likely: { platform, issuer },
}: Extract<FieldProblem, { reason: 'other_issuer' }>): string {
  const other = issuer === undefined ? 'another issuer' : shortenedInMiddle(issuer, 100);
  return `This looks like a subject of ${PLATFORMS[platform]}, but the issuer is ${shortenedInMiddle(chosen, 100)}. Choose ${other}. ${OR_KEEP}`;
}

function freeText(reason: FreeTextProblem, maxLength: number): string {
  return reason === 'too_long'
    ? `Use at most ${maxLength} characters.`
    : 'Remove the invisible characters (control or direction marks).';
}

function shortList(patterns: readonly string[]): string {
  const listed = patterns.slice(0, 3).join(' or ');
  const more = patterns.length > 3 ? ` or one of ${patterns.length - 3} more patterns` : '';
  return `${listed.length > 300 ? `${listed.slice(0, 299)}…` : listed}${more}`;
}
