import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PersonSeed } from '../../src/sandbox/slack/workspace/workspace-seed.ts';
import { visibleText } from '../driver/visible-text.ts';
import { acmeWith } from '../slack/acme-people.ts';
import { createAccount } from '../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { auditCount, effects, logLines, until } from './workspace-state.ts';

const CHANNEL = 'C0RANDOM01';
/** A channel that Keysmith is in, so that its responses arrive there. */
const OWN_CHANNEL = 'C0MLPLAT01';

/** Users with the address of an admin of ml-platform, whom Keysmith doesn't identify as people. */
const callers: (Omit<PersonSeed, 'id' | 'realName'> & { reason: string })[] = [
  { name: 'fresh', emailConfirmed: false, reason: 'email_unconfirmed' },
  { name: 'guest', guest: 'multi_channel', reason: 'guest' },
  { name: 'stranger', stranger: true, reason: 'other_workspace' },
  { name: 'robot', bot: true, reason: 'bot' },
  { name: 'gone', deactivated: true, reason: 'deactivated' },
];
const idOf = (name: string) => `U0${name.toUpperCase().padEnd(8, '0').slice(0, 8)}`;
const seeds = callers.map(({ reason: _, ...caller }) => ({
  ...caller,
  id: idOf(caller.name),
  email: `${caller.name}@acme.test`,
}));

let workspace: RunningWorkspace;
let accountId: string;
beforeAll(async () => {
  const members = ['ada', ...callers.map(({ name }) => name)].map((username) => ({
    email: `${username}@acme.test`,
    username,
    role: 'admin' as const,
  }));
  workspace = await startWorkspace({
    seed: acmeWith(seeds),
    organization: { teams: [{ name: 'ml-platform', members, subjects: [], projects: [] }] },
  });
  await createAccount(workspace.slack.as('Ada'), 'random', 'nightly-eval');
  await until('the delivery', () => auditCount(workspace) > 0 && delivered());
  accountId = workspace.rows<{ id: string }>('select id from service_accounts')[0]?.id ?? '';
});
afterAll(() => workspace.stop());

const delivered = () => workspace.rows("select 1 from deliveries where state = 'delivered'").length > 0;

const click = (action_id: string, value: string, channel = CHANNEL) => ({
  payload: {
    type: 'block_actions',
    container: { type: 'message', message_ts: '1.0', channel_id: channel, is_ephemeral: true },
    channel: { id: channel },
    actions: [{ type: 'button', action_id, block_id: 'block', value }],
  },
});
const submission = (callback_id: string) => ({
  payload: { type: 'view_submission', view: { id: 'V1', callback_id, state: { values: {} } } },
});

const requests = (): [what: string, request: { payload: { type: string } } | { command: string }][] => [
  ['an account that does not exist', click('revoke_account', 'sa_00000000000000')],
  ['an existing account', click('revoke_account', accountId)],
  ['an account of the list', click('revoke_listed_account', `offset=0&account=${accountId}`)],
  ['a stored key of a missing account', click('mark_key_stored', 'sa_00000000000000')],
  ['a stored key', click('mark_key_stored', accountId)],
  ['a collection', click('collect_key', 'col_00000000000000')],
  ['a page', click('next_page', 'offset=15&team=ml-platform')],
  ['an unknown action', click('transfer_money', 'x')],
  ['an unknown callback', submission('transfer_money')],
  ['a form that was never opened', submission('new_service_account')],
  [
    'an unknown select',
    { payload: { type: 'block_suggestion', action_id: 'x', block_id: 'x', value: '' } as never },
  ],
  ['an unknown shortcut', { payload: { type: 'shortcut', callback_id: 'x', trigger_id: '1' } as never }],
  ['an unknown command', { command: '/other' }],
];

describe.each(callers)('A caller who can’t be identified ($name, $reason)', ({ name, reason }) => {
  test('adds nothing to the audit record with any request: refusals are only logged', async () => {
    const recorded = auditCount(workspace);
    const before = effects(workspace);
    const refused = () =>
      logLines(workspace).filter(
        (line) => /^refused(,| again)/.test(line.msg) && line.slackUserId === idOf(name),
      );
    for (const [what, request] of requests()) {
      const lines = refused().length;
      expect(
        await workspace.slack.deliver(request as never, { as: name, conversation: CHANNEL }),
        what,
      ).toMatchObject({ status: 200 });
      await until(`the log of ${what}`, () => refused()[lines]);
    }
    expect(refused().map((line) => line.reason)).toContain(reason);
    expect(auditCount(workspace)).toBe(recorded);
    expect(effects(workspace)).toEqual(before);
  });
});

test('A person whose request is refused is recorded by address', async () => {
  const dee = workspace.slack.as('Dee');
  const recorded = auditCount(workspace);
  await workspace.slack.deliver(click('revoke_account', 'sa_00000000000000', OWN_CHANNEL) as never, {
    as: 'Dee',
  });

  const message = await dee.waitForMessage('ml-platform', 'none of your teams has this account');
  expect(visibleText(message)).toContain('Nothing was revoked');
  await until('the record', () => auditCount(workspace) === recorded + 1);
  expect((await workspace.audit()).at(-1)).toMatchObject({
    action: 'service_account.revoke_refused',
    actor: { type: 'person', email: 'dee@acme.test' },
    details: { reason: 'account_unknown' },
  });
});

test('An unidentified caller gets the same message for an existing and a missing account', async () => {
  const guest = workspace.slack.as('guest');
  const texts: string[] = [];
  for (const id of [accountId, 'sa_00000000000000']) {
    const before = guest.messages('ml-platform').length;
    await workspace.slack.deliver(click('revoke_account', id, OWN_CHANNEL) as never, { as: 'guest' });
    const message = await guest.waitFor('the response', () => guest.messages('ml-platform')[before]);
    texts.push(visibleText(message).replace(/Reference ks_\w+/, ''));
  }
  expect(texts[0]).toContain('Guests of this workspace can’t use Keysmith.');
  expect(texts[1]).toBe(texts[0]);
});
