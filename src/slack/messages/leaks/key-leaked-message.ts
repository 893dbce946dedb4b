import type { DueAccountNotification } from '../../../application/ports/notifications.ts';
import { code, type Message, notice, teamOption } from '../blocks.ts';
import { revokeKeyButton, rotateButton } from '../keys/key-buttons.ts';

/** Returns the direct message about a key that was found in public. */
export function keyLeakedMessage({
  account,
  keyId,
  keyName,
  place,
  outcome,
}: Extract<DueAccountNotification, { message: 'key_leaked' }>): Message {
  const key = `key ${code(keyName)} (${code(keyId)}) of ${code(account.name)} in ${code(account.teamName)}`;
  // Not a link: the person who publishes a key chooses its URL.
  const found = `It was found at ${code(place)}.`;
  if (outcome === 'revoked') {
    // Nothing is left to rotate if it was the only key.
    const show = code(`/wandb service-account show ${account.name} ${teamOption(account.teamName)}`);
    return notice(
      `:rotating_light: Keysmith revoked ${key}. ${found} Remove it there. Workloads that use it fail now: for another key, an admin of the team runs ${show} and presses *Create key*.`,
    );
  }
  const message = notice(
    `:rotating_light: Anyone can read ${key}, which still works. ${found} Your team’s policy leaves it active: replace or revoke it now, and remove it from that place.`,
  );
  const elements = [revokeKeyButton(account, { keyId }), rotateButton(account, { keyId })];
  return { ...message, blocks: [...message.blocks, { type: 'actions', elements }] };
}
