import { type AuditAction, currentAction } from '../../../domain/audit/audit-actions.ts';
import type { AuditDetail, AuditRecord } from '../../../domain/audit/audit-event.ts';
import { withoutCredentials } from '../../../domain/keys/pasted-credential.ts';
import { code, day, moment, shortened } from '../blocks.ts';
import { accountSentences } from './account-sentences.ts';
import type { AuditAbout, AuditSentence, AuditWords } from './audit-about.ts';
import { organizationSentences } from './organization-sentences.ts';
import { refusalSentences } from './refusal-sentences.ts';
import { requestSentences } from './request-sentences.ts';

/** One entry for each action that an event may have. Each starts with a verb in the past tense. */
const SENTENCES: Record<AuditAction, AuditSentence> = {
  ...accountSentences,
  ...organizationSentences,
  ...requestSentences,
  ...refusalSentences,
};

export type SaidEvent = Pick<AuditRecord, 'actor' | 'action' | 'subject' | 'details'>;

/** Returns one plain sentence about an event: who did what. Never contains a credential. */
export function auditSentence(event: SaidEvent, words: AuditWords = slackWords): string {
  const said = SENTENCES[currentAction(event.action)](aboutOf(event, words));
  return `${words.actor(event.actor)} ${said}.`;
}

/** Returns the sentence with its time, as one line of a list. Markup. */
export function auditLine(record: SaidEvent & Pick<AuditRecord, 'atMs'>): string {
  return `${moment(record.atMs)} · ${auditSentence(record)}`;
}

/** Returns the same for the history of one account, which doesn't name it. Markup. */
export function accountHistoryLine(record: SaidEvent & Pick<AuditRecord, 'atMs'>): string {
  const sentence = auditSentence(record, { ...slackWords, account: 'this account' });
  return `${moment(record.atMs)} · ${sentence}`;
}

const slackWords: AuditWords = {
  name: (text) => code(text),
  person: mention,
  actor: (actor) => (actor.type === 'system' ? systemName(actor.name) : mention(actor.slackUserId)),
  day,
};

/** For terminals and log collectors: no markup, and times in UTC. */
export const plainWords: AuditWords = {
  name: (text) => `“${text}”`,
  person: (slackUserId) => slackUserId,
  actor(actor) {
    if (actor.type === 'system') return systemName(actor.name);
    return actor.type === 'person' ? actor.email : actor.slackUserId;
  },
  day: (atMs) => new Date(atMs).toISOString().slice(0, 10),
};

/** The parts of Keysmith that act without a person. */
const SYSTEM_NAMES: Record<string, string> = {
  'teams-file': 'The teams file',
  'command-line': 'The command line',
  wandb_audit_log: 'Keysmith, from the audit log of W&B,',
};

function systemName(name: string): string {
  return SYSTEM_NAMES[name] ?? 'Keysmith';
}

const SLACK_USER = /^[UW][0-9A-Z]{1,30}$/;

function mention(slackUserId: string): string {
  return SLACK_USER.test(slackUserId) ? `<@${slackUserId}>` : code(slackUserId);
}

const MAX_NAME_LENGTH = 80;
const MAX_LISTED_NAMES = 5;

function aboutOf({ subject, details }: SaidEvent, words: AuditWords): AuditAbout {
  const named = (text: string) => words.name(shortened(withoutCredentials(text), MAX_NAME_LENGTH));
  const read = (detail: string): AuditDetail =>
    Object.hasOwn(details, detail) ? (details[detail] ?? null) : null;
  const name = (detail: string, otherwise = 'unknown') => {
    const value = read(detail);
    return value === null || Array.isArray(value) ? otherwise : named(String(value));
  };
  const ofSubject = named(subject.slice(subject.indexOf(':') + 1));
  const team = name('team', subject.startsWith('team:') ? ofSubject : 'a team');
  const account =
    words.account ?? accountName({ name: name('name', ''), team: name('team', '') }, subject, ofSubject);
  return {
    account,
    ofAccount: words.account === undefined ? ` of ${account}` : '',
    team,
    key: keyName(name('key_name', ''), name('key_id', '')),
    subject: ofSubject,
    name,
    word: (detail, otherwise = '') => name(detail, otherwise).replace(/^[`“]|[`”]$/g, ''),
    words(detail) {
      const value = read(detail);
      return Array.isArray(value) ? value.map(String) : [];
    },
    number: (detail) => {
      const value = read(detail);
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    },
    names(detail) {
      const value = read(detail);
      const all = Array.isArray(value) ? value : [];
      const shown = all.slice(0, MAX_LISTED_NAMES).map((text) => named(String(text)));
      const more = all.length - shown.length;
      return more > 0 ? `${shown.join(', ')} and ${more.toLocaleString('en')} more` : shown.join(', ');
    },
    person(detail) {
      const value = read(detail);
      return typeof value === 'string' && SLACK_USER.test(value) ? words.person(value) : 'the person';
    },
    day: words.day,
  };
}

function accountName(
  { name, team }: { name: string; team: string },
  subject: string,
  ofSubject: string,
): string {
  if (name !== '') return team === '' ? name : `${name} in ${team}`;
  if (subject.startsWith('service_account:')) return `the account ${ofSubject}`;
  return team === '' ? 'a service account' : `a service account in ${team}`;
}

function keyName(name: string, keyId: string): string {
  if (keyId === '') return name === '' ? 'a key' : `key ${name}`;
  return name === '' ? `key ${keyId}` : `key ${name} (${keyId})`;
}
