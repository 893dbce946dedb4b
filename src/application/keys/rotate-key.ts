import { expiryRulesOf, type readKeyExpiry } from '../../domain/accounts/key-expiry.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { nextKeyName } from '../../domain/keys/key-name.ts';
import type { Person } from '../../domain/organization/person.ts';
import { accountEvent, actorOf } from '../accounts/account-event.ts';
import { authorize, type Check, checkManageOrContact, checkNewKey } from '../accounts/authorize.ts';
import { type DeliverKeyResult, deliverKey } from '../accounts/deliver-key.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { EarlierSubmission } from '../ports/account-records.ts';
import type { CreateKeyResult, IssuedKey } from '../ports/backend.ts';
import type { Route } from '../ports/slack.ts';
import { type AccountKey, isLive } from './account-key.ts';
import { checkKeyForm, type KeyFieldProblem, keyAttempt } from './create-key.ts';
import {
  checkKeys,
  type KeysRefusal,
  type KeysUnavailable,
  keysRefused,
  keysUnavailable,
} from './key-access.ts';
import type { Rotation } from './rotation.ts';

export interface RotateKey {
  slackUserId: string;
  accountId: string;
  /** The key to replace. */
  keyId: string;
  /** Of the new key: what `readKeyExpiry` returns. */
  expiry: ReturnType<typeof readKeyExpiry>;
  overlapMs: number;
  /** Whether the old key is revoked when it is no longer used. */
  revokesUnused: boolean;
  /** One per form: submitting it again doesn't create a second key. */
  submissionId: string;
  route: Route;
  requestId: string;
}

export type RotateKeyResult =
  | {
      kind: 'rotated';
      account: ServiceAccount;
      oldKey: AccountKey;
      issued: Pick<IssuedKey, 'keyName' | 'delivery'>;
      key: DeliverKeyResult;
    }
  | { kind: 'already_submitted'; earlier: EarlierSubmission }
  | { kind: 'too_many_keys' | 'being_rotated' | 'key_not_found'; account: ServiceAccount }
  | { kind: 'invalid'; problems: KeyFieldProblem[] }
  | KeysUnavailable;

/**
 * Creates a key that replaces another one, and sends it. Once it has reached the person, both work until the end of the overlap. A key
 * that doesn't reach anyone leaves the old one as it is.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was created
 */
export async function rotateKey(ports: Ports, request: RotateKey): Promise<RotateKeyResult> {
  const { accountId, keyId, submissionId, route, requestId } = request;
  const attempt = keyAttempt('api_key.rotate_refused', request);
  const authorized = await authorize(ports, attempt, (person) =>
    checkKeys(ports, person, accountId, checkNewKey),
  );
  if (!authorized.ok) return keysRefused(authorized.refusal);
  const { person, granted } = authorized;
  const { account, keys } = granted;
  const earlier = await ports.store.earlierSubmission(submissionId);
  if (earlier !== undefined) return { kind: 'already_submitted', earlier };
  const unavailable = keysUnavailable(ports, account);
  if (unavailable !== undefined) return unavailable;
  const oldKey = keys.find((key) => key.keyId === keyId);
  if (oldKey === undefined || !isLive(oldKey, ports.now())) return { kind: 'key_not_found', account };
  const name = nextKeyName(oldKey.name, new Set(keys.map((key) => key.name)));
  const rules = expiryRulesOf(await ports.store.policyOf(account.teamName));
  const checked = checkKeyForm({ name, expiry: request.expiry }, rules, ports.now());
  if (!checked.ok) return { kind: 'invalid', problems: checked.problems };
  const { overlapMs, revokesUnused } = request;
  const created = await ports.backend.keys?.createKey(account, {
    name,
    expiry: checked.expiry,
    route: route.kind,
    requestedBy: person,
    submissionId,
    requestId,
    rotation: { id: ports.newId('rot'), oldKeyId: keyId, overlapMs, revokesUnused },
  });
  if (created === undefined) return { kind: 'not_found' };
  if (!created.ok) return notRotated(created, account);
  const { issued } = created;
  ports.logger.info({ accountId, keyId, newKeyId: issued.delivery.keyId }, 'API key rotation started');
  const key = await deliverKey(ports, issued, route, requestId);
  ports.wakeJobs();
  return { kind: 'rotated', account, oldKey, issued, key };
}

function notRotated(
  created: Exclude<CreateKeyResult, { ok: true }>,
  account: ServiceAccount,
): RotateKeyResult {
  switch (created.reason) {
    case 'already_submitted':
      return { kind: 'already_submitted', earlier: created.earlier };
    case 'name_taken':
    case 'key_not_found':
      return { kind: 'key_not_found', account };
    case 'account_revoked':
    case 'being_rotated':
    case 'too_many_keys':
      return { kind: created.reason, account };
  }
}

interface ChangeRotation {
  slackUserId: string;
  rotationId: string;
  requestId: string;
}

