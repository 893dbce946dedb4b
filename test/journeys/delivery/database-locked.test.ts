import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { auditCount, lastAudit } from '../../security/workspace-state.ts';
import { basic } from '../../world/credential-world.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import {
  failDelivery,
  holdResponse,
  lastEvents,
  liveKeyIds,
  NO_ROWS,
  REFERENCE,
  rowCounts,
  sentKeys,
  storedKeys,
  useUp,
} from './key-delivery.ts';

const NEW = '/wandb service-account new nightly-eval';
const LOCKED = 'Nothing was changed: another program has locked Keysmith’s database.';
const LEASE_MS = 60_000;

let workspace: RunningWorkspace;
let ada: SlackPerson;
let other: Database.Database;
beforeEach(async () => {
  workspace = await startWorkspace({ keysmith: { databaseBusyTimeoutMs: 100 } });
  ada = workspace.slack.as('Ada');
  other = new Database(workspace.databaseFile);
});
afterEach(async () => {
  other.close();
  await workspace.stop();
});

/** Locks the database as a backup or a shell would. Reads continue, because it is in WAL mode. */
const lock = () => other.exec('begin exclusive');
const release = () => other.exec('rollback');

/** The status of a gateway's question about the key. */
const statusOf = async (key = 'none') => {
  const headers = { authorization: basic('api', key) };
  return (await fetch(`${workspace.keysmith.url}/forward-auth`, { headers })).status;
};

/** Expects a log line with the reference that the text shows. */
async function expectReference(message: Parameters<typeof visibleText>[0]): Promise<void> {
  const reference = REFERENCE.exec(visibleText(message))?.[1] ?? 'none';
  const line = workspace
    .logs()
    .split('\n')
    .find((one) => one.includes(`"requestId":"${reference}"`) && one.includes('database is locked'));
  expect(line).toBeDefined();
}

