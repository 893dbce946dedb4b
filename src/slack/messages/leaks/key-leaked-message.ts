import type { DueAccountNotification } from '../../../application/ports/notifications.ts';
import { code, type Message, notice } from '../blocks.ts';

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
  return notice(
    outcome === 'revoked'
      ? `:rotating_light: Keysmith revoked ${key}. ${found} Workloads that use it fail now: run ${command('rotate', account.name)} for a new key, and remove the old one from that place.`
      : `:rotating_light: Anyone can read ${key}, which still works. ${found} Your team’s policy leaves it active: run ${command('rotate', account.name)} now, then revoke the old key.`,
  );
}

function command(verb: string, name: string): string {
  return code(`/wandb service-account ${verb} ${name}`);
}
