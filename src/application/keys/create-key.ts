import {
  expiryRulesOf,
  type KeyExpiry,
  type KeyExpiryProblem,
  type KeyExpiryRules,
  keyExpiryProblem,
  type readKeyExpiry,
} from '../../domain/accounts/key-expiry.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { type KeyNameProblem, keyNameProblem } from '../../domain/keys/key-name.ts';
import { type Attempt, authorize } from '../accounts/authorize.ts';
import { type DeliverKeyResult, deliverKey } from '../accounts/deliver-key.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { EarlierSubmission } from '../ports/account-records.ts';
import type { IssuedKey } from '../ports/backend.ts';
import type { Route } from '../ports/slack.ts';
import { checkKeys, type KeysUnavailable, keysRefused, keysUnavailable } from './key-access.ts';

/** An invalid field of a form about a key. */
export type KeyFieldProblem =
  | { field: 'key_name'; reason: KeyNameProblem | 'name_taken' }
  /** `rules` and `nowMs`: what the expiry was compared with. */
  | {
      field: 'key_expires' | 'key_expires_on';
      reason: KeyExpiryProblem;
      rules?: KeyExpiryRules;
      nowMs?: number;
    }
  /** A choice that the form didn't offer. */
  | { field: 'key_choice'; reason: 'not_offered' }
  | { field: 'key_overlap'; reason: 'not_offered' };

export interface CreateKey {
  slackUserId: string;
  accountId: string;
  name: string;
  /** What `readKeyExpiry` returns. */
  expiry: ReturnType<typeof readKeyExpiry>;
  /** One per form: submitting it again doesn't create a second key. */
  submissionId: string;
  route: Route;
  requestId: string;
}

export type CreateKeyResult =
  | {
      kind: 'created';
      account: ServiceAccount;
      issued: Pick<IssuedKey, 'keyName' | 'delivery'>;
      key: DeliverKeyResult;
    }
  | { kind: 'already_submitted'; earlier: EarlierSubmission }
  | { kind: 'too_many_keys'; account: ServiceAccount }
  | { kind: 'invalid'; problems: KeyFieldProblem[] }
  | KeysUnavailable;

/**
 * Creates another key of an account and sends it. Permission is checked from fresh data; the key's hash, its delivery and the
 * audit event are one write.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was created
 */
export async function createKey(ports: Ports, request: CreateKey): Promise<CreateKeyResult> {
  const { accountId, name, submissionId, route, requestId } = request;
  const attempt = keyAttempt('api_key.create_refused', request);
  const authorized = await authorize(ports, attempt, (person) => checkKeys(ports, person, accountId));
  if (!authorized.ok) return keysRefused(authorized.refusal);
  const { person, granted } = authorized;
  const { account } = granted;
  const earlier = await ports.store.earlierSubmission(submissionId);
  if (earlier !== undefined) return { kind: 'already_submitted', earlier };
  const unavailable = keysUnavailable(ports, account);
  if (unavailable !== undefined) return unavailable;
  const rules = expiryRulesOf(await ports.store.policyOf(account.teamName));
  const checked = checkKeyForm(request, rules, ports.now());
  if (!checked.ok) return { kind: 'invalid', problems: checked.problems };
  const created = await ports.backend.keys?.createKey(account, {
    name,
    expiry: checked.expiry,
    route: route.kind,
    requestedBy: person,
    submissionId,
    requestId,
  });
  if (created === undefined) return { kind: 'not_found' };
  if (created.ok) {
    ports.logger.info({ accountId, keyId: created.issued.delivery.keyId }, 'API key created');
    const key = await deliverKey(ports, created.issued, route, requestId);
    return { kind: 'created', account, issued: created.issued, key };
  }
  switch (created.reason) {
    case 'already_submitted':
      return { kind: 'already_submitted', earlier: created.earlier };
    case 'name_taken':
      return { kind: 'invalid', problems: [{ field: 'key_name', reason: 'name_taken' }] };
    case 'account_revoked':
      return { kind: 'account_revoked', account };
    case 'too_many_keys':
      return { kind: 'too_many_keys', account };
    case 'key_not_found':
    case 'being_rotated':
      // Only a rotation is refused for these.
      return { kind: 'not_found' };
  }
}

/** Returns how a refused attempt to change keys is recorded. */
export function keyAttempt(
  action: Extract<Attempt['action'], `api_key.${string}`>,
  { slackUserId, accountId, requestId }: { slackUserId: string; accountId: string; requestId: string },
): Attempt {
  return { slackUserId, action, subject: `service_account:${accountId.slice(0, 64)}`, requestId };
}

/** Validates the fields of a new key. */
export function checkKeyForm(
  { name, expiry }: Pick<CreateKey, 'name' | 'expiry'>,
  rules: KeyExpiryRules,
  nowMs: number,
): { ok: true; expiry: KeyExpiry } | { ok: false; problems: KeyFieldProblem[] } {
  const problems: KeyFieldProblem[] = [];
  const nameProblem = keyNameProblem(name);
  if (nameProblem !== undefined) problems.push({ field: 'key_name', reason: nameProblem });
  const expiryProblem = problemOfExpiry(expiry, rules, nowMs);
  if (expiryProblem !== undefined) problems.push(expiryProblem);
  if (problems.length > 0 || expiry === undefined || expiry === 'no_date') return { ok: false, problems };
  return { ok: true, expiry };
}

function problemOfExpiry(
  expiry: CreateKey['expiry'],
  rules: KeyExpiryRules,
  nowMs: number,
): KeyFieldProblem | undefined {
  if (expiry === undefined) return { field: 'key_expires', reason: 'not_offered' };
  const reason = expiry === 'no_date' ? expiry : keyExpiryProblem(expiry, rules, nowMs);
  if (reason === undefined) return undefined;
  const isOfDate = expiry === 'no_date' || (expiry !== 'never' && 'atMs' in expiry);
  return { field: isOfDate ? 'key_expires_on' : 'key_expires', reason, rules, nowMs };
}
