import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { keyMenu, rotateButton } from '../../../src/slack/messages/keys/key-buttons.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { startReplica } from '../delivery/crash/replica.ts';
import { holdResponse, requestsToSlack } from '../delivery/key-delivery.ts';
import { secretPart } from '../steps.ts';
import { postButtons } from './post-buttons.ts';
import {
  createFirst as createFirstOf,
  type Key,
  openRotateForm,
  pass,
  rotate as rotateOf,
  keyRow as rowOf,
  statusOf,
  submitRotation,
} from './rotating.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(async () => {
  if (ada.view()) await ada.close();
});
afterAll(() => workspace.stop());

const keyRow = (keyId: string) => rowOf(workspace, keyId);
const createFirst = (name: string) => createFirstOf(workspace, ada, name);
const status = (key: Key) => statusOf(workspace, key);
const openForm = (name: string) => openRotateForm(ada, name);
const submitted = (name: string) => submitRotation(workspace, ada, name);
const rotate = (name: string, values: Parameters<typeof rotateOf>[3] = {}) =>
  rotateOf(workspace, ada, name, values);
const settle = (milliseconds = 0) => pass(workspace, milliseconds);
const card = (text: string | RegExp) => ada.waitForMessage('Keysmith', text);

describe('Rotating a key', () => {
  test('creates one beside it, which is shown once, and a message says which works until when', async () => {
    const old = await createFirst('nightly-eval');
    await openForm('nightly-eval');
    expect(ada.values()).toMatchObject({ key_choice: old.keyId, key_expires: '90', key_overlap: '168' });
    expect(visibleText(ada.view() as never)).toMatch(/1 hour.*1 day.*3 days.*7 days.*14 days.*30 days/s);
    const replacement = await submitted('nightly-eval');
    const endMs = keyRow(old.keyId)?.expiresAtMs ?? 0;

    expect(Math.round((endMs - workspace.clock.nowMs) / DAY_MS)).toBe(7);
    expect(keyRow(replacement.keyId)?.name).toBe('key-2');
    expect([await status(old), await status(replacement)]).toEqual([200, 200]);
    await settle(5 * 60_000);
    const shown = visibleText(await card('Both work'));
    expect(shown).toContain('the old key works until');
    expect(shown).toMatch(/The old key is still used: .* from `127\.0\.0\.1` \(`wandb-core`\)/);
    expect(shown).toContain('The new key was last used');
    expect(workspace.logs()).not.toContain(secretPart(replacement.key));

    const ofOld = new RegExp(
      `\\(\`${old.keyId}\`\\)\\n.* expires .*\\n.*Rotating: key \`key-2\` \\(\`${replacement.keyId}\``,
    );
    expect(visibleText(await ask(ada, 'random', '/wandb sa show nightly-eval'))).toMatch(ofOld);
    const row = `2 keys, the old one works until <!date^${Math.floor(endMs / 1000)}^`;
    expect(visibleText(await ask(ada, 'random', '/wandb sa list'))).toContain(row);

    await settle(endMs - workspace.clock.nowMs - 60_000);
    expect(await status(old)).toBe(200);
    await settle(60_001);
    expect([await status(old), await status(replacement)]).toEqual([401, 200]);
    expect(visibleText(await ask(ada, 'random', '/wandb sa show nightly-eval'))).not.toContain('Rotating');
    await card('The old key expired');
    expect(keyRow(old.keyId)).toMatchObject({ state: 'finished', revokedAtMs: null });
  });

  test('keeps the old key’s own expiry if that comes first', async () => {
    const old = await createFirst('short-lived');
    const own = keyRow(old.keyId)?.expiresAtMs ?? 0;
    workspace.clock.advance(own - workspace.clock.nowMs - DAY_MS);
    await rotate('short-lived');

    expect(keyRow(old.keyId)?.expiresAtMs).toBe(own);
  });

  test('isn’t started twice for one key', async () => {
    const old = await createFirst('twice');
    await rotate('twice');
    const sent = workspace.slack.traffic.findLast(({ method }) => method === 'view_submission');
    const again = await workspace.slack.deliver({
      payload: { ...(sent?.payload as object), trigger_id: '1.2.another' },
    });
    expect(JSON.stringify(again)).toContain('so nothing new was created');
    await openForm('twice');
    await ada.fill('key_choice', old.keyId);
    await ada.submit();
    await ada.waitForView('is being rotated already');

    expect(workspace.rows('select 1 from rotations where old_key_id = ?', old.keyId)).toHaveLength(1);
    expect(workspace.rows('select 1 from api_keys where account_id = ?', old.accountId)).toHaveLength(2);
  });

  test('is refused to people who aren’t admins of the team, unless they are the account’s contact', async () => {
    const old = await createFirst('of-ada');
    const ben = workspace.slack.as('Ben');
    const message = await postButtons(workspace, ben, [rotateButton({ id: old.accountId }, old)]);
    await ben.click(message, 'Rotate');
    await ben.waitForMessage('Keysmith', /Only admins|Ask/);
    await ben.command('random', '/wandb sa rotate of-ada');
    await ben.waitForMessage('random', /Only admins|Ask/);
    expect(ben.view()).toBeUndefined();
  });
});

