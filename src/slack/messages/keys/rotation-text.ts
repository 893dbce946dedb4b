import type { Button, KnownBlock } from '@slack/types';
import { isLive } from '../../../application/keys/account-key.ts';
import type {
  ExtendRotationResult,
  FinishRotationResult,
  RotateKeyResult,
} from '../../../application/keys/rotate-key.ts';
import type { Rotation, RotationCard } from '../../../application/keys/rotation.ts';
import { isStillUsed, requiredQuietMs } from '../../../domain/keys/rotation.ts';
import { alreadySubmittedText, keyNotDeliveredText } from '../accounts/outcome-text.ts';
import { type Message, moment, plainText } from '../blocks.ts';
import {
  accountText,
  keyNotFoundText,
  keysUnavailableText,
  keyText,
  keyUseText,
  tooManyKeysText,
} from './key-outcome-text.ts';

/** `finish` opens a modal, and its value is the rotation's ID. */
export const ROTATION_ACTIONS = { finish: 'finish_rotation', extend: 'extend_rotation' } as const;

/** Returns *Finish now*, which opens a confirmation. */
export function finishRotationButton({ id }: Pick<Rotation, 'id'>): Button {
  return { type: 'button', action_id: ROTATION_ACTIONS.finish, text: plainText('Finish now'), value: id };
}

/** Its value has the end that the person sees. */
function extendButton(rotation: Rotation): Button {
  return {
    type: 'button',
    action_id: ROTATION_ACTIONS.extend,
    text: plainText('Extend by 7 days'),
    value: `${rotation.id}:${endOf(rotation)}`,
  };
}

/** Reads the value of *Extend by 7 days*. */
export function readExtendChoice(value: string): { rotationId: string; fromMs: number } {
  const [rotationId = '', fromMs] = value.split(':', 2);
  return { rotationId, fromMs: Number(fromMs) };
}

const LIMIT = 'a rotation lasts at most 30 days, and never beyond the old key’s own expiry';

function endOf({ oldKey, overlapUntilMs }: Rotation): number {
  return oldKey.expiresAtMs ?? overlapUntilMs;
}

function isExtendable(rotation: Rotation): boolean {
  return endOf(rotation) < rotation.latestEndMs;
}

/** Returns the card of a rotation, and what happened to it so far. */
export function rotationCard({ rotation, nowMs }: RotationCard): {
  message: Message;
  log: readonly string[];
} {
  const { account, state } = rotation;
  const text = `Rotation of a key of ${account.name}`;
  const blocks: KnownBlock[] = [section(rotationText(rotation, nowMs))];
  if (state === 'open') {
    const canFinish = rotation.newKey !== undefined && isLive(rotation.newKey, nowMs);
    const finish = canFinish ? [finishRotationButton(rotation)] : [];
    const elements = [...finish, ...(isExtendable(rotation) ? [extendButton(rotation)] : [])];
    // Stays the same in each update, so that a click at that moment still finds its button.
    if (elements.length > 0) blocks.push({ type: 'actions', block_id: 'rotation', elements });
  }
  const started = `:key: <@${rotation.startedBy.slackUserId}> received the new key ${moment(rotation.startedAtMs)}.`;
  const ended =
    state === 'finished' ? [finishedText(rotation)] : state === 'canceled' ? [canceledText(rotation)] : [];
  return { message: { text, blocks }, log: [started, ...ended] };
}

/** Returns which key works until when, and whether the old one is still used. Markup. */
function rotationText(rotation: Rotation, nowMs: number): string {
  const { account, oldKey, newKey, state } = rotation;
  const title = `:arrows_counterclockwise: *Rotation of ${keyText(oldKey)}* of ${accountText(account)}`;
  const replacement = newKey === undefined ? 'A new key' : upperFirst(keyText(newKey));
  const by = `<@${rotation.startedBy.slackUserId}>`;
  switch (state) {
    case 'open':
      if (newKey !== undefined && !isLive(newKey, nowMs)) {
        return `${title}\n:warning: ${replacement} replaced it, but no longer works. *The old key works until ${moment(endOf(rotation))}.*\n${oldUseText(rotation, nowMs)}`;
      }
      return [
        title,
        `${replacement} replaces it, created by ${by}. *Both work; the old key works until ${moment(endOf(rotation))}.*`,
        oldUseText(rotation, nowMs),
        newKey?.lastUse === undefined
          ? 'The new key hasn’t been used yet.'
          : `The new key was last used ${keyUseText(newKey.lastUse)}.`,
        ...(rotation.revokesUnused ? [unusedText(rotation)] : []),
      ].join('\n');
    case 'finished':
      return `${title}\n${finishedText(rotation)} ${replacement} replaced it.`;
    case 'canceled':
      return `${title}\n${canceledText(rotation)}`;
  }
}

