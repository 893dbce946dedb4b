import { type SubjectDifference, subjectDifference } from '../../domain/federation/subject.ts';
import type { AuthorityPorts } from './authority-context.ts';

/** An account whose registered subject differs from the JWT's only in its form. For the log: the caller never learns it. */
export interface SimilarAccount {
  accountId: string;
  difference: SubjectDifference;
}

interface Presented {
  issuer: string;
  subject: string;
}

/** A person can act on these. The others are more often a mistake in the form, or another owner's repository. */
const NOTIFIED_DIFFERENCES: ReadonlySet<SubjectDifference> = new Set(['ids_added', 'ids_missing']);

/**
 * Finds the account that a JWT with an unknown subject was probably meant for, and notifies the admins of its team where
 * GitHub changed the form of the subject.
 *
 * @param presented from a JWT whose signature was verified: otherwise anyone could have messages sent
 * @throws StoreUnavailableError
 */
export async function findSimilarAccount(
  ports: AuthorityPorts,
  presented: Presented,
): Promise<SimilarAccount | undefined> {
  const accounts = await ports.store.accountsWithSimilarSubject(presented);
  const similar = accounts.flatMap(({ id, externalIdentity }) => {
    const difference = subjectDifference(externalIdentity?.subject ?? '', presented.subject);
    return difference === undefined ? [] : [{ accountId: id, difference }];
  });
  const best = similar.find(({ difference }) => NOTIFIED_DIFFERENCES.has(difference)) ?? similar[0];
  // Not awaited: the time of the response would tell the caller that there is such an account.
  if (best !== undefined && NOTIFIED_DIFFERENCES.has(best.difference))
    void notifyAdmins(ports, best, presented);
  return best;
}

async function notifyAdmins(
  { store, now, logger }: AuthorityPorts,
  { accountId, difference }: SimilarAccount,
  { issuer, subject }: Presented,
): Promise<void> {
  try {
    const queued = await store.queueSubjectChange({ accountId, subject, nowMs: now() });
    if (queued.length === 0) return;
    logger.warn(
      { account: accountId, issuer, subject, difference, admins: queued.length },
      'workload subject changed',
    );
  } catch (error) {
    logger.error({ err: error, account: accountId }, 'subject change not queued');
  }
}
