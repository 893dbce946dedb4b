import { nearestName } from '../../../domain/accounts/names.ts';

/** Quotation marks as phones and word processors type them. */
const DOUBLE_QUOTES = /[“”„‟«»＂]/g;
const SINGLE_QUOTES = /[‘’‚‛＇]/g;
/** Phones replace the two hyphens before an option with one dash. */
const LEADING_DASH = /(^|\s)[‒–—―−]-?(?=\S)/g;
const OTHER_DASHES = /[‐‑‒–—―−]/g;
const INVISIBLE = /\p{Cf}/gu;

/** Splits a command's text into words. Quotation marks group words; typographic marks, dashes and spaces count as plain ones. */
export function splitWords(text: string): string[] {
  const plain = text
    .replace(INVISIBLE, '')
    .replace(/\p{Z}/gu, ' ')
    .replace(DOUBLE_QUOTES, '"')
    .replace(SINGLE_QUOTES, "'")
    .replace(LEADING_DASH, '$1--')
    .replace(OTHER_DASHES, '-');
  // A quote inside a word is an apostrophe and groups nothing.
  const words = plain.matchAll(/--[\w-]+=(?:"[^"]*"?|'[^']*'?)|"[^"]*"?|'[^']*'?|\S+/g);
  return [...words].map(([word]) => word.replace(/["']/g, ''));
}

/** A parsed `/wandb` command. Names and teams are in lowercase, otherwise as typed. */
export type Command =
  | { kind: 'help' }
  | { kind: 'new'; name: string | undefined; teamName: string | undefined }
  | { kind: 'list'; teamName: string | undefined }
  | { kind: 'revoke'; name: string; teamName: string | undefined }
  | { kind: 'not_understood'; word: string; didYouMean: string | undefined }
  | { kind: 'incomplete'; missing: 'name_to_revoke' | 'team_after_option' }
  /** `instead`: what the person probably meant. */
  | { kind: 'too_much'; word: string; instead: { name: string } | { teamName: string } | undefined };

const NOUNS = ['service-account', 'sa'];
/** Near misses of the noun that people type. */
const NOUN_LIKE = ['service', 'serviceaccount', 'service-accounts', 'account', 'accounts', 'service-account'];
const VERBS = ['new', 'list', 'revoke', 'help'] as const;
type Verb = (typeof VERBS)[number];

/** Other tools' verbs for the same actions. They aren't accepted, but suggest the right command. */
const SYNONYMS = new Map<string, Verb>([
  ['create', 'new'],
  ['add', 'new'],
  ['make', 'new'],
  ['ls', 'list'],
  ['show', 'list'],
  ['all', 'list'],
  ['delete', 'revoke'],
  ['remove', 'revoke'],
  ['rm', 'revoke'],
  ['kill', 'revoke'],
]);

/** Parses the text after `/wandb`. */
export function parseCommand(text: string): Command {
  const [noun, verb, ...rest] = splitWords(text.toLowerCase());
  if (noun === undefined || noun === 'help' || noun === '--help' || noun === '-h' || noun === '?')
    return { kind: 'help' };
  if (!NOUNS.includes(noun))
    return {
      kind: 'not_understood',
      word: noun,
      didYouMean: nearestCommand(noun, verb),
    };
  if (verb === undefined || verb === 'help' || verb === '--help') return { kind: 'help' };
  if (!isVerb(verb))
    return {
      kind: 'not_understood',
      word: verb,
      didYouMean: nearestVerb(verb),
    };
  const read = readArguments(rest);
  if ('kind' in read) return read;
  const { names, teamName } = read;
  switch (verb) {
    case 'new':
      return names[1] === undefined
        ? { kind: 'new', name: names[0], teamName }
        : { kind: 'too_much', word: names[1], instead: { name: names.join('-') } };
    case 'list':
      return names[0] === undefined
        ? { kind: 'list', teamName }
        : {
            kind: 'too_much',
            word: names[0],
            instead: teamName === undefined ? { teamName: names[0] } : undefined,
          };
    case 'revoke':
      if (names[0] === undefined) return { kind: 'incomplete', missing: 'name_to_revoke' };
      return names[1] === undefined
        ? { kind: 'revoke', name: names[0], teamName }
        : { kind: 'too_much', word: names[1], instead: { name: names.join('-') } };
    case 'help':
      return { kind: 'help' };
  }
}

function readArguments(words: string[]): { names: string[]; teamName: string | undefined } | Command {
  const names: string[] = [];
  let teamName: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [option, inline] = word.split('=', 2);
    if (option === '--team' || option === '-t') {
      teamName = inline ?? words[++index];
      if (!teamName || teamName.startsWith('--')) return { kind: 'incomplete', missing: 'team_after_option' };
    } else if (word.startsWith('-')) {
      // Account names never start with a hyphen.
      return {
        kind: 'not_understood',
        word,
        didYouMean: nearestName(word, ['--team']),
      };
    } else if (word !== '') {
      names.push(word);
    }
  }
  return { names, teamName };
}

function isVerb(word: string): word is Verb {
  return (VERBS as readonly string[]).includes(word);
}

/** Suggests a command for a verb without its noun (`/wandb new`) or a mistyped noun. */
function nearestCommand(noun: string, verb: string | undefined): string | undefined {
  if (nearestName(noun, NOUN_LIKE) !== undefined) {
    return verb !== undefined && isVerb(verb) ? `service-account ${verb}` : 'service-account';
  }
  return nearestVerb(noun);
}

function nearestVerb(word: string): string | undefined {
  const near = nearestName(word, [...VERBS, ...[...SYNONYMS.keys()].filter((synonym) => synonym.length > 3)]);
  const verb = SYNONYMS.get(word) ?? SYNONYMS.get(near ?? '') ?? near;
  if (verb === undefined || verb === 'help') return verb;
  return `service-account ${verb}`;
}
