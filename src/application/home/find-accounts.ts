import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { identify } from '../accounts/authorize.ts';
import type { Ports } from '../ports/account-ports.ts';
import { personScope } from './home-scope.ts';
import type { AccountOnHome } from './home-store.ts';

/** Slack shows at most 100 options, and nobody reads as many. */
const MAX_FOUND = 25;
/** A search runs with every keystroke and changes nothing. */
const PROFILE_MAX_AGE_MS = 60_000;

/** Finds accounts that a person may see by a part of their name, those that begin with it first. */
export async function findAccounts(
  ports: Ports,
  slackUserId: string,
  query: string,
): Promise<AccountOnHome[]> {
  if (containsCredential(query)) return [];
  const identified = await identify(ports, slackUserId, { maxAgeMs: PROFILE_MAX_AGE_MS });
  if (!identified.ok) return [];
  const { visible } = await personScope(ports, identified.person);
  return ports.store.accountsByPartOfName(visible, { query: query.trim().toLowerCase(), limit: MAX_FOUND });
}
