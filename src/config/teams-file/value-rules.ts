import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import {
  type AccountNameProblem,
  accountNameProblem,
  FREE_TEXT_LENGTH,
  freeTextProblem,
  readProjectName,
} from '../../domain/accounts/names.ts';
import { ISSUER_LENGTH } from '../../domain/federation/issuer.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { normalizeEmailAddress } from '../../domain/organization/person.ts';
import { APPROVER_GROUPS } from '../../domain/organization/policy.ts';
import { readTeamName, TEAM_NAME_MAX_LENGTH } from '../../domain/organization/team-name.ts';
import { isOwnIssuer } from '../server-urls.ts';

/** The value in the form in which it's compared, or what is wrong with it, without repeating it. */
type RuleResult = { ok: true; value: string } | { ok: false; message: string };

export type ValueRule = (text: string) => RuleResult;

const CREDENTIAL_TEXT = 'This contains a key or token. Remove it, and revoke it where it was created.';

/** Returns the schema of a text that the rule accepts. */
export function byRule(rule: ValueRule) {
  return z.string().transform((text, context) => {
    const result = containsCredential(text) ? refuse(CREDENTIAL_TEXT) : rule(text);
    if (result.ok) return result.value;
    context.addIssue(result.message);
    return z.NEVER;
  });
}

const accept = (value: string): RuleResult => ({ ok: true, value });
const refuse = (message: string): RuleResult => ({ ok: false, message });

/** Lowercases the address. Only ASCII, so that look-alike letters can't name another person. */
export const emailAddressRule: ValueRule = (text) => {
  const address = text.trim() === text ? normalizeEmailAddress(text) : undefined;
  const [local = '', domain = ''] = address?.split('@') ?? [];
  const localIsPlain = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local);
  const domainIsPlain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(
    domain,
  );
  return address !== undefined && localIsPlain && domainIsPlain
    ? accept(address)
    : refuse('This isn’t an email address. Write it like ada@example.com, in ASCII letters.');
};

/** A W&B team (*entity*) as W&B has it, in Unicode NFC. */
export const teamNameRule: ValueRule = (text) => {
  const name = readTeamName(text);
  return name === undefined
    ? refuse(
        `A team name has 1 to ${TEAM_NAME_MAX_LENGTH} visible characters other than "/", without spaces around it. Write it exactly as W&B does.`,
      )
    : accept(name);
};

/** Kept exactly as written: the name is the `aud` of federated JWTs. */
export const organizationNameRule: ValueRule = (text) =>
  visibleText(text, 128) ? accept(text) : refuse('An organization name has 1 to 128 visible characters.');

export const usernameRule: ValueRule = (text) =>
  /^[\x21-\x7e]{1,128}$/.test(text)
    ? accept(text)
    : refuse('A W&B username has 1 to 128 ASCII characters and no spaces.');

export const projectNameRule: ValueRule = (text) => {
  const name = readProjectName(text);
  return name === undefined
    ? refuse('A project name has 1 to 128 visible characters other than / \\ # ? % and colons.')
    : accept(name);
};

export const subjectPatternRule: ValueRule = (text) =>
  visibleText(text, FREE_TEXT_LENGTH.subject)
    ? accept(text)
    : refuse(
        `A subject pattern has 1 to ${FREE_TEXT_LENGTH.subject} visible characters; "*" matches any characters.`,
      );

/** Kept exactly as written: the `iss` of a JWT must equal it. */
export const issuerUrlRule: ValueRule = (text) => issuerUrl(text, 'https');

/** For development, where an issuer on localhost rarely has a certificate. */
export const insecureIssuerUrlRule: ValueRule = (text) => issuerUrl(text, 'https?');

/** Keysmith issues JWTs for the W&B server. Its own accounts must not accept them. */
export const foreignIssuerRule =
  (rule: ValueRule, ownUrl: string | undefined): ValueRule =>
  (text) => {
    const result = rule(text);
    return result.ok && ownUrl !== undefined && isOwnIssuer(text, ownUrl)
      ? refuse('This is Keysmith’s own URL (PUBLIC_URL), which can’t be an issuer here. Remove this issuer.')
      : result;
  };

/** Where an issuer's keys are fetched. Unlike an issuer, it may have a query. */
export const keysUrlRule: ValueRule = (text) => webUrl(text, 'https', 'A key set URL');
export const insecureKeysUrlRule: ValueRule = (text) => webUrl(text, 'https?', 'A key set URL');