describe('Finishing a rotation', () => {
  test('warns if the old key was used in the last hour, and again if it was used since', async () => {
    const old = await createFirst('finished');
    const replacement = await rotate('finished');
    await settle();
    const message = await card(/Rotation of .* of `finished`/);
    await ada.click(message, 'Finish now');
    await ada.waitForView((view) => view.submit === 'Finish now' && !visibleText(view).includes('last hour'));
    await status(old);
    await ada.submit();
    await ada.waitForView('It was used within the last hour');
    expect(keyRow(old.keyId)).toMatchObject({ state: 'open', revokedAtMs: null });
    await ada.submit();
    await ada.waitForView('It no longer works');

    expect([await status(old), await status(replacement)]).toEqual([401, 200]);
    expect(keyRow(old.keyId)).toMatchObject({ state: 'finished' });
    await settle();
    await card('revoked the old key');
    await card(/Keysmith refused .* of `finished` .* whose rotation has ended/);
  });

  test('leaves the old key when the new one expired or was revoked after the form opened', async () => {
    const [old, other] = [await createFirst('expired'), await createFirst('revoked')];
    await openForm('expired');
    await ada.fill('key_expires', 'date');
    await ada.waitForView('Last day');
    await ada.fill('key_expires_on', new Date(workspace.clock.nowMs + 2 * DAY_MS).toISOString().slice(0, 10));
    await ada.fill('key_overlap', '720');
    await submitted('expired');
    const replacement = await rotate('revoked');
    await settle();
    const openFinish = async (name: string) => {
      const message = await card(new RegExp(`Rotation of .* of \`${name}\``));
      await ada.click(message, 'Finish now');
      await ada.waitForView((view) => view.submit === 'Finish now');
      return visibleText(message).includes('Extend by 7 days');
    };
    expect(await openFinish('revoked')).toBe(true);
    const cy = workspace.slack.as('Cy');
    const menu = keyMenu({ id: other.accountId }, replacement);
    await cy.click(await postButtons(workspace, cy, [menu]), 'Revoke');
    await cy.waitForView((view) => view.submit === 'Revoke');
    await cy.submit();
    await cy.waitForView('Revoked key');
    await ada.submit();
    await ada.waitForView(/Nothing was changed: the rotation of .* of `revoked` .* has ended/);
    await ada.close();

    // An overlap of 30 days can't be extended.
    expect(await openFinish('expired')).toBe(false);
    workspace.clock.advance(4 * DAY_MS);
    await ada.submit();
    await ada.waitForView(/Nothing was revoked: the new key no longer works, so the account may need key/);
    expect([await status(old), await status(other)]).toEqual([200, 200]);
  });

  test('happens by itself only where it was asked for, the new key is used, and the old one is quiet', async () => {
    const [old, unticked, paused] = [
      await createFirst('quiet'),
      await createFirst('unticked'),
      await createFirst('paused'),
    ];
    await status(paused);
    await settle(30 * HOUR_MS);
    await status(paused);
    await settle();
    const replacements = [
      await rotate('quiet', { unused: true }),
      await rotate('unticked'),
      await rotate('paused', { unused: true }),
    ];
    for (const replacement of replacements) await status(replacement);
    const states = () => [old, unticked, paused].map(({ keyId }) => keyRow(keyId)?.state);
    await settle(23 * HOUR_MS);
    expect(states()).toEqual(['open', 'open', 'open']);
    await settle(2 * HOUR_MS);

    expect(states()).toEqual(['finished', 'open', 'open']);
    expect(await status(old)).toBe(401);
    await card('because it was no longer used');
    // Twice its longest pause of 30 hours.
    await settle(34 * HOUR_MS);
    expect(states()).toEqual(['finished', 'open', 'open']);
    await settle(2 * HOUR_MS);
    expect(states()).toEqual(['finished', 'open', 'finished']);
    expect([await status(unticked), await status(paused)]).toEqual([200, 401]);
  });
});

