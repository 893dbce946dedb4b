import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import { keyMenu, rotateButton } from '../../../src/slack/messages/keys/key-buttons.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { button, clickForged } from '../../security/forged-click.ts';
import { ask } from '../../slack/ask.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { changeTeam } from '../requests/request-world.ts';
import { postButtons } from './post-buttons.ts';
import { createFirst, type Key, keyRow, openRotateForm, pass, rotate, statusOf } from './rotating.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

let workspace: RunningWorkspace;
let ada: SlackPerson;
/** A member of the team who isn't an admin. */
let ben: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace();
  [ada, ben] = [workspace.slack.as('Ada'), workspace.slack.as('Ben')];
});
afterEach(async () => {
  for (const person of [ada, ben]) if (person.view()) await person.close();
});
afterAll(() => workspace.stop());

const textsOf = (person: SlackPerson) => person.messages('Keysmith').map(visibleText).join('\n');

function messageOf({ key }: Key): PageMessage {
  const message = ben.messages('random').find((one) => keyIn(one) === key);
  if (message === undefined) throw new Error('no message with this key');
  return message;
}

/** Rotates a key as its contact while Slack rejects the message with the new one. Returns the ID of the collection. */
async function failToRotate(name: string): Promise<string> {
  await openRotateForm(ben, name);
  workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' }, { times: 1 });
  await ben.submit();
  await ben.waitForView('works as before');
  await ben.close();
  return (
    workspace.rows<{ id: string }>('select id from collections order by created_at_ms desc')[0]?.id ?? ''
  );
}

test('A contact who isn’t an admin rotates a key, sees how far it is, gives it more time and finishes', async () => {
  const old = await createFirst(workspace, ada, 'nightly-eval', ben);
  const replacement = await rotate(workspace, ben, 'nightly-eval', { overlap: '24' });
  await ben.click(messageOf(replacement), 'I’ve stored it');
  await vi.waitFor(async () =>
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'api_key.stored',
      actor: { email: 'ben@acme.test' },
    }),
  );
  await pass(workspace);
  const card = await ben.waitForMessage('Keysmith', /Rotation of .* of `nightly-eval`/);
  expect(textsOf(ada)).not.toContain('Rotation of');
  // The second click sees the same end.
  for (let click = 0; click < 2; click += 1) await ben.click(card, 'Extend by 7 days');
  await ben.waitForMessage('Keysmith', /Key `key-1` .* of `nightly-eval` .* works until/);
  const endMs = keyRow(workspace, old.keyId)?.expiresAtMs ?? 0;
  expect(Math.round((endMs - workspace.clock.nowMs) / DAY_MS)).toBe(8);
  await pass(workspace);
  const extended = await ben.waitForMessage('Keysmith', /Rotation of .* of `nightly-eval`/);
  await ben.click(extended, 'Finish now');
  await ben.waitForView((view) => view.submit === 'Finish now');
  await ben.submit();
  await ben.waitForView('It no longer works');

  expect([await statusOf(workspace, old), await statusOf(workspace, replacement)]).toEqual([401, 200]);
  expect(keyRow(workspace, old.keyId)).toMatchObject({ state: 'finished' });
  expect(
    (await workspace.audit()).filter(({ action }) => action === 'api_key.rotation_finished'),
  ).toMatchObject([{ actor: { email: 'ben@acme.test' } }]);
});

test('A contact who isn’t an admin revokes a key', async () => {
  const key = await createFirst(workspace, ada, 'weekly-eval', ben);
  const message = await postButtons(workspace, ben, [keyMenu({ id: key.accountId }, key)]);
  await ben.click(message, 'Revoke');
  await ben.waitForView((view) => view.submit === 'Revoke');
  await ben.submit();
  await ben.waitForView('Revoked key');

  expect(await statusOf(workspace, key)).toBe(401);
});

test('A contact who revokes the new key in its message cancels the rotation, and the account stays', async () => {
  const old = await createFirst(workspace, ada, 'changed-mind', ben);
  const own = keyRow(workspace, old.keyId)?.expiresAtMs;
  const replacement = await rotate(workspace, ben, 'changed-mind');
  await ben.click(messageOf(replacement), 'Revoke');
  await ben.waitForView((view) => view.submit === 'Revoke');
  await ben.submit();
  await ben.waitForView('Revoked key');

  expect(keyRow(workspace, old.keyId)).toMatchObject({ expiresAtMs: own, state: 'canceled' });
  expect([await statusOf(workspace, old), await statusOf(workspace, replacement)]).toEqual([200, 401]);
});

