import type { VerifiedCredential } from '../../application/authority/verify-credential.ts';
import { viewTeam } from '../../application/authority/view-team.ts';
import type { AuthorityPorts } from '../../application/ports/authority.ts';
import type { TeamView } from '../../application/ports/authority-store.ts';

/** What the resolvers of one request share. */
export interface RequestContext {
  verified: VerifiedCredential;
  /** Read once in a request, under however many aliases it is asked for. */
  team(name: string): Promise<TeamView | undefined>;
}

export type GraphqlPorts = Pick<AuthorityPorts, 'store' | 'organization' | 'logger'>;

export function createRequestContext(ports: GraphqlPorts, verified: VerifiedCredential): RequestContext {
  const teams = new Map<string, Promise<TeamView | undefined>>();
  return {
    verified,
    team: (name) => {
      const read = teams.get(name) ?? viewTeam(ports, verified.account, name);
      teams.set(name, read);
      return read;
    },
  };
}
