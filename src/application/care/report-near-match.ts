import { type Resemblance, resembling } from '../../domain/care/near-match.ts';
import { subjectProblem } from '../../domain/federation/subject.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { matchesSubjectPattern } from '../../domain/organization/team.ts';
import type { AuthorityPorts } from '../authority/authority-context.ts';
import type { FederatedAccount } from './care-store.ts';

/** An account that a JWT with an unknown subject was probably meant for. For the log: the caller never learns it. */
export interface NearMatch {
  accountId: string;
  resemblance: Resemblance;
}

/** A subject that resembles those of more accounts is more likely a new workload. */
const MAX_ACCOUNTS = 3;

/**
 * Finds the account that a JWT with an unknown subject was probably meant for, and opens a card about it where the account's team may
 * register the subject. A stranger who takes over a freed name also gets correctly signed JWTs, so everything else is only counted.
 *
 * @param presented from a JWT whose signature, audience and times were verified: otherwise anyone could have cards sent
 * @throws StoreUnavailableError
 */
export async function reportNearMatch(
  ports: AuthorityPorts,
  presented: { issuer: string; subject: string },
): Promise<NearMatch | undefined> {
  const { subject } = presented;
  const accounts = await ports.store.accountsWithSimilarSubject(presented);
  const similar = resembling(accounts, subject);
  const [first] = similar;
  if (first === undefined) return undefined;
  const likely = similar.filter((match) => match.resemblance === first.resemblance);
  const allowed = likely.filter(({ account }) => mayUse(account, subject));
  if (allowed.length === 0 || likely.length > MAX_ACCOUNTS) ports.counts.nearMatch('not_allowed');
  // Not awaited: the time of the response would tell the caller that there is such an account.
  else for (const { account } of allowed) void open(ports, account, subject);
  return { accountId: (allowed[0] ?? first).account.id, resemblance: first.resemblance };
}

function mayUse({ teamSubjects }: FederatedAccount, subject: string): boolean {
  return (
    subjectProblem(subject) === undefined &&
    !containsCredential(subject) &&
    teamSubjects.some((pattern) => matchesSubjectPattern(subject, pattern))
  );
}

async function open(
  { store, now, counts, logger }: AuthorityPorts,
  { id: accountId }: FederatedAccount,
  subject: string,
): Promise<void> {
  try {
    const isNew = await store.openNearMatch({ accountId, subject, nowMs: now() });
    counts.nearMatch(isNew ? 'reported' : 'known');
    if (isNew) logger.warn({ account: accountId, subject }, 'near match reported');
  } catch (error) {
    logger.error({ err: error, account: accountId }, 'near match not reported');
  }
}
