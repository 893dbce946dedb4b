/** What people call the noun. */
export const NOUNS = [
  'service-account',
  'sa',
  'service-accounts',
  'serviceaccount',
  'serviceaccounts',
  'sas',
];
/** The second word of `service account`. */
export const NOUN_ENDINGS = ['account', 'accounts'];
/** Near misses of the noun are compared with these. */
export const NOUN_LIKE = [...NOUNS.filter((noun) => noun.length > 3), 'service', ...NOUN_ENDINGS];
export const TEAM_NOUNS = ['team', 'teams'];
export const AUDIT_NOUNS = ['audit', 'audits'];
export const HELP = ['help', '--help', '-h', '?'];

/** The options of commands, and how people write them. Each has a value. */
const SPELLINGS = {
  team: ['--team', '-t', '--t'],
  status: ['--status', '-s'],
  name: ['--name', '-n', '--search'],
  account: ['--account', '-a'],
  since: ['--since'],
} as const;
export type Option = keyof typeof SPELLINGS;

/** Returns the option that a word names, if the command has it. */
export function optionOf(word: string, options: readonly Option[]): Option | undefined {
  return options.find((option) => (SPELLINGS[option] as readonly string[]).includes(word));
}

interface CommandShape {
  /** Whether the command takes a name before its options. */
  name: 'required' | 'optional' | 'none';
  options: readonly Option[];
}

/** The verbs of service accounts. */
export const VERBS = {
  new: { name: 'optional', options: ['team'] },
  list: { name: 'none', options: ['team', 'status', 'name'] },
  show: { name: 'required', options: ['team'] },
  rotate: { name: 'required', options: ['team'] },
  edit: { name: 'required', options: ['team'] },
  revoke: { name: 'required', options: ['team'] },
  check: { name: 'none', options: [] },
} as const satisfies Record<string, CommandShape>;
export type Verb = keyof typeof VERBS;

export const TEAM_VERBS = {
  list: { name: 'none', options: [] },
  show: { name: 'required', options: [] },
  new: { name: 'optional', options: [] },
} as const satisfies Record<string, CommandShape>;
/** What people do with the buttons of `team show`. */
export const TEAM_BUTTONS = ['edit', 'settings', 'archive', 'restore', 'members', 'revoke'];
export type TeamVerb = keyof typeof TEAM_VERBS;

export const AUDIT_SHAPE = {
  name: 'none',
  options: ['team', 'account', 'since'],
} as const satisfies CommandShape;

export function isVerb(word: string): word is Verb {
  return Object.hasOwn(VERBS, word);
}

export function isTeamVerb(word: string): word is TeamVerb {
  return Object.hasOwn(TEAM_VERBS, word);
}

/** Other tools' verbs for the same actions. They aren't accepted, but suggest the right command. */
export const SYNONYMS = new Map<string, Verb>([
  ['create', 'new'],
  ['add', 'new'],
  ['make', 'new'],
  ['ls', 'list'],
  ['all', 'list'],
  ['get', 'list'],
  ['search', 'list'],
  ['find', 'list'],
  ['info', 'show'],
  ['describe', 'show'],
  ['view', 'show'],
  ['roll', 'rotate'],
  ['renew', 'rotate'],
  ['regenerate', 'rotate'],
  ['change', 'edit'],
  ['update', 'edit'],
  ['verify', 'check'],
  ['debug', 'check'],
  ['delete', 'revoke'],
  ['remove', 'revoke'],
  ['rm', 'revoke'],
  ['del', 'revoke'],
  ['kill', 'revoke'],
]);
