import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { auditCount, effects, logLines } from './observed.ts';
import { FORM, payloadForm, type RawAnswer, send, sendSigned, signedHeaders } from './raw-request.ts';

const ADA = 'U0ADA00001';

let workspace: RunningWorkspace;
let url: string;
/** Keysmith's clock stands still, so that the bounds are met exactly. */
const nowMs = Math.floor(Date.now() / 1000) * 1000;
const nowSeconds = nowMs / 1000;

beforeAll(async () => {
  workspace = await startWorkspace({ keysmith: { now: () => nowMs } });
  url = `${workspace.keysmith.url}/slack/events`;
});
afterAll(() => workspace.stop());

/** A command that does something: it would be refused and recorded, or answered. */
const command = (text = 'help', more: Record<string, string> = {}) =>
  new URLSearchParams({
    command: '/wandb',
    text,
    user_id: ADA,
    team_id: 'T0ACME0001',
    channel_id: 'C0MLPLAT01',
    channel_name: 'ml-platform',
    response_url: `${new URL(workspace.slack.apiUrl).origin}/commands/T0ACME0001/1/unknown`,
    trigger_id: `1.${Math.random()}`,
    ...more,
  }).toString();

const withHeaders = (headers: Record<string, string | string[]>, body = command()) =>
  send(url, { headers: { ...signedHeaders(body, { timestampSeconds: nowSeconds }), ...headers }, body });

const without = (name: string) => {
  const body = command();
  const { [name]: _, ...headers } = signedHeaders(body, { timestampSeconds: nowSeconds });
  return send(url, { headers, body });
};

const signed = (body: string | Uint8Array, timestampSeconds = nowSeconds) =>
  sendSigned(url, body, { timestampSeconds });

type Refused = [what: string, request: () => Promise<RawAnswer>, status: number, reason: string];

const unauthentic: Refused[] = [
  [
    'an unsigned request',
    () => send(url, { headers: { 'content-type': FORM }, body: command() }),
    401,
    'signature_missing',
  ],
  ['a request without a signature', () => without('x-slack-signature'), 401, 'signature_missing'],
  ['a request without a time stamp', () => without('x-slack-request-timestamp'), 401, 'signature_missing'],
  ['an empty signature', () => withHeaders({ 'x-slack-signature': '' }), 401, 'signature_wrong'],
  [
    'a signature of another secret',
    () => sendSigned(url, command(), { timestampSeconds: nowSeconds, secret: 'f'.repeat(32) }),
    401,
    'signature_wrong',
  ],
  [
    'a signature of the right length and wrong digits',
    () => withHeaders({ 'x-slack-signature': `v0=${'0'.repeat(64)}` }),
    401,
    'signature_wrong',
  ],
  [
    'a signature that is too short',
    () => withHeaders({ 'x-slack-signature': 'v0=00' }),
    401,
    'signature_wrong',
  ],
  [
    'a signature that is too long',
    () => withHeaders({ 'x-slack-signature': `v0=${'0'.repeat(640)}` }),
    401,
    'signature_wrong',
  ],
  [
    'a signature in letters that are not ASCII',
    () => withHeaders({ 'x-slack-signature': `v0=${'é'.repeat(64)}` }),
    401,
    'signature_wrong',
  ],
  [
    'another version of signatures',
    () =>
      withHeaders({
        'x-slack-signature':
          signedHeaders(command(), { timestampSeconds: nowSeconds })['x-slack-signature']?.replace(
            'v0=',
            'v1=',
          ) ?? '',
      }),
    401,
    'signature_wrong',
  ],
  [
    'the right signature in capitals',
    () => {
      const body = command();
      return withHeaders(
        {
          'x-slack-signature':
            signedHeaders(body, { timestampSeconds: nowSeconds })['x-slack-signature']?.toUpperCase() ?? '',
        },
        body,
      );
    },
    401,
    'signature_wrong',
  ],
  [
    'two signatures',
    () => {
      const body = command();
      const right = signedHeaders(body, { timestampSeconds: nowSeconds })['x-slack-signature'] ?? '';
      return withHeaders({ 'x-slack-signature': [right, right] }, body);
    },
    401,
    'signature_wrong',
  ],
  [
    'two time stamps',
    () => withHeaders({ 'x-slack-request-timestamp': [String(nowSeconds), String(nowSeconds)] }),
    401,
    'signature_missing',
  ],
  [
    'a time stamp of another request',
    () => withHeaders({ 'x-slack-request-timestamp': String(nowSeconds - 1) }),
    401,
    'signature_wrong',
  ],
  [
    'a time stamp that is no number',
    () => withHeaders({ 'x-slack-request-timestamp': 'now' }),
    401,
    'signature_missing',
  ],
  ['a negative time stamp', () => signed(command(), -nowSeconds), 401, 'signature_missing'],
  ['a time stamp with a fraction', () => signed(command(), nowSeconds + 0.5), 401, 'signature_missing'],
  [
    'a body that was changed after it was signed',
    () =>
      send(url, {
        headers: signedHeaders(command('list'), { timestampSeconds: nowSeconds }),
        body: command('help'),
      }),
    401,
    'signature_wrong',
  ],
  ['a request of 301 seconds ago', () => signed(command(), nowSeconds - 301), 401, 'timestamp_stale'],
  ['a request of the beginning of time', () => signed(command(), 0), 401, 'timestamp_stale'],
  ['a request from 301 seconds ahead', () => signed(command(), nowSeconds + 301), 401, 'timestamp_future'],
  ['a request from an hour ahead', () => signed(command(), nowSeconds + 3600), 401, 'timestamp_future'],
  [
    'a form that only speaks of a look at the certificate',
    () =>
      send(url, { headers: { 'content-type': FORM }, body: `${command('help')}&x=ssl_check=1&ssl_check=0` }),
    401,
    'signature_missing',
  ],
  [
    'a look at the certificate among more fields than Slack sends',
    () => send(url, { headers: { 'content-type': FORM }, body: `ssl_check=1${'&a=b'.repeat(100)}` }),
    401,
    'signature_missing',
  ],
];

