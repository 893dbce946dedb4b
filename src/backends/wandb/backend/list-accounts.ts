import type { ListedAccount } from '../../../application/ports/account-records.ts';
import type { AccountList, JoinedAccount, UnmanagedAccount } from '../../../application/ports/backend.ts';
import type { KnownOnServer, ServerIdentity } from '../../../application/ports/operation-store.ts';
import { memberOf, serviceMembersOf } from './team-directory.ts';
import type { WandbContext } from './wandb-context.ts';

/** Accounts made elsewhere that one answer names. */
const FOREIGN_SHOWN = 15;

/** What Keysmith knows of these teams, joined with what the server says. */
export async function listAccounts(
  context: WandbContext,
  teamNames: readonly string[],
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<AccountList> {
  const { store } = context;
  const { accounts, total } = await store.accountsOfTeams(teamNames, { limit, offset });
  const joined = await Promise.all(accounts.map((account) => join(context, account)));
  const isLastPage = offset + limit >= total;
  const unmanaged = await madeElsewhere(context, teamNames, isLastPage);
  return { accounts: joined, total, tracksUsage: false, unmanaged };
}

async function join(
  { teams }: WandbContext,
  { server, ...listed }: ListedAccount & { server: ServerIdentity },
): Promise<JoinedAccount> {
  // Its key waits to be collected: the account is made with it.
  if (server.memberId === undefined && server.clientId === undefined) return listed;
  const { teamName } = listed.account;
  const recent = await teams.recent(teamName);
  if (recent !== undefined && memberOf(recent, server) !== undefined) return listed;
  // Where no membership was ever seen, none is missed.
  if (server.memberId === undefined) return listed;
  const fresh = await teams.fresh(teamName);
  return fresh === undefined || memberOf(fresh, server) !== undefined
    ? listed
    : { ...listed, isMissing: true };
}

async function madeElsewhere(
  { teams, store }: WandbContext,
  teamNames: readonly string[],
  isLastPage: boolean,
): Promise<AccountList['unmanaged']> {
  // Read before what is known, so that one which is made meanwhile is not taken for another's.
  const read = await Promise.all(teamNames.map((name) => teams.recent(name)));
  const known = await store.knownOnServer(teamNames);
  const foreign = read.flatMap((team): UnmanagedAccount[] =>
    team === undefined
      ? []
      : serviceMembersOf(team)
          .filter(({ id, name }) => !isOwn(known, { teamName: team.name, id, name }))
          .map(({ id, name, username }) => ({ teamName: team.name, name: name ?? username ?? id })),
  );
  foreign.sort((a, b) => a.teamName.localeCompare(b.teamName) || a.name.localeCompare(b.name));
  return { accounts: isLastPage ? foreign.slice(0, FOREIGN_SHOWN) : [], total: foreign.length };
}

/** The server has an account that is being made before anybody knows its member: it goes by its name until then. */
function isOwn(
  { memberIds, beingCreated }: KnownOnServer,
  member: { teamName: string; id: string; name: string | undefined },
): boolean {
  return (
    memberIds.includes(member.id) ||
    beingCreated.some(({ teamName, name }) => teamName === member.teamName && name === member.name)
  );
}
