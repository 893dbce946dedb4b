import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { visibleTeam } from '../../application/authority/authorize-run.ts';
import type { VerifiedCredential } from '../../application/authority/verify-credential.ts';
import { listMembers, nodeId, readMembers, type StoredMember } from './team-members.ts';

export type GraphqlPorts = Pick<AuthorityPorts, 'store' | 'logger'>;

interface VisibleTeam {
  id: string;
  name: string;
}

/** Shared by the resolvers of one request. Reads each team and its members at most once, however many aliases request them. */
export interface GraphqlContext {
  verified: VerifiedCredential;
  /** Returns the team if the caller may see it. */
  team(name: string): Promise<VisibleTeam | undefined>;
  /** Returns the members of a visible team. */
  members(teamId: string): Promise<readonly StoredMember[]>;
}

export function createGraphqlContext(ports: GraphqlPorts, verified: VerifiedCredential): GraphqlContext {
  return {
    verified,
    team: readOnce((name) => visibleTeam(ports, verified.account, name)),
    members: readOnce((teamId) => readMembers(ports.store, teamId)),
  };
}

function readOnce<Result>(read: (id: string) => Promise<Result>): (id: string) => Promise<Result> {
  const results = new Map<string, Promise<Result>>();
  return (id) => {
    const result = results.get(id) ?? read(id);
    results.set(id, result);
    return result;
  };
}

/**
 * SDKs compare their version with these: `wandb verify` refuses to run outside of the range, and SDK features switch themselves
 * off below a certain maximum.
 */
const CLI_VERSIONS = { min_cli_version: '0.0.1', max_cli_version: '999.0.0' };

const queries = {
  viewer: (_arguments: object, context: GraphqlContext) => toViewer(context),
  entity: async ({ name }: { name?: string | null }, context: GraphqlContext) => {
    const team = await context.team(name ?? context.verified.account.teamName);
    return team ? toEntity(team) : null;
  },
  // Only for admins on W&B's servers. From an empty list, SDKs conclude that there is no such person.
  users: () => ({ edges: [] }),
  serverInfo: () => ({
    cliVersionInfo: CLI_VERSIONS,
    latestLocalVersionInfo: null,
    features: [],
  }),
};

const mutations = {
  createServiceAccount: refuseMutation(
    'To create a service account, use /wandb service-account new in Slack.',
  ),
  generateApiKey: refuseMutation('To get a key, use /wandb service-account in Slack.'),
  deleteApiKey: refuseMutation('To revoke a key, use /wandb service-account revoke in Slack.'),
  createInvite: refuseMutation("Team members are managed in Keysmith's teams file."),
  deleteInvite: refuseMutation('To revoke a service account, use /wandb service-account revoke in Slack.'),
  createOAuthProvider: refuseMutation("Issuers of JWTs are managed in Keysmith's teams file."),
  createClient: refuseMutation('To create a federated account, use /wandb service-account new in Slack.'),
  revokeClient: refuseMutation('To revoke a service account, use /wandb service-account revoke in Slack.'),
};

export const rootValue = { ...queries, ...mutations };

/** Thrown by every mutation. Its message is for the caller. */
export class MutationRefusedError extends Error {
  override name = 'MutationRefusedError';
}

function refuseMutation(alternative: string) {
  return (_arguments: object, _context: GraphqlContext, { fieldName }: { fieldName: string }): never => {
    throw new MutationRefusedError(`${fieldName} is not allowed for a service account. ${alternative}`);
  };
}

/** Returns the caller as a GraphQL `User`. */
function toViewer({ verified: { account, credential }, team }: GraphqlContext) {
  const key = credential.kind === 'api_key' && {
    id: nodeId('ApiKey', credential.keyId),
    // The public key ID. W&B's servers show a part of the secret here.
    name: credential.keyId,
    description: null,
  };
  return {
    id: nodeId('User', account.id),
    name: account.name,
    username: account.name,
    // Accounts have none. SDKs would send a made-up one back as `X-WANDB-USER-EMAIL`.
    email: null,
    admin: false,
    // SDKs parse it as JSON.
    flags: '{}',
    entity: account.teamName,
    deletedAt: null,
    apiKeys: { edges: key ? [{ node: key }] : [] },
    teams: async () => {
      const own = await team(account.teamName);
      return { edges: own ? [{ node: toEntity(own) }] : [] };
    },
  };
}

/** Returns a team as a GraphQL `Entity`. */
function toEntity(team: VisibleTeam) {
  return {
    id: nodeId('Entity', team.id),
    name: team.name,
    available: true,
    photoUrl: null,
    readOnly: false,
    readOnlyAdmin: false,
    isTeam: true,
    entityType: 'team',
    privateOnly: false,
    // An Int64 is a string in JSON. Keysmith stores no runs.
    storageBytes: '0',
    codeSavingEnabled: true,
    defaultAccess: 'PRIVATE',
    isPaid: false,
    members: (_arguments: object, { members }: GraphqlContext) => listMembers(members(team.id)),
  };
}
