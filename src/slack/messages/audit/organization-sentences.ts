import { isDirectMessageKind } from '../../../application/home/direct-messages.ts';
import type { AuditAction } from '../../../domain/audit/audit-actions.ts';
import { messageKindText } from '../home/message-settings-view.ts';
import type { AuditAbout, AuditSentence } from './audit-about.ts';

/** The sentences about the organization, its teams and people, and Keysmith's own keys. */
export const organizationSentences = {
  'organization.created': ({ subject }) => `created the organization ${subject}`,
  'organization.changed': (about) => `changed the policy of the organization${changesText(about)}`,
  'organization_admin.added': ({ name }) => `made ${name('email')} an organization admin`,
  'organization_admin.removed': ({ name }) => `removed ${name('email')} from the organization admins`,
  'issuer.added': ({ subject }) => `registered the JWT issuer ${subject}`,
  'issuer.changed': ({ subject, names }) =>
    `changed the JWT issuer ${subject}: ${names('changed') || 'its settings'}`,
  'issuer.removed': ({ subject }) => `removed the JWT issuer ${subject}`,
  'team.created': ({ team }) => `created the team ${team}`,
  'team.changed': (about) => `changed the team ${about.team}${changesText(about)}`,
  'team.moved': ({ team, word }) =>
    word('origin') === 'slack'
      ? `moved the team ${team} from the teams file to Slack`
      : `moved the team ${team} from Slack to the teams file`,
  'team.archived': ({ team }) => `archived the team ${team}`,
  'team.restored': ({ team }) => `restored the team ${team}`,
  'team_member.added': ({ team, name, word }) =>
    `added ${name('email')} to ${team} as ${word('role', 'member')}`,
  'team_member.changed': ({ team, name, word }) =>
    word('role') === word('previousRole')
      ? `changed the username of ${name('email')} in ${team} to ${name('username')}`
      : `changed the role of ${name('email')} in ${team} from ${word('previousRole')} to ${word('role')}`,
  'team_member.removed': ({ team, name }) => `removed ${name('email')} from ${team}`,
  'person.messages_chosen': ({ words }) => {
    const kinds = words('muted').filter(isDirectMessageKind);
    return kinds.length === 0
      ? 'turned on all direct messages from Keysmith'
      : `turned off these direct messages from Keysmith: ${kinds.map((kind) => `“${messageKindText(kind)}”`).join(', ')}`;
  },
  'outside_change.recorded': (about) =>
    `recorded a change in ${about.team}, made outside Keysmith: ${outsideText(about)}`,
  'outside_change.limit_reached': ({ team, word }) =>
    `stopped recording single changes in ${team}, made outside Keysmith on ${word('day', 'one day')}, because there were too many`,
  'signing_key.created': ({ subject, word }) =>
    word('purpose') === 'federation'
      ? `created the key ${subject}, which signs JWTs for W&B`
      : `created the key ${subject}, which signs access tokens`,
  'signing_key.retired': ({ subject }) => `deleted the retired signing key ${subject}`,
  'upstream_credential.added': ({ team, name }) =>
    `stored the W&B API key of ${name('owner', 'a user')} for ${team}`,
  'upstream_credential.replaced': ({ team, name }) =>
    `replaced the W&B API key of ${team} by one of ${name('owner', 'a user')}`,
  'upstream_credential.removed': ({ team }) => `removed the W&B API key of ${team}`,
  'upstream_credential.rejected': ({ team }) => `noticed that W&B rejects the credential of ${team}`,
  'upstream_credential.recovered': ({ team }) => `noticed that W&B accepts the credential of ${team} again`,
} satisfies Partial<Record<AuditAction, AuditSentence>>;

const CHANGES = [
  ['subjectsAdded', 'added the subjects'],
  ['subjectsRemoved', 'removed the subjects'],
  ['projectsAdded', 'added the projects'],
  ['projectsRemoved', 'removed the projects'],
  ['policyAdded', 'set'],
  ['policyRemoved', 'removed'],
] as const;

function changesText({ names }: AuditAbout): string {
  const parts = CHANGES.flatMap(([detail, verb]) =>
    names(detail) === '' ? [] : [`${verb} ${names(detail)}`],
  );
  return parts.length === 0 ? '' : `: ${parts.join('; ')}`;
}

function outsideText({ word, name }: AuditAbout): string {
  return `${word('kind', 'change of').replaceAll('_', ' ')} ${name('subject')} by ${name('actor', 'someone')}`;
}
