import { ACCOUNT_STATUSES, type AccountStatus } from '../../../domain/accounts/account-status.ts';
import { accountNameProblem } from '../../../domain/accounts/names.ts';
import { nearestName } from '../../../domain/nearest-name.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../../domain/organization/team-name.ts';
import {
  AUDIT_NOUNS,
  AUDIT_SHAPE,
  HELP,
  isTeamVerb,
  isVerb,
  NOUN_ENDINGS,
  NOUN_LIKE,
  NOUNS,
  type Option,
  optionOf,
  SYNONYMS,
  TEAM_BUTTONS,
  TEAM_NOUNS,
  TEAM_VERBS,
  VERBS,
  type Verb,
} from './command-words.ts';
import { readWords, type Word } from './split-words.ts';

/** A parsed `/wandb` command. Names, teams and other values are as typed. */
export type Command =
  | { kind: 'help' }
  | { kind: 'new'; name: string | undefined; teamName: string | undefined }
  | {
      kind: 'list';
      teamName: string | undefined;
      status: AccountStatus | undefined;
      /** Part of the names to list. */
      query: string | undefined;
    }
  | NamedAccountCommand
  | { kind: 'check' }
  | TeamCommand
  | AuditCommand
  | { kind: 'not_understood'; word: string; didYouMean: string | undefined }
  | { kind: 'unknown_status'; word: string; didYouMean: AccountStatus | undefined }
  | { kind: 'name_missing'; usage: string }
  | { kind: 'value_missing'; option: Option }
  /** `instead`: what the person probably meant. */
  | { kind: 'too_much'; word: string; instead: { name: string } | { teamName: string } | undefined };

/** A command about one account. */
type NamedAccountCommand = {
  [Kind in 'show' | 'rotate' | 'edit' | 'revoke']: {
    kind: Kind;
    name: string;
    teamName: string | undefined;
  };
}['show' | 'rotate' | 'edit' | 'revoke'];

type TeamCommand =
  | { kind: 'team_list' }
  | { kind: 'team_show'; name: string }
  | { kind: 'team_new'; name: string | undefined };

interface AuditCommand {
  kind: 'audit';
  teamName: string | undefined;
  accountName: string | undefined;
  since: string | undefined;
}

/** Returns the words of a command in plain form: without quotation marks, and with hyphens for typographic dashes. */
export function splitWords(text: string): string[] {
  return readWords(text).map(({ plain }) => plain);
}

/** Parses the text after `/wandb`. */
export function parseCommand(text: string): Command {
  const words = splitWords(text.toLowerCase());
  const [first] = words;
  if (first === undefined || HELP.includes(first)) return { kind: 'help' };
  if (AUDIT_NOUNS.includes(first)) return auditCommand(readWords(text).slice(1));
  if (TEAM_NOUNS.includes(first)) return teamCommand(words[1], readWords(text).slice(2));
  const nounLength = lengthOfNoun(words);
  // No other noun has these verbs without naming it, so the verb alone is clear.
  if (nounLength === 0 && !isVerb(first)) {
    return { kind: 'not_understood', word: first, didYouMean: nearestCommand(words) };
  }
  const verb = words[nounLength];
  if (verb === undefined || HELP.includes(verb)) return { kind: 'help' };
  if (!isVerb(verb)) return { kind: 'not_understood', word: verb, didYouMean: nearestVerb(verb) };
  const nounAfterVerb = nounLength === 0 ? lengthOfNounAfter(words) : 0;
  return accountCommand(verb, readWords(text).slice(nounLength + 1 + nounAfterVerb));
}

function accountCommand(verb: Verb, words: Word[]): Command {
  const shape = VERBS[verb];
  const read = readArguments(words, shape.options);
  if ('kind' in read) return read;
  const excess = excessOf(read, shape.name === 'none' ? 0 : 1);
  if (excess !== undefined) return excess;
  const { names, values } = read;
  const [name] = names;
  const { team: teamName } = values;
  switch (verb) {
    case 'new':
      return { kind: 'new', name, teamName };
    case 'list':
      return listCommand(values);
    case 'check':
      return { kind: 'check' };
    default:
      return name === undefined
        ? { kind: 'name_missing', usage: `service-account ${verb} NAME` }
        : { kind: verb, name, teamName };
  }
}

function listCommand({ team: teamName, status: typed, name: query }: Values): Command {
  const status = ACCOUNT_STATUSES.find((one) => one === typed?.toLowerCase());
  if (typed !== undefined && status === undefined) {
    const didYouMean = nearestName(typed.toLowerCase(), ACCOUNT_STATUSES) as AccountStatus | undefined;
    return { kind: 'unknown_status', word: typed, didYouMean };
  }
  return { kind: 'list', teamName, status, query };
}

