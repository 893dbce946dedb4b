import type { HttpResponse } from '../../http/local-server.ts';
import type { WandbTeam } from '../wandb-state.ts';
import { readScimFilter, resourceMeta, scimError, scimId, scimList, scimResponse } from './scim-response.ts';
import { isVisible, type ScimContext } from './scim-users.ts';

/** A group is a team, compared by its exact name. */
export function listGroups(context: ScimContext, filter: string | undefined): HttpResponse {
  const wanted = readScimFilter(filter, ['displayName']);
  const found = context.state.teams.filter(({ name }) => wanted === undefined || name === wanted.value);
  return scimList(found.map((team) => groupResource(context, team)));
}

export function readGroup(context: ScimContext, id: string): HttpResponse {
  const team = context.state.teams.find((one) => scimId(one) === id);
  if (!team) throw scimError(404, `group ${id} not found`);
  return scimResponse(groupResource(context, team));
}

/** Members have no roles here, and none at all is null. */
function groupResource(context: ScimContext, team: WandbTeam) {
  const members = team.memberships
    .filter(({ user, pending }) => !pending && isVisible(context, user))
    .map(({ user }) => ({ Value: scimId(user), Ref: '', Type: '', Display: user.username }));
  return {
    displayName: team.name,
    id: scimId(team),
    members: members.length > 0 ? members : null,
    meta: resourceMeta('Group', team),
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  };
}
