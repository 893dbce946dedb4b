import { mayContactGetKey } from '../../domain/organization/team.ts';
import { identify } from '../accounts/authorize.ts';
import { type Refusal, refusalForNonAdmin } from '../accounts/refusal.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { Collection } from '../ports/account-records.ts';
import type { RequestCard } from '../requests/access-request.ts';
import { standingDecisions } from '../requests/approval-checks.ts';
import { type PersonScope, personScope } from './home-scope.ts';
import { type Few, type HomeCare, type KeyOnHome, type RequestOnHome, SHOWN_ITEMS } from './home-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** As long as people are notified before a key expires. */
const EXPIRES_SOON_MS = 14 * DAY_MS;
/** Nothing is changed, and the tab is read after every action. */
const PROFILE_MAX_AGE_MS = 60_000;

/** What the Home tab of one person shows. */
export interface Home extends Omit<PersonScope, 'administered' | 'visible'> {
  care: Omit<HomeCare, 'requests' | 'ownRequests' | 'expiring'> & {
    requests: Few<CountedRequest>;
    expiring: Few<ExpiringKey>;
  };
  /** The person's own. `link`: the team's page on the W&B server, if there is one. */
  ownRequests: Few<CountedRequest & { link: string | undefined }>;
  collections: Few<{ collection: Collection; name: string; teamName: string }>;
}

/** A request with the approvals that count. */
type CountedRequest = Required<Pick<RequestCard, 'request' | 'approvals' | 'standing'>>;

/** What the person may do: everything, or what the contact of the account may, who doesn't always get a new key. */
type ExpiringKey = HomeCare['expiring']['items'][number] & { isManaged: boolean; mayRotate: boolean };

export type ReadHomeResult = { ok: true; home: Home } | { ok: false; refusal: Refusal };

/**
 * Reads the Home tab of a person. Someone whom Keysmith doesn't serve, or who is in no team and has nothing to do, gets a reason, which
 * isn't recorded: they only looked.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function readHome(ports: Ports, slackUserId: string): Promise<ReadHomeResult> {
  const identified = await identify(ports, slackUserId, { maxAgeMs: PROFILE_MAX_AGE_MS });
  if (!identified.ok) return identified;
  const { person } = identified;
  const { administered, visible, ...scope } = await personScope(ports, person);
  const nowMs = ports.now();
  const [{ requests, ownRequests, expiring, ...care }, collections] = await Promise.all([
    ports.store.homeCare(
      { email: person.email, slackUserId, administered, visible },
      { nowMs, expiresBeforeMs: nowMs + EXPIRES_SOON_MS, limit: SHOWN_ITEMS },
    ),
    readCollections(ports, slackUserId, nowMs),
  ]);
  const isInTeam = visible.length > 0 || scope.hasUnlistedTeams;
  // A policy may name someone outside the team as an approver.
  const hasSomething = [requests, ownRequests, collections].some(({ total }) => total > 0);
  if (isInTeam || hasSomething) {
    const [toDecide, own] = await Promise.all([
      countedRequests(ports, requests.items),
      countedRequests(ports, ownRequests.items),
    ]);
    const items = own.map((row) => ({ ...row, link: ports.backend.teamPage(row.request.teamName) }));
    const keys = expiring.items.map((row) => ({
      ...row,
      ...permissions(row, { own: scope.own, administered }),
    }));
    return {
      ok: true,
      home: {
        ...scope,
        care: {
          ...care,
          requests: { ...requests, items: toDecide },
          expiring: { ...expiring, items: keys },
        },
        collections,
        ownRequests: { ...ownRequests, items },
      },
    };
  }
  const nothing = { teams: [], total: 0, hasUnlisted: false };
  return { ok: false, refusal: await refusalForNonAdmin(ports, person, nothing) };
}

/** Counts approvals as the card and the decision do. */
function countedRequests(ports: Ports, rows: readonly RequestOnHome[]): Promise<CountedRequest[]> {
  return Promise.all(
    rows.map(async ({ request, policy }) => ({
      request,
      approvals: policy.approvals,
      standing: await standingDecisions(ports, request, policy),
    })),
  );
}

function permissions(
  { teamName, scope }: Pick<KeyOnHome, 'teamName' | 'scope'>,
  { own, administered }: Pick<PersonScope, 'own' | 'administered'>,
): Pick<ExpiringKey, 'isManaged' | 'mayRotate'> {
  if (administered === 'all') return { isManaged: true, mayRotate: true };
  const isManaged = scope === 'team' && administered.includes(teamName);
  const role = own.find(({ name }) => name === teamName)?.role;
  return { isManaged, mayRotate: isManaged || mayContactGetKey({ role }, { scope }) };
}

async function readCollections(
  { store }: Ports,
  slackUserId: string,
  nowMs: number,
): Promise<Home['collections']> {
  const open = await store.openCollections(slackUserId, nowMs);
  const found = await Promise.all(
    open.map(async (collection) => ({ collection, account: await store.findAccount(collection.accountId) })),
  );
  const items = found.flatMap(({ collection, account }) =>
    account?.state === 'active' ? [{ collection, name: account.name, teamName: account.teamName }] : [],
  );
  return { items: items.slice(0, SHOWN_ITEMS), total: items.length };
}
