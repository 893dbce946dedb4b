import { expect } from 'vitest';
import { canBecome, type LifecycleState } from '../../../../src/domain/accounts/lifecycle.ts';
import { verifyAuditChain } from '../../../../src/domain/audit/audit-event.ts';
import { AUDIT_KEY } from '../../../store/contract/world.ts';
import type { Chaos, Form } from './chaos.ts';

interface AccountRow {
  id: string;
  name: string;
  state: LifecycleState;
}

/** Asserts what must hold once everything works again and no work is left. */
export async function expectConsistent(chaos: Chaos): Promise<void> {
  expectNothingLeft(chaos);
  expectServerAgrees(chaos);
  for (const form of chaos.forms) expectCreationReported(chaos, form);
  expectRevocationsReported(chaos);
  await expectRecordIntact(chaos);
}

function rows<Row>({ database }: Chaos, sql: string): Row[] {
  return database.prepare(sql).all() as Row[];
}

function expectNothingLeft(chaos: Chaos): void {
  expect(rows(chaos, 'select kind, payload, last_failure from jobs where finished_at_ms is null')).toEqual(
    [],
  );
  const unfinished = "select name, state from service_accounts where state in ('provisioning', 'revoking')";
  expect(rows(chaos, unfinished)).toEqual([]);
  expect(rows(chaos, "select id from deliveries where state = 'sending'")).toEqual([]);
  const changes = rows<{ from_state: LifecycleState; to_state: LifecycleState }>(
    chaos,
    'select * from changes',
  );
  expect(changes.filter(({ from_state, to_state }) => !canBecome(from_state, to_state))).toEqual([]);
}

/** No stray account, and no key that nobody holds. */
function expectServerAgrees(chaos: Chaos): void {
  const { server, slack } = chaos;
  const wanted = rows<{ name: string; has_key: 0 | 1 }>(
    chaos,
    `select server_accounts.name, exists (
        select 1 from api_keys join deliveries on deliveries.key_id = api_keys.key_id
          where api_keys.account_id = service_accounts.id and revoked_at_ms is null
            and deliveries.state = 'delivered') as has_key
      from server_accounts join service_accounts on service_accounts.id = account_id
      where desired = 'present' and service_accounts.state = 'active'`,
  );
  const tagged = server.accounts.filter(({ name }) => name.includes('-ks'));
  const stray = tagged.filter(({ name }) => wanted.every((one) => one.name !== name));
  expect(stray).toEqual([]);
  expect(new Set(tagged.map(({ name }) => name)).size).toBe(tagged.length);
  for (const { name, key } of tagged) {
    const hasKey = wanted.some((one) => one.name === name && one.has_key === 1);
    // An admin creates the key of an account that Keysmith created without one.
    if (hasKey) expect(slack.keys).toContain(key);
    else expect(key === undefined || !server.returnsKeys).toBe(true);
  }
}

const CREATED = ['federated_account_created', 'account_without_key_created', 'key_collectable'];

/** The person of a form heard how it ended, and nothing else. */
function expectCreationReported(chaos: Chaos, form: Form): void {
  const { slack, kills } = chaos;
  const accounts = rows<AccountRow>(chaos, 'select id, name, state from service_accounts').filter(
    ({ name }) => name === form.name,
  );
  const messages = slack.directMessages.filter(
    ({ account, to }) => account.name === form.name && to === form.by,
  );
  const has = (...kinds: string[]) => messages.some(({ message }) => kinds.includes(message));
  const answered = (kind: string) => form.answers.some((answer) => answer.kind === kind);
  const report = { form, accounts, messages: messages.map(({ message }) => message) };
  const existing = accounts.filter(({ state }) => state !== 'failed');
  expect(existing.length, JSON.stringify(report)).toBeLessThanOrEqual(1);
  const isPromised = form.answers.some(({ kind, key }) => {
    const { kind: keyKind, notified } = (key ?? {}) as { kind?: string; notified?: boolean };
    return kind === 'outcome_unknown' || keyKind === 'unsettled' || (keyKind === 'collect' && notified);
  });
  const hasAnswer = answered('created') || answered('created_federated') || answered('created_without_key');
  const isShown =
    slack.announced.has(form.name) || keysOf(chaos, form.name).some((key) => slack.keys.has(key));
  const isTold = has('account_not_created', 'key_not_collectable', 'account_revoked', ...CREATED);
  const isRevokedMeanwhile = existing[0]?.state === 'revoked';
  if (isPromised && !isRevokedMeanwhile) expect(isTold, JSON.stringify(report)).toBe(true);
  if (existing.length > 0 && !isRevokedMeanwhile) {
    expect(hasAnswer || isTold || isShown, JSON.stringify(report)).toBe(true);
  }
  // Only a killed process gave no answer.
  if (accounts.length > 0 && form.answers.length === 0) {
    expect(isTold || isShown, JSON.stringify(report)).toBe(true);
  }
  // Contradictions.
  if (existing.length > 0 && accounts.length === 1)
    expect(has('account_not_created'), JSON.stringify(report)).toBe(false);
  if (existing.length === 0) expect(has(...CREATED), JSON.stringify(report)).toBe(false);
  // A process that was killed, or was too slow, may have sent a message without storing that.
  for (const one of messages) {
    const same = messages.filter(
      (other) => JSON.stringify(withoutState(other)) === JSON.stringify(withoutState(one)),
    );
    expect(same.length, JSON.stringify(report)).toBeLessThanOrEqual(1 + kills + chaos.lapses);
  }
}

function withoutState({ account, ...message }: Chaos['slack']['directMessages'][number]) {
  return { ...message, accountId: account.id, collection: undefined };
}

/** The secrets that the server created for an account, whatever became of them. */
function keysOf({ server }: Chaos, name: string): string[] {
  return server.createdKeys.filter((one) => one.name.startsWith(`${name}-ks`)).map(({ key }) => key);
}

/** Everyone whose click began or joined a revocation heard its end. */
function expectRevocationsReported(chaos: Chaos): void {
  const begun = new Set(
    rows<{ request_id: string }>(
      chaos,
      "select request_id from audit_events where action = 'service_account.deletion_started'",
    ).map(({ request_id }) => request_id),
  );
  for (const { by, accountId, requestId, answers } of chaos.revocations) {
    const ofPerson = chaos.revocations.filter((one) => one.by === by && one.accountId === accountId);
    const messages = chaos.slack.directMessages.filter(
      ({ message, to, account }) => message === 'account_revoked' && to === by && account.id === accountId,
    );
    const report = JSON.stringify({ by, accountId, answers, all: ofPerson, messages: messages.length });
    const isAnswered = ofPerson.some((one) =>
      one.answers.some(({ kind }) => kind === 'revoked' || kind === 'already_revoked'),
    );
    const isPromised =
      answers.some(({ kind }) => kind === 'pending') || (answers.length === 0 && begun.has(requestId));
    if (isPromised) expect(messages.length > 0 || isAnswered, report).toBe(true);
    expect(messages.length, report).toBeLessThanOrEqual(1 + chaos.kills + chaos.lapses);
    const isAnyOpen = ofPerson.some(
      (one) => one.isLate || one.answers.every(({ kind }) => kind === 'pending'),
    );
    // Killed before it stored that Slack had shown the response.
    if (!isAnyOpen && chaos.kills + chaos.lapses === 0) expect(messages.length, report).toBe(0);
  }
}

async function expectRecordIntact({ store }: Chaos): Promise<void> {
  const records = await store.auditRecords();
  expect(verifyAuditChain(records, store.organizationId, AUDIT_KEY)).toMatchObject({ intact: true });
}
