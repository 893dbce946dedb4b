import { normalizeEmailAddress } from '../../domain/email-address.ts';
import { decideRun, type RunDecision } from '../../domain/run-authorization.ts';
import type { ServiceAccount } from '../../domain/service-account.ts';
import type { AuthorityPorts } from '../ports/authority.ts';

/** What a run says of itself; undefined what it does not say, never empty. */
export interface AskedRun {
  /** The team; the account's own where none is named. */
  entity: string | undefined;
  project: string;
  username: string | undefined;
  email: string | undefined;
}

export type AuthorizeRunResult = RunDecision & { entity: string };

/**
 * Where a run of this account goes, whether it may, and to whom it is attributed.
 *
 * @param account one that was just verified
 * @throws StoreUnavailableError
 */
export async function authorizeRun(
  { store, organization, logger }: Pick<AuthorityPorts, 'store' | 'organization' | 'logger'>,
  account: ServiceAccount,
  asked: AskedRun,
): Promise<AuthorizeRunResult> {
  const { project, username } = asked;
  const entity = asked.entity ?? account.teamName;
  // What can be nobody's address is somebody's all the same, and nobody of the team.
  const email = asked.email && (normalizeEmailAddress(asked.email) ?? asked.email);
  const team = await store.runTarget(organization.id, {
    teamName: entity,
    projectName: project,
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email }),
  });
  const decision = decideRun({ account, entity, team, named: { username, email } });
  if (!decision.allowed) {
    const { reason } = decision;
    logger.info({ account: account.id, entity: nameOrNone(entity), project, reason }, 'a run was refused');
  }
  return { ...decision, entity };
}

/** What is no team's name may be anything, also a credential in the wrong place: the log has none of it. */
function nameOrNone(entity: string): string | undefined {
  return /^[a-z0-9_-]{1,64}$/.test(entity) ? entity : undefined;
}
