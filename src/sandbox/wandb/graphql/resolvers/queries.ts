import { loggedIn, maySee, requireOrganizationAdmin } from '../../permissions.ts';
import { permissionDenied } from '../../wandb-error.ts';
import { connection, entityObject, userObject } from './graphql-objects.ts';
import { apiKeyMutations, inviteMutations, oauthMutations, serviceAccountMutations } from './mutations.ts';
import type { RequestContext } from './request-context.ts';

/** What stands under `Query`. */
const queries = {
  viewer(_args: unknown, context: RequestContext) {
    return context.caller.kind === 'user' ? userObject(context, context.caller.user) : null;
  },

  /** To who may not see a team it does not exist. */
  entity({ name }: { name?: string | null }, context: RequestContext) {
    const user = loggedIn(context.caller);
    const team = context.state.team(name ?? '');
    return team && maySee(user, team) ? entityObject(context, team) : null;
  },

  /** By a part of the username, the name or the e-mail address; service accounts are among them. */
  users({ query }: { query?: string | null }, context: RequestContext) {
    requireOrganizationAdmin(context.caller);
    if (!context.capabilities.allowsUsersQuery) throw permissionDenied();
    const wanted = (query ?? '').toLowerCase();
    const found = context.state.users.filter(({ username, name, email }) =>
      [username, name, email ?? ''].some((text) => text.toLowerCase().includes(wanted)),
    );
    return connection(found.map((user) => userObject(context, user)));
  },

  serverInfo(_args: unknown, { capabilities: { version } }: RequestContext) {
    return {
      cliVersionInfo: { max_cli_version: '0.99.0', min_cli_version: '0.10.0' },
      latestLocalVersionInfo: version && {
        outOfDate: false,
        latestVersionString: version,
        versionOnThisInstanceString: version,
      },
      features: [],
    };
  },
};

/** Every root field that any schema of the stand-in may have. */
export const rootValue = {
  ...queries,
  ...serviceAccountMutations,
  ...apiKeyMutations,
  ...inviteMutations,
  ...oauthMutations,
};
