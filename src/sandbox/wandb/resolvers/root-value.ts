import { apiKeyMutations } from './api-key-mutations.ts';
import { inviteMutations } from './invite-mutations.ts';
import { oauthMutations } from './oauth-mutations.ts';
import { queries } from './queries.ts';
import { serviceAccountMutations } from './service-account-mutations.ts';

/** Every root field that any schema of the stand-in may have. */
export const rootValue = {
  ...queries,
  ...serviceAccountMutations,
  ...apiKeyMutations,
  ...inviteMutations,
  ...oauthMutations,
};
