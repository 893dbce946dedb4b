import type { CardPlace } from '../cards/card.ts';
import { isMember } from '../care/people-to-notify.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { RotationCard } from './rotation.ts';

/** The card is brought up to date often, and each time Slack would be asked for the profile. */
const PROFILE_MAX_AGE_MS = 60 * 60_000;

/** Reads the card of a rotation whose new key has reached its person, for someone who is in the team. */
export async function rotationCard(
  ports: Ports,
  id: string,
  place: CardPlace,
): Promise<RotationCard | undefined> {
  const rotation = await ports.store.rotation(id);
  if (rotation?.newKey === undefined || !('slackUserId' in place)) return undefined;
  const { slackUserId } = place;
  const { teamName } = rotation.account;
  if (!(await isMember(ports, slackUserId, teamName, { maxAgeMs: PROFILE_MAX_AGE_MS }))) return undefined;
  return { card: 'rotation', rotation, nowMs: ports.now() };
}