describe('A clock that is moved', () => {
  test('back during a rotation doesn’t end the old key early, and it still ends at its time', async () => {
    const old = await createFirst('moved');
    await rotate('moved', { unused: true });
    const endMs = keyRow(old.keyId)?.expiresAtMs ?? 0;
    await status(old);
    await settle(DAY_MS);
    workspace.clock.step(-3 * DAY_MS);
    await settle(HOUR_MS);
    await status(old);
    await settle(30 * HOUR_MS);
    expect(keyRow(old.keyId)).toMatchObject({ expiresAtMs: endMs, state: 'open', revokedAtMs: null });
    expect(await status(old)).toBe(200);
    await settle(endMs - workspace.clock.nowMs - 60_000);
    expect(await status(old)).toBe(200);
    await settle(60_001);

    expect(await status(old)).toBe(401);
    expect(keyRow(old.keyId)).toMatchObject({ state: 'finished', revokedAtMs: null });
  });
});

describe('An old key that is still used', () => {
  test('near the end of the overlap is asked about once, and can get more time', async () => {
    const old = await createFirst('busy');
    await rotate('busy', { overlap: '24' });
    const endMs = keyRow(old.keyId)?.expiresAtMs ?? 0;
    await settle(endMs - workspace.clock.nowMs - HOUR_MS);
    await status(old);
    await settle(6 * 60_000);
    await settle(6 * 60_000);
    const question = await ada.waitForMessage('Keysmith', 'is still used, and stops working');
    expect(visibleText(question)).toMatch(/last used .* from `127\.0\.0\.1` \(`wandb-core`\)/);
    const asked = workspace.rows("select 1 from jobs where subject like 'rotation_ending:%'");
    expect(asked).toHaveLength(1);
    await ada.click(question, 'Extend by 7 days');
    await ada.waitForMessage('Keysmith', /Key `key-1` .* works until/);

    expect((keyRow(old.keyId)?.expiresAtMs ?? 0) - endMs).toBe(7 * DAY_MS);
    expect(await status(old)).toBe(200);
  });

  test('after its rotation notifies the contact once', async () => {
    const old = await createFirst('late');
    await rotate('late', { overlap: '1' });
    await settle(61 * 60_000);
    expect(await status(old)).toBe(401);
    const queued = () =>
      workspace.rows(
        "select 1 from jobs where subject like 'old_key_used:%' and json_extract(payload, '$.accountId') = ?",
        old.accountId,
      );
    await vi.waitFor(() => expect(queued()).toHaveLength(1));
    await settle();
    const message = await ada.waitForMessage('Keysmith', /of `late` .* whose rotation has ended/);
    expect(visibleText(message)).toMatch(/from `127\.0\.0\.1` \(`wandb-core`\)/);
    await settle(2 * HOUR_MS);
    await status(old);
    await settle();
    expect(queued()).toHaveLength(1);
  });
});

