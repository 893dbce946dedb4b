import { administeredTeam } from '../permissions.ts';
import { WandbError } from '../wandb-error.ts';
import type { MutationInput, RequestContext } from './request-context.ts';
import { shownUser } from './shown-user.ts';

interface CreateServiceAccountInput extends MutationInput {
  entityName: string;
  description: string;
}

export const serviceAccountMutations = {
  /** Names may repeat. The account comes with one key and stands last among the members. */
  createServiceAccount({ input }: { input: CreateServiceAccountInput }, context: RequestContext) {
    const { state, caller, capabilities } = context;
    const { entityName, description } = input;
    const team = administeredTeam(state, caller, { entityName, operation: 'createServiceAccount' });
    if (!capabilities.teamServiceAccountsEnabled) {
      throw new WandbError('team service accounts are disabled', { status: 200 });
    }
    const user = state.addServiceAccount(team, description);
    state.addKey(user);
    return { user: () => shownUser(context, user), clientMutationId: input.clientMutationId };
  },
};
