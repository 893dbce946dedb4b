import {
  expiryRulesOf,
  type KeyExpiry,
  type KeyExpiryProblem,
  type KeyExpiryRules,
  keyExpiryProblem,
  type readKeyExpiry,
} from '../../domain/accounts/key-expiry.ts';
import {
  type AccountNameProblem,
  accountNameProblem,
  FREE_TEXT_LENGTH,
  type FreeTextProblem,
  freeTextProblem,
  proposeAccountName,
} from '../../domain/accounts/names.ts';
import { issuerChoice } from '../../domain/federation/issuer.ts';
import { type LikelyIssuer, likelyOtherIssuer } from '../../domain/federation/platforms.ts';
import {
  immutableOwnerPattern,
  type SubjectDoubt,
  type SubjectProblem,
  subjectDoubt,
  subjectProblem,
} from '../../domain/federation/subject.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { isSlackUserId } from '../../domain/organization/person.ts';
import {
  type EffectivePolicy,
  type PolicyProblem,
  policyProblems,
} from '../../domain/organization/policy.ts';
import { decideRegisterSubject, type TeamAccess } from '../../domain/organization/team.ts';
import type { AccountRequest, BackendFeatures } from '../ports/backend.ts';
import { chosenScope } from './account-scope.ts';

/** The submitted form *New service account*, unvalidated. */
export interface AccountForm {
  teamName: string;
  /** `organization` for an account that may use every team; undefined for one of its team. */
  scope?: string | undefined;
  name: string;
  method: string;
  /** Only for an API key: what `readKeyExpiry` returns. */
  expiry: ReturnType<typeof readKeyExpiry>;
  /** Only for a federated account: what `issuerChoice` returns for its issuer. */
  issuer: string | undefined;
  subject: string | undefined;
  purpose: string | undefined;
  usedBy: string | undefined;
  contact: string;
}

type FormField =
  | 'team'
  | 'scope'
  | 'name'
  | 'method'
  | 'expires'
  | 'expires_on'
  | 'issuer'
  | 'subject'
  | 'purpose'
  | 'used_by'
  | 'contact'
  /** Only of a member's request. */
  | 'reason'
  | 'urgent';

/** An invalid field of the form. */
export type FieldProblem =
  | { field: FormField; reason: 'contains_credential' }
  | { field: 'team'; reason: 'team_archived' }
  | { field: 'scope'; reason: 'not_offered' }
  /** `nearest`: the valid name that is nearest to the typed one. */
  | { field: 'name'; reason: AccountNameProblem | 'name_taken'; nearest?: string }
  | { field: 'method'; reason: 'no_issuers' | 'not_offered' | 'no_key_shown' | 'not_supported' }
  | ExpiryFieldProblem
  /** A rule of the team's policy. */
  | { field: 'name' | 'purpose' | 'used_by'; reason: 'policy'; problem: PolicyProblem }
  | { field: 'issuer'; reason: 'not_chosen' | 'not_offered' }
  | { field: 'subject'; reason: SubjectProblem | 'no_patterns' | 'subject_taken' }
  | {
      field: 'subject';
      reason: 'pattern_mismatch';
      patterns: readonly string[];
      /** The pattern that would let in a GitHub subject of the immutable form. */
      immutable: string | undefined;
    }
  | IdentityDoubt
  | { field: 'purpose' | 'used_by'; reason: FreeTextProblem }
  | { field: 'contact'; reason: 'not_offered' }
  | { field: 'reason'; reason: 'empty' | FreeTextProblem }
  | { field: 'urgent'; reason: 'not_offered' };

/** `rules` and `nowMs`: what the expiry was compared with. */
type ExpiryFieldProblem = {
  field: 'expires' | 'expires_on';
  reason: KeyExpiryProblem;
  rules?: KeyExpiryRules;
  nowMs?: number;
};

/** A warning: the same identity is accepted when it is submitted again. */
type IdentityDoubt =
  | { field: 'subject'; reason: SubjectDoubt }
  | { field: 'subject'; reason: 'other_issuer'; chosen: string; likely: LikelyIssuer };

