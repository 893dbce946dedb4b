import { administers, loggedIn } from '../permissions.ts';
import { keyPrefix } from '../wandb-ids.ts';
import type { WandbApiKey, WandbUser } from '../wandb-state.ts';
import { connection } from './connection.ts';
import type { RequestContext } from './request-context.ts';
import { shownEntity } from './shown-entity.ts';
import { shownOrganization } from './shown-organization.ts';

/** `User`. Its keys are shown to itself and to who administers it. */
export function shownUser(context: RequestContext, user: WandbUser) {
  const { state } = context;
  const teams = () => state.teamsOf(user);
  return {
    id: user.id,
    name: user.name,
    username: user.username,
    email: user.email,
    admin: user.admin,
    flags: '{}',
    entity: () => teams()[0]?.name ?? user.username,
    deletedAt: null,
    apiKeys: () =>
      mayReadKeys(context, user)
        ? connection(state.keysOf(user).map((key) => shownApiKey(context, key)))
        : null,
    teams: () => connection(teams().map((team) => shownEntity(context, team))),
    organizations: () => [shownOrganization(context)],
  };
}

/** `ApiKey` in a listing; only `generateApiKey` answers with a secret whatever the server. */
export function shownApiKey(context: RequestContext, key: WandbApiKey) {
  return {
    id: key.id,
    name: context.capabilities.keysListedWithSecrets ? key.secret : keyPrefix(key.secret),
    description: key.description,
    user: () => shownUser(context, key.user),
  };
}

export function mayReadKeys({ state, caller }: RequestContext, owner: WandbUser): boolean {
  const reader = loggedIn(caller);
  if (reader === owner || reader.admin) return true;
  if (owner.accountType !== 'SERVICE') return false;
  return state.teamsOf(owner).some((team) => administers(reader, team));
}
