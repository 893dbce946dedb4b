import type { AuditAction } from '../../../domain/audit/audit-actions.ts';
import type { AuditAbout, AuditSentence } from './audit-about.ts';

/** The sentences about service accounts and their keys. */
export const accountSentences = {
  'service_account.created': (about) => `created ${about.account}${methodText(about)}`,
  'service_account.creation_started': ({ account }) => `asked W&B to create ${account}`,
  'service_account.creation_abandoned': ({ account }) =>
    `gave up creating ${account}, and deletes what W&B may have created`,
  'service_account.creation_failed': (about) => `didn’t create ${about.account}${causeText(about)}`,
  'service_account.creation_unknown': ({ account }) =>
    `asked W&B to create ${account}, with an unknown outcome`,
  'service_account.deletion_started': ({ account }) => `started to delete ${account} from W&B`,
  'service_account.deletion_failed': (about) => `didn’t delete ${about.account} from W&B${causeText(about)}`,
  'service_account.reconciliation_stalled': ({ account }) =>
    `has waited more than an hour for W&B, because of ${account}`,
  'service_account.appeared_late': ({ account }) => `found ${account} in W&B after giving up its creation`,
  'service_account.revoked': ({ account }) => `revoked ${account}`,
  'service_account.edited': (about) => `edited ${about.account}${contactText(about)}`,
  'service_account.adopted': ({ account }) => `adopted ${account}, which W&B already had`,
  'service_account.unowned': ({ account, person }) =>
    `found that ${person('contact')}, the contact of ${account}, has left`,
  'service_account.owned_again': ({ account, person }) =>
    `found that ${person('contact')}, the contact of ${account}, is back`,
  'service_account.taken_over': ({ account, person }) =>
    `became the contact of ${account} instead of ${person('earlier_contact')}`,
  'service_account.subject_changed': ({ account, name }) =>
    `changed the subject of ${account} from ${name('earlier_subject')} to ${name('subject')}`,
  'service_account.subject_ignored': ({ account, name }) =>
    `decided not to use the subject ${name('subject')} for ${account}`,
  'server_account.deleted': ({ account }) => `deleted ${account} from W&B`,
  'server_account.needs_admin': ({ account }) => `needs an admin in W&B for ${account}`,
  'server_account.keys_deleted': ({ account }) => `recorded that all native keys of ${account} are deleted`,
  'api_key.created': ({ key, ofAccount }) => `created ${key}${ofAccount}`,
  'api_key.delivered': ({ key, ofAccount, person }) => `sent ${key}${ofAccount} to ${person('to')}`,
  'api_key.delivery_failed': (about) =>
    `revoked ${about.key}${about.ofAccount}, because Slack didn’t confirm that ${about.person('to')} received it`,
  'api_key.collection_started': ({ key, ofAccount }) => `collected ${key}${ofAccount}`,
  'api_key.renamed': ({ key, ofAccount, name }) =>
    `renamed ${key}${ofAccount} from ${name('earlier_key_name')} to ${name('key_name')}`,
  'api_key.rotation_started': ({ key, ofAccount, name }) =>
    `created ${key}${ofAccount}, which replaces key ${name('old_key_id')}`,
  'api_key.rotation_extended': ({ key, ofAccount }) =>
    `let ${key}${ofAccount}, which is being replaced, work for longer`,
  'api_key.rotation_finished': ({ key, ofAccount }) => `finished the rotation of ${key}${ofAccount}`,
  'api_key.revoked': ({ key, ofAccount }) => `revoked ${key}${ofAccount}`,
  'api_key.kept': ({ key, ofAccount }) => `decided to keep ${key}${ofAccount}, which is unused`,
  'api_key.expiry_accepted': ({ key, ofAccount }) => `decided to let ${key}${ofAccount} expire`,
  'api_key.reported': ({ key, ofAccount }) => `reported that ${key}${ofAccount} is in a Slack message`,
  'api_key.leak_reported': ({ key, ofAccount, name, word }) =>
    `${word('outcome') === 'revoked' ? 'revoked' : 'notified the team about'} ${key}${ofAccount}, which was found at ${name('place')}`,
  'api_key.stored': ({ key, ofAccount }) => `confirmed storing ${key}${ofAccount}`,
} satisfies Partial<Record<AuditAction, AuditSentence>>;

function contactText({ word, person }: AuditAbout): string {
  return word('contact') === ''
    ? ''
    : `, and made ${person('contact')} its contact instead of ${person('contact_before')}`;
}

function methodText({ word, key, number, day, name }: AuditAbout): string {
  if (word('method') === 'federated') return ` for the subject ${name('subject')} of ${name('issuer')}`;
  if (key === 'a key') return '';
  const expiresAtMs = number('expires_at_ms');
  return expiresAtMs === undefined ? ` with ${key}` : ` with ${key}, which expires on ${day(expiresAtMs)}`;
}

function causeText({ word }: AuditAbout): string {
  const cause = word('cause');
  return cause === '' ? '' : ` (${cause})`;
}
