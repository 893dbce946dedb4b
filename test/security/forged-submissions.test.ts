import { CompactEncrypt, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { State } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { InteractionPayload } from '../../src/sandbox/slack/to-app/interaction-payloads.ts';
import type { SlackPerson } from '../driver/slack-person.ts';
import { visibleText } from '../driver/visible-text.ts';
import { openForm } from '../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import {
  auditCount,
  effects,
  expectAcceptedBySlack,
  expectAcknowledged,
  lastAudit,
  referenceIn,
} from './workspace-state.ts';

type View = Record<string, unknown> & { private_metadata: string; state: { values: State } };
type Forge = (payload: InteractionPayload, view: View) => InteractionPayload;

let workspace: RunningWorkspace;
let ada: SlackPerson;
/** The metadata of an earlier form of Ada's, and of a form of Cy's. */
const metadataOf = { adaBefore: '', cy: '' };
let before: Record<string, unknown[]>;
let recorded: number;

beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
  const cy = workspace.slack.as('Cy');
  for (const [name, person] of [
    ['adaBefore', ada],
    ['cy', cy],
  ] as const) {
    await openForm(person, 'ml-platform');
    const opened = workspace.slack.traffic.findLast(({ method }) => method === 'views.open')?.payload;
    metadataOf[name] = (opened as { view: View }).view.private_metadata;
    await person.close();
  }
});
afterAll(() => workspace.stop());

beforeEach(async () => {
  await openForm(ada, 'ml-platform');
  await ada.fill('name', 'nightly-eval');
  before = effects(workspace);
  recorded = auditCount(workspace);
});
afterEach(async () => {
  while (ada.view()) await ada.close();
  expect(effects(workspace)).toEqual(before);
  expectAcknowledged(workspace);
  expectAcceptedBySlack(workspace);
});

const inView =
  (change: (view: View) => object): Forge =>
  (payload, view) => ({ ...payload, view: { ...view, ...change(view) } });
const withState = (more: Record<string, unknown>) =>
  inView((view) => ({ state: { values: { ...view.state.values, ...more } } }));
const submit = (forge: Forge) =>
  ada.submit({ unchecked: true, payload: (payload) => forge(payload, payload.view as View) });
const text = (value: string) => ({ type: 'plain_text_input', value });
const choice = (value: string, type = 'static_select') => ({
  type,
  selected_option: { text: { type: 'plain_text', text: value }, value },
});

const strangeMetadata = async () => {
  const claims = {
    formId: 'form_x',
    slackUserId: 'U0ADA00001',
    channelId: 'C0MLPLAT01',
    responseUrl: 'http://127.0.0.1:1/',
    openedAtMs: Date.now(),
    kept: {},
  };
  const otherKey = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'view-1' })
    .encrypt(new Uint8Array(32));
  return { claims: JSON.stringify(claims), otherKey, unsecured: new UnsecuredJWT(claims).encode() };
};

const forgeries: [what: string, reason: string, forge: Forge | (() => Promise<Forge>)][] = [
  ['an unknown callback ID', 'callback_unknown', inView(() => ({ callback_id: 'transfer_money' }))],
  ['no callback ID', 'callback_unknown', inView(() => ({ callback_id: undefined }))],
  ['the callback ID __proto__', 'callback_unknown', inView(() => ({ callback_id: '__proto__' }))],
  ['the callback ID constructor', 'callback_unknown', inView(() => ({ callback_id: 'constructor' }))],
  ['the callback ID toString', 'callback_unknown', inView(() => ({ callback_id: 'toString' }))],
  ['no metadata', 'metadata_invalid', inView(() => ({ private_metadata: undefined }))],
  ['empty metadata', 'metadata_invalid', inView(() => ({ private_metadata: '' }))],
  ['metadata that is not a JWE', 'metadata_invalid', inView(() => ({ private_metadata: 'a.b.c.d.e' }))],
  [
    'metadata with one character changed',
    'metadata_invalid',
    inView(({ private_metadata: it }) => ({
      private_metadata: `${it.slice(0, -9)}${it.at(-9) === 'A' ? 'B' : 'A'}${it.slice(-8)}`,
    })),
  ],
  [
    'truncated metadata',
    'metadata_invalid',
    inView(({ private_metadata: it }) => ({ private_metadata: it.slice(0, -1) })),
  ],
  [
    'metadata with a header of its own',
    'metadata_invalid',
    inView(({ private_metadata: it }) => ({
      private_metadata: it.replace(
        /^[^.]+/,
        Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url'),
      ),
    })),
  ],
  [
    'metadata as plain JSON',
    'metadata_invalid',
    async () => {
      const { claims } = await strangeMetadata();
      return inView(() => ({ private_metadata: claims }));
    },
  ],
  [
    'metadata sealed under another key',
    'metadata_invalid',
    async () => {
      const { otherKey } = await strangeMetadata();
      return inView(() => ({ private_metadata: otherKey }));
    },
  ],
  [
    'metadata as a JWT without a signature',
    'metadata_invalid',
    async () => {
      const { unsecured } = await strangeMetadata();
      return inView(() => ({ private_metadata: unsecured }));
    },
  ],
  [
    'the metadata of another form of the same person',
    'metadata_invalid',
    inView(() => ({ private_metadata: metadataOf.adaBefore })),
  ],
  ['the metadata of another person', 'metadata_invalid', inView(() => ({ private_metadata: metadataOf.cy }))],
  ['another external ID', 'metadata_invalid', inView(() => ({ external_id: 'form_00000000000000' }))],
  ['no external ID', 'metadata_invalid', inView(() => ({ external_id: undefined }))],
  ['no state', 'state_missing', inView(() => ({ state: undefined }))],
  ['a field of another view', 'field_unknown', withState({ amount: { amount: text('1000000') } })],
  ['a field called constructor', 'field_unknown', withState({ constructor: { constructor: text('x') } })],
  ['a field called toString', 'field_unknown', withState({ toString: { toString: text('x') } })],
  ['a field with another element', 'field_unknown', withState({ name: { other: text('nightly-eval') } })],
  [
    'a field with two elements',
    'field_unknown',
    withState({ name: { name: text('nightly-eval'), team: text('research') } }),
  ],
  ['a field without an element', 'field_unknown', withState({ name: {} })],
];

