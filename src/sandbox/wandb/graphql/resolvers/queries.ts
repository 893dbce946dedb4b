import {
  canSeeTeam,
  permissionDenied,
  requireLoggedIn,
  requireOrganizationAdmin,
} from '../../permissions.ts';
import { connection, entityObject, hasOddity, type RequestContext, userObject } from './graphql-objects.ts';
import { apiKeyMutations, inviteMutations, oauthMutations, serviceAccountMutations } from './mutations.ts';
import { artifactMutations } from './runs/artifact-mutations.ts';
import { runMutations, runQueries } from './runs/run-fields.ts';

const queries = {
  viewer(_args: unknown, context: RequestContext) {
    return context.caller.kind === 'user' ? userObject(context, context.caller.user) : null;
  },

  /** Returns null for a team that the caller can't see. */
  entity({ name }: { name?: string | null }, context: RequestContext) {
    const caller = requireLoggedIn(context.caller);
    const team = context.state.team(name ?? '');
    return team && canSeeTeam(caller, team) ? entityObject(context, team) : null;
  },

  /** Finds users, including service accounts, by a part of the username, name or email address. */
  users({ query }: { query?: string | null }, context: RequestContext) {
    requireOrganizationAdmin(context.caller);
    if (!context.capabilities.allowsUsersQuery) throw permissionDenied();
    const wanted = (query ?? '').toLowerCase();
    const found = context.state.users.filter(({ username, name, email }) =>
      [username, name, email ?? ''].some((text) => text.toLowerCase().includes(wanted)),
    );
    return connection(
      context,
      found.map((user) => userObject(context, user)),
    );
  },

  serverInfo(_args: unknown, context: RequestContext) {
    const { version, features } = context.capabilities;
    return {
      cliVersionInfo: { max_cli_version: '0.99.0', min_cli_version: '0.10.0' },
      latestLocalVersionInfo: version && {
        outOfDate: false,
        latestVersionString: version,
        versionOnThisInstanceString: version,
      },
      features: [
        ...(hasOddity(context, 'null_features') ? [null] : []),
        ...features.map((name) => ({ name, isEnabled: true })),
      ],
    };
  },
};

/** The resolvers of all root fields, whatever the capabilities. */
export const rootValue = {
  ...queries,
  ...serviceAccountMutations,
  ...apiKeyMutations,
  ...inviteMutations,
  ...oauthMutations,
  ...runQueries,
  ...runMutations,
  ...artifactMutations,
};
