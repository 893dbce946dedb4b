import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { normalizeEmailAddress } from '../../domain/organization/person.ts';
import { decideRun, mayReachTeam, type RunDecision } from '../../domain/organization/run-authorization.ts';
import type { TeamView } from '../ports/authority-store.ts';
import type { AuthorityPorts } from './authority-context.ts';

/** What a run says of itself; undefined what it does not say, never empty. */
export interface RunRequest {
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
  { store, logger }: Pick<AuthorityPorts, 'store' | 'logger'>,
  account: ServiceAccount,
  asked: RunRequest,
): Promise<AuthorizeRunResult> {
  const { project, username } = asked;
  const entity = asked.entity ?? account.teamName;
  // What can be nobody's address is somebody's all the same, and nobody of the team.
  const email = asked.email && (normalizeEmailAddress(asked.email) ?? asked.email);
  const team = await store.runTarget({
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

/**
 * What a service account sees of a team: its own, and every active one for an account of organization scope. Undefined
 * for others, as for a team that does not exist.
 *
 * @throws StoreUnavailableError
 */
export async function viewTeam(
  ports: Pick<AuthorityPorts, 'store'>,
  account: ServiceAccount,
  teamName: string,
): Promise<TeamView | undefined> {
  if (!mayReachTeam(account, teamName)) return undefined;
  return await ports.store.teamView(teamName);
}

/**
 * Does this account reach that team: its own, or any active one where its scope is the organization?
 *
 * @param account one that was just verified, so that its own team is active
 * @throws StoreUnavailableError
 */
export async function reachesTeam(
  ports: Pick<AuthorityPorts, 'store'>,
  account: ServiceAccount,
  teamName: string,
): Promise<boolean> {
  if (!mayReachTeam(account, teamName)) return false;
  if (teamName === account.teamName) return true;
  // No project is meant; this reads less than a team's members.
  return (await ports.store.runTarget({ teamName, projectName: '' })) !== undefined;
}
