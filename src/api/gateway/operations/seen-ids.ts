import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import type { NamedScope } from '../target-team.ts';

/**
 * Remembers which IDs an account saw in answers to requests that named their team. With a credential that reaches more than one
 * team, an ID alone doesn't tell whose object it is.
 */
export interface SeenIds {
  note(account: string, ids: readonly string[], scope: NamedScope): void;
  /** Returns what the request named in whose answer the account saw the ID last. */
  scopeOf(account: string, id: string): NamedScope | undefined;
}

const MAX_IDS_PER_ACCOUNT = 10_000;
const MAX_IDS = 100_000;
/** W&B's are shorter than 100 characters. */
const MAX_ID_LENGTH = 256;
/** SDKs name one. */
const MAX_PROJECTS = 8;

/** Creates a memory that forgets the IDs that were seen longest ago, first of the same account and then of the account that was idle longest. */
export function createSeenIds({ maxIds = MAX_IDS, maxIdsPerAccount = MAX_IDS_PER_ACCOUNT } = {}): SeenIds {
  /** The account that saw something last comes last. */
  const accounts = new Map<string, Map<string, NamedScope>>();
  let total = 0;
  const forgetOldest = (ids: Map<string, NamedScope>) => {
    const [oldest] = ids.keys();
    if (oldest !== undefined && ids.delete(oldest)) total -= 1;
  };
  return {
    note(account, ids, scope) {
      if (scope.projects.length > MAX_PROJECTS) return;
      const seen = accounts.get(account) ?? new Map<string, NamedScope>();
      accounts.delete(account);
      accounts.set(account, seen);
      for (const id of ids) {
        if (id.length > MAX_ID_LENGTH) continue;
        if (seen.delete(id)) total -= 1;
        seen.set(id, scope);
        total += 1;
        if (seen.size > maxIdsPerAccount) forgetOldest(seen);
      }
      for (const [idle, ofIdle] of accounts) {
        while (total > maxIds && ofIdle.size > 0) forgetOldest(ofIdle);
        if (ofIdle.size === 0) accounts.delete(idle);
        if (total <= maxIds) break;
      }
    },
    scopeOf: (account, id) => accounts.get(account)?.get(id),
  };
}

/**
 * Adds to what a request names where its IDs were seen. A request that names nothing but IDs goes to the team in which they were
 * seen, as one that writes to an open project of another team.
 */
export function withSeenScope(
  seenIds: SeenIds,
  account: Pick<ServiceAccount, 'id' | 'teamName'>,
  ids: readonly string[],
  named: NamedScope,
): NamedScope {
  const seen = ids.flatMap((id) => seenIds.scopeOf(account.id, id) ?? []);
  const [first] = seen;
  const isNamed = named.entity !== undefined || named.projects.length > 0;
  const entity = isNamed ? (named.entity ?? account.teamName) : first?.entity;
  // Authorized again, as the project may have been closed since.
  const projects = seen.flatMap((scope) => (scope.entity === entity ? scope.projects : []));
  return { entity, projects: [...new Set([...named.projects, ...projects])] };
}
