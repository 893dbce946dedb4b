import { renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { REFERENCE, sentKeys } from './key-delivery.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${workspace.keysmith.url}${path}`, { headers });

describe('A database file that is moved while the app runs', () => {
  test('creates no key, verifies no key, and works again after the file was moved back and the app restarted', async () => {
    const key = keyIn(await createAccount(ada, 'ml-platform', 'weekly-eval')) ?? '';
    const authorization = { authorization: `Bearer ${key}` };
    expect((await get('/forward-auth', authorization)).status).toBe(200);
    await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');

    const { databaseFile } = workspace;
    renameSync(databaseFile, `${databaseFile}.moved`);
    await ada.submit();
    const view = visibleText(
      await ada.waitForView('Nothing was changed: Keysmith’s database file was moved or replaced'),
    );
    expect(view).toMatch(REFERENCE);
    expect(sentKeys(workspace)).toHaveLength(1);
    expect((await get('/forward-auth', authorization)).status).toBe(503);
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/healthz')).status).toBe(200);
    expect(workspace.logs()).toContain('database file changed');

    renameSync(`${databaseFile}.moved`, databaseFile);
    expect((await get('/readyz')).status).toBe(503);
    await workspace.restartKeysmith();
    expect((await get('/readyz')).status).toBe(200);
    expect((await get('/forward-auth', authorization)).status).toBe(200);
    expect(await ada.submit()).toEqual({ ok: true });
    await expect.poll(() => sentKeys(workspace)).toHaveLength(2);
  });
});