function teamCommand(verb: string | undefined, words: Word[]): Command {
  if (verb === undefined) return { kind: 'team_list' };
  if (HELP.includes(verb)) return { kind: 'help' };
  if (!isTeamVerb(verb)) {
    return { kind: 'not_understood', word: verb, didYouMean: nearestTeamCommand(verb, words) };
  }
  const read = readArguments(words, TEAM_VERBS[verb].options);
  if ('kind' in read) return read;
  // A team's name may contain spaces, and nothing else follows it.
  const name = read.names.length === 0 ? undefined : read.names.join(' ');
  switch (verb) {
    case 'list':
      return name === undefined ? { kind: 'team_list' } : { kind: 'team_show', name };
    case 'new':
      return { kind: 'team_new', name };
    case 'show':
      return name === undefined
        ? { kind: 'name_missing', usage: 'team show NAME' }
        : { kind: 'team_show', name };
  }
}

/** Suggests `team show` for what its buttons do. */
function nearestTeamCommand(verb: string, words: Word[]): string | undefined {
  const known = [...Object.keys(TEAM_VERBS), ...TEAM_BUTTONS];
  const near = known.includes(verb) ? verb : (SYNONYMS.get(verb) ?? nearestName(verb, known));
  if (near === undefined || isTeamVerb(near)) return near && `team ${near}`;
  const name = words.map(({ plain }) => plain).join(' ');
  return `team show ${name === '' ? 'NAME' : name.slice(0, TEAM_NAME_MAX_LENGTH).toWellFormed()}`;
}

function auditCommand(words: Word[]): Command {
  const read = readArguments(words, AUDIT_SHAPE.options);
  if ('kind' in read) return read;
  const excess = excessOf(read, 0);
  if (excess !== undefined) return excess;
  const { team: teamName, account: accountName, since } = read.values;
  return { kind: 'audit', teamName, accountName, since };
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

type Values = Partial<Record<Option, string>>;

interface Arguments {
  names: string[];
  values: Values;
  /** How many of the names came before the team. */
  namesBeforeTeam: number;
}

/** Returns the unexpected word of a command that takes at most this many names, and what was probably meant. */
function excessOf({ names, values, namesBeforeTeam }: Arguments, allowed: 0 | 1): Command | undefined {
  const unexpected = names[allowed];
  if (unexpected === undefined) return undefined;
  const { team: teamName } = values;
  const isTeam = teamName !== undefined ? namesBeforeTeam <= allowed : allowed === 0;
  // In "new --team my team nightly-eval", the account's name is the last word.
  const ofTeam = namesBeforeTeam < allowed ? names.slice(0, -allowed) : names.slice(allowed);
  const team = [teamName, ...ofTeam].filter((word) => word !== undefined).join(' ');
  // In "list team research" and "list team=research", the first word is the option.
  const meantTeam = teamName === undefined ? team.replace(/^team[ :=]+(?=.)/i, '') : team;
  const instead = isTeam ? { teamName: meantTeam } : { name: names.join('-') };
  const word = (isTeam ? ofTeam[0] : undefined) ?? unexpected;
  return { kind: 'too_much', word, instead: allowed === 0 && !isTeam ? undefined : instead };
}

function readArguments(words: Word[], options: readonly Option[]): Arguments | Command {
  const names: string[] = [];
  const values: Values = {};
  let namesBeforeTeam = 0;
  for (let index = 0; index < words.length; index += 1) {
    const { plain = '', exact = '' } = words[index] ?? {};
    const [typed = '', inline] = plain.toLowerCase().split('=', 2);
    const option = optionOf(typed, options);
    if (option !== undefined) {
      const value = inline === undefined ? words[++index]?.exact : exact.slice(exact.indexOf('=') + 1);
      const read = value && unescapeMarkup(value.trim());
      if (!read || read.startsWith('--')) return { kind: 'value_missing', option };
      values[option] = read;
      if (option === 'team') namesBeforeTeam = names.length;
    } else if (HELP.includes(plain)) {
      return { kind: 'help' };
    } else if (plain.startsWith('-')) {
      // Names never start with a hyphen.
      const nearest = nearestName(
        typed.split(':', 1)[0] ?? '',
        options.map((one) => `--${one}`),
      );
      return { kind: 'not_understood', word: plain, didYouMean: nearest };
    } else if (plain !== '') {
      names.push(plain);
    }
  }
  return { names, values, namesBeforeTeam };
}

const ESCAPED: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** Slack may escape these characters in what people type (docs.slack.dev/messaging/formatting-message-text#escaping). */
function unescapeMarkup(text: string): string {
  return text.replace(/&(?:amp|lt|gt);/g, (escaped) => ESCAPED[escaped] ?? escaped);
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
  const synonyms = [...SYNONYMS.keys()].filter((synonym) => synonym.length > 3);
  const near = nearestName(word, [...Object.keys(VERBS), 'help', 'audit', ...synonyms]);
  const verb = SYNONYMS.get(word) ?? SYNONYMS.get(near ?? '') ?? near;
  return verb === undefined || verb === 'help' || verb === 'audit' ? verb : `service-account ${verb}`;
}