test('A contact whose new key didn’t arrive collects another one, which nobody else can', async () => {
  const old = await createFirst(workspace, ada, 'undelivered', ben);
  const own = keyRow(workspace, old.keyId)?.expiresAtMs;
  const collectionId = await failToRotate('undelivered');
  expect(keyRow(workspace, old.keyId)).toMatchObject({ expiresAtMs: own, state: 'open' });
  await clickForged(workspace, [button('collect_key', collectionId)], { as: ada.id });
  expect(workspace.rows('select state from collections where id = ?', collectionId)).toEqual([
    { state: 'open' },
  ]);
  // The list and the account are read-only for a contact, except for what is theirs.
  for (const command of ['list', 'show undelivered']) {
    const shown = await ask(ben, 'random', `/wandb sa ${command}`);
    expect(JSON.stringify(shown.blocks)).toContain(`"value":"${collectionId}"`);
  }
  await ben.click(await ben.waitForMessage('Keysmith', 'Collect'), 'Collect key');
  await ben.waitForMessage('Keysmith', 'Collected the key');

  const endMs = keyRow(workspace, old.keyId)?.expiresAtMs ?? 0;
  expect(Math.round((endMs - workspace.clock.nowMs) / DAY_MS)).toBe(7);
});

test('Someone who isn’t the contact anymore can’t collect the key, and the old one works as before', async () => {
  const old = await createFirst(workspace, ada, 'moved-on', ben);
  const collectionId = await failToRotate('moved-on');
  await ada.command('random', '/wandb sa edit moved-on');
  await ada.waitForView((view) => view.submit === 'Save');
  await ada.fill('contact', ada.id);
  await ada.submit();
  await clickForged(workspace, [button('collect_key', collectionId)], { as: ben.id });
  await vi.waitFor(async () =>
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'api_key.collection_refused',
      actor: { email: 'ben@acme.test' },
      details: { reason: 'not_admin' },
    }),
  );
  expect(workspace.rows('select state from collections where id = ?', collectionId)).toEqual([
    { state: 'open' },
  ]);
  expect(await statusOf(workspace, old)).toBe(200);
});

test('What concerns the contact goes to the admins once the contact has left, also before Keysmith’s daily check', async () => {
  const old = await createFirst(workspace, ada, 'left-behind', ben);
  await rotate(workspace, ada, 'left-behind', { overlap: '1' });
  await pass(workspace);
  await ben.waitForMessage('Keysmith', /Rotation of .* of `left-behind`/);
  const before = textsOf(ben);
  workspace.slack.changePerson('Ben', { deactivated: true });
  await pass(workspace, HOUR_MS / 2);
  await statusOf(workspace, old);
  await pass(workspace, 10 * 60_000);
  await pass(workspace);
  await ada.waitForMessage('Keysmith', /of `left-behind` in `ml-platform` is still used, and stops working/);
  expect(workspace.rows('select 1 from service_accounts where unowned_since_ms is not null')).toEqual([]);
  await pass(workspace, 30 * 60_000);
  expect(await statusOf(workspace, old)).toBe(401);
  await vi.waitFor(() =>
    expect(workspace.rows("select 1 from jobs where subject like 'old_key_used:%'")).not.toEqual([]),
  );
  await pass(workspace);
  await pass(workspace);
  await ada.waitForMessage('Keysmith', /of `left-behind` .* whose rotation has ended/);
  await ada.waitForMessage('Keysmith', 'The old key expired');
  workspace.slack.changePerson('Ben', { deactivated: false });
  expect(textsOf(ben)).toBe(before);
});

test('A contact who may only view the team gets no new key, and can still revoke the old one', async () => {
  const old = await createFirst(workspace, ada, 'viewed', ben);
  const collectionId = await failToRotate('viewed');
  await changeTeam(workspace, { roles: { ben: 'view-only' } });
  await clickForged(workspace, [button('collect_key', collectionId)], { as: ben.id });
  const reasonOf = async (action: string) =>
    (await workspace.audit()).findLast((event) => event.action === action)?.details;
  await vi.waitFor(async () =>
    expect(await reasonOf('api_key.collection_refused')).toMatchObject({ reason: 'not_admin' }),
  );
  const message = await postButtons(workspace, ben, [rotateButton({ id: old.accountId }, old)]);
  await ben.click(message, 'Rotate');
  await vi.waitFor(async () =>
    expect(await reasonOf('api_key.rotate_refused')).toMatchObject({ reason: 'not_admin' }),
  );
  while (ben.view()) await ben.close();
  expect(workspace.rows('select state from collections where id = ?', collectionId)).toEqual([
    { state: 'open' },
  ]);
  const shown = JSON.stringify(await ask(ben, 'random', '/wandb sa show viewed'));
  expect(shown).toContain(`revoke ${old.accountId}:${old.keyId}`);
  expect(shown).not.toContain(`rotate ${old.accountId}:${old.keyId}`);
  const menu = await postButtons(workspace, ben, [keyMenu({ id: old.accountId }, old)]);
  await ben.click(menu, 'Revoke');
  await ben.waitForView((view) => view.submit === 'Revoke');
  await ben.submit();
  await ben.waitForView('Revoked key');
  expect(await statusOf(workspace, old)).toBe(401);
});
