import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InteractionPayload } from '../../src/sandbox/slack/to-app/interaction-payloads.ts';
import type { SlackPerson } from '../driver/person.ts';
import { visibleText } from '../driver/visible-text.ts';
import { keyIn, openForm } from '../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { auditCount, effects, until } from './observed.ts';
import { expectAcknowledged, expectTakenBySlack, lastAudit, referenceIn } from './refused-in-words.ts';

const CHANNEL = 'C0MLPLAT01';
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

let workspace: RunningWorkspace;
let ada: SlackPerson;
/** Of the team research, where Ada is nobody. */
let foreignAccount: string;
/** Of Cy's, in research. */
let foreignCollection: string;
let before: Record<string, unknown[]>;
let recorded: number;

beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
  await makeUndelivered();
});
afterAll(() => workspace.stop());

/** An account in research whose key could not be delivered: Cy may collect it. */
async function makeUndelivered(): Promise<void> {
  const cy = workspace.slack.as('Cy');
  workspace.slack.failures.set('response_url', { kind: 'error', error: 'used_url' });
  await openForm(cy, 'ml-platform');
  await cy.fill('team', 'research');
  await cy.fill('name', 'paper-mill');
  await cy.submit();
  await cy.waitForMessage('Keysmith', 'Collect the key');
  workspace.slack.failures.clear();
  await cy.close();
  foreignAccount = workspace.rows<{ id: string }>('select id from service_accounts')[0]?.id ?? '';
  foreignCollection = workspace.rows<{ id: string }>('select id from collections')[0]?.id ?? '';
}

beforeEach(async () => {
  await until('everything to be recorded', () => effects(workspace));
  before = effects(workspace);
  recorded = auditCount(workspace);
});
afterEach(() => {
  expect(effects(workspace)).toEqual(before);
  expectAcknowledged(workspace);
});

let ordinal = 0;
const button = (action_id: string, value?: string) => ({
  type: 'button',
  action_id,
  block_id: `block_${++ordinal}`,
  ...(value === undefined ? {} : { value }),
});

/** A click that no message of Keysmith's offers; the answer comes into the channel. */
const click = (actions: object[], as = 'Ada', more: Record<string, unknown> = {}) =>
  workspace.slack.deliver(
    {
      payload: {
        type: 'block_actions',
        container: { type: 'message', message_ts: '1.0', channel_id: CHANNEL, is_ephemeral: true },
        channel: { id: CHANNEL, name: 'ml-platform' },
        actions,
        ...more,
      },
    },
    { as },
  );

/** The answer to what was sent last, by its reference. */
async function answered(person: SlackPerson, conversation = 'ml-platform') {
  const audit = await until('the record', () => auditCount(workspace) > recorded && lastAudit(workspace));
  const message = await person.waitForMessage(conversation, audit.request_id);
  expect(referenceIn(message)).toBe(audit.request_id);
  return { audit, words: visibleText(message).replace(/Reference ks_\w+/, '') };
}

describe('A button that Keysmith never made is refused in words and recorded', () => {
  test.each(['transfer_money', 'method', 'team', '', ...PROTOTYPE_NAMES])(
    'with the action ID %j',
    async (actionId) => {
      expect(await click([button(actionId, 'x')])).toMatchObject({ status: 200 });

      const { audit, words } = await answered(ada);
      expect(audit).toMatchObject({
        action: 'interaction.refused',
        actor: { type: 'person', slackUserId: ada.id, email: 'ada@acme.test' },
        details: { reason: 'action_unknown', id: actionId },
      });
      expect(words).toContain('Nothing was changed');
    },
  );

  test.each(['transfer_money', 'revoke_account', 'collect_key', 'mark_key_stored', ...PROTOTYPE_NAMES])(
    'in a view, with the action ID %j',
    async (actionId) => {
      const view = { id: 'V1', callback_id: 'new_service_account', external_id: '', private_metadata: '' };

      expect(await click([button(actionId, foreignAccount)], 'Ada', { view })).toMatchObject({ status: 200 });

      expect((await answered(ada)).audit.details).toEqual({ reason: 'action_unknown', id: actionId });
    },
  );

  test('several at once are each refused', async () => {
    await click([button('one'), button('two'), button('three')]);

    await until('three records', () => auditCount(workspace) === recorded + 3);
    const reference = lastAudit(workspace).request_id;
    const answers = () => ada.messages('ml-platform').filter((message) => referenceIn(message) === reference);
    await ada.waitFor('three answers', () => (answers().length === 3 ? true : undefined));
  });
});

