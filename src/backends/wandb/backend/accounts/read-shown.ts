import type { ShownAccount, WantedAccount } from '../../../../domain/accounts/reconciliation.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import type { WandbResult } from '../../client/wandb-failure.ts';
import type { ScimServiceAccount } from '../../scim/scim-client.ts';
import { shownAccounts } from '../team-members.ts';
import type { WandbContext } from '../wandb-context.ts';

/**
 * Reads what the server shows of a wanted account now: among the team's members and, where the server has it, in SCIM. The value is
 * undefined if the team isn't visible, which says nothing about its members.
 */
export async function readShown(
  { teams, scimDirectory }: WandbContext,
  { teamName, externalIdentity }: Pick<ServiceAccount, 'teamName' | 'externalIdentity'>,
  wanted: WantedAccount,
  options: { deadlineMs: number },
): Promise<WandbResult<{ team: WandbTeam; shown: ShownAccount[] } | undefined>> {
  const [team, named] = await Promise.all([
    teams.tryFresh(teamName, options),
    // An account with a name without a tag may be someone else's.
    wanted.tag === undefined ? undefined : scimDirectory.serviceAccounts(wanted, options),
  ]);
  if (!team.ok) return team;
  if (named !== undefined && !named.ok) return named;
  if (team.value === undefined) return { ok: true, value: undefined };
  const shown = shownAccounts(team.value, wanted, externalIdentity?.subject);
  return { ok: true, value: { team: team.value, shown: withScimIds(shown, named?.value ?? []) } };
}

/** Merges the two lists. If either has several accounts with the tag, so has the result. */
function withScimIds(
  shown: readonly ShownAccount[],
  accounts: readonly ScimServiceAccount[],
): ShownAccount[] {
  const inScim = accounts.map(({ id, name }): ShownAccount => ({ ...SCIM_ONLY, scimId: id, name }));
  const [member, ...members] = shown;
  const [user, ...users] = inScim;
  if (member === undefined || user === undefined) return [...shown, ...inScim];
  return [{ ...member, scimId: user.scimId }, ...members, ...users];
}

const SCIM_ONLY = {
  memberId: undefined,
  clientId: undefined,
  isServiceAccount: true,
  isComplete: true,
} as const;
