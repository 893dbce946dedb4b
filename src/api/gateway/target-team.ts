import type { AuthorityPorts, CallerLog } from '../../application/authority/authority-context.ts';
import { authorizeRun, reachesTeam } from '../../application/authority/authorize-run.ts';
import { readProjectName } from '../../domain/accounts/names.ts';
import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { containsCredential } from '../../domain/keys/pasted-credential.ts';
import { readTeamName } from '../../domain/organization/team-name.ts';
import type { GatewayProblem } from './gateway-failure.ts';
import type { Attribution } from './upstream/forwarded-headers.ts';

/** What a request names, in its path or its document. */
export interface NamedScope {
  /** Undefined for the account's own team. */
  entity: string | undefined;
  /** Of that team. */
  projects: readonly string[];
}

export interface Target {
  /** An active team, whose named projects the account may use. */
  teamName: string;
  attribution: Attribution | undefined;
  /** What was authorized. */
  scope: NamedScope;
}

export type FindTargetResult = { ok: true; target: Target } | { ok: false; problem: GatewayProblem };

export interface FindTargetDependencies {
  ports: Pick<AuthorityPorts, 'store' | 'statedUsernames'>;
  log: CallerLog;
}

/**
 * Decides to which team a request goes, and checks that the account may use everything that the request names.
 *
 * @param account must have just been verified
 * @param user whom the request asks to attribute its run to
 * @throws StoreUnavailableError
 */
export async function findTarget(
  { ports, log }: FindTargetDependencies,
  account: ServiceAccount,
  { entity, projects }: NamedScope,
  user: { username: string | undefined; email: string | undefined },
): Promise<FindTargetResult> {
  const teamName = entity ?? account.teamName;
  if (!isClean(teamName, readTeamName) || !projects.every((name) => isClean(name, readProjectName))) {
    return { ok: false, problem: { problem: 'invalid_name' } };
  }
  const scope = { entity: teamName, projects };
  const refuse = (project: string | undefined): FindTargetResult => ({
    ok: false,
    problem: { problem: 'not_accessible', entity: teamName, project },
  });
  if (projects.length === 0) {
    const isAllowed = await reachesTeam(ports, account, teamName);
    return isAllowed ? { ok: true, target: { teamName, attribution: undefined, scope } } : refuse(undefined);
  }
  let attribution: Attribution | undefined;
  for (const project of projects) {
    const decision = await authorizeRun({ ...ports, log }, account, { entity: teamName, project, ...user });
    if (!decision.allowed) return refuse(project);
    attribution = decision.attributedTo
      ? { email: decision.attributedTo.email, username: decision.statedUsername }
      : undefined;
  }
  return { ok: true, target: { teamName, attribution, scope } };
}

/**
 * A name that isn't in its compared form may be another one to the W&B server, and one that contains a credential would appear in
 * the log.
 */
function isClean(name: string, read: (name: string) => string | undefined): boolean {
  return read(name) === name && !containsCredential(name);
}