const DOUBTS: ReadonlySet<FieldProblem['reason']> = new Set<IdentityDoubt['reason']>([
  'quotes',
  'pattern_characters',
  'unusual_characters',
  'other_issuer',
]);

export function isDoubt({ reason }: FieldProblem): boolean {
  return DOUBTS.has(reason);
}

type Authentication =
  | { method: 'api_key'; expiry: KeyExpiry }
  | { method: 'api_key_on_server' }
  | { method: 'federated'; identity: { issuer: string; subject: string } };

export type AccountFormCheck =
  | {
      ok: true;
      authentication: Authentication;
      fields: Pick<AccountRequest, 'name' | 'scope' | 'purpose' | 'usedBy' | 'contact'>;
    }
  | { ok: false; problems: FieldProblem[] };

/**
 * Finds fields that contain a key or token. Check this before anything else: later steps send the fields to servers, and record
 * them in refusals.
 */
export function credentialProblems(form: AccountForm): FieldProblem[] {
  const texts: Partial<Record<FormField, string | undefined>> = {
    team: form.teamName,
    scope: form.scope,
    name: form.name,
    method: form.method,
    issuer: form.issuer,
    subject: form.subject,
    purpose: form.purpose,
    used_by: form.usedBy,
    contact: form.contact,
  };
  return Object.entries(texts)
    .filter(([, text]) => text !== undefined && containsCredential(text))
    .map(([field]) => ({ field: field as FormField, reason: 'contains_credential' }));
}

interface PolicyOptions {
  policy: EffectivePolicy;
  keysExpire: boolean;
  nowMs: number;
}

/** Checks what needs nothing but the form and the team's policy. */
export function accountFormProblems(form: AccountForm, options: PolicyOptions): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const name = accountNameProblem(form.name);
  const nearest = name && proposeAccountName(form.name);
  if (name !== undefined) problems.push({ field: 'name', reason: name, ...(nearest && { nearest }) });
  const purpose = freeTextProblem(form.purpose ?? '', {
    maxLength: FREE_TEXT_LENGTH.purpose,
    multiline: true,
  });
  if (purpose !== undefined) problems.push({ field: 'purpose', reason: purpose });
  const usedBy = freeTextProblem(form.usedBy ?? '', { maxLength: FREE_TEXT_LENGTH.usedBy });
  if (usedBy !== undefined) problems.push({ field: 'used_by', reason: usedBy });
  // Messages show it as a mention.
  if (!isSlackUserId(form.contact)) problems.push({ field: 'contact', reason: 'not_offered' });
  const expiry = form.method === 'api_key' ? expiryProblem(form, options) : undefined;
  if (expiry !== undefined) problems.push(expiry);
  if (form.method === 'federated') {
    const reason = subjectProblem(form.subject ?? '');
    if (reason !== undefined) problems.push({ field: 'subject', reason });
  }
  return [...problems, ...ofPolicy(form, options)];
}

function ofPolicy(form: AccountForm, { policy, nowMs }: PolicyOptions): FieldProblem[] {
  const facts = { name: form.name, fields: { purpose: form.purpose, used_by: form.usedBy } };
  const fieldOf = (problem: PolicyProblem) => (problem.rule === 'required_fields' ? problem.field : 'name');
  return policyProblems(policy, facts, nowMs).map((problem) => ({
    field: fieldOf(problem),
    reason: 'policy',
    problem,
  }));
}

function expiryProblem(
  { expiry }: AccountForm,
  { policy, keysExpire, nowMs }: PolicyOptions,
): FieldProblem | undefined {
  if (!keysExpire) return undefined;
  if (expiry === undefined) return { field: 'expires', reason: 'not_offered' };
  const rules = expiryRulesOf(policy);
  const reason = expiry === 'no_date' ? expiry : keyExpiryProblem(expiry, rules, nowMs);
  if (reason === undefined) return undefined;
  const isOfDate = expiry === 'no_date' || (expiry !== 'never' && 'atMs' in expiry);
  return { field: isOfDate ? 'expires_on' : 'expires', reason, rules, nowMs };
}