describe('A forged submission', () => {
  test.each(forgeries)(
    'is refused with a message and recorded if it has %s',
    async (_what, reason, given) => {
      const forge = given.length === 0 ? await (given as () => Promise<Forge>)() : (given as Forge);

      expect(await submit(forge)).toEqual({ ok: true });

      const view = await ada.waitForView('Nothing was changed');
      expect(lastAudit(workspace)).toMatchObject({
        action: 'interaction.refused',
        actor: { type: 'person', slackUserId: ada.id, email: 'ada@acme.test' },
        details: { reason },
        request_id: referenceIn(view),
      });
      expect(auditCount(workspace)).toBe(recorded + 1);
    },
  );

  test.each(['U0BEN00002', 'U0CYX00003', 'U0DEE00004'])(
    'is refused with a message and recorded if it comes from %s, for whom the form was not opened',
    async (id) => {
      await submit((payload) => ({ ...payload, user: { id, team_id: 'T0ACME0001' } }));

      await ada.waitForView('Nothing was changed');
      expect(lastAudit(workspace)).toMatchObject({
        action: 'interaction.refused',
        actor: { slackUserId: id },
        details: { reason: 'metadata_invalid' },
      });
    },
  );
});

describe('A team without access in a submission', () => {
  const texts: string[] = [];

  test.each([
    'research',
    'no-such-team',
    'ML-PLATFORM',
    ' ',
    '__proto__',
    'constructor',
    "' or 1=1 --",
    '%',
    'x'.repeat(500),
  ])('is reported as unknown, whether it exists or not: %s', async (team) => {
    await submit(withState({ team: { team: choice(team) } }));

    const view = await ada.waitForView('You don’t have a team');
    expect(lastAudit(workspace)).toMatchObject({
      action: 'service_account.create_refused',
      actor: { type: 'person', slackUserId: ada.id },
      details: { reason: 'team_unknown', team: team.slice(0, 128) },
      request_id: referenceIn(view),
    });
    texts.push(visibleText(view).replace(/ks_\w+/, ''));
    // An existing team and a missing one get the same text.
    expect(new Set(texts).size).toBe(1);
  });
});

describe('A choice that the form never offered', () => {
  test.each<[what: string, field: string, state: Record<string, unknown>]>([
    ['a lifetime of ten years', 'expires', { expires: { expires: choice('3650') } }],
    ['a lifetime of zero days', 'expires', { expires: { expires: choice('0') } }],
    ['an infinite lifetime', 'expires', { expires: { expires: choice('Infinity') } }],
    ['a lifetime that is not a number', 'expires', { expires: { expires: choice('NaN') } }],
    ['an authentication method', 'method', { method: { method: choice('saml', 'radio_buttons') } }],
    [
      'the authentication method constructor',
      'method',
      { method: { method: choice('constructor', 'radio_buttons') } },
    ],
    [
      'a contact with markup',
      'contact',
      { contact: { contact: { type: 'users_select', selected_user: 'U1> <!channel> <@U2' } } },
    ],
    ['a contact typed as text', 'contact', { contact: { contact: text('everybody') } }],
    [
      'a contact of a thousand characters',
      'contact',
      { contact: { contact: { type: 'users_select', selected_user: 'U'.repeat(1000) } } },
    ],
  ])('is refused at its field and recorded: %s', async (_what, field, state) => {
    const outcome = await submit(withState(state));

    expect(outcome).toMatchObject({
      ok: false,
      error: 'errors',
      errors: { [field]: expect.stringContaining('Choose') },
    });
    expect(lastAudit(workspace)).toMatchObject({
      action: 'service_account.create_refused',
      actor: { type: 'person', slackUserId: ada.id },
      details: { reason: 'not_offered', fields: [field] },
    });
    expect(auditCount(workspace)).toBe(recorded + 1);
  });

  test.each(['https://evil.test', '', 'https://token.actions.githubusercontent.com/', '__proto__'])(
    'is refused at its field and recorded: the issuer %j',
    async (issuer) => {
      await ada.fill('method', 'federated');
      await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'issuer'));
      await ada.fill('subject', 'repo:acme/train');

      const outcome = await submit(withState({ issuer: { issuer: choice(issuer) } }));

      expect(outcome).toMatchObject({ ok: false, error: 'errors', errors: { issuer: expect.any(String) } });
      expect(lastAudit(workspace).details).toMatchObject({ reason: 'not_offered', fields: ['issuer'] });
    },
  );
});

describe('A submission without fields', () => {
  test.each<[string, Forge]>([
    ['an empty state', inView(() => ({ state: { values: {} } }))],
    [
      'only a field called __proto__',
      inView(() => ({ state: { values: JSON.parse('{"__proto__":{"__proto__":{"type":"x"}}}') } })),
    ],
  ])('shows the whole form again and has no effect if it has %s', async (_what, forge) => {
    expect(await submit(forge)).toEqual({ ok: true });

    expect(ada.view()).toMatchObject({ submit: 'Create' });
    expect(auditCount(workspace)).toBe(recorded);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
