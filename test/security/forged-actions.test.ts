import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InteractionPayload } from '../../src/sandbox/slack/to-app/interaction-payloads.ts';
import type { SlackPerson } from '../driver/slack-person.ts';
import { visibleText } from '../driver/visible-text.ts';
import { sample } from '../long-form.ts';
import { keyIn, openForm } from '../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { button, CHANNEL, clickForged, createUndelivered, waitForRefusal } from './forged-click.ts';
import {
  auditCount,
  effects,
  expectAcceptedBySlack,
  expectAcknowledged,
  lastAudit,
  referenceIn,
  until,
} from './workspace-state.ts';

const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

let workspace: RunningWorkspace;
let ada: SlackPerson;
/** An account of the team research, of which Ada isn't a member. */
let foreignAccount: string;
/** A collection that only Cy may use. */
let foreignCollection: string;
let before: Record<string, unknown[]>;
let recorded: number;

beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
  ({ accountId: foreignAccount, collectionId: foreignCollection } = await createUndelivered(workspace));
});
afterAll(() => workspace.stop());

beforeEach(async () => {
  await until('everything to be recorded', () => effects(workspace));
  before = effects(workspace);
  recorded = auditCount(workspace);
});
afterEach(() => {
  expect(effects(workspace)).toEqual(before);
  expectAcknowledged(workspace);
});

/** Clicks a button that no message of Keysmith's has. The response comes in the channel. */
const click = (actions: object[], as = 'Ada', more?: object) => clickForged(workspace, actions, { as, more });
const refused = (person: SlackPerson, conversation = 'ml-platform') =>
  waitForRefusal(workspace, person, { recorded, conversation });

describe('A forged button', () => {
  test.each(['transfer_money', 'method', 'team', '', ...PROTOTYPE_NAMES])(
    'in a message is refused and recorded if its action ID is %j',
    async (actionId) => {
      expect(await click([button(actionId, 'x')])).toMatchObject({ status: 200 });

      const { audit, text } = await refused(ada);
      expect(audit).toMatchObject({
        action: 'interaction.refused',
        actor: { type: 'person', slackUserId: ada.id, email: 'ada@acme.test' },
        details: { reason: 'action_unknown', id: actionId },
      });
      expect(text).toContain('Nothing was changed');
    },
  );

  test.each(['transfer_money', 'revoke_account', 'mark_key_stored', ...PROTOTYPE_NAMES])(
    'in a view is refused and recorded if its action ID is %j',
    async (actionId) => {
      const view = { id: 'V1', callback_id: 'new_service_account', external_id: '', private_metadata: '' };

      expect(await click([button(actionId, foreignAccount)], 'Ada', { view })).toMatchObject({ status: 200 });

      expect((await refused(ada)).audit.details).toEqual({ reason: 'action_unknown', id: actionId });
    },
  );

  test('gets its own message for each of several clicks in one request', async () => {
    await click([button('one'), button('two'), button('three')]);

    await until('three records', () => auditCount(workspace) === recorded + 3);
    const reference = lastAudit(workspace).request_id;
    const responses = () =>
      ada.messages('ml-platform').filter((message) => referenceIn(message) === reference);
    await ada.waitFor('three responses', () => (responses().length === 3 ? true : undefined));
  });
});

describe('An account of another team', () => {
  const ids = (): [string, string][] => [
    ['another team’s', foreignAccount],
    ['no', 'sa_00000000000000'],
    ['none', ''],
    ['SQL', "' or 1=1 --"],
    ['a long one', 'x'.repeat(1900)],
    ...PROTOTYPE_NAMES.map((name): [string, string] => [name, name]),
  ];

  test.each(['revoke_account', 'revoke_listed_account', 'account_menu'])(
    'is unknown to the button %s',
    async (actionId) => {
      const texts = new Set<string>();
      for (const [what, id] of ids()) {
        recorded = auditCount(workspace);
        const lastTs = ada.messages('ml-platform').at(-1)?.ts ?? '';
        // A button of the list also carries the offset in the list.
        const value =
          { revoke_account: id, account_menu: `revoke:${id}` }[actionId] ??
          new URLSearchParams({ offset: '0', account: id }).toString();
        expect(await click([button(actionId, value)]), what).toMatchObject({ status: 200 });

        const audit = await until(
          'the record',
          () => auditCount(workspace) > recorded && lastAudit(workspace),
        );
        expect(audit, what).toMatchObject({
          action: 'service_account.revoke_refused',
          subject: `service_account:${id.slice(0, 64)}`,
          details: { reason: what === 'another team’s' ? 'team_unknown' : 'account_unknown' },
        });
        const message = await ada.waitForMessage('ml-platform', ({ ts }) => ts > lastTs);
        expect(visibleText(message), what).toContain('Nothing was revoked');
        texts.add(visibleText(message).replace(/Reference ks_\w+/, ''));
      }
      // An existing account and a missing one get the same text.
      expect([...texts]).toHaveLength(1);
      expect(workspace.rows('select revoked_at_ms from service_accounts')).toEqual([{ revoked_at_ms: null }]);
    },
  );

  test.each(['next_page', 'previous_page'])(
    'is not listed after a click on %s, and neither is its team',
    async (actionId) => {
      // Earlier versions sent offsets.
      const offsets = ['0', '1', '-1', '1e99', 'NaN', '9007199254740991', ''];
      for (const [at, offset] of offsets.entries()) {
        for (const team of sample(['research', 'no-such-team', "' or 1=1 --", '__proto__'], {
          every: 4,
          from: at,
        })) {
          const lastTs = ada.messages('ml-platform').at(-1)?.ts ?? '';
          await click([
            button(actionId, new URLSearchParams({ offset, after: offset, at: offset, team }).toString()),
          ]);

          const message = await ada.waitForMessage('ml-platform', ({ ts }) => ts > lastTs);
          expect(visibleText(message)).toContain('You don’t have a team with that name');
          expect(visibleText(message)).not.toMatch(/paper-mill|no-such-team|or 1=1/);
          expect(lastAudit(workspace)).toMatchObject({
            action: 'service_account.list_refused',
            details: { reason: 'team_unknown' },
          });
        }
      }
    },
  );

  test('is reported as unknown after a click on “I’ve stored it”', async () => {
    for (const [what, id] of ids()) {
      recorded = auditCount(workspace);
      await click([button('mark_key_stored', id)]);

      const { audit, text } = await refused(ada);
      expect(audit, what).toMatchObject({
        action: 'interaction.refused',
        subject: `service_account:${id.slice(0, 64)}`,
        details: { reason: what === 'another team’s' ? 'team_unknown' : 'account_unknown' },
      });
      expect(text).toContain('none of your teams has this account');
    }
  });

  test.each(['Ben', 'Dee'])('is reported as unknown to %s, who is not an admin', async (name) => {
    await click([button('revoke_account', foreignAccount)], name);

    const { text } = await refused(workspace.slack.as(name));
    expect(text).toContain('none of your teams has this account');
    expect(text).not.toMatch(/research|paper-mill/);
  });
});