const ill: Refused[] = [
  [
    'another method',
    () => {
      const body = command();
      return send(url, {
        method: 'PUT',
        headers: signedHeaders(body, { timestampSeconds: nowSeconds }),
        body,
      });
    },
    405,
    'method',
  ],
  ['a GET', () => send(url, { method: 'GET' }), 405, 'method'],
  [
    'a GET that only ends like a look at the certificate',
    () => send(`${url}?command=/wandb&x?ssl_check=1`, { method: 'DELETE' }),
    405,
    'method',
  ],
  [
    'a form with a charset, which Slack never sends',
    () => withHeaders({ 'content-type': `${FORM}; charset=utf-8` }),
    415,
    'content_type',
  ],
  [
    'JSON',
    () => {
      const body = JSON.stringify({ type: 'event_callback', event: { type: 'app_home_opened' } });
      return withHeaders({ 'content-type': 'application/json' }, body);
    },
    415,
    'content_type',
  ],
  [
    'a form with parts',
    () => withHeaders({ 'content-type': 'multipart/form-data; boundary=x' }),
    415,
    'content_type',
  ],
  ['no content type', () => without('content-type'), 415, 'content_type'],
  ['an empty body', () => signed(''), 400, 'command_shape'],
  ['neither payload nor command', () => signed('a=1&b=2'), 400, 'command_shape'],
  ['a command without a user', () => signed(command('help', { user_id: '' })), 400, 'command_shape'],
  ['a command without a slash', () => signed(command('help', { command: 'wandb' })), 400, 'command_shape'],
  [
    'a user ID of a thousand characters',
    () => signed(command('help', { user_id: 'U'.repeat(1000) })),
    400,
    'command_shape',
  ],
  ['a payload of null', () => signed('payload=null'), 400, 'payload_shape'],
  ['a payload of []', () => signed('payload=[]'), 400, 'payload_shape'],
  ['a payload of 1', () => signed('payload=1'), 400, 'payload_shape'],
  ['a payload of text', () => signed(payloadForm('block_actions')), 400, 'payload_shape'],
  ['an empty payload', () => signed('payload='), 400, 'payload_json'],
  ['a payload of broken JSON', () => signed('payload={"type":'), 400, 'payload_json'],
  [
    'a payload that is no UTF-8',
    () => signed(Buffer.from([...Buffer.from('payload='), 0xff, 0xfe, 0xc3, 0x28])),
    400,
    'payload_json',
  ],
  [
    'a payload of percent-encoded bytes that are no UTF-8',
    () => signed('payload=%ff%fe%c3%28'),
    400,
    'payload_json',
  ],
  ['bytes of zero', () => signed(Buffer.alloc(1000)), 400, 'command_shape'],
  [
    'an unknown type of payload',
    () => signed(payloadForm({ type: 'dialog_submission', user: { id: ADA } })),
    400,
    'payload_shape',
  ],
  [
    'an event, which Keysmith does not subscribe to',
    () => signed(payloadForm({ type: 'event_callback', event: { type: 'message' } })),
    400,
    'payload_shape',
  ],
  [
    'a payload without a person',
    () => signed(payloadForm({ type: 'view_submission', view: { id: 'V1' } })),
    400,
    'payload_shape',
  ],
  ['actions that are empty', () => signed(payloadForm(blockActions({ actions: [] }))), 400, 'payload_shape'],
  [
    'actions that are no list',
    () => signed(payloadForm(blockActions({ actions: { 0: {} } }))),
    400,
    'payload_shape',
  ],
  [
    'the same payload field twice',
    () => signed(`${payloadForm(blockActions())}&${payloadForm(blockActions())}`),
    400,
    'field_repeated',
  ],
  ['the same command field twice', () => signed(`${command()}&command=%2Fwandb`), 400, 'field_repeated'],
  ['two users', () => signed(`${command()}&user_id=U0CYX00003`), 400, 'field_repeated'],
  [
    'a payload in JSON that is nested half a million deep',
    () => signed(`payload=${'['.repeat(500_000)}${']'.repeat(500_000)}`),
    400,
    'payload_shape',
  ],
  ['an endlessly opened list', () => signed(`payload=${'['.repeat(1_000_000)}`), 400, 'payload_json'],
  [
    'a field with a million characters',
    () => signed(payloadForm(blockActions({ trigger_id: 'x'.repeat(1_000_000) }))),
    400,
    'payload_shape',
  ],
  ['twenty thousand fields', () => signed('a&'.repeat(20_000)), 400, 'too_many_fields'],
  [
    'a response URL of a hundred thousand characters',
    () => signed(command('help', { response_url: 'x'.repeat(100_000) })),
    400,
    'command_shape',
  ],
];

