import type { AuditAction } from '../../../domain/audit/audit-actions.ts';
import type { AuditAbout, AuditSentence } from './audit-about.ts';

/** Returns the sentence of a refusal. `attempt`: what the person tried, after "was refused to". */
function refused(attempt: (about: AuditAbout) => string): AuditSentence {
  return (about) => `wasn’t allowed to ${attempt(about)}${reasonText(about)}${repeatedText(about)}`;
}

/** The sentences about what Keysmith refused. */
export const refusalSentences = {
  'team.edit_refused': refused(({ name }) => `manage ${name('team', 'the teams')}`),
  'service_account.create_refused': refused(({ account }) => `create ${account}`),
  'service_account.revoke_refused': refused(({ account }) => `revoke ${account}`),
  'service_account.edit_refused': refused(({ account }) => `edit ${account}`),
  'service_account.show_refused': refused(({ name }) => `see an account of ${name('team', 'any team')}`),
  'service_account.list_refused': refused(({ name }) => `list the accounts of ${name('team', 'any team')}`),
  'service_account.adopt_refused': refused(({ account }) => `adopt ${account}`),
  'server_account.confirm_refused': refused(({ account }) => `confirm deleted keys of ${account}`),
  'api_key.create_refused': refused(({ account }) => `create a key of ${account}`),
  'api_key.rename_refused': refused(({ account }) => `rename a key of ${account}`),
  'api_key.rotate_refused': refused(({ account }) => `rotate a key of ${account}`),
  'api_key.revoke_refused': refused(({ account }) => `revoke a key of ${account}`),
  'api_key.collection_refused': refused(({ account }) => `collect a key of ${account}`),
  'access_request.open_refused': refused(({ team }) => `request an account in ${team}`),
  'access_request.decide_refused': refused(() => 'decide on a request'),
  'service_account.take_over_refused': refused(({ account }) => `become the contact of ${account}`),
  'service_account.subject_refused': refused(() => 'decide on the subject of an account'),
  'api_key.keep_refused': refused(({ key, account }) => `keep ${key} of ${account}`),
  'api_key.expiry_refused': refused(({ key, account }) => `let ${key} of ${account} expire`),
  'api_key.report_refused': refused(() => 'report a key in a Slack message'),
  'audit.read_refused': refused(({ name }) => `read the audit record of ${name('team', 'any team')}`),
  'jwt.check_refused': refused(() => 'check a JWT'),
  'interaction.refused': refused(({ name }) => `use a button or form ${name('id', '')}`.trimEnd()),
} satisfies Partial<Record<AuditAction, AuditSentence>>;

/** Reasons as Keysmith records them. */
const REASONS: Record<string, string> = {
  not_admin: 'not an admin of the team',
  no_team: 'not in any team',
  team_unknown: 'no such team for this person',
  team_not_named: 'no team named',
  account_unknown: 'no such account',
  key_unknown: 'no such key',
  invalid: 'the form had mistakes',
  guest: 'a guest',
  other_workspace: 'from another workspace',
};

function reasonText({ word }: AuditAbout): string {
  const reason = word('reason');
  if (reason === '') return '';
  return `: ${Object.hasOwn(REASONS, reason) ? REASONS[reason] : reason.replaceAll('_', ' ')}`;
}

function repeatedText({ number }: AuditAbout): string {
  const repeated = number('repeated') ?? 0;
  return repeated > 0 ? ` (and ${repeated.toLocaleString('en')} times more)` : '';
}