function oldUseText(rotation: Rotation, nowMs: number): string {
  const { oldKey, startedAtMs } = rotation;
  const { lastUse } = oldKey;
  if (lastUse === undefined) return ':white_check_mark: The old key was never used.';
  const isUsed = isStillUsed({ startedAtMs, oldLastUsedAtMs: lastUse.atMs }, nowMs);
  if (isUsed) return `:warning: The old key is still used: ${keyUseText(lastUse)}.`;
  return lastUse.atMs > startedAtMs
    ? `The old key was last used ${keyUseText(lastUse)}.`
    : `:white_check_mark: The old key hasn’t been used since. It was last used ${keyUseText(lastUse)}.`;
}

function unusedText({ oldLongestPauseMs }: Rotation): string {
  const hours = Math.ceil(requiredQuietMs(oldLongestPauseMs) / (60 * 60_000));
  return `Keysmith revokes the old key earlier once the new one has been used and the old one hasn’t been for ${hours} hours.`;
}

function finishedText(rotation: Rotation): string {
  const { oldKey, finishedAtMs, finishedBySlackUserId } = rotation;
  const { revokedAtMs } = oldKey;
  if (revokedAtMs === undefined)
    return `:no_entry: The old key expired ${moment(oldKey.expiresAtMs ?? finishedAtMs ?? 0)}.`;
  const by = finishedBySlackUserId === undefined ? 'Keysmith' : `<@${finishedBySlackUserId}>`;
  const reason = isRevokedForLeak(rotation) ? 'it was found in public' : 'it was no longer used';
  const why = finishedBySlackUserId === undefined ? `, because ${reason}` : '';
  return `:no_entry: ${by} revoked the old key ${moment(revokedAtMs)}${why}.`;
}

/** Keysmith revokes an old key that is no longer used only where a person asked for that. */
function isRevokedForLeak({ oldKey, revokesUnused }: Rotation): boolean {
  const { leakReportedAtMs, revokedAtMs } = oldKey;
  return leakReportedAtMs !== undefined && (leakReportedAtMs === revokedAtMs || !revokesUnused);
}

function canceledText({ account, oldKey, newKey }: Rotation): string {
  if (account.state !== 'active') return ':no_entry: Canceled: the account was revoked.';
  const expiry =
    oldKey.expiresAtMs === undefined ? 'doesn’t expire' : `expires ${moment(oldKey.expiresAtMs)}`;
  const reason = newKey?.leakReportedAtMs === undefined ? '' : ', because it was found in public';
  const why =
    newKey?.revokedAtMs === undefined ? 'no new key reached anyone' : `the new key was revoked${reason}`;
  return `:warning: Canceled: ${why}. The old key works as before: it ${expiry}.`;
}

/** Returns the question about an old key that is still used near the end of its rotation. */
export function rotationEndingMessage(rotation: Rotation): Message {
  const { account, oldKey } = rotation;
  const { lastUse } = oldKey;
  const use = lastUse === undefined ? '' : ` It was last used ${keyUseText(lastUse)}.`;
  const own = rotation.state === 'open' ? '' : ' The rotation has ended meanwhile.';
  return {
    text: `The old key of ${account.name} is still used and expires soon.`,
    blocks: [
      section(
        `:hourglass_flowing_sand: ${upperFirst(keyText(oldKey))} of ${accountText(account)} is still used, and stops working ${moment(endOf(rotation))}.${use}${own}\n${
          isExtendable(rotation)
            ? 'Move what uses it to the new key, or give it more time.'
            : `Move what uses it to the new key. It can’t get more time: ${LIMIT}.`
        }`,
      ),
      ...(rotation.state === 'open'
        ? [
            {
              type: 'actions' as const,
              elements: [
                ...(isExtendable(rotation) ? [extendButton(rotation)] : []),
                finishRotationButton(rotation),
              ],
            },
          ]
        : []),
    ],
  };
}

