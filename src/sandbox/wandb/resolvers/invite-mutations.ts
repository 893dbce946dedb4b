import type { TeamRole } from '../organization-seed.ts';
import { administeredTeam } from '../permissions.ts';
import { notFound, WandbError } from '../wandb-error.ts';
import type { WandbUser } from '../wandb-state.ts';
import type { MutationInput, RequestContext } from './request-context.ts';
import { shownUser } from './shown-user.ts';

interface CreateInviteInput extends MutationInput {
  entityName: string;
  email?: string | null;
  username?: string | null;
  admin?: boolean | null;
  role?: string | null;
}

interface DeleteInviteInput extends MutationInput {
  id?: string | null;
  entityName?: string | null;
}

export const inviteMutations = {
  /** The invited person is a pending member until they accept. */
  createInvite({ input }: { input: CreateInviteInput }, context: RequestContext) {
    const { state, caller, now } = context;
    const { entityName } = input;
    const team = administeredTeam(state, caller, { entityName, operation: 'createInvite' });
    const role = invitedRole(input);
    const user = invitedUser(input, context);
    if (team.memberships.some((membership) => membership.user === user)) {
      throw new WandbError(`${user.username} is already a member or invited`, { status: 409 });
    }
    team.memberships.push({ user, role, pending: true });
    const invite = {
      id: user.id,
      name: user.name,
      email: user.email,
      createdAt: new Date(now()).toISOString(),
      toUser: () => shownUser(context, user),
    };
    return { invite, clientMutationId: input.clientMutationId };
  },

  /** Takes back an invitation, removes a member, or ends a service account. */
  deleteInvite({ input }: { input: DeleteInviteInput }, { state, caller }: RequestContext) {
    const operation = 'deleteInvite';
    const team = administeredTeam(state, caller, { entityName: input.entityName ?? '', operation });
    const membership = team.memberships.find(({ user }) => user.id === input.id);
    if (!membership) throw notFound(`invite ${input.id}`, operation);
    state.removeMember(team, membership.user);
    return { success: true, clientMutationId: input.clientMutationId };
  },
};

function invitedRole({ admin, role }: CreateInviteInput): TeamRole {
  if (admin || role === 'admin') return 'admin';
  if (role === undefined || role === null || role === 'member') return 'member';
  if (role === 'viewer') return 'viewer';
  throw new WandbError(`role ${role} not found`, { status: 400 });
}

function invitedUser({ email, username }: CreateInviteInput, { state }: RequestContext): WandbUser {
  const known = state.person(email ?? username ?? '');
  if (known) return known;
  if (!email) throw notFound(`user ${username ?? ''}`, 'createInvite');
  return state.addPerson({ username: email, name: email, email });
}