describe('An account that is not theirs does not exist to a person', () => {
  const ids = (): [string, string][] => [
    ['another team’s', foreignAccount],
    ['nobody’s', 'sa_00000000000000'],
    ['none', ''],
    ['SQL', "' or 1=1 --"],
    ['a long one', 'x'.repeat(1900)],
    ...PROTOTYPE_NAMES.map((name): [string, string] => [name, name]),
  ];

  test.each(['revoke_account', 'revoke_listed_account'])('for %s', async (actionId) => {
    const told = new Set<string>();
    for (const [what, id] of ids()) {
      recorded = auditCount(workspace);
      const lastTs = ada.messages('ml-platform').at(-1)?.ts ?? '';
      // A button of the list also says where in the list it stands.
      const value =
        actionId === 'revoke_account' ? id : new URLSearchParams({ offset: '0', account: id }).toString();
      expect(await click([button(actionId, value)]), what).toMatchObject({ status: 200 });

      const audit = await until('the record', () => auditCount(workspace) > recorded && lastAudit(workspace));
      expect(audit, what).toMatchObject({
        action: 'service_account.revoke_refused',
        subject: `service_account:${id.slice(0, 64)}`,
        details: { reason: what === 'another team’s' ? 'team_unknown' : 'account_unknown' },
      });
      const message = await ada.waitForMessage('ml-platform', ({ ts }) => ts > lastTs);
      expect(visibleText(message), what).toContain('Nothing was revoked');
      told.add(visibleText(message).replace(/Reference ks_\w+/, ''));
    }
    // The one that exists and those that do not are told apart by nothing.
    expect([...told]).toHaveLength(1);
    expect(workspace.rows('select revoked_at_ms from service_accounts')).toEqual([{ revoked_at_ms: null }]);
  });

  test.each(['next_page', 'previous_page', 'revoke_listed_account'])(
    'nor does the list of that team, by %s',
    async (actionId) => {
      for (const offset of ['0', '1', '-1', '1e99', 'NaN', '9007199254740991', '']) {
        for (const team of ['research', 'no-such-team', "' or 1=1 --", '__proto__']) {
          const lastTs = ada.messages('ml-platform').at(-1)?.ts ?? '';
          await click([button(actionId, new URLSearchParams({ offset, team }).toString())]);

          const message = await ada.waitForMessage('ml-platform', ({ ts }) => ts > lastTs);
          expect(visibleText(message)).toMatch(
            /You don’t have a team with that name|none of your teams has this account/,
          );
          expect(visibleText(message)).not.toMatch(/paper-mill|no-such-team|or 1=1/);
          expect(lastAudit(workspace)).toMatchObject({
            action: 'service_account.list_refused',
            details: { reason: 'team_unknown' },
          });
        }
      }
    },
  );

  test('for “I’ve stored it”', async () => {
    for (const [what, id] of ids()) {
      recorded = auditCount(workspace);
      await click([button('mark_key_stored', id)]);

      const { audit, words } = await answered(ada);
      expect(audit, what).toMatchObject({
        action: 'interaction.refused',
        subject: `service_account:${id.slice(0, 64)}`,
        details: { reason: what === 'another team’s' ? 'team_unknown' : 'account_unknown' },
      });
      expect(words).toContain('none of your teams has this account');
    }
  });

  test.each(['Ben', 'Dee'])('nor to %s, who administers nothing', async (name) => {
    await click([button('revoke_account', foreignAccount)], name);

    const { words } = await answered(workspace.slack.as(name));
    expect(words).toContain('none of your teams has this account');
    expect(words).not.toMatch(/research|paper-mill/);
  });
});

describe('A key can be collected by nobody else than the person it was made for', () => {
  test.each(['Ada', 'Ben', 'Dee'])('not by %s', async (name) => {
    const person = workspace.slack.as(name);
    const told = new Set<string>();
    for (const id of [foreignCollection, 'col_00000000000000', '', "' or 1=1 --", ...PROTOTYPE_NAMES]) {
      recorded = auditCount(workspace);
      expect(await click([button('collect_key', id)], name)).toMatchObject({ status: 200 });

      const { audit, words } = await answered(person);
      expect(audit).toMatchObject({
        action: 'api_key.collection_refused',
        actor: { slackUserId: person.id },
        details: { reason: 'collection_unknown', collection: id },
      });
      told.add(words);
    }
    expect([...told]).toEqual([expect.stringContaining('You don’t have a key to collect here')]);
    expect(person.messages('ml-platform').filter(keyIn)).toEqual([]);
  });

  test('nor by that person in a view instead of a message', async () => {
    await click([button('collect_key', foreignCollection)], 'Cy', { view: { id: 'V1' } });

    expect((await answered(workspace.slack.as('Cy'))).audit.details).toMatchObject({
      reason: 'action_unknown',
    });
  });
});

