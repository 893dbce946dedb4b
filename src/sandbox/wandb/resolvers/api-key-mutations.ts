import { loggedIn } from '../permissions.ts';
import { notFound, permissionDenied } from '../wandb-error.ts';
import type { MutationInput, RequestContext } from './request-context.ts';
import { mayReadKeys, shownApiKey } from './shown-user.ts';

interface GenerateApiKeyInput extends MutationInput {
  description?: string | null;
}

interface DeleteApiKeyInput extends MutationInput {
  id: string;
}

export const apiKeyMutations = {
  /** For the caller; the one answer in which `name` is the whole secret on every server. */
  generateApiKey({ input }: { input: GenerateApiKeyInput }, context: RequestContext) {
    const user = loggedIn(context.caller);
    const key = context.state.addKey(user, input.description);
    const apiKey = { ...shownApiKey(context, key), name: key.secret };
    return { apiKey, clientMutationId: input.clientMutationId };
  },

  deleteApiKey({ input }: { input: DeleteApiKeyInput }, context: RequestContext) {
    loggedIn(context.caller);
    const { keys } = context.state;
    const key = keys.find(({ id }) => id === input.id);
    if (!key) throw notFound(`api key ${input.id}`, 'deleteApiKey');
    if (!mayReadKeys(context, key.user)) throw permissionDenied();
    keys.splice(keys.indexOf(key), 1);
    return { success: true, clientMutationId: input.clientMutationId };
  },
};
