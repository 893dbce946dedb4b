import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { identify } from '../accounts/authorize.ts';
import type { Ports } from '../ports/account-ports.ts';

/** Slack shows at most 100 options, and nobody reads as many. */
const MAX_FOUND = 25;
/** A search runs with every keystroke and changes nothing. */
const PROFILE_MAX_AGE_MS = 60_000;

/** Finds accounts that a person may see by a part of their name, as the list does: those of that very name first. */
export async function findAccounts(
  ports: Ports,
  slackUserId: string,
  query: string,
): Promise<ServiceAccount[]> {
  if (containsCredential(query)) return [];
  const identified = await identify(ports, slackUserId, { maxAgeMs: PROFILE_MAX_AGE_MS });
  if (!identified.ok) return [];
  const { person } = identified;
  // Names have no capital letters.
  const namePart = query.trim().toLowerCase();
  const options = { namePart, limit: MAX_FOUND, includesMemberTeams: true };
  const [named, { accounts }] = await Promise.all([
    ports.backend.findAccountsByName(person, namePart, undefined, true),
    ports.backend.listAccounts(person, options),
  ]);
  const others = accounts
    .map(({ account }) => account)
    .filter(({ name, state }) => name !== namePart && state !== 'revoked');
  return [...named, ...others].slice(0, MAX_FOUND);
}
