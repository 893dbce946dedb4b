import type { Ports } from '../ports/account-ports.ts';
import type { RotationCard } from './rotation.ts';

/** Reads the card of a rotation whose new key has reached its person. */
export async function rotationCard({ store, now }: Ports, id: string): Promise<RotationCard | undefined> {
  const rotation = await store.rotation(id);
  return rotation?.newKey === undefined ? undefined : { card: 'rotation', rotation, nowMs: now() };
}
