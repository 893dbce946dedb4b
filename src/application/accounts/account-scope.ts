import { decideManageAccount, type TeamAccess } from '../../domain/organization/team.ts';
import type { BackendFeatures } from '../ports/backend.ts';

/**
 * Returns the scope that a form chose: that of one team by default. Undefined if the person may not choose it, or the backend can't
 * create such accounts.
 */
export function chosenScope(
  scope: string | undefined,
  access: TeamAccess,
  { organizationScope }: BackendFeatures,
): 'team' | 'organization' | undefined {
  if (scope === undefined || scope === 'team') return 'team';
  const isOffered =
    scope === 'organization' && organizationScope === true && decideManageAccount(access, { scope }).allowed;
  return isOffered ? scope : undefined;
}