interface FormOptions {
  issuers: readonly string[];
  features: BackendFeatures;
  /** The person has seen the warnings about this identity, and submitted it again. */
  isIdentityConfirmed: boolean;
  policy: EffectivePolicy;
  nowMs: number;
}

/** Validates the whole form, including what the person may register in the team. */
export function checkAccountForm(
  form: AccountForm,
  access: TeamAccess,
  options: FormOptions,
): AccountFormCheck {
  const { features, policy, nowMs } = options;
  const problems = accountFormProblems(form, { policy, keysExpire: features.keysExpire, nowMs });
  const scope = chosenScope(form.scope, access, features);
  if (scope === undefined) problems.push({ field: 'scope', reason: 'not_offered' });
  const authentication = authenticationOf(form, access, options, problems);
  if (scope === undefined || problems.length > 0 || authentication === undefined)
    return { ok: false, problems };
  const { name, purpose, usedBy, contact } = form;
  return { ok: true, authentication, fields: { name, scope, purpose, usedBy, contact } };
}

function authenticationOf(
  form: AccountForm,
  access: TeamAccess,
  { issuers, features, isIdentityConfirmed }: FormOptions,
  problems: FieldProblem[],
): Authentication | undefined {
  if (form.method === 'api_key') return apiKeyOf(form, features, problems);
  if (form.method === 'api_key_on_server' && features.accountsWithoutKey) return { method: form.method };
  if (form.method === 'federated' && !features.federated.available) {
    const { reason } = features.federated;
    problems.push({ field: 'method', reason: reason === 'no_issuer' ? 'no_issuers' : reason });
    return undefined;
  }
  if (form.method !== 'federated' || issuers.length === 0) {
    problems.push({
      field: 'method',
      reason: form.method === 'federated' ? 'no_issuers' : 'not_offered',
    });
    return undefined;
  }
  const { subject = '' } = form;
  const issuer = issuers.find((url) => issuerChoice(url) === form.issuer);
  if (issuer === undefined) {
    problems.push({ field: 'issuer', reason: form.issuer === undefined ? 'not_chosen' : 'not_offered' });
    return undefined;
  }
  if (problems.some((problem) => problem.field === 'subject')) return undefined;
  const identity = { issuer, subject };
  const problem =
    registrationProblem(access, subject) ??
    (isIdentityConfirmed ? undefined : identityDoubt(identity, issuers));
  if (problem === undefined) return { method: 'federated', identity };
  problems.push(problem);
  return undefined;
}

function registrationProblem(access: TeamAccess, subject: string): FieldProblem | undefined {
  const decision = decideRegisterSubject(access, subject);
  if (decision.allowed) return undefined;
  if (decision.reason === 'no_patterns') return { field: 'subject', reason: 'no_patterns' };
  const patterns = access.team.subjects;
  return { field: 'subject', reason: decision.reason, patterns, immutable: immutableOwnerPattern(subject) };
}

function identityDoubt(
  { issuer, subject }: { issuer: string; subject: string },
  issuers: readonly string[],
): IdentityDoubt | undefined {
  const likely = likelyOtherIssuer(subject, issuer, issuers);
  if (likely !== undefined) return { field: 'subject', reason: 'other_issuer', chosen: issuer, likely };
  const reason = subjectDoubt(subject);
  return reason && { field: 'subject', reason };
}

function apiKeyOf(
  { expiry }: AccountForm,
  { apiKeys, keysExpire }: BackendFeatures,
  problems: FieldProblem[],
): Authentication | undefined {
  if (!apiKeys.available) {
    problems.push({ field: 'method', reason: apiKeys.reason });
    return undefined;
  }
  if (!keysExpire) return { method: 'api_key', expiry: 'never' };
  return expiry === undefined || expiry === 'no_date' ? undefined : { method: 'api_key', expiry };
}
