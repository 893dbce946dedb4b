import type { RequestContext } from './request-context.ts';
import { shownEntity } from './shown-entity.ts';
import { shownViewer } from './shown-viewer.ts';

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