describe('A key that waits to be collected', () => {
  test.each(['Ada', 'Ben', 'Dee'])('can’t be collected by %s', async (name) => {
    const person = workspace.slack.as(name);
    const texts = new Set<string>();
    for (const id of [foreignCollection, 'col_00000000000000', '', "' or 1=1 --", ...PROTOTYPE_NAMES]) {
      recorded = auditCount(workspace);
      expect(await click([button('collect_key', id)], name)).toMatchObject({ status: 200 });

      const { audit, text } = await refused(person);
      expect(audit).toMatchObject({
        action: 'api_key.collection_refused',
        actor: { slackUserId: person.id },
        details: { reason: 'collection_unknown', collection: id },
      });
      texts.add(text);
    }
    expect([...texts]).toEqual([expect.stringContaining('You don’t have a key to collect here')]);
    expect(person.messages('ml-platform').filter(keyIn)).toEqual([]);
  });

  test('is offered in a direct message to its person, and to nobody else, after a click in a view', async () => {
    const view = { view: { id: 'V1' } };
    await click([button('collect_key', foreignCollection)], 'Ada', view);
    expect((await refused(ada)).audit).toMatchObject({
      action: 'api_key.collection_refused',
      details: { reason: 'collection_unknown' },
    });
    const cy = workspace.slack.as('Cy');
    const offers = () =>
      cy.messages('Keysmith').filter((one) => visibleText(one).includes('Collect the key'));
    const offersBefore = offers().length;

    await click([button('collect_key', foreignCollection)], 'Cy', view);

    await cy.waitFor('another offer', () => offers().length === offersBefore + 1 || undefined);
    expect(['ml-platform', 'Keysmith'].flatMap((name) => cy.messages(name)).filter(keyIn)).toEqual([]);
  });
});

describe('An interaction that Keysmith does not offer', () => {
  test.each(['/other', '/wandb2', '/__proto__', '/constructor', '/WANDB'])(
    'is refused and recorded if it is the command %s',
    async (command) => {
      expect(await workspace.slack.deliver({ command }, { as: 'Ada', conversation: CHANNEL })).toMatchObject({
        status: 200,
      });

      const { audit } = await refused(ada);
      expect(audit).toMatchObject({
        action: 'interaction.refused',
        details: { reason: 'command_unknown', id: command },
      });
    },
  );

  test.each(['shortcut', 'message_action'])('is refused and recorded if it is a %s', async (type) => {
    for (const callback_id of ['make_me_admin', ...PROTOTYPE_NAMES]) {
      recorded = auditCount(workspace);
      expect(
        await workspace.slack.deliver({ payload: { type, callback_id, trigger_id: '1' } }, { as: 'Ada' }),
      ).toMatchObject({
        status: 200,
      });

      const { audit } = await refused(ada, 'Keysmith');
      expect(audit.details).toEqual({ reason: 'callback_unknown', id: callback_id });
    }
  });

  test.each(['contact', 'expires', 'method', ...PROTOTYPE_NAMES])(
    'gets no options and is recorded if it is a select called %s',
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

  test('can’t make the team select find teams of others, whatever the search text', async () => {
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

describe('A change of the authentication method', () => {
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
    ['by someone else', 'metadata_invalid', 'Cy', {}],
    ['without state', 'state_missing', 'Ada', { state: undefined }],
    [
      'with a foreign field',
      'field_unknown',
      'Ada',
      { state: { values: { amount: { amount: { type: 'x' } } } } },
    ],
  ])('is refused in the view and recorded if it comes %s', async (_what, reason, as, view) => {
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

test('Slack accepted everything Keysmith sent during these tests', () => {
  expectAcceptedBySlack(workspace);
});
