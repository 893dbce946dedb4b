import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { normalizeEmailAddress } from '../../domain/organization/person.ts';
import { decideRun, mayReachTeam, type RunDecision } from '../../domain/organization/run-authorization.ts';
import { readTeamName } from '../../domain/organization/team-name.ts';
import type { AuthorityPorts, CallerLog } from './authority-context.ts';

/** A run's own description of itself. Missing fields are undefined, never empty. */
export interface RunRequest {
  /** The team; the account's own team by default. */
  entity: string | undefined;
  project: string;
  username: string | undefined;
  email: string | undefined;
}

export type AuthorizeRunResult = RunDecision & {
  entity: string;
  /** The attributed member's username in W&B, if the teams file states it. Otherwise it is only a guess, and may be another person's. */
  statedUsername: string | undefined;
};

/**
 * Decides whether an account may log a run to a project, and to whom the run is attributed.
 *
 * @param ports.log gets the refusals
 * @param account must have just been verified
 * @throws StoreUnavailableError
 */
export async function authorizeRun(
  { store, statedUsernames, log }: Pick<AuthorityPorts, 'store' | 'statedUsernames'> & { log: CallerLog },
  account: ServiceAccount,
  run: RunRequest,
): Promise<AuthorizeRunResult> {
  const { project, username } = run;
  const entity = run.entity === undefined ? account.teamName : comparedName(run.entity);
  // An invalid address still names someone: a person who isn't in the team.
  const email = run.email && (normalizeEmailAddress(run.email) ?? run.email);
  const address = email ?? (username && normalizeEmailAddress(username));
  const team = await store.runTarget({
    teamName: entity,
    projectName: project,
    ...(username !== undefined && { username }),
    ...(address !== undefined && { email: address }),
  });
  const decision = decideRun({ account, entity, team, named: { username, email } });
  if (!decision.allowed) {
    const { reason } = decision;
    // Anything but the name of a team may be a misplaced credential.
    const known = team === undefined ? undefined : entity;
    log.info({ account: account.id, entity: known, project, reason }, 'run refused');
  }
  const member = decision.allowed ? decision.attributedTo : null;
  return { ...decision, entity, statedUsername: member ? statedUsernames.get(member.email) : undefined };
}

/** Stored names are in Unicode NFC. A name that no team can have stays as it is, and isn't found. */
function comparedName(teamName: string): string {
  return readTeamName(teamName) ?? teamName;
}

/**
 * Returns a team that an account may see: its own, or any active team when its scope is the organization. Undefined for every
 * other team, whether it exists or not.
 *
 * @throws StoreUnavailableError
 */
export async function visibleTeam(
  ports: Pick<AuthorityPorts, 'store'>,
  account: ServiceAccount,
  teamName: string,
): Promise<{ id: string; name: string } | undefined> {
  const name = comparedName(teamName);
  return mayReachTeam(account, name) ? await ports.store.findTeam(name) : undefined;
}

/**
 * Checks that an account may reach a team: its own, or any active team when its scope is the organization.
 *
 * @param account must have just been verified, which implies that its own team is active
 * @throws StoreUnavailableError
 */
export async function reachesTeam(
  ports: Pick<AuthorityPorts, 'store'>,
  account: ServiceAccount,
  teamName: string,
): Promise<boolean> {
  const name = comparedName(teamName);
  if (!mayReachTeam(account, name)) return false;
  return name === account.teamName || (await ports.store.findTeam(name)) !== undefined;
}
