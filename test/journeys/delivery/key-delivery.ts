import Database from 'better-sqlite3';
import { API_KEY_PATTERN, parseApiKey } from '../../../src/domain/keys/api-key.ts';
import type { Outcome } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { TrafficRecord } from '../../../src/sandbox/slack/traffic/traffic.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { openForm } from '../../world/new-account-form.ts';
import type { RunningWorkspace } from '../../world/running-workspace.ts';

/** Opens the form, fills in the name and submits it. Returns the outcome of the submission. */
export async function submitForm(person: SlackPerson, conversation: string, name: string): Promise<Outcome> {
  await openForm(person, conversation);
  await person.fill('name', name);
  return person.submit();
}

/** Returns every request to Slack that contained a key, in order. */
export function sentKeys({ slack }: Pick<RunningWorkspace, 'slack'>): { method: string; keyId: string }[] {
  return requestsToSlack({ slack }).flatMap(({ method, body }) => {
    const keyId = parseApiKey(API_KEY_PATTERN.exec(body)?.[0] ?? '')?.keyId;
    return keyId === undefined ? [] : [{ method, keyId }];
  });
}

/** Holds the next requests to `method` at Slack. Returns a function that lets Slack handle them. */
export function holdResponse(
  { slack }: Pick<RunningWorkspace, 'slack'>,
  method: string,
  { times = 1 } = {},
): () => void {
  const { promise: released, resolve } = Promise.withResolvers<void>();
  slack.failures.set(method, { kind: 'held', released }, { times });
  return resolve;
}

export function requestsToSlack(
  { slack }: Pick<RunningWorkspace, 'slack'>,
  method?: string,
): TrafficRecord[] {
  return slack.traffic.filter(
    (record) => record.direction === 'to_slack' && (method === undefined || record.method === method),
  );
}

function responseUrl({ slack }: Pick<RunningWorkspace, 'slack'>): string {
  const payloads = slack.traffic.map(({ payload }) => payload as { response_url?: string } | undefined);
  return payloads.findLast((payload) => payload?.response_url !== undefined)?.response_url ?? '';
}

/** Uses the response URL of the last command or click; Slack accepts five messages there. */
export async function useUp(workspace: Pick<RunningWorkspace, 'slack'>, uses: number): Promise<void> {
  const url = responseUrl(workspace);
  for (let use = 0; use < uses; use += 1) {
    await fetch(url, { method: 'POST', body: JSON.stringify({ text: `use ${use}` }) });
  }
}

export interface StoredKey {
  keyId: string;
  isLive: boolean;
  delivery: 'sending' | 'delivered' | 'failed';
  /** The state of the collection that the key's delivery opened or served, if any. */
  collection: 'open' | 'collecting' | 'collected' | 'closed' | null;
}

/** Returns every key in the database, oldest first. */
export function storedKeys({ rows }: Pick<RunningWorkspace, 'rows'>): StoredKey[] {
  return rows<Omit<StoredKey, 'isLive'> & { isLive: number }>(
    `select k.key_id as keyId, k.revoked_at_ms is null as isLive, d.state as delivery, c.state as collection
       from api_keys k
       join deliveries d on d.key_id = k.key_id
       left join collections c on c.revoked_key_id = k.key_id or c.id = d.collection_id
      order by k.created_at_ms, k.rowid`,
  ).map((row) => ({ ...row, isLive: row.isLive === 1 }));
}

/**
 * Returns the IDs of the keys that aren't revoked. Each of them must have reached its person, or have an open
 * delivery.
 */
export function liveKeyIds({ rows }: Pick<RunningWorkspace, 'rows'>): string[] {
  return rows<{ key_id: string }>('select key_id from api_keys where revoked_at_ms is null').map(
    ({ key_id }) => key_id,
  );
}

/** Returns the number of rows in every table that creating an account writes. */
export function rowCounts({ rows }: Pick<RunningWorkspace, 'rows'>): Record<string, number> {
  const tables = ['service_accounts', 'api_keys', 'deliveries', 'submissions', 'collections'];
  return Object.fromEntries(
    tables.map((table) => [table, rows<{ n: number }>(`select count(*) as n from ${table}`)[0]?.n ?? 0]),
  );
}

export const NO_ROWS = {
  service_accounts: 0,
  api_keys: 0,
  deliveries: 0,
  submissions: 0,
  collections: 0,
};

/** Returns the last `count` audit events with the details about a delivery. */
export async function lastEvents(
  workspace: Pick<RunningWorkspace, 'audit'>,
  count: number,
): Promise<Record<string, unknown>[]> {
  return (await workspace.audit()).slice(-count).map(({ action, details }) => {
    const { route, outcome, cause } = details;
    return {
      action,
      ...(route !== undefined && { route }),
      ...(outcome !== undefined && { outcome }),
      ...(cause !== undefined && { cause }),
    };
  });
}

/** The reference in a message or view. */
export const REFERENCE = /Reference (ks_[0-9A-Za-z]+)/;

/**
 * Creates an account whose key Slack rejects, so that the person can collect one. Returns the ID of the revoked
 * key.
 */
export async function failDelivery(
  workspace: RunningWorkspace,
  person: SlackPerson,
  name = 'nightly-eval',
): Promise<string> {
  workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
  await submitForm(person, 'ml-platform', name);
  await person.waitForView('wasn’t delivered');
  await person.close();
  return sentKeys(workspace).at(-1)?.keyId ?? '';
}

/** Returns how messages show the end of the latest collection. */
export function untilWhen({ rows }: Pick<RunningWorkspace, 'rows'>): string {
  const [last] = rows<{ atMs: number }>(
    'select expires_at_ms as atMs from collections order by created_at_ms desc',
  );
  const end = new Date(last?.atMs ?? 0);
  const fallback = `${end.toISOString().slice(0, 10)} ${end.toISOString().slice(11, 16)} UTC`;
  return `until <!date^${Math.floor(end.getTime() / 1000)}^{date_short_pretty} at {time}|${fallback}>`;
}

export function collectionId({ rows }: Pick<RunningWorkspace, 'rows'>): string {
  return rows<{ id: string }>('select id from collections order by created_at_ms desc')[0]?.id ?? '';
}

/** Renames the teams table under the running app to simulate damage. Returns a function that restores it. */
export function breakDatabase({ databaseFile }: Pick<RunningWorkspace, 'databaseFile'>): () => void {
  const rename = (from: string, to: string) => {
    const database = new Database(databaseFile);
    database.exec(`pragma foreign_keys = off; alter table ${from} rename to ${to}`);
    database.close();
  };
  rename('teams', 'teams_elsewhere');
  return () => rename('teams_elsewhere', 'teams');
}
