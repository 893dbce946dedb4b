import { accountNameProblem } from '../../../domain/accounts/names.ts';
import { nearestName } from '../../../domain/nearest-name.ts';
import { readWords, type Word } from './split-words.ts';

/** A parsed `/wandb` command. Names and teams are as typed. */
export type Command =
  | { kind: 'help' }
  | { kind: 'new'; name: string | undefined; teamName: string | undefined }
  | { kind: 'list'; teamName: string | undefined }
  | { kind: 'revoke'; name: string; teamName: string | undefined }
  | { kind: 'not_understood'; word: string; didYouMean: string | undefined }
  | { kind: 'incomplete'; missing: 'name_to_revoke' | 'team_after_option' }
  /** `instead`: what the person probably meant. */
  | { kind: 'too_much'; word: string; instead: { name: string } | { teamName: string } | undefined };

/** What people call the noun. */
const NOUNS = ['service-account', 'sa', 'service-accounts', 'serviceaccount', 'serviceaccounts', 'sas'];
/** The second word of `service account`. */
const NOUN_ENDINGS = ['account', 'accounts'];
/** Near misses of the noun are compared with these. */
const NOUN_LIKE = [...NOUNS.filter((noun) => noun.length > 3), 'service', ...NOUN_ENDINGS];
const HELP = ['help', '--help', '-h', '?'];
const VERBS = ['new', 'list', 'revoke', 'help'] as const;
type Verb = (typeof VERBS)[number];
const TEAM_OPTIONS = ['--team', '-t', '--t'];

/** Other tools' verbs for the same actions. They aren't accepted, but suggest the right command. */
const SYNONYMS = new Map<string, Verb>([
  ['create', 'new'],
  ['add', 'new'],
  ['make', 'new'],
  ['ls', 'list'],
  ['show', 'list'],
  ['all', 'list'],
  ['get', 'list'],
  ['delete', 'revoke'],
  ['remove', 'revoke'],
  ['rm', 'revoke'],
  ['del', 'revoke'],
  ['kill', 'revoke'],
]);

/** Returns the words of a command in plain form: without quotation marks, and with hyphens for typographic dashes. */
export function splitWords(text: string): string[] {
  return readWords(text).map(({ plain }) => plain);
}

/** Parses the text after `/wandb`. */
export function parseCommand(text: string): Command {
  const words = splitWords(text.toLowerCase());
  const [first] = words;
  if (first === undefined || HELP.includes(first)) return { kind: 'help' };
  const nounLength = lengthOfNoun(words);
  // There are no other nouns, so the verb alone is clear.
  if (nounLength === 0 && !isVerb(first)) {
    return { kind: 'not_understood', word: first, didYouMean: nearestCommand(words) };
  }
  const verb = words[nounLength];
  if (verb === undefined || HELP.includes(verb)) return { kind: 'help' };
  if (!isVerb(verb)) return { kind: 'not_understood', word: verb, didYouMean: nearestVerb(verb) };
  const nounAfterVerb = nounLength === 0 ? lengthOfNounAfter(words) : 0;
  const read = readArguments(readWords(text).slice(nounLength + 1 + nounAfterVerb));
  return 'kind' in read ? read : commandOf(verb, read);
}

/** Returns how many of the first words are the noun; 0 if it is missing. */
function lengthOfNoun([first = '', second = '']: string[]): number {
  if (NOUNS.includes(first.replaceAll('_', '-'))) return 1;
  return first === 'service' && NOUN_ENDINGS.includes(second) ? 2 : 0;
}

/** Returns the length of the noun in `list service accounts`. A word that can be an account's name isn't one there. */
function lengthOfNounAfter([, ...words]: string[]): number {
  return accountNameProblem(words[0] ?? '') === undefined ? 0 : lengthOfNoun(words);
}

interface Arguments {
  names: string[];
  teamName: string | undefined;
  /** How many of the names came before the team. */
  namesBeforeTeam: number;
}

