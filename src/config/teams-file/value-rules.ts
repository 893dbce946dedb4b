import {
  type AccountNameProblem,
  accountNameProblem,
  FREE_TEXT_LENGTH,
  freeTextProblem,
  readProjectName,
} from '../../domain/accounts/names.ts';
import { normalizeEmailAddress } from '../../domain/organization/person.ts';

/** A value that keeps its rule, in the form in which it is compared, or what to say of it (without repeating it). */
type RuleResult = { ok: true; value: string } | { ok: false; message: string };

export type ValueRule = (text: string) => RuleResult;

const accept = (value: string): RuleResult => ({ ok: true, value });
const refuse = (message: string): RuleResult => ({ ok: false, message });

/** Lower case, ASCII, and of a form that can be the address of a mailbox. */
export const emailAddressRule: ValueRule = (text) => {
  const address = text.trim() === text ? normalizeEmailAddress(text) : undefined;
  const [local = '', domain = ''] = address?.split('@') ?? [];
  const localIsPlain = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local);
  const domainIsPlain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(
    domain,
  );
  return address !== undefined && localIsPlain && domainIsPlain
    ? accept(address)
    : refuse('This is no e-mail address: write it like ada@example.com, in ASCII letters.');
};

/** A W&B entity, as it stands in the addresses of its pages. */
export const teamNameRule: ValueRule = (text) =>
  /^[a-z0-9_-]{1,64}$/.test(text)
    ? accept(text)
    : refuse(
        'A team name has 1 to 64 lower-case letters, digits, "-" and "_", as in the address of its W&B page.',
      );

/** The name is the `aud` of federated JWTs, so it is kept letter for letter. */
export const organizationNameRule: ValueRule = (text) =>
  visibleText(text, 128) ? accept(text) : refuse('An organization name has 1 to 128 visible characters.');

export const usernameRule: ValueRule = (text) =>
  /^[\x21-\x7e]{1,128}$/.test(text)
    ? accept(text)
    : refuse('A W&B user name has 1 to 128 ASCII characters and no spaces.');

export const projectNameRule: ValueRule = (text) => {
  const name = readProjectName(text);
  return name === undefined
    ? refuse('A project name has 1 to 128 visible characters, none of them / \\ # ? % or a colon.')
    : accept(name);
};

export const subjectPatternRule: ValueRule = (text) =>
  visibleText(text, FREE_TEXT_LENGTH.subject)
    ? accept(text)
    : refuse(
        `A subject pattern has 1 to ${FREE_TEXT_LENGTH.subject} visible characters; "*" stands for any run of characters.`,
      );

/** Kept letter for letter, because `iss` of a JWT must equal it exactly. */
export const issuerUrlRule: ValueRule = (text) => issuerUrl(text, 'https');

/** For development: an issuer on the same machine seldom has a certificate. */
export const insecureIssuerUrlRule: ValueRule = (text) => issuerUrl(text, 'https?');

function issuerUrl(text: string, scheme: 'https' | 'https?'): RuleResult {
  if (!/^[\x21-\x7e]{1,150}$/.test(text) || !URL.canParse(text)) {
    return refuse('An issuer is a URL such as https://token.example.com, of at most 150 ASCII characters.');
  }
  if (!new RegExp(`^${scheme}://[^/\\\\]`, 'i').test(text)) {
    return refuse('An issuer URL starts with https://.');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || text.includes('@')) {
    return refuse('An issuer URL carries no user name or password.');
  }
  if (/[?#]/.test(text)) return refuse('An issuer URL has no query ("?") and no fragment ("#").');
  return accept(text);
}

const serviceAccountNameRule: ValueRule = (text) => {
  const problem = accountNameProblem(text);
  return problem === undefined ? accept(text) : refuse(accountNameText(problem));
};

/** Who may enter a restricted project: an account of its own team, or with `team/` before it one of the organization. */
export const projectAccountRule: ValueRule = (text) => {
  const [first = '', second, ...rest] = text.split('/');
  if (second === undefined) return serviceAccountNameRule(text);
  const isQualified = rest.length === 0 && teamNameRule(first).ok && accountNameProblem(second) === undefined;
  return isQualified
    ? accept(text)
    : refuse(
        'Write the name of an account of this team, or team/name for an account of the whole organization.',
      );
};

function accountNameText(problem: AccountNameProblem): string {
  switch (problem) {
    case 'empty':
    case 'too_short':
    case 'too_long':
      return 'The name of a service account has 3 to 64 characters.';
    case 'upper_case':
    case 'characters':
    case 'hyphens':
      return 'The name of a service account has lower-case letters, digits, and single hyphens between them.';
    case 'says_nothing':
      return 'No service account has such a name, as it says nothing: one like nightly-eval does.';
  }
}

function visibleText(text: string, maxLength: number): boolean {
  return text !== '' && text.trim() === text && freeTextProblem(text, { maxLength }) === undefined;
}
