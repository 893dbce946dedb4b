import type {
  AccountList,
  AccountOnServer,
  UnmanagedAccount,
} from '../../../application/outside-changes/outside-change-store.ts';
import {
  type AccountPageOptions,
  type ListedAccount,
  MAX_ACCOUNT_NAMES,
} from '../../../application/ports/account-records.ts';
import type { Backend } from '../../../application/ports/backend.ts';
import type { ServerAccount } from '../../../application/ports/server-account-store.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import type { Person } from '../../../domain/organization/person.ts';
import type { WandbTeam } from '../client/queries/read-team.ts';
import type { PersonTeams } from './person-teams.ts';
import { serviceMembersOf, shownAccounts } from './team-members.ts';
import type { WandbContext } from './wandb-context.ts';

/** More accounts of one name than a caller needs to see that the name is ambiguous. */
const MAX_NAMESAKES = 100;
const MAX_UNMANAGED_LISTED = 15;
const MAX_LEFT_KEYS_LISTED = 5;

/** Creates the backend's methods that find and list accounts. */
export function accountQueries(
  context: WandbContext,
  people: PersonTeams,
): Pick<Backend, 'findAccount' | 'accountOnServer' | 'findAccountsByName' | 'accountNames' | 'listAccounts'> {
  const { store } = context;
  return {
    findAccount: (accountId) => store.findAccount(accountId),
    accountOnServer: async (account) =>
      onServer(context, account, await store.currentServerAccount(account.id)),
    async findAccountsByName(person, name, teamName, includesMemberTeams = false) {
      const { administered, own } = await visibleNames(people, person, { teamName, includesMemberTeams });
      return (await store.accountsOfTeamsByName([...administered, ...own], name)).slice(0, MAX_NAMESAKES);
    },
    async accountNames(person, teamName, includesMemberTeams = false) {
      const { administered, own } = await visibleNames(people, person, { teamName, includesMemberTeams });
      const options = { limit: MAX_ACCOUNT_NAMES };
      const { accounts } = await store.accountsOfTeams([...administered, ...own], options, context.now());
      return [...new Set(accounts.map(({ account }) => account.name))];
    },
    async listAccounts(person, { teamName, includesMemberTeams = false, ...page }) {
      const { administered, own } = await visibleNames(people, person, { teamName, includesMemberTeams });
      return listAccounts(context, [...new Set([...administered, ...own])], { administered, ...page });
    },
  };
}

/**
 * Returns the names of the teams that a person administers and, if wanted, of those that they are a member of. With a team name,
 * returns at most that team, and finds it even if the server lists no teams.
 */
async function visibleNames(
  people: PersonTeams,
  person: Person,
  options: { teamName: string | undefined; includesMemberTeams: boolean },
): Promise<{ administered: string[]; own: string[] }> {
  const { teamName, includesMemberTeams } = options;
  if (teamName !== undefined) {
    const found = await people.named(person, teamName);
    if (found?.isAdministered) return { administered: [teamName], own: [] };
    return { administered: [], own: found !== undefined && includesMemberTeams ? [teamName] : [] };
  }
  const { teams } = await people.administered(person, { limit: Number.POSITIVE_INFINITY });
  const own = includesMemberTeams ? await people.of(person) : [];
  return { administered: teams.map(({ name }) => name), own: own.map(({ team }) => team.name) };
}

/** Joins the stored accounts of these teams with what the server shows. */
async function listAccounts(
  context: WandbContext,
  teamNames: readonly string[],
  { administered, ...options }: { administered: readonly string[] } & AccountPageOptions,
): Promise<AccountList> {
  const page = await context.store.accountsOfTeams(teamNames, options, context.now());
  const joined = await Promise.all(
    page.accounts.map(async (listed) => ({
      ...withoutServer(listed),
      ...(await onServer(context, listed.account, listed.server)),
      ...(administered.includes(listed.account.teamName) ? {} : { isReadOnly: true as const }),
    })),
  );
  const isFiltered = options.status !== undefined || options.namePart !== undefined;
  const list = { ...page, accounts: joined, tracksUsage: false };
  if (isFiltered) return { ...list, unmanaged: { accounts: [], total: 0 } };
  const isLastPage = page.next === undefined;
  const unmanaged = await findUnmanaged(context, teamNames, { administered, isLastPage });
  if (!isLastPage) return { ...list, unmanaged };
  const leftKeys = await context.store.leftKeysOfTeams(administered, { limit: MAX_LEFT_KEYS_LISTED });
  return { ...list, unmanaged, leftKeys };
}

function withoutServer({ server, ...listed }: ListedAccount & { server: ServerAccount | undefined }) {
  return listed;
}

async function onServer(
  { teams, scimDirectory }: WandbContext,
  { teamName, state, externalIdentity }: ServiceAccount,
  server: ServerAccount | undefined,
): Promise<AccountOnServer> {
  // An account whose key waits to be collected doesn't exist on the server yet; an earlier attempt may still be deleted.
  const isWaiting = server?.desired === 'absent' && state === 'active';
  if (server === undefined || isWaiting || state === 'revoked') return {};
  const named = { serverName: server.name };
  const isShown = (team: WandbTeam) => shownAccounts(team, server, externalIdentity?.subject).length > 0;
  const recent = await teams.recent(teamName);
  if (recent !== undefined && isShown(recent)) return named;
  const { memberId, scimId, desired } = server;
  // On a server that shows no membership for federated accounts, none is missing; nor is one that is being deleted.
  if ((memberId === undefined && scimId === undefined) || desired === 'absent') return named;
  const fresh = await teams.fresh(teamName);
  if (fresh === undefined || isShown(fresh)) return named;
  if (scimId === undefined) return { ...named, isMissing: true };
  // A server may show it only there.
  const inScim = await scimDirectory.serviceAccounts(server);
  return inScim.ok && inScim.value?.length === 0 ? { ...named, isMissing: true } : named;
}

async function findUnmanaged(
  { teams, store }: WandbContext,
  teamNames: readonly string[],
  { administered, isLastPage }: { administered: readonly string[]; isLastPage: boolean },
): Promise<AccountList['unmanaged']> {
  // The server is read before the store, so an account that Keysmith creates in between counts as its own.
  const read = await Promise.all(teamNames.map((name) => teams.recent(name)));
  const known = await store.knownOnServer(teamNames);
  const unmanaged = read.flatMap((team): UnmanagedAccount[] =>
    team === undefined
      ? []
      : serviceMembersOf(team)
          .filter(({ id, name }) => !known.memberIds.has(id) && !known.names.has(name ?? ''))
          .map(({ id, name, username }) => ({
            teamName: team.name,
            name: name ?? username ?? id,
            memberId: id,
            isAdoptable: administered.includes(team.name),
          })),
  );
  unmanaged.sort((a, b) => a.teamName.localeCompare(b.teamName) || a.name.localeCompare(b.name));
  const listed = isLastPage ? unmanaged.slice(0, MAX_UNMANAGED_LISTED) : [];
  const creations = await store.outsideCreations(listed.map(({ memberId }) => memberId));
  const accounts = listed.map((account) => {
    const created = creations.get(account.memberId);
    return created === undefined ? account : { ...account, created };
  });
  return { accounts, total: unmanaged.length };
}
