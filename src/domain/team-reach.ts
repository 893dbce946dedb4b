import type { ServiceAccount } from './service-account.ts';

/** No team is called so; a database need not be asked, and Postgres refuses text with a zero byte. */
const NO_TEAM_NAME = /^$|\p{Cc}|^.{129}/su;

/**
 * May this account reach a team of this name: its own, or any where its scope is the organization? Says nothing of whether
 * there is one.
 */
export function mayReachTeam(
  { scope, teamName: own }: Pick<ServiceAccount, 'scope' | 'teamName'>,
  teamName: string,
): boolean {
  return teamName === own || (scope === 'organization' && !NO_TEAM_NAME.test(teamName));
}
