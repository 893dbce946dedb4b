import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { namedDifference, resembling } from '../../../domain/care/near-match.ts';
import {
  assertionClaimProblems,
  type ClaimProblem,
  isNumericDate,
  namedAudiences,
} from '../../../domain/federation/assertion-claims.ts';
import {
  type AssertionHeader,
  assertionHeaderProblems,
  type HeaderProblem,
  readAssertionHeader,
} from '../../../domain/federation/assertion-header.ts';
import { type AssertionParts, readAssertion } from '../../../domain/federation/assertion-parts.ts';
import { type Issuer, toIssuer } from '../../../domain/federation/issuer.ts';
import { containsCredential } from '../../../domain/keys/pasted-credential.ts';
import { nearestName } from '../../../domain/nearest-name.ts';
import type { AuthorityPorts } from '../authority-context.ts';
import { checkSignature, type SignatureResult } from '../check-signature.ts';
import { type JwtFinding, type JwtReport, type JwtSignatureProblem, verdictOf } from './jwt-report.ts';

/** What JWTs are checked against. */
export type AssertionRules = Pick<AuthorityPorts, 'ownIssuer' | 'issuerKeys' | 'audiences' | 'now'> & {
  store: Pick<
    AuthorityPorts['store'],
    'issuer' | 'issuers' | 'findAccount' | 'accountByIdentity' | 'accountsWithSimilarSubject'
  >;
};

const MAX_ISSUERS = 5;

/** Whether the caller may know of an account. */
type MaySee = (account: Pick<ServiceAccount, 'teamName'>) => boolean;

/**
 * Checks a JWT part by part, by the rules of the exchange, and goes on after a problem. Writes nothing but the issuer's keys, logs
 * nothing, uses up no `jti` and notifies nobody.
 *
 * @param text may have spaces, quotation marks or `Bearer` around the JWT
 * @param maySee whether the caller may know of an account. Another one looks like none.
 * @throws StoreUnavailableError
 */
