import { setImmediate } from 'node:timers/promises';
import type { AuthorityPorts } from '../../application/authority/authority-context.ts';
import { viewTeam } from '../../application/authority/authorize-run.ts';
import type { VerifiedCredential } from '../../application/authority/verify-credential.ts';
import type { TeamView } from '../../application/ports/authority-store.ts';

type NodeType = 'Entity' | 'User' | 'ApiKey';

/** An opaque ID in W&B's manner. */
function nodeId(type: NodeType, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64');
}

const MEMBERS_A_TURN = 100;

/** A team as W&B's client reads it. */
function shownEntity(team: TeamView) {
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
    // An Int64 is a string on the wire. Keysmith stores no runs.
    storageBytes: '0',
    codeSavingEnabled: true,
    defaultAccess: 'PRIVATE',
    isPaid: false,
    members: () => inTurns([...people(team), ...serviceAccounts(team)]),
  };
}

/** Others are served between them: a team may have thousands of members. */
async function* inTurns<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (const [index, item] of items.entries()) {
    if (index % MEMBERS_A_TURN === MEMBERS_A_TURN - 1) await setImmediate();
    yield item;
  }
}

function people({ members }: TeamView) {
  return members.map(({ email, username, role }) => ({
    id: nodeId('User', username),
    name: username,
    username,
    email,
    photoUrl: null,
    admin: role === 'admin',
    pending: false,
    role,
    memberRole: role,
    accountType: 'USER',
    apiKey: null,
  }));
}

/** After the people, as on W&B's servers: SDKs take the last member for the newest account. */
function serviceAccounts({ serviceAccounts: accounts }: TeamView) {
  return accounts.map(({ id, name }) => ({
    id: nodeId('User', id),
    name,
    username: name,
    email: null,
    photoUrl: null,
    admin: false,
    pending: false,
    role: 'member',
    memberRole: 'member',
    accountType: 'SERVICE',
    // Older W&B servers show a secret here.
    apiKey: null,
  }));
}

/** Whose credential it is, as W&B's client reads it. */
function shownViewer({ verified: { account, credential }, team }: RequestContext) {
  return {
    id: nodeId('User', account.id),
    name: account.name,
    username: account.name,
    // It has none. A made-up one would come back: SDKs send the viewer's address as `X-WANDB-USER-EMAIL`.
    email: null,
    admin: false,
    // SDKs parse it as JSON.
    flags: '{}',
    entity: account.teamName,
    deletedAt: null,
    // The key that is shown, by its public ID: on W&B's servers `name` is a part of the secret.
    apiKeys: {
      edges:
        credential.kind === 'api_key'
          ? [
              {
                node: {
                  id: nodeId('ApiKey', credential.keyId),
                  name: credential.keyId,
                  description: null,
                },
              },
            ]
          : [],
    },
    teams: async () => {
      const own = await team(account.teamName);
      return { edges: own ? [{ node: shownEntity(own) }] : [] };
    },
  };
}

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

/** The fact that service accounts manage nothing, told to one that tried. */
export class MutationRefusedError extends Error {
  override name = 'MutationRefusedError';
}

/**
 * What SDKs compare their version with: `wandb verify` refuses to work outside of the two, and features of the SDK switch
 * themselves off below a version of the upper one.
 */
const CLI_VERSIONS = { min_cli_version: '0.0.1', max_cli_version: '999.0.0' };

const queries = {
  viewer: (_arguments: object, context: RequestContext) => shownViewer(context),
  entity: async ({ name }: { name?: string | null }, context: RequestContext) => {
    const team = await context.team(name ?? context.verified.account.teamName);
    return team ? shownEntity(team) : null;
  },
  // Only for admins on W&B's servers; there is none for who sees nobody, as SDKs then say that there is no such person.
  users: () => ({ edges: [] }),
  serverInfo: () => ({
    cliVersionInfo: CLI_VERSIONS,
    latestLocalVersionInfo: null,
    features: [],
  }),
};

const mutations = {
  createServiceAccount: refuse('To make a service account, use /wandb service-account new in Slack.'),
  generateApiKey: refuse('To get a key, use /wandb service-account in Slack.'),
  deleteApiKey: refuse('To end a key, use /wandb service-account revoke in Slack.'),
  createInvite: refuse("A team's members stand in the teams file of Keysmith."),
  deleteInvite: refuse('To revoke a service account, use /wandb service-account revoke in Slack.'),
  createOAuthProvider: refuse('Issuers of JWTs stand in the teams file of Keysmith.'),
  createClient: refuse('To make a federated account, use /wandb service-account new in Slack.'),
  revokeClient: refuse('To revoke a service account, use /wandb service-account revoke in Slack.'),
};

export const rootValue = { ...queries, ...mutations };

function refuse(way: string) {
  return (_arguments: object, _context: RequestContext, { fieldName }: { fieldName: string }): never => {
    throw new MutationRefusedError(`${fieldName} is not allowed for a service account. ${way}`);
  };
}
