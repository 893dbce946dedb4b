import type { Logger } from 'pino';
import type { Backend } from '../../../application/ports/backend.ts';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Store } from '../../../application/ports/store.ts';
import type { AuditLogClient } from '../audit-log/audit-log-client.ts';
import type { WandbClient } from '../client/wandb-client.ts';
import type { ScimClient } from '../scim/scim-client.ts';
import { createAccount } from './accounts/create-account.ts';
import { issueCollectedKey } from './accounts/issue-collected-key.ts';
import { reconcileAccount } from './accounts/reconcile-account.ts';
import { abandonCreation, revokeAccount } from './accounts/revoke-account.ts';
import { readFeatures, readIssuers, readReturnsNewKeys } from './features.ts';
import { accountQueries } from './list-accounts.ts';
import { adoptAccount, adoptableAccount } from './outside/adopt-account.ts';
import { createOutsideChangeSource } from './outside/outside-change-source.ts';
import { createPersonTeams, type PersonTeams } from './person-teams.ts';
import { createRecentReads } from './recent-reads.ts';
import { createScimDirectory } from './scim-directory.ts';
import { createTeamDirectory } from './team-directory.ts';
import { adminsOf, managesEveryTeam, roleIn, teamOf } from './team-members.ts';
import type { WandbContext } from './wandb-context.ts';

export interface WandbBackendDependencies extends Clock {
  client: WandbClient;
  scim: ScimClient;
  store: Store;
  /** As the server names it; teams of other organizations are ignored. */
  organizationName: string;
  /** Lowercase email addresses from the settings. */
  organizationAdmins: readonly string[];
  /** Set if the server's audit log is followed. */
  auditLog?: AuditLogClient | undefined;
  /** URL at which people open the server. */
  baseUrl: string;
  randomBytes: (size: number) => Uint8Array;
  newId: (prefix: string) => string;
  logger: Logger;
}

/** An upgrade can change what a server offers. */
const SERVER_VALID_FOR_MS = 10 * 60_000;

/**
 * Creates the backend for a W&B server. Teams, roles, accounts and keys live on the server; Keysmith stores what it knows
 * about the accounts that it created.
 */
export function createWandbBackend(dependencies: WandbBackendDependencies): Backend {
  const { client, scim, auditLog, monotonicMs, baseUrl } = dependencies;
  const scimDirectory = createScimDirectory(scim, dependencies);
  const teams = createTeamDirectory({ ...dependencies, scimDirectory });
  const keyReads = createRecentReads({
    monotonicMs,
    read: () => readReturnsNewKeys(client),
    validForMs: SERVER_VALID_FOR_MS,
  });
  const context: WandbContext = {
    ...dependencies,
    teams,
    scimDirectory,
    returnsNewKeys: () => keyReads.get('server'),
  };
  const people = createPersonTeams(context);
  const recentIssuers = createRecentReads({ monotonicMs, read: () => readIssuers(context, people) });
  const issuers = () => recentIssuers.get('issuers');
  return {
    ...teamQueries(context, people),
    ...accountQueries(context, people),
    issuers,
    features: () => readFeatures(context, issuers),
    administeredIn: 'wandb',
    // W&B has no call that adds a key to another account, and Keysmith doesn't know the keys' IDs there.
    keys: undefined,
    tracksUsage: false,
    teamPage: (teamName) => `${baseUrl.replace(/\/+$/, '')}/${encodeURIComponent(teamName)}/service-accounts`,
    createAccount: (request) => createAccount(context, request),
    issueCollectedKey: (collection, account, options) =>
      issueCollectedKey(context, collection, account, options),
    abandonCreation: (account, by, requestId) => abandonCreation(context, account, by, requestId),
    revokeAccount: (account, by, request) => revokeAccount(context, account, by, request),
    outsideChanges: auditLog && createOutsideChangeSource(context, auditLog),
    adoptableAccount: (teamName, memberId) => adoptableAccount(context, teamName, memberId),
    adoptAccount: (request) => adoptAccount(context, request),
    reconcile: async (job, progress) => (await reconcileAccount(context, job, progress)).result,
  };
}

function teamQueries(
  context: WandbContext,
  people: PersonTeams,
): Pick<Backend, 'administeredTeams' | 'teamsOf' | 'teamAccess' | 'teamAdmins' | 'organizationAdmins'> {
  const { teams, scimDirectory, organizationAdmins } = context;
  return {
    administeredTeams: people.administered,
    teamsOf: people.of,
    async teamAccess({ email }, teamName) {
      const team = await teams.fresh(teamName, { email });
      if (team === undefined) return undefined;
      const isOrganizationAdmin = managesEveryTeam(context, team, email);
      return { team: teamOf(team), role: roleIn(team, email), isOrganizationAdmin };
    },
    async teamAdmins(teamName) {
      const [team, ownEmail] = await Promise.all([teams.recent(teamName), people.ownEmail()]);
      // People are never referred to the owner of Keysmith's own API key.
      const admins = team === undefined ? [] : adminsOf(team).filter(({ email }) => email !== ownEmail);
      const inScim = await Promise.all(admins.map(({ email }) => scimDirectory.recentPerson(email)));
      return admins.filter((_, index) => inScim[index]?.active !== false);
    },
    organizationAdmins: async () => [...organizationAdmins],
  };
}
