import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { drawApiKey, formatApiKey } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { auditCount, effects } from '../../security/workspace-state.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod } from '../steps.ts';

const key = formatApiKey(drawApiKey(randomBytes));
const secret = key.slice(-40);

let workspace: RunningWorkspace;
let ada: SlackPerson;
let before: { recorded: number; effects: unknown };
beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterAll(() => workspace.stop());
beforeEach(() => {
  before = { recorded: auditCount(workspace), effects: effects(workspace) };
});
/** Neither a table nor the audit record has anything new, and no log line has the key. */
afterEach(async () => {
  while (ada.view()) await ada.close();
  expect(effects(workspace)).toEqual(before.effects);
  expect(auditCount(workspace)).toBe(before.recorded);
  expect(workspace.logs()).not.toContain(secret);
});

const DISGUISES: [what: string, text: string][] = [
  ['alone', key],
  ['within a sentence', `The key is <${key}|${key}>, kept in the vault.`],
  ['with a space inside', `${key.slice(0, 40)} ${key.slice(40)}`],
];

test.each(DISGUISES)(
  'a key pasted into any text of the form is refused at its field: %s',
  async (_, text) => {
    await openForm(ada, 'ml-platform');
    await ada.fill('name', 'nightly-eval');
    for (const field of ['purpose', 'used_by', 'name'] as const) {
      await ada.fill(field, text);
      const result = await ada.submit({ unchecked: true });
      expect(result).toMatchObject({ ok: false, errors: { [field]: expect.stringContaining('revoke it') } });
      await ada.fill(field, 'nightly-eval');
    }
    await chooseMethod(ada, 'federated');
    await ada.fill('subject', `repo:acme/${text}`);
    expect(await ada.submit({ unchecked: true })).toMatchObject({
      ok: false,
      errors: { subject: expect.stringContaining('revoke it') },
    });
  },
);

test.each([
  key,
  `sa new ${key}`,
  `sa new nightly-eval --team ${key}`,
  `sa list --team=${key}`,
  `sa revoke ${key}`,
  `sa ${key}`,
  `sa revoke ${key.slice(0, 30)}\u200b${key.slice(30)}`,
])('a command with a key changes nothing and says what to do (%#)', async (line) => {
  const lastTs = ada.messages('random').at(-1)?.ts ?? '';
  await ada.command('random', `/wandb ${line}`);
  const message = await ada.waitForMessage(
    'random',
    ({ ts, ...rest }) => ts > lastTs && JSON.stringify(rest).includes('contains a key or token'),
  );

  expect(JSON.stringify(message)).toContain('revoke it');
  expect(JSON.stringify(message)).not.toContain(secret);
  expect(ada.view()).toBeUndefined();
});

test('a key typed into the search for teams finds nothing', async () => {
  const payload = { type: 'block_suggestion', action_id: 'team', block_id: 'team', value: key };

  expect(await workspace.slack.deliver({ payload } as never, { as: 'Ada' })).toMatchObject({
    status: 200,
    body: '{"options":[]}',
  });
});

test('a key in a forged action and in the user agent of a request is stored without its secret', async () => {
  const own = keyIn(await createAccount(ada, 'random', 'weekly-eval')) ?? '';
  await workspace.slack.deliver({ command: `/${key}` }, { as: 'Ada', conversation: 'C0RANDOM01' });
  await ada.waitForMessage('random', 'doesn’t recognize this command');
  const headers = { authorization: `Bearer ${own}`, 'user-agent': `curl/8 ${key} ${own}` };
  expect((await fetch(`${workspace.keysmith.url}/forward-auth`, { headers })).status).toBe(200);
  await workspace.restartKeysmith();

  expect(workspace.rows('select last_used_user_agent as agent from api_keys')).toEqual([
    { agent: 'curl/8 [key] [key]' },
  ]);
  const stored = JSON.stringify([effects(workspace), await workspace.audit()]);
  expect(stored).toContain('/[key]');
  for (const pasted of [secret, own.slice(-40)]) expect(stored).not.toContain(pasted);
  before = { recorded: auditCount(workspace), effects: effects(workspace) };
});
