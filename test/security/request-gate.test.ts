import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { malformedRequests, refusedEvents, unsignedRequests } from './refused-requests.ts';
import {
  blockActions,
  createGateClient,
  FORM,
  homeOpened,
  jsonHeaders,
  payloadForm,
  type RefusedRequest,
  send,
  signedHeaders,
} from './signed-request.ts';
import { auditCount, effects, logLines } from './workspace-state.ts';

let workspace: RunningWorkspace;
/** Keysmith's clock is fixed, so that tests can meet the bounds exactly. */
const nowMs = Math.floor(Date.now() / 1000) * 1000;
const nowSeconds = nowMs / 1000;

beforeAll(async () => {
  workspace = await startWorkspace({ keysmith: { now: () => nowMs } });
});
afterAll(() => workspace.stop());

const gate = createGateClient(() => workspace, nowSeconds);
const { url, command, signed } = gate;

let before: Record<string, unknown[]>;
let recorded: number;
let logged: number;

describe.each<[string, RefusedRequest[]]>([
  ['A request without a valid signature', unsignedRequests(gate)],
  ['A signed request that Slack never sends', malformedRequests(gate)],
  ['An event that Slack never sends', refusedEvents(gate)],
])('%s', (_title, requests) => {
  beforeEach(() => {
    before = effects(workspace);
    recorded = auditCount(workspace);
    logged = logLines(workspace).length;
  });
  afterEach(async () => {
    expect((await signed(command())).status).toBe(200);
  });

  test.each(requests)(
    'is refused with a reason and without an effect: %s',
    async (_what, request, status, reason) => {
      const response = await request();

      expect({ status: response.status, body: response.body }).toEqual({
        status,
        body: JSON.stringify({ error: reason }),
      });
      expect(response.headers.connection).toBe('close');
      const refusals = logLines(workspace)
        .slice(logged)
        .filter(({ msg }) => msg === 'request rejected');
      expect(refusals).toEqual([
        expect.objectContaining({ status, reason, requestId: expect.stringMatching(/^ks_/) }),
      ]);
      expect(effects(workspace)).toEqual(before);
      expect(auditCount(workspace)).toBe(recorded);
    },
  );
});

describe('A request that Slack sends', () => {
  test.each([0, -300, 300])('is accepted when signed %d seconds from now', async (seconds) => {
    expect((await signed(command(), nowSeconds + seconds)).status).toBe(200);
  });

  test('is accepted once: its replays are refused', async () => {
    const body = command('bogus');
    const headers = signedHeaders(body, { timestampSeconds: nowSeconds });

    expect((await send(url(), { headers, body })).status).toBe(200);
    const again = await Promise.all([1, 2, 3].map(() => send(url(), { headers, body })));

    expect(again.map(({ status, body: text }) => [status, text])).toEqual(
      Array(3).fill([409, '{"error":"replayed"}']),
    );
  });

  test('as a certificate check gets an empty 200, signed or not, whatever else it contains', async () => {
    const recorded = auditCount(workspace);
    const sent = workspace.slack.traffic.length;
    const sendUnsigned = (body: string) => send(url(), { headers: { 'content-type': FORM }, body });
    const responses = [
      await send(`${url()}?ssl_check=1`, { method: 'GET' }),
      await send(`${url()}?token=x&ssl_check=1&more=y`, { method: 'GET' }),
      await sendUnsigned('ssl_check=1'),
      await sendUnsigned('token=x&ssl_check=1'),
      await sendUnsigned(`${command('sa list')}&ssl_check=1`),
      await sendUnsigned(`${payloadForm(blockActions())}&ssl_check=1`),
      await signed('ssl_check=1&token=x'),
      await signed('ssl_check=1&payload=null'),
      await signed(`ssl_check=1&${payloadForm(blockActions())}`),
      await signed(`ssl_check=1&${command('bogus')}`),
      await signed('ssl_check=1&payload={"type":"url_verification","challenge":"x"}'),
    ];

    expect(responses.map(({ status, body }) => [status, body])).toEqual(Array(11).fill([200, '']));
    expect(auditCount(workspace)).toBe(recorded);
    expect(workspace.slack.traffic).toHaveLength(sent);
  });

  test('with a challenge does not get the challenge back', async () => {
    const response = await signed(`${command()}&type=url_verification&challenge=echo-me`);

    expect(response).toMatchObject({ status: 200, body: '' });
  });
});

describe('An event', () => {
  test('of a subscribed type gets an empty 200, and its replays are refused', async () => {
    const body = JSON.stringify(homeOpened());
    const headers = jsonHeaders(body, { timestampSeconds: nowSeconds });
    expect(await send(url(), { headers, body })).toMatchObject({ status: 200, body: '' });
    expect(await send(url(), { headers, body })).toMatchObject({ status: 409, body: '{"error":"replayed"}' });
  });

  test.each<[string, object]>([
    [
      'of a type to which an operator subscribed the app',
      { ...homeOpened(), event: { type: 'message', text: 'x' } },
    ],
    ['about too many events', { type: 'app_rate_limited', minute_rate_limited: 1 }],
  ])('%s gets an empty 200 and has no effect', async (_what, event) => {
    const before = effects(workspace);
    const sent = workspace.slack.traffic.length;
    expect(await gate.signedEvent(event)).toMatchObject({ status: 200, body: '' });
    expect(logLines(workspace).at(-1)).toMatchObject({ msg: 'event ignored' });
    expect(effects(workspace)).toEqual(before);
    expect(workspace.slack.traffic).toHaveLength(sent);
  });

  test('that checks the request URL gets its challenge back, and not twice', async () => {
    const body = JSON.stringify({ token: 'x', type: 'url_verification', challenge: '3eZbrw1aBm2rZgRNFdxV' });
    const headers = jsonHeaders(body, { timestampSeconds: nowSeconds });
    const response = await send(url(), { headers, body });
    expect(response).toMatchObject({ status: 200, body: '{"challenge":"3eZbrw1aBm2rZgRNFdxV"}' });
    expect(response.headers['content-type']).toBe('application/json');
    expect((await send(url(), { headers, body })).status).toBe(409);
  });
});
