import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { isLongForm } from '../../long-form.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount } from '../steps.ts';
import { serveFromProcess } from './crash/replica.ts';
import {
  liveKeyIds,
  NO_ROWS,
  REFERENCE,
  rowCounts,
  sentKeys,
  storedKeys,
  submitForm,
} from './key-delivery.ts';

const NEW = '/wandb service-account new nightly-eval';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

/** Checkpoints the database into one file and damages it. Returns a function that restores it. */
function damage(damageFile: (file: string) => void): () => void {
  const { databaseFile } = workspace;
  const database = new Database(databaseFile);
  database.pragma('wal_checkpoint(truncate)');
  database.close();
  const good = readFileSync(databaseFile);
  damageFile(databaseFile);
  return () => writeFileSync(databaseFile, good);
}

const readiness = async () => (await fetch(`${workspace.keysmith.url}/readyz`)).status;

describe.each([
  ['overwritten', (file: string) => writeFileSync(file, Buffer.alloc(64 * 1024, 0xa5))],
  ['emptied', (file: string) => truncateSync(file, 0)],
])('A database file that is %s while the app runs', (_, damageFile) => {
  const text = 'Nothing was changed: Keysmith’s database is damaged.';

  test('fails a submission with a reference and sends nothing, and the same form works once the file is restored', async () => {
    await openForm(ada, 'ml-platform', NEW);
    const repair = damage(damageFile);
    await ada.submit();
    const view = await ada.waitForView(text);
    const reference = REFERENCE.exec(visibleText(view))?.[1];
    expect(workspace.logs()).toContain(`"requestId":"${reference}"`);
    expect(await readiness()).toBe(503);
    expect(sentKeys(workspace)).toEqual([]);
    expect(view.submit).toBe('Create');

    repair();
    await workspace.restartKeysmith();
    expect(await readiness()).toBe(200);
    expect(rowCounts(workspace)).toEqual(NO_ROWS);
    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await expect.poll(() => storedKeys(workspace)).toMatchObject([{ isLive: true, delivery: 'delivered' }]);
  });

  test('fails a command with an ephemeral message', async () => {
    const repair = damage(damageFile);
    await ada.command('random', '/wandb sa list');
    const message = await ada.waitForMessage('random', text);
    expect(visibleText(message)).toMatch(REFERENCE);
    expect(message.ephemeral).toBe(true);

    repair();
    await workspace.restartKeysmith();
    await ada.command('random', '/wandb sa list');
    await ada.waitForMessage('random', 'no service accounts yet');
  });
});

/** Creates accounts until one is refused because the disk is full. */
async function createUntilFull(atMost: number): Promise<void> {
  const isShown = (text: string) => ada.views().some((view) => visibleText(view).includes(text));
  const isFull = () => isShown('disk of Keysmith’s database is full');
  // The write that fails first may be the one that records the delivery.
  const isUnrecorded = () => isShown('couldn’t record the delivery in its database');
  for (let tried = 0; tried < atMost && !isFull(); tried += 1) {
    await submitForm(ada, 'ml-platform', `nightly-eval-${tried}`);
    await ada.waitFor('the end of the submission', () =>
      ada.views().length === 0 || isFull() || isUnrecorded() ? true : undefined,
    );
    if (isUnrecorded()) await ada.close();
  }
}

test('a disk that fills up while the app runs leaves no partial accounts and is reported to the person', async () => {
  const replica = await serveFromProcess(workspace, { fileSizeBlocks: 300 });
  await createUntilFull(20);
  const view = visibleText(
    await ada.waitForView('Nothing was changed: the disk of Keysmith’s database is full.'),
  );
  expect(view).toMatch(REFERENCE);
  const created = sentKeys(workspace).length;
  expect(created).toBeGreaterThan(0);
  expect(rowCounts(workspace)).toEqual({
    ...NO_ROWS,
    service_accounts: created,
    api_keys: created,
    deliveries: created,
    submissions: created,
  });
  await ada.close();
  await ada.command('ml-platform', '/wandb sa list');
  await ada.waitForMessage('ml-platform', '*`nightly-eval');
  await replica.kill();

  await workspace.restartKeysmith();
  await createAccount(ada, 'ml-platform', 'weekly-eval');
  await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
  expect((await workspace.audit()).filter(({ action }) => action === 'service_account.created')).toHaveLength(
    created + 1,
  );
});

test.runIf(isLongForm)('a disk that fills up while the app runs doesn’t prevent revocations', async () => {
  await serveFromProcess(workspace, { fileSizeBlocks: 1_000 });
  await createUntilFull(40);
  await ada.close();
  const created = liveKeyIds(workspace).length;
  expect(created).toBeGreaterThan(3);
  for (let revoked = 0; revoked < created; revoked += 1) {
    await endAccount(ada, 'ml-platform', `/wandb sa revoke nightly-eval-${revoked}`);
    await expect.poll(() => liveKeyIds(workspace).length).toBe(created - revoked - 1);
  }
});