function commandOf(verb: Verb, { names, teamName, namesBeforeTeam }: Arguments): Command {
  const [name, unexpected] = verb === 'list' ? [undefined, names[0]] : names;
  if (unexpected !== undefined) {
    const allowed = verb === 'list' ? 0 : 1;
    const isTeam = teamName !== undefined ? namesBeforeTeam <= allowed : verb === 'list';
    // In "new --team my team nightly-eval", the account's name is the last word.
    const ofTeam = namesBeforeTeam < allowed ? names.slice(0, -allowed) : names.slice(allowed);
    const team = [teamName, ...ofTeam].filter((word) => word !== undefined).join(' ');
    // In "list team research" and "list team=research", the first word is the option.
    const meantTeam = teamName === undefined ? team.replace(/^team[ :=]+(?=.)/i, '') : team;
    const instead = isTeam ? { teamName: meantTeam } : { name: names.join('-') };
    const word = (isTeam ? ofTeam[0] : undefined) ?? unexpected;
    return { kind: 'too_much', word, instead: verb === 'list' && !isTeam ? undefined : instead };
  }
  switch (verb) {
    case 'new':
      return { kind: 'new', name, teamName };
    case 'list':
      return { kind: 'list', teamName };
    case 'revoke':
      return name === undefined
        ? { kind: 'incomplete', missing: 'name_to_revoke' }
        : { kind: 'revoke', name, teamName };
    case 'help':
      return { kind: 'help' };
  }
}

function readArguments(words: Word[]): Arguments | Command {
  const names: string[] = [];
  let teamName: string | undefined;
  let namesBeforeTeam = 0;
  for (let index = 0; index < words.length; index += 1) {
    const { plain = '', exact = '' } = words[index] ?? {};
    const [option = '', inline] = plain.toLowerCase().split('=', 2);
    if (TEAM_OPTIONS.includes(option)) {
      const value = inline === undefined ? words[++index]?.exact : exact.slice(exact.indexOf('=') + 1);
      teamName = value && unescapeMarkup(value.trim());
      namesBeforeTeam = names.length;
      if (!teamName || teamName.startsWith('--')) return { kind: 'incomplete', missing: 'team_after_option' };
    } else if (HELP.includes(plain)) {
      return { kind: 'help' };
    } else if (plain.startsWith('-')) {
      // Account names never start with a hyphen.
      return {
        kind: 'not_understood',
        word: plain,
        didYouMean: nearestName(option.split(':', 1)[0] ?? '', ['--team']),
      };
    } else if (plain !== '') {
      names.push(plain);
    }
  }
  return { names, teamName, namesBeforeTeam };
}

const ESCAPED: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** Slack may escape these characters in what people type (docs.slack.dev/messaging/formatting-message-text#escaping). */
function unescapeMarkup(text: string): string {
  return text.replace(/&(?:amp|lt|gt);/g, (escaped) => ESCAPED[escaped] ?? escaped);
}

function isVerb(word: string): word is Verb {
  return (VERBS as readonly string[]).includes(word);
}

/** Suggests a command for a mistyped noun, or for a mistyped verb without its noun. */
function nearestCommand([first = '', ...others]: string[]): string | undefined {
  // The verb comes second, or third after `service account` or a repeated `/wandb`.
  const next = others.slice(0, 2);
  if (nearestName(first, NOUN_LIKE) !== undefined) {
    return next.map(nearestVerb).find((verb) => verb !== undefined) ?? 'service-account';
  }
  const verb = nearestVerb(first) === undefined ? next.find(isVerb) : first;
  return verb && nearestVerb(verb);
}

function nearestVerb(word: string): string | undefined {
  const near = nearestName(word, [...VERBS, ...[...SYNONYMS.keys()].filter((synonym) => synonym.length > 3)]);
  const verb = SYNONYMS.get(word) ?? SYNONYMS.get(near ?? '') ?? near;
  if (verb === undefined || verb === 'help') return verb;
  return `service-account ${verb}`;
}