describe('While another program locks the database', () => {
  test('no account is created, the form says so and keeps its values, and Create works afterwards', async () => {
    await openForm(ada, 'ml-platform', NEW);
    await ada.fill('purpose', 'Evaluates every night');
    const typed = ada.values();
    lock();
    await ada.submit();
    const view = await ada.waitForView(LOCKED);
    await expectReference(view);
    release();
    expect(view.submit).toBe('Create');
    expect(ada.values()).toEqual(typed);
    expect(rowCounts(workspace)).toEqual(NO_ROWS);
    expect(sentKeys(workspace)).toEqual([]);

    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await expect.poll(() => storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
  });

  test('the form opens, the list appears and the app stays ready, because reads continue', async () => {
    lock();
    await openForm(ada, 'ml-platform', NEW);
    await ada.command('ml-platform', '/wandb sa list');
    await ada.waitForMessage('ml-platform', 'no service accounts yet');
    expect((await fetch(`${workspace.keysmith.url}/readyz`)).status).toBe(200);
    release();
  });

  test('a refusal is still shown, and recorded once the database is unlocked', async () => {
    const ben = workspace.slack.as('Ben');
    const recorded = auditCount(workspace);
    lock();
    await ben.command('ml-platform', '/wandb sa revoke nightly-eval');
    await ben.waitForMessage('ml-platform', 'Only admins of `ml-platform` can do this');
    await expect.poll(() => workspace.logs()).toContain('refusal not recorded, retrying later');
    release();

    await workspace.keysmith.settle();
    expect(auditCount(workspace)).toBe(recorded + 1);
    expect(lastAudit(workspace)).toMatchObject({
      action: 'service_account.revoke_refused',
      details: { reason: 'not_admin' },
    });
  });

  test('no account is revoked, and the message with the key stays', async () => {
    const message = await createAccount(ada, 'ml-platform', 'nightly-eval');
    lock();
    await ada.click(message, 'Revoke');
    await expectReference(await ada.waitForMessage('ml-platform', LOCKED));
    release();
    expect(liveKeyIds(workspace)).toHaveLength(1);
    expect(ada.messages('ml-platform').some((one) => keyIn(one))).toBe(true);

    await ada.click(message, 'Revoke');
    await ada.waitForMessage('ml-platform', 'Its keys no longer work.');
    expect(liveKeyIds(workspace)).toEqual([]);
  });

  test('no key is collected, and the collection stays open', async () => {
    await failDelivery(workspace, ada);
    const offer = await ada.waitForMessage('Keysmith', 'Collect');
    lock();
    await ada.click(offer, 'Collect key');
    await expectReference(await ada.waitForMessage('Keysmith', LOCKED));
    release();
    expect(sentKeys(workspace)).toHaveLength(1);

    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
    await expect
      .poll(() => storedKeys(workspace).map(({ delivery }) => delivery))
      .toEqual(['failed', 'delivered']);
  });
});

describe('A database that is locked while a key is in flight', () => {
  test.each([
    ['arrives', 0],
    ['is rejected', 5],
  ])('is reported to the person, and the key that %s is revoked after its lease', async (_, usesBefore) => {
    await openForm(ada, 'ml-platform', NEW);
    await useUp(workspace, usesBefore);
    const respond = holdResponse(workspace, 'response_url');
    const submitted = ada.submit();
    await expect.poll(() => sentKeys(workspace).length).toBe(1);
    lock();
    respond();
    await submitted;
    const view = await ada.waitForView('was created');
    release();

    expect(visibleText(view)).toContain(
      'its key may not have been delivered: Keysmith couldn’t record the delivery in its database.',
    );
    expect(visibleText(view)).toContain('If you see the key, don’t use it: it doesn’t work');
    expect(visibleText(view)).not.toContain('Nothing was changed');
    await expectReference(view);
    const key = ada.messages('ml-platform').map(keyIn).find(Boolean);
    expect(await statusOf(key)).toBe(401);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'sending' }]);

    workspace.clock.advance(LEASE_MS + 1_000);
    await workspace.keysmith.settle();
    const [sent, ...more] = sentKeys(workspace);
    expect(more).toEqual([]);
    expect(ada.messages('ml-platform').some((one) => keyIn(one))).toBe(usesBefore === 0);
    await ada.waitForMessage('Keysmith', `key \`${sent?.keyId}\` reached you, so Keysmith revoked it`);
    expect(storedKeys(workspace)).toMatchObject([{ isLive: false, delivery: 'failed', collection: 'open' }]);
    expect((await lastEvents(workspace, 1))[0]).toMatchObject({
      outcome: 'unknown',
      cause: 'lease_lapsed',
    });
  });

  test('and still locked after the lease settles the delivery once it is unlocked', async () => {
    await openForm(ada, 'ml-platform', NEW);
    const respond = holdResponse(workspace, 'response_url');
    const submitted = ada.submit();
    await expect.poll(() => sentKeys(workspace).length).toBe(1);
    lock();
    respond();
    await submitted;
    await ada.waitForView('may not have been delivered');
    workspace.clock.advance(LEASE_MS + 1_000);
    await workspace.keysmith.settle();
    expect(workspace.logs()).toContain('"job":"jobs","msg":"background job failed"');
    expect(storedKeys(workspace)).toMatchObject([{ delivery: 'sending' }]);
    release();

    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', 'Collect');
    expect(liveKeyIds(workspace)).toEqual([]);
  });
});

describe('A lock that is released before the deadline', () => {
  test('delays a submission, which is acknowledged in time, and nothing that only reads', async () => {
    await workspace.restartKeysmith({ databaseBusyTimeoutMs: 60_000, timing: { respondWithinMs: 50 } });
    const key = keyIn(await createAccount(ada, 'ml-platform', 'weekly-eval')) ?? '';
    await openForm(ada, 'ml-platform', NEW);
    lock();
    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForView('Creating the account…');

    const status = async (path: string) =>
      (await fetch(`${workspace.keysmith.url}${path}`, { headers: { authorization: `Bearer ${key}` } }))
        .status;
    expect(await Promise.all(['/healthz', '/readyz', '/forward-auth'].map(status))).toEqual([200, 200, 200]);
    await ada.command('ml-platform', '/wandb sa list');
    await ada.waitForMessage('ml-platform', 'weekly-eval');
    expect(sentKeys(workspace)).toHaveLength(1);

    release();
    await expect.poll(() => sentKeys(workspace).length).toBe(2);
    await ada.waitForView('Created `nightly-eval`');
    expect(storedKeys(workspace)).toMatchObject([{ delivery: 'delivered' }, { delivery: 'delivered' }]);
  });
});