function blockActions(more: object = {}) {
  return {
    type: 'block_actions',
    user: { id: ADA, team_id: 'T0ACME0001' },
    team: { id: 'T0ACME0001' },
    container: { type: 'message', message_ts: '1.0', is_ephemeral: true },
    trigger_id: '1.2',
    actions: [{ type: 'button', action_id: 'nobody_knows', block_id: 'b' }],
    ...more,
  };
}

let before: Record<string, unknown[]>;
let recorded: number;
let logged: number;

describe.each<[string, Refused[]]>([
  ['Who did not sign is', unauthentic],
  ['A signed request that Slack never sends is', ill],
])('%s refused', (_title, requests) => {
  beforeEach(() => {
    before = effects(workspace);
    recorded = auditCount(workspace);
    logged = logLines(workspace).length;
  });
  afterEach(async () => {
    expect((await signed(command())).status).toBe(200);
  });

  test.each(requests)('%s', async (_what, request, status, reason) => {
    const answer = await request();

    expect({ status: answer.status, body: answer.body }).toEqual({
      status,
      body: JSON.stringify({ error: reason }),
    });
    expect(answer.headers.connection).toBe('close');
    const refusals = logLines(workspace)
      .slice(logged)
      .filter(({ msg }) => msg === 'request refused');
    expect(refusals).toEqual([
      expect.objectContaining({ status, reason, requestId: expect.stringMatching(/^ks_/) }),
    ]);
    expect(effects(workspace)).toEqual(before);
    expect(auditCount(workspace)).toBe(recorded);
  });
});

describe('What Slack does send passes the gate', () => {
  test.each([0, -300, 300])('signed %d seconds from now', async (seconds) => {
    expect((await signed(command(), nowSeconds + seconds)).status).toBe(200);
  });

  test('once: the same bytes again are refused, and answered by nobody', async () => {
    const body = command('bogus');
    const headers = signedHeaders(body, { timestampSeconds: nowSeconds });

    expect((await send(url, { headers, body })).status).toBe(200);
    const again = await Promise.all([1, 2, 3].map(() => send(url, { headers, body })));

    expect(again.map(({ status, body: text }) => [status, text])).toEqual(
      Array(3).fill([409, '{"error":"replayed"}']),
    );
  });

  test('a look at the certificate, by GET or as a form, signed or not, with nothing done whatever else stands in it', async () => {
    const recorded = auditCount(workspace);
    const sent = workspace.slack.traffic.length;
    const unsigned = (body: string) => send(url, { headers: { 'content-type': FORM }, body });
    const answers = [
      await send(`${url}?ssl_check=1`, { method: 'GET' }),
      await send(`${url}?token=x&ssl_check=1&more=y`, { method: 'GET' }),
      await unsigned('ssl_check=1'),
      await unsigned('token=x&ssl_check=1'),
      await unsigned(`${command('sa list')}&ssl_check=1`),
      await unsigned(`${payloadForm(blockActions())}&ssl_check=1`),
      await signed('ssl_check=1&token=x'),
      await signed('ssl_check=1&payload=null'),
      await signed(`ssl_check=1&${payloadForm(blockActions())}`),
      await signed(`ssl_check=1&${command('bogus')}`),
      await signed('ssl_check=1&payload={"type":"url_verification","challenge":"x"}'),
    ];

    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(11).fill([200, '']));
    expect(auditCount(workspace)).toBe(recorded);
    expect(workspace.slack.traffic).toHaveLength(sent);
  });

  test('a challenge is never echoed', async () => {
    const answer = await signed(`${command()}&type=url_verification&challenge=echo-me`);

    expect(answer).toMatchObject({ status: 200, body: '' });
  });
});
