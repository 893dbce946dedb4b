import type { Ports } from '../ports/account-ports.ts';
import type { Collection } from '../ports/account-records.ts';
import type { JoinedAccount, UnmanagedAccount } from '../ports/backend.ts';
import { administerTeam, identify, type Refusal, recordRefusal, refuseNonAdmin } from './authorize.ts';

/** Accounts that one answer shows: three blocks each at most, and a few more, must fit into a message of 50. */
export const ACCOUNTS_IN_A_LIST = 15;

/** Which part of the list. */
export interface ListPage {
  /** Of all the person's teams where undefined. */
  teamName: string | undefined;
  /** Accounts before it. */
  offset: number;
}

export type ListServiceAccountsResult =
  | {
      ok: true;
      page: ListPage;
      accounts: JoinedAccount[];
      total: number;
      /** As of the backend's list. */
      tracksUsage: boolean;
      /** Accounts of the same teams that Keysmith did not make, on the last page; `link`: the team's page. */
      unmanaged: { accounts: (UnmanagedAccount & { link: string | undefined })[]; total: number };
      /** What the person may still collect, by account ID. */
      collections: Map<string, Collection>;
    }
  | { ok: false; refusal: Refusal };

export interface ListServiceAccounts {
  slackUserId: string;
  page: ListPage;
  requestId: string;
}

/** The accounts of the teams that the person administers, or of one of them. */
export async function listServiceAccounts(
  ports: Ports,
  { slackUserId, page, requestId }: ListServiceAccounts,
): Promise<ListServiceAccountsResult> {
  const { teamName } = page;
  const identified = await identify(ports, slackUserId);
  const refuse = async (refusal: Refusal) => {
    const who = identified.ok ? identified.person : { slackUserId };
    const { reason } = refusal;
    await recordRefusal(ports, {
      who,
      action: 'service_account.list_refused',
      reason,
      requestId,
    });
    return { ok: false as const, refusal };
  };
  if (!identified.ok) return refuse(identified.refusal);
  const { person } = identified;
  if (teamName !== undefined) {
    const administering = await administerTeam(ports, slackUserId, teamName);
    if (!administering.ok) return refuse(administering.refusal);
  } else {
    const administered = await ports.backend.administeredTeams(person, { limit: 1 });
    if (administered.total === 0) return refuse(await refuseNonAdmin(ports, person, administered));
  }
  const options = {
    limit: ACCOUNTS_IN_A_LIST,
    offset: page.offset,
    ...(teamName === undefined ? {} : { teamName }),
  };
  const { accounts, total, tracksUsage, unmanaged } = await ports.backend.listAccounts(person, options);
  const linked = unmanaged.accounts.map((one) => ({ ...one, link: ports.backend.teamPage(one.teamName) }));
  const open = await ports.store.openCollections(slackUserId, ports.now());
  return {
    ok: true,
    page,
    accounts,
    total,
    tracksUsage,
    unmanaged: { accounts: linked, total: unmanaged.total },
    collections: new Map(open.map((one) => [one.accountId, one])),
  };
}