function webUrl(text: string, scheme: 'https' | 'https?', noun: string): RuleResult {
  if (!/^[\x21-\x7e]+$/.test(text) || text.length > ISSUER_LENGTH || !URL.canParse(text)) {
    return refuse(
      `${noun} looks like https://token.example.com and has at most ${ISSUER_LENGTH} ASCII characters.`,
    );
  }
  if (!new RegExp(`^${scheme}://[^/\\\\]`, 'i').test(text)) {
    return refuse(`${noun} must start with https://.`);
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.host === '') {
    return refuse(`${noun} can’t contain a username or password.`);
  }
  return text.includes('#') ? refuse(`${noun} can’t contain a fragment ("#").`) : accept(text);
}

function issuerUrl(text: string, scheme: 'https' | 'https?'): RuleResult {
  const checked = webUrl(text, scheme, 'An issuer URL');
  if (!checked.ok) return checked;
  if (text.includes('@')) return refuse('An issuer URL can’t contain a username or password.');
  if (/[?#]/.test(text)) return refuse('An issuer URL can’t contain a query ("?") or a fragment ("#").');
  return accept(text);
}

export const serviceAccountNameRule: ValueRule = (text) => {
  const problem = accountNameProblem(text);
  return problem === undefined ? accept(text) : refuse(accountNameText(problem));
};

/** A pattern of account names, which can only have the characters of names, and `*`. */
export const accountNamePatternRule: ValueRule = (text) =>
  /^[a-z0-9*-]{1,64}$/.test(text) && text !== '*'
    ? accept(text)
    : refuse('A pattern of names has lowercase letters, digits, hyphens and "*", such as ci-*.');

/** A group of {@link APPROVER_GROUPS}, or a person's address. */
export const approverRule: ValueRule = (text) => {
  if (APPROVER_GROUPS.some((group) => group === text)) return accept(text);
  const address = emailAddressRule(text);
  return address.ok ? address : refuse(`Expected ${APPROVER_GROUPS.join(', ')} or an email address.`);
};

/** A public or private channel (docs.slack.dev/reference/objects/conversation-object). */
export const channelRule: ValueRule = (text) =>
  /^[CG][A-Z0-9]{6,30}$/.test(text)
    ? accept(text)
    : refuse(
        'Expected a channel’s ID, such as C0123ABCD. Slack shows it at the bottom of the channel’s details.',
      );

/** An account that may use a restricted project: one of the same team, or `team/name` for one of the organization. */
export const projectAccountRule: ValueRule = (text) => {
  const slash = text.lastIndexOf('/');
  if (slash === -1) return serviceAccountNameRule(text);
  const team = readTeamName(text.slice(0, slash));
  const name = text.slice(slash + 1);
  return team !== undefined && accountNameProblem(name) === undefined
    ? accept(`${team}/${name}`)
    : refuse('Write the name of an account of this team, or team/name for an account of the organization.');
};

function accountNameText(problem: AccountNameProblem): string {
  switch (problem) {
    case 'empty':
    case 'too_short':
    case 'too_long':
      return 'A service account name has 3 to 64 characters.';
    case 'upper_case':
    case 'characters':
    case 'hyphens':
      return 'A service account name has lowercase letters, digits, and single hyphens between them.';
    case 'says_nothing':
      return 'Use a name that says what the account is for, such as nightly-eval.';
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** PEM certificates. Drops the text that some programs write between them. */
export const certificatesRule: ValueRule = (text) => {
  if (text.includes('PRIVATE KEY-----')) {
    return refuse('This contains a private key. Remove it, and replace the key wherever it is used.');
  }
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0 || text.replace(CERTIFICATE, '').includes('-----')) {
    return refuse(
      'Expected certificates in PEM: "|", then the lines from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
    );
  }
  const broken = certificates.findIndex((certificate) => !isCertificate(certificate));
  if (broken >= 0) return refuse(`Certificate ${broken + 1} can’t be read. Copy it again.`);
  const lines = certificates.map((certificate) => certificate.replaceAll('\r', ''));
  return accept(`${lines.join('\n')}\n`);
};

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function visibleText(text: string, maxLength: number): boolean {
  return text !== '' && text.trim() === text && freeTextProblem(text, { maxLength }) === undefined;
}
