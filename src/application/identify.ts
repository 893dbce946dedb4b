import { identifyPerson, type NotAPerson, type Person } from '../domain/person.ts';
import type { Ports } from './ports.ts';

export type NotIdentified = { reason: NotAPerson | 'unknown_user' };

/** Whoever sent something: a person, or somebody whom Slack knows by an ID and Keysmith can't or may not name. */
export type Caller = Person | { slackUserId: string };

export type IdentifyResult = { ok: true; person: Person } | { ok: false; refusal: NotIdentified };

/**
 * Finds out who a Slack user is.
 *
 * @param options.maxAgeMs how old the profile may be; 0, the default, reads it afresh, as every effect must
 * @throws DirectoryUnavailableError where Slack does not say
 */
export async function identify(
  { directory }: Pick<Ports, 'directory'>,
  slackUserId: string,
  options: { maxAgeMs: number } = { maxAgeMs: 0 },
): Promise<IdentifyResult> {
  const profile = await directory.profile(slackUserId, options);
  if (profile === undefined) return { ok: false, refusal: { reason: 'unknown_user' } };
  const identification = identifyPerson(profile, directory.workspace);
  return identification.ok
    ? { ok: true, person: identification.person }
    : { ok: false, refusal: { reason: identification.reason } };
}
