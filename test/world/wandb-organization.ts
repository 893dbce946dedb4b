import type { DesiredOrganization } from '../../src/domain/organization/organization-changes.ts';
import { acmeOrganization, type OrganizationSeed } from '../../src/sandbox/wandb/wandb-seed.ts';

/** Returns an organization as the local W&B stores it. Acme's issuers and teams are the defaults. */
export function wandbOrganization({
  admins,
  issuers,
  teams,
}: Partial<DesiredOrganization>): OrganizationSeed {
  const usernameOf = new Map<string, string>();
  for (const { email, username } of teams?.flatMap(({ members }) => members) ?? [])
    usernameOf.set(email, username);
  for (const email of admins ?? [])
    if (!usernameOf.has(email)) usernameOf.set(email, email.replace(/@.*/, ''));
  return {
    ...acmeOrganization,
    ...(issuers && { issuers: issuers.map(({ url }) => url) }),
    ...(teams && {
      people: [...usernameOf].map(([email, username]) => ({
        username,
        name: username,
        email,
        admin: admins?.includes(email) ?? false,
      })),
      teams: teams.map(({ name, members }) => ({
        name,
        members: members.map(({ username, role }) => ({
          username,
          role: role === 'view-only' ? ('viewer' as const) : role,
        })),
      })),
    }),
  };
}