export type FinishRotationResult =
  | { kind: 'finished'; rotation: Rotation }
  /** It ended meanwhile, or its new key hasn't reached anyone. */
  | { kind: 'not_open'; rotation: Rotation }
  /** The new key expired or was revoked, and the old one still works. */
  | { kind: 'new_key_ended'; rotation: Rotation }
  /** The old key was used since the person last saw its use, within the last hour. */
  | { kind: 'used_since'; rotation: Rotation }
  | KeysUnavailable;

/**
 * Finishes a rotation now: revokes the old key.
 *
 * @param request.seenUseAtMs the last use of the old key that the person saw; a later one is shown first
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was revoked
 */
export async function finishRotation(
  ports: Ports,
  request: ChangeRotation & { seenUseAtMs: number },
): Promise<FinishRotationResult> {
  const { slackUserId, rotationId, requestId, seenUseAtMs } = request;
  const checked = await checkRotation(ports, request);
  if (!checked.ok) return checked.refused;
  const { person, rotation } = checked;
  const nowMs = ports.now();
  const { oldKey, newKey, account } = rotation;
  if (rotation.state !== 'open') return { kind: 'not_open', rotation };
  const isLast = newKey?.delivery === 'delivered' && !isLive(newKey, nowMs) && isLive(oldKey, nowMs);
  if (isLast) return { kind: 'new_key_ended', rotation };
  if ((oldKey.lastUse?.atMs ?? 0) > Math.max(seenUseAtMs, nowMs - HOUR_MS))
    return { kind: 'used_since', rotation };
  const isFinished = await ports.store.finishRotation({
    rotationId,
    revokesOldKey: true,
    by: person,
    nowMs,
    auditEvent: accountEvent(account, {
      action: 'api_key.rotation_finished',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { key_id: oldKey.keyId, key_name: oldKey.name, revoked: true },
    }),
  });
  if (!isFinished) return { kind: 'not_open', rotation };
  ports.wakeJobs();
  ports.logger.info({ rotationId, slackUserId }, 'API key rotation finished');
  return { kind: 'finished', rotation };
}

const HOUR_MS = 60 * 60_000;

export type ExtendRotationResult =
  /** `already_extended`: the click was made on an earlier end. `at_limit`: it has the latest end already. */
  | { kind: 'extended' | 'already_extended' | 'at_limit'; rotation: Rotation; untilMs: number }
  | { kind: 'not_open'; rotation: Rotation }
  | KeysUnavailable;

/**
 * Lets the old key of a rotation work for longer, but not beyond `latestEndMs`.
 *
 * @param request.fromMs the end that the person saw, so that one click has one effect however often it arrives
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError: nothing was changed
 */
export async function extendRotation(
  ports: Ports,
  request: ChangeRotation & { fromMs: number; byMs: number },
): Promise<ExtendRotationResult> {
  const { rotationId, requestId, fromMs, byMs } = request;
  const checked = await checkRotation(ports, request);
  if (!checked.ok) return checked.refused;
  const { person, rotation } = checked;
  const nowMs = ports.now();
  const { oldKey, account } = rotation;
  const untilMs = await ports.store.extendRotation({
    rotationId,
    fromMs,
    byMs,
    nowMs,
    auditEvent: accountEvent(account, {
      action: 'api_key.rotation_extended',
      actor: actorOf(person),
      atMs: nowMs,
      requestId,
      details: { key_id: oldKey.keyId, key_name: oldKey.name },
    }),
  });
  if (untilMs === undefined) return { kind: 'not_open', rotation };
  if (untilMs === fromMs) return { kind: 'at_limit', rotation, untilMs };
  if (oldKey.expiresAtMs !== fromMs) return { kind: 'already_extended', rotation, untilMs };
  ports.wakeJobs();
  return { kind: 'extended', rotation, untilMs };
}

/** Checks that a person may change a rotation, and reads it with the last uses of its keys. */
export async function checkRotation(
  ports: Ports,
  { slackUserId, rotationId, requestId }: ChangeRotation,
): Promise<{ ok: true; person: Person; rotation: Rotation } | { ok: false; refused: KeysUnavailable }> {
  const accountId = (await ports.store.rotation(rotationId))?.account.id ?? '';
  const attempt = keyAttempt('api_key.rotate_refused', { slackUserId, accountId, requestId });
  const check = async (person: Person): Promise<Check<Rotation, KeysRefusal>> => {
    const checked = await checkKeys(ports, person, accountId, checkManageOrContact);
    if (!checked.ok) return checked;
    const rotation = await ports.store.rotation(rotationId);
    return rotation === undefined
      ? { ok: false, refusal: { reason: 'account_unknown' } }
      : { ok: true, granted: rotation };
  };
  const authorized = await authorize(ports, attempt, check);
  return authorized.ok
    ? { ok: true, person: authorized.person, rotation: authorized.granted }
    : { ok: false, refused: keysRefused(authorized.refusal) };
}