describe('What Keysmith does not listen to is refused in words and recorded', () => {
  test.each(['/other', '/wandb2', '/__proto__', '/constructor', '/WANDB'])(
    'the command %s',
    async (command) => {
      expect(await workspace.slack.deliver({ command }, { as: 'Ada', conversation: CHANNEL })).toMatchObject({
        status: 200,
      });

      const { audit } = await answered(ada);
      expect(audit).toMatchObject({
        action: 'interaction.refused',
        details: { reason: 'command_unknown', id: command },
      });
    },
  );

  test.each(['shortcut', 'message_action'])('a %s', async (type) => {
    for (const callback_id of ['make_me_admin', ...PROTOTYPE_NAMES]) {
      recorded = auditCount(workspace);
      expect(
        await workspace.slack.deliver({ payload: { type, callback_id, trigger_id: '1' } }, { as: 'Ada' }),
      ).toMatchObject({
        status: 200,
      });

      const { audit } = await answered(ada, 'Keysmith');
      expect(audit.details).toEqual({ reason: 'callback_unknown', id: callback_id });
    }
  });

  test.each(['contact', 'expires', 'method', ...PROTOTYPE_NAMES])(
    'a searchable select called %s',
    async (action_id) => {
      const payload = { type: 'block_suggestion', action_id, block_id: action_id, value: '' };

      expect(await workspace.slack.deliver({ payload }, { as: 'Ada' })).toMatchObject({
        status: 200,
        body: '{"options":[]}',
      });

      expect(lastAudit(workspace)).toMatchObject({
        action: 'interaction.refused',
        details: { reason: 'action_unknown', id: action_id },
      });
    },
  );

  test('the teams of a searchable select are those of whoever asks, whatever is asked', async () => {
    for (const value of ['research', '%', "' or 1=1 --", '_', 'x'.repeat(3000)]) {
      const payload = { type: 'block_suggestion', action_id: 'team', block_id: 'team', value };
      for (const as of ['Ada', 'Ben', 'Dee']) {
        expect(await workspace.slack.deliver({ payload }, { as })).toMatchObject({
          status: 200,
          body: '{"options":[]}',
        });
      }
    }
  });
});

describe('The method of a form is changed by its own person alone', () => {
  let changed: InteractionPayload & { view: Record<string, unknown> };
  beforeAll(async () => {
    await openForm(ada, 'ml-platform');
    await ada.fill('method', 'federated');
    await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'issuer'));
    changed = workspace.slack.traffic.findLast(({ method }) => method === 'block_actions')
      ?.payload as typeof changed;
  });

  test.each<[what: string, reason: string, as: string, view: Record<string, unknown>]>([
    ['without metadata', 'metadata_invalid', 'Ada', { private_metadata: '' }],
    ['with another external ID', 'metadata_invalid', 'Ada', { external_id: 'form_x' }],
    ['by somebody else', 'metadata_invalid', 'Cy', {}],
    ['without state', 'state_missing', 'Ada', { state: undefined }],
    [
      'with a foreign field',
      'field_unknown',
      'Ada',
      { state: { values: { amount: { amount: { type: 'x' } } } } },
    ],
  ])('not %s: refused in the view and recorded', async (_what, reason, as, view) => {
    const person = workspace.slack.as(as);
    const user = { id: person.id, team_id: 'T0ACME0001' };

    expect(
      await workspace.slack.deliver({ payload: { ...changed, user, view: { ...changed.view, ...view } } }),
    ).toMatchObject({ status: 200 });

    const audit = await until('the record', () => auditCount(workspace) > recorded && lastAudit(workspace));
    expect(audit).toMatchObject({
      action: 'interaction.refused',
      actor: { slackUserId: person.id },
      details: { reason },
    });
    await ada.waitForView(audit.request_id);
  });
});

test('Slack took everything that Keysmith said meanwhile', () => {
  expectTakenBySlack(workspace);
});
