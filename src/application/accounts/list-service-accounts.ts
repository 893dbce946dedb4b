import type { Person } from '../../domain/organization/person.ts';
import { decideManageTeam } from '../../domain/organization/team.ts';
import type {
  AccountList,
  JoinedAccount,
  UnmanagedAccount,
} from '../outside-changes/outside-change-store.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { AccountFilter, Collection, ListStart } from '../ports/account-records.ts';
import { authorize, type Check } from './authorize.ts';
import { type Refusal, refusalForNonAdmin, refusalForUnknownTeam } from './refusal.ts';

/** Accounts per page: at up to three blocks each they fit into Slack's limit of 50 blocks per message. */
const ACCOUNTS_IN_A_LIST = 15;

export interface ListPage extends AccountFilter {
  /** Lists all teams of the person when absent. */
  teamName?: string;
  /** Absent for the first page. */
  start?: ListStart;
}

export interface ListServiceAccounts {
  slackUserId: string;
  page: ListPage;
  requestId: string;
}

export type ListServiceAccountsResult =
  | {
      ok: true;
      page: ListPage;
      /** Set if the person administers none of the listed teams. */
      isReadOnly?: true;
      /** `link`: the page of the account's team on the W&B server, if there is one. */
      accounts: (JoinedAccount & { link: string | undefined })[];
      total: number;
      previous: ListStart | undefined;
      next: ListStart | undefined;
      /** Whether the backend sees credentials being used. If not, a missing last use means nothing. */
      tracksUsage: boolean;
      /** Accounts of the same teams that Keysmith didn't create, on the last page only. `link`: the team's page. */
      unmanaged: { accounts: (UnmanagedAccount & { link: string | undefined })[]; total: number };
      /** As in `AccountList`. */
      leftKeys?: AccountList['leftKeys'];
      /** The person's open collections, by account ID. */
      collections: Map<string, Collection>;
    }
  /** Nothing knows which accounts have this status. `keys_never_expire`: those of a W&B server. */
  | { ok: false; refusal: Refusal | { reason: 'use_not_known' | 'keys_never_expire' } };

/** Lists the accounts of one team, or of all teams that the person administers or is a member of. */
export async function listServiceAccounts(
  ports: Ports,
  { slackUserId, page, requestId }: ListServiceAccounts,
): Promise<ListServiceAccountsResult> {
  const { teamName, ...filter } = page;
  const attempt = { slackUserId, action: 'service_account.list_refused', requestId } as const;
  const authorized = await authorize(ports, attempt, (person) => checkMayList(ports, person, teamName));
  if (!authorized.ok) return authorized;
  if (page.status === 'expiring' && ports.backend.administeredIn === 'wandb') {
    return { ok: false, refusal: { reason: 'keys_never_expire' } };
  }
  const list = await ports.backend.listAccounts(authorized.person, {
    includesMemberTeams: true,
    limit: ACCOUNTS_IN_A_LIST,
    ...filter,
    ...(teamName !== undefined && { teamName }),
  });
  const { accounts, total, previous, next, tracksUsage, unmanaged, leftKeys } = list;
  if (page.status === 'unused' && !tracksUsage) return { ok: false, refusal: { reason: 'use_not_known' } };
  const linkTo = (team: string) => ({ link: ports.backend.teamPage(team) });
  const open = await ports.store.openCollections(slackUserId, ports.now());
  return {
    ok: true,
    page,
    ...(authorized.granted.isReadOnly && { isReadOnly: true }),
    accounts: accounts.map((listed) => ({ ...listed, ...linkTo(listed.account.teamName) })),
    total,
    previous,
    next,
    tracksUsage,
    unmanaged: {
      accounts: unmanaged.accounts.map((account) => ({ ...account, ...linkTo(account.teamName) })),
      total: unmanaged.total,
    },
    ...(leftKeys && { leftKeys }),
    collections: new Map(open.map((collection) => [collection.accountId, collection])),
  };
}

/** Every role may see a team's accounts, `view-only` included: its members should know whom to ask about each. */
async function checkMayList(
  ports: Ports,
  person: Person,
  teamName: string | undefined,
): Promise<Check<{ isReadOnly: boolean }, Refusal>> {
  if (teamName !== undefined) {
    const access = await ports.backend.teamAccess(person, teamName);
    const decision = access && decideManageTeam(access);
    return decision === undefined || (!decision.allowed && decision.reason === 'not_member')
      ? { ok: false, refusal: await refusalForUnknownTeam(ports, person, teamName) }
      : { ok: true, granted: { isReadOnly: !decision.allowed } };
  }
  const administered = await ports.backend.administeredTeams(person, { limit: 1 });
  if (administered.total > 0) return { ok: true, granted: { isReadOnly: false } };
  const isMember = (await ports.backend.teamsOf(person)).length > 0;
  return isMember
    ? { ok: true, granted: { isReadOnly: true } }
    : { ok: false, refusal: await refusalForNonAdmin(ports, person, administered) };
}
