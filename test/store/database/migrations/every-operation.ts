import type Database from 'better-sqlite3';
import { ENDINGS, type PreviousAccount, type PreviousOperation } from './before-server-accounts.ts';

type Row = Record<string, unknown>;

/** Every state of an account with every state of an operation on it. */
export function everyCombination(): PreviousAccount[] {
  const all: PreviousAccount[] = [];
  for (const method of ['api_key', 'federated'] as const) {
    for (const state of ['provisioning', 'active', 'revoked', 'failed'] as const) {
      for (const isOnServer of state === 'active' || state === 'revoked' ? [false, true] : [false]) {
        const account = { method, state, isOnServer };
        for (const operation of [undefined, ...everyOperation(method)]) {
          all.push({ id: `a-${all.length}`, ...account, ...(operation && { operation }) });
        }
      }
    }
  }
  return all;
}

/** The endings that were written with each state. An operation that was reopened kept the one that it had. */
const WRITTEN_ENDINGS: Record<PreviousOperation['state'], readonly (typeof ENDINGS)[number][]> = {
  under_way: ENDINGS,
  done: ['created_late', 'revoked_late'],
  failed: ['not_made', 'removed_again', 'not_revoked', 'still_there', 'appeared_late'],
  unclear: ['several_candidates', 'appeared_late'],
};

function* everyOperation(method: PreviousAccount['method']): Generator<PreviousOperation> {
  const known = method === 'api_key' ? 'member' : 'client';
  const kinds =
    method === 'api_key' ? (['create', 'recreate', 'remove'] as const) : (['create', 'remove'] as const);
  for (const kind of kinds)
    for (const state of ['under_way', 'done', 'failed', 'unclear'] as const)
      for (const looks of state === 'failed' ? [false, true] : [false])
        for (const ending of [null, ...WRITTEN_ENDINGS[state]])
          for (const wasNotified of ending === null ? [false] : [false, true])
            for (const isAbandoned of kind !== 'remove' && state === 'under_way' ? [false, true] : [false])
              for (const ids of ['none', known] as const)
                yield { kind, state, looks, ending, wasNotified, isAbandoned, ids };
}

export interface Expected {
  state: string;
  servers: Row[];
  notifications: string[];
  collection: string | undefined;
}

const STALLED: readonly unknown[] = ['still_there', 'still_unclear', 'still_not_revoked'];

/** What must become of an account and of everything that belongs to it. */
export function expected({ method, state: previous, isOnServer, operation }: PreviousAccount): Expected {
  const isOpen = operation?.state === 'under_way';
  const isKnown = operation !== undefined && operation.ids !== 'none';
  const isCreation = operation !== undefined && operation.kind !== 'remove';
  let state: string = previous;
  if (previous === 'provisioning') {
    const canGoOn = operation?.kind === 'create' && isOpen && isKnown && !operation.isAbandoned;
    if (!canGoOn) state = 'failed';
  }
  if (previous === 'active' && operation?.kind === 'remove' && isOpen) state = 'revoking';
  const servers: Row[] = [];
  if (isOnServer || state === 'revoking') {
    const hasStalled = state === 'revoking' && STALLED.includes(operation?.ending);
    servers.push({
      desired: state === 'active' ? 'present' : 'absent',
      isGone: state === 'failed' || state === 'revoked',
      problem: hasStalled ? 'stalled' : null,
      hasJob: state === 'revoking',
      hasKey: false,
    });
  }
  const isWanted =
    operation !== undefined &&
    isCreation &&
    isOpen &&
    isKnown &&
    !operation.isAbandoned &&
    !isOnServer &&
    state === (operation.kind === 'create' ? 'provisioning' : 'active');
  const hasKey = isWanted && method === 'api_key';
  const notifications: string[] = [];
  if (operation !== undefined) {
    const { kind, ending, wasNotified, isAbandoned } = operation;
    const isUntold = !wasNotified;
    if (isCreation && isOpen) {
      const hasStalled = isKnown && !isWanted && STALLED.includes(ending);
      const problem = isKnown ? null : 'unknown_creation';
      servers.push({
        desired: isWanted ? 'present' : 'absent',
        isGone: false,
        problem: hasStalled ? 'stalled' : problem,
        hasJob: isKnown,
        hasKey,
      });
    } else if (!isOpen && isUntold && (ending === 'several_candidates' || ending === 'appeared_late')) {
      servers.push({ desired: 'absent', isGone: false, problem: 'unknown_creation', hasJob: false, hasKey });
    }
    if (operation.looks && isKnown) {
      servers.push({ desired: 'absent', isGone: true, problem: null, hasJob: true, hasKey });
    }
    for (const { problem } of servers) {
      if (problem === 'unknown_creation' || (problem === 'stalled' && isUntold)) {
        notifications.push(`server_account_problem ${problem}`);
      }
    }
    if (isUntold && ending === 'created_late') notifications.push('federated_account_created');
    if ((isUntold && ending === 'revoked_late') || state === 'revoking')
      notifications.push('account_revoked');
    const notMade = isUntold && kind === 'create' && (ending === 'not_made' || ending === 'removed_again');
    if (notMade) notifications.push(`account_not_created ${ending}`);
    else if (previous === 'provisioning' && kind === 'create' && isOpen && isKnown && isAbandoned) {
      notifications.push('account_not_created removed_again');
    }
  }
  let collection: string | undefined;
  if (operation?.kind === 'recreate') {
    const afterwards = state === 'active' ? 'open' : 'closed';
    collection = isOpen && hasKey ? 'collecting' : afterwards;
    if (isOpen && collection === 'open') notifications.push('key_collectable');
  }
  return { state, servers, notifications, collection };
}

export function found(client: Database.Database): Map<string, Expected> {
  const all = (sql: string) => client.prepare<[], Row>(sql).all();
  const accounts = new Map<string, Expected>();
  const of = (id: unknown) => {
    const account = accounts.get(String(id));
    if (account === undefined) throw new Error(`no account ${id}`);
    return account;
  };
  for (const { id, state } of all('SELECT id, state FROM service_accounts')) {
    accounts.set(String(id), { state: String(state), servers: [], notifications: [], collection: undefined });
  }
  const servers = all(`
    SELECT s.account_id, s.desired, s.problem, s.gone_at_ms IS NOT NULL AS isGone, j.payload
    FROM server_accounts s LEFT JOIN jobs j ON j.kind = 'server_account' AND j.subject = s.id ORDER BY s.rowid`);
  for (const { account_id, isGone, payload, ...server } of servers) {
    const { key } = JSON.parse(String(payload ?? '{}'));
    const isThere = { ...server, isGone: isGone === 1, hasJob: payload !== null, hasKey: key !== undefined };
    of(account_id).servers.push(isThere);
  }
  for (const { payload } of all("SELECT payload FROM jobs WHERE kind = 'notification'")) {
    const { accountId, message, problem, cause } = JSON.parse(String(payload));
    of(accountId).notifications.push([message, problem ?? cause ?? []].flat().join(' '));
  }
  for (const { account_id, state } of all('SELECT account_id, state FROM collections')) {
    of(account_id).collection = String(state);
  }
  return accounts;
}

/** Makes two expectations comparable. */
export const sorted = (expectation: Expected) => ({
  ...expectation,
  servers: expectation.servers.map((server) => JSON.stringify(server, Object.keys(server).sort())).sort(),
  notifications: expectation.notifications.toSorted(),
});
