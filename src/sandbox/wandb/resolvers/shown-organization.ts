import { loggedIn } from '../permissions.ts';
import type { RequestContext } from './request-context.ts';

/** `Organization`. */
export function shownOrganization({ state, caller }: RequestContext) {
  loggedIn(caller);
  return {
    ...state.organization,
    OAuthProviders: () => state.providers.map(({ id, issuerUrl }) => ({ id, issuerUrl })),
  };
}