export async function examineJwt(rules: AssertionRules, text: string, maySee: MaySee): Promise<JwtReport> {
  const trimmed = text
    .trim()
    .replace(/^bearer\s+/i, '')
    .replace(/^["'`]|["'`]$/g, '');
  const jwt = trimmed.replace(/\s+/g, '');
  const read = readAssertion(jwt);
  if (!read.ok) {
    const problem =
      read.problem === 'not_three_parts' && containsCredential(text) ? 'credential' : read.problem;
    return { verdict: 'refused', findings: [{ part: 'shape', state: 'wrong', problem }] };
  }
  const { header, claims } = read.parts;
  const issuer = await findIssuer(rules, claims.iss);
  const shape: JwtFinding =
    jwt === trimmed
      ? { part: 'shape', state: 'ok' }
      : { part: 'shape', state: 'note', problem: 'had_spaces' };
  const findings = [
    shape,
    ...headerFindings(header),
    await issuerFinding(rules, claims.iss, issuer),
    await signatureFinding(rules, { jwt, header, issuer }),
    ...claimFindings(rules, read.parts, issuer),
    await subjectFinding(rules, claims.sub, issuer, maySee),
  ];
  return { verdict: verdictOf(findings), findings };
}

async function findIssuer(rules: AssertionRules, iss: unknown): Promise<Issuer | undefined> {
  if (typeof iss !== 'string' || !iss.isWellFormed() || iss === rules.ownIssuer()) return undefined;
  const issuer = await rules.store.issuer(iss);
  return issuer?.url === iss ? issuer : undefined;
}

function headerFindings(header: AssertionParts['header']): JwtFinding[] {
  const problems = assertionHeaderProblems(header);
  const finding = (part: 'alg' | 'typ' | 'kid'): JwtFinding => ({
    part,
    state: problems.some(({ member }: HeaderProblem) => member === part) ? 'wrong' : 'ok',
    came: textOf(header[part]),
  });
  return [
    ...('crit' in header ? [{ part: 'crit', state: 'wrong' } as const] : []),
    finding('alg'),
    finding('typ'),
    finding('kid'),
  ];
}

async function issuerFinding(
  { ownIssuer, store }: AssertionRules,
  iss: unknown,
  issuer: Issuer | undefined,
): Promise<JwtFinding> {
  const came = textOf(iss);
  if (issuer !== undefined) return { part: 'iss', state: 'ok', came, registered: [issuer.url] };
  const urls = await store.issuers();
  const nearest = came === undefined ? undefined : nearestName(came, urls);
  const registered = [...new Set([...(nearest === undefined ? [] : [nearest]), ...urls])].slice(
    0,
    MAX_ISSUERS,
  );
  const unknown = came === ownIssuer() ? 'own_issuer' : 'unknown_issuer';
  return { part: 'iss', state: 'wrong', came, registered, problem: came === undefined ? 'missing' : unknown };
}

async function signatureFinding(
  { issuerKeys }: AssertionRules,
  { jwt, header, issuer }: { jwt: string; header: AssertionParts['header']; issuer: Issuer | undefined },
): Promise<JwtFinding> {
  const signature = { part: 'signature', keyId: textOf(header.kid) } as const;
  const read = signingHeader(header);
  if (read === undefined) return { ...signature, state: 'not_checked', problem: 'header_invalid' };
  if (issuer === undefined) return { ...signature, state: 'not_checked', problem: 'issuer_unknown' };
  const checked = await checkSignature(issuerKeys, issuer, { assertion: jwt, header: read });
  if (checked.ok) return { ...signature, state: 'ok' };
  if (!('cause' in checked)) return { ...signature, state: 'wrong', problem: checked.reason };
  return { ...signature, state: 'not_checked', problem: unavailableProblem(checked) };
}

function unavailableProblem({
  reason,
  fetchFailure,
}: Extract<SignatureResult, { cause: string }>): JwtSignatureProblem {
  if (reason !== 'keys_unavailable') return reason;
  switch (fetchFailure) {
    case 'not_allowed':
      return 'keys_not_allowed';
    case 'outside_sandbox':
      return 'keys_outside_sandbox';
    default:
      return reason;
  }
}

/** Also of a JWT with a wrong `typ`, whose signature can be checked all the same. */
function signingHeader({ alg, kid }: AssertionParts['header']): AssertionHeader | undefined {
  const read = readAssertionHeader({ alg, ...(kid !== undefined && { kid }) });
  return read.ok ? read.header : undefined;
}

function claimFindings(
  { audiences, now }: AssertionRules,
  { claims }: AssertionParts,
  issuer: Issuer | undefined,
): JwtFinding[] {
  const rules = issuer ?? toIssuer({ url: '' });
  const problems = assertionClaimProblems(claims, { issuer: rules, audiences, nowMs: now() });
  const has = (reason: ClaimProblem['reason'], claim?: string) =>
    problems.some(
      (one) => one.reason === reason && (claim === undefined || ('claim' in one && one.claim === claim)),
    );
  const isWrong = (wrong: boolean) => (wrong ? 'wrong' : 'ok');
  const { iat, exp, aud } = claims;
  const lifetime = isNumericDate(exp) ? exp - (isNumericDate(iat) ? iat : now() / 1000) : undefined;
  return [
    ...(has('security_event') ? [{ part: 'events', state: 'wrong' } as const] : []),
    ...(has('sender_constrained') ? [{ part: 'cnf', state: 'wrong' } as const] : []),
    {
      part: 'aud',
      state: isWrong(has('wrong_audience') || has('bad_claim', 'aud')),
      came: namedAudiences(aud),
      expected: audiences,
    },
    expiryFinding(exp, has),
    ...timeFindings(claims, has),
    ...(lifetime === undefined || lifetime < 0
      ? []
      : [
          {
            part: 'lifetime',
            state: issuer === undefined ? 'not_checked' : isWrong(has('lives_too_long')),
            seconds: Math.ceil(lifetime),
            maxSeconds: rules.maxLifetimeSeconds,
          } as const,
        ]),
    ...tokenIdFinding(rules, has),
  ];
}

type HasProblem = (reason: ClaimProblem['reason'], claim?: string) => boolean;

function expiryFinding(exp: unknown, has: HasProblem): JwtFinding {
  const atMs = msOf(exp);
  if (has('no_expiry')) return { part: 'exp', state: 'wrong', atMs, problem: 'no_expiry' };
  if (has('bad_claim', 'exp')) return { part: 'exp', state: 'wrong', atMs, problem: 'bad_claim' };
  // Welcome here: everything else is checked as well.
  return has('expired')
    ? { part: 'exp', state: 'note', atMs, problem: 'expired' }
    : { part: 'exp', state: 'ok', atMs };
}

function timeFindings({ nbf, iat }: AssertionParts['claims'], has: HasProblem): JwtFinding[] {
  const finding = (part: 'nbf' | 'iat', value: unknown, future: ClaimProblem['reason']): JwtFinding[] => {
    if (value === undefined) return [];
    const atMs = msOf(value);
    if (has('bad_claim', part)) return [{ part, state: 'wrong', atMs, problem: 'bad_claim' }];
    return has(future)
      ? [{ part, state: 'wrong', atMs, problem: 'in_the_future' }]
      : [{ part, state: 'ok', atMs }];
  };
  return [...finding('nbf', nbf, 'not_yet_valid'), ...finding('iat', iat, 'issued_in_the_future')];
}

function tokenIdFinding({ isSingleUse }: Issuer, has: HasProblem): JwtFinding[] {
  if (has('no_token_id')) return [{ part: 'jti', state: 'wrong', problem: 'no_token_id', isSingleUse }];
  if (has('bad_claim', 'jti')) return [{ part: 'jti', state: 'wrong', problem: 'bad_claim', isSingleUse }];
  return isSingleUse ? [{ part: 'jti', state: 'ok', isSingleUse }] : [];
}

async function subjectFinding(
  { store }: AssertionRules,
  sub: unknown,
  issuer: Issuer | undefined,
  maySee: MaySee,
): Promise<JwtFinding> {
  const part = 'sub' as const;
  const came = textOf(sub);
  if (came === undefined || came === '' || !came.isWellFormed())
    return { part, state: 'wrong', came, problem: 'bad_claim' };
  if (issuer === undefined) return { part, state: 'not_checked', came, problem: 'issuer_unknown' };
  const identity = { issuer: issuer.url, subject: came };
  const found = await store.accountByIdentity(identity);
  if (found !== undefined && maySee(found.account)) {
    const { account, isTeamArchived } = found;
    return isTeamArchived
      ? { part, state: 'wrong', came, account, problem: 'team_archived' }
      : { part, state: 'ok', came, account };
  }
  const similar = await findSimilar(store, identity, maySee);
  return { part, state: 'wrong', came, problem: 'unknown_subject', ...(similar && { similar }) };
}

/** Returns the account that the card of a near match would be about, or one whose names have other IDs. */
async function findSimilar(
  store: AssertionRules['store'],
  identity: { issuer: string; subject: string },
  maySee: MaySee,
) {
  const accounts = (await store.accountsWithSimilarSubject(identity)).filter(maySee);
  const likely = resembling(accounts, identity.subject)[0]?.account;
  const similar = likely ?? accounts.find(({ subject }) => namedDifference(subject, identity.subject));
  const difference = similar && namedDifference(similar.subject, identity.subject);
  if (similar === undefined || difference === undefined) return undefined;
  const account = await store.findAccount(similar.id);
  if (account === undefined) return undefined;
  return { name: account.name, teamName: account.teamName, subject: similar.subject, difference };
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Undefined for a time that no calendar has. */
function msOf(seconds: unknown): number | undefined {
  return isNumericDate(seconds) && Math.abs(seconds) < 8.64e12 ? seconds * 1000 : undefined;
}