describe('A new key that doesn’t reach its person', () => {
  test('leaves the old key as it is; the collected one starts the same rotation', async () => {
    const old = await createFirst('undelivered');
    const own = keyRow(old.keyId)?.expiresAtMs;
    await openForm('undelivered');
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
    await ada.submit();
    await ada.waitForView('works as before');
    expect(keyRow(old.keyId)).toMatchObject({ expiresAtMs: own, state: 'open' });
    await ada.close();
    await ada.click(await ada.waitForMessage('Keysmith', 'Collect'), 'Collect key');
    await ada.waitForMessage('Keysmith', 'Collected the key');

    const rotations = workspace.rows('select 1 from rotations where old_key_id = ?', old.keyId);
    expect(rotations).toHaveLength(1);
    const endMs = keyRow(old.keyId)?.expiresAtMs ?? 0;
    expect(Math.round((endMs - workspace.clock.nowMs) / DAY_MS)).toBe(7);
  });

  test('and isn’t collected in time cancels the rotation, so that the key can be rotated again', async () => {
    const old = await createFirst('uncollected');
    const own = keyRow(old.keyId)?.expiresAtMs;
    await openForm('uncollected');
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
    await ada.submit();
    await ada.waitForView('works as before');
    await ada.close();
    const offer = await ada.waitForMessage('Keysmith', (message) =>
      /Collect the key for `uncollected`[\s\S]*revoked it\. The key it replaces still works\./.test(
        visibleText(message),
      ),
    );
    await settle(25 * HOUR_MS);
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage(
      'Keysmith',
      'The 24 hours to collect the new key have passed, so the rotation was canceled. The old key still works as before. To start again, run `/wandb service-account rotate uncollected --team ml-platform`.',
    );

    expect(keyRow(old.keyId)).toMatchObject({ expiresAtMs: own, state: 'canceled' });
    expect(await status(old)).toBe(200);
    await rotate('uncollected');
    expect(keyRow(old.keyId)?.state).toBe('open');
  });
});

describe('Rotating a key on a W&B server', () => {
  test('says why the server can’t, and what to do instead', async () => {
    const onServer = await startWorkspace({ backend: 'wandb' });
    try {
      const person = onServer.slack.as('Ada');
      await createAccount(person, 'random', 'nightly-eval');
      await person.command('random', '/wandb sa rotate nightly-eval');
      await person.waitForMessage('random', 'W&B has no call for single keys of `nightly-eval`');
      expect(person.view()).toBeUndefined();
    } finally {
      await onServer.stop();
    }
  });
});

test('The card of a rotation shows its end although one process was late to show an extension before it', async () => {
  const other = await startReplica(workspace);
  await createFirst('two-processes');
  await rotate('two-processes');
  await settle();
  const message = await card(/Rotation of .* of `two-processes`/);
  const calls = () => requestsToSlack(workspace, 'chat.update').length;
  const before = calls();
  const release = holdResponse(workspace, 'chat.update', { times: 10 });
  await ada.click(message, 'Extend by 7 days');
  await expect.poll(calls).toBeGreaterThan(before);
  workspace.slack.failures.clear();
  await ada.click(message, 'Finish now');
  await ada.waitForView((view) => view.submit === 'Finish now');
  await ada.submit();
  await ada.waitForView('It no longer works');
  await other.settle();
  release();
  await settle();
  const shown = ada.messages('Keysmith').filter(({ ts }) => ts === message.ts);
  expect(shown.map(visibleText)).toEqual([expect.stringContaining('revoked the old key')]);
});