/** Returns that an old key was used after its rotation. Markup. */
export function lateUseText(
  rotation: Rotation,
  use: { atMs: number; address: string | null; userAgent: string | null },
): string {
  const { account, oldKey, newKey } = rotation;
  const shown = {
    atMs: use.atMs,
    address: use.address ?? undefined,
    userAgent: use.userAgent ?? undefined,
  };
  const instead = newKey === undefined ? 'another key' : keyText(newKey);
  return `:warning: Keysmith refused ${keyText(oldKey)} of ${accountText(account)}, whose rotation has ended. It was used ${keyUseText(shown)}: move what uses it to ${instead}, or create another key. This is the only message about this key.`;
}

type Ended<Result extends { kind: string }> = Exclude<Result, { kind: 'invalid' }>;

/** Returns how *Rotate* ended. Markup. */
export function rotatedText(result: Ended<RotateKeyResult>, isOnServer: boolean): string {
  switch (result.kind) {
    case 'rotated': {
      const { account, oldKey, issued, key } = result;
      if (key.kind !== 'delivered') {
        return `${keyNotDeliveredText(account, key, isOnServer)} Until a new key reaches you, ${keyText(oldKey)} works as before.`;
      }
      const { keyId } = issued.delivery;
      return `:white_check_mark: Created ${keyText({ name: issued.keyName, keyId })}, which replaces ${keyText(oldKey)} of ${accountText(account)}. A direct message from Keysmith shows until when the old key works.`;
    }
    case 'already_submitted':
      return alreadySubmittedText(result.earlier, isOnServer);
    case 'too_many_keys':
      return tooManyKeysText(result.account);
    case 'being_rotated':
      return `Nothing was created: this key of ${accountText(result.account)} is being rotated already. A direct message from Keysmith shows how far it is.`;
    case 'key_not_found':
      return keyNotFoundText(result.account);
    default:
      return keysUnavailableText(result);
  }
}

export function rotationFinishedText(result: Exclude<FinishRotationResult, { kind: 'used_since' }>): string {
  switch (result.kind) {
    case 'finished':
      return `:no_entry: Revoked ${keyText(result.rotation.oldKey)} of ${accountText(result.rotation.account)}. It no longer works.`;
    case 'not_open':
      return notOpenText(result.rotation);
    case 'new_key_ended':
      return newKeyEndedText(result.rotation);
    default:
      return keysUnavailableText(result);
  }
}

/** Without this key, the account might have none that works. */
function newKeyEndedText({ oldKey, account }: Rotation): string {
  return `Nothing was revoked: the new key no longer works, so the account may need ${keyText(oldKey)}. To revoke it anyway, use its *Revoke* in \`/wandb service-account show ${account.name}\`.`;
}

export function rotationExtendedText(result: ExtendRotationResult): string {
  switch (result.kind) {
    case 'extended':
    case 'already_extended':
      return `:white_check_mark: ${worksUntilText(result)}`;
    case 'at_limit':
      return `Nothing was changed: ${worksUntilText(result)} It can’t get more time: ${LIMIT}.`;
    case 'not_open':
      return notOpenText(result.rotation);
    default:
      return keysUnavailableText(result);
  }
}

function worksUntilText({ rotation, untilMs }: { rotation: Rotation; untilMs: number }): string {
  return `${upperFirst(keyText(rotation.oldKey))} of ${accountText(rotation.account)} works until ${moment(untilMs)}.`;
}

function notOpenText({ oldKey, account }: Rotation): string {
  return `Nothing was changed: the rotation of ${keyText(oldKey)} of ${accountText(account)} has ended, or its new key hasn’t reached anyone yet.`;
}

function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}
