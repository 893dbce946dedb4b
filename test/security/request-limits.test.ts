import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/server/http-server.ts';
import {
  createReplayGuard,
  SIGNATURE_TOLERANCE_SECONDS,
  verifyRequestSignature,
} from '../../src/slack/receiver/request-signature.ts';
import { randomRuns } from '../long-form.ts';
import { type RunningWorkspace, SIGNING_SECRET, startWorkspace } from '../world/running-workspace.ts';
import { payloadForm, send, sendSigned, signedHeaders } from './signed-request.ts';
import { auditCount, effects, logLines, until } from './workspace-state.ts';

const MEBIBYTE = 1024 * 1024;

let workspace: RunningWorkspace;
let url: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  url = `${workspace.keysmith.url}/slack/events`;
});
afterAll(() => workspace.stop());

let checks = 0;
const isServing = async () => (await sendSigned(url, `ssl_check=1&check=${++checks}`)).status === 200;

function refusals(): unknown[] {
  return logLines(workspace)
    .filter(({ msg }) => msg === 'request rejected')
    .map(({ status, reason }) => ({ status, reason }));
}

describe('A body over one mebibyte', () => {
  test('is refused when its length is declared, before any of it is read', async () => {
    const opened = request(url, {
      method: 'POST',
      headers: { ...signedHeaders(''), 'content-length': MEBIBYTE + 1 },
      agent: false,
    });
    opened.flushHeaders();

    const [response] = await once(opened, 'response');

    expect(response.statusCode).toBe(413);
    expect(response.headers.connection).toBe('close');
    opened.destroy();
    expect(refusals().at(-1)).toEqual({ status: 413, reason: 'too_large' });
    expect(await isServing()).toBe(true);
  });

  test('is refused once it exceeds the limit, and the rest is not read', async () => {
    const sent = request(url, { method: 'POST', headers: signedHeaders(''), agent: false });
    const responded = once(sent, 'response');
    const closed = new Promise<void>((resolve) => {
      sent.on('error', () => resolve());
      sent.on('close', () => resolve());
    });
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const more = () => {
      while (!sent.destroyed && written < 64 * MEBIBYTE) {
        written += chunk.length;
        if (!sent.write(chunk)) return void sent.once('drain', more);
      }
    };
    more();

    const [response] = await responded;
    response.resume();
    await closed;

    expect(response.statusCode).toBe(413);
    expect(written).toBeLessThan(16 * MEBIBYTE);
    expect(refusals().at(-1)).toEqual({ status: 413, reason: 'too_large' });
    expect(await isServing()).toBe(true);
  });

  test('is refused from one byte over the limit on', async () => {
    const whole = Buffer.alloc(MEBIBYTE, 'x');
    const larger = Buffer.alloc(MEBIBYTE + 1, 'x');

    expect((await sendSigned(url, whole)).status).toBe(400);
    expect((await sendSigned(url, larger).catch(() => ({ status: 413 }))).status).toBe(413);
  });
});

describe('A client that does not finish its request', () => {
  // `test/api/server/body-reception.test.ts` covers the body.
  test('can’t hold a connection forever before the end of its headers', () => {
    const server = createHttpServer({
      slack: { path: '/slack/events', listener: () => undefined },
      isReady: async () => {},
      logger: pino({ enabled: false }),
    });

    expect(server.server.headersTimeout).toBeGreaterThan(0);
    expect(server.server.headersTimeout).toBeLessThanOrEqual(15_000);
  });

  test('leaves only a log line when it disconnects', async () => {
    const before = effects(workspace);
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const headers = 'Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000';
    socket.write(`POST /slack/events HTTP/1.1\r\n${headers}\r\n\r\nhalf of it`);
    socket.destroySoon();

    const line = await until('the log line', () =>
      logLines(workspace).find(({ msg }) => msg === 'request aborted'),
    );

    expect(line.requestId).toMatch(/^ks_/);
    expect(effects(workspace)).toEqual(before);
    expect(await isServing()).toBe(true);
  });

  test.each([
    ['a header with a line break in it', 'X-Slack-Signature: v0=\r\n Injected: 1\r\n\r\n'],
    ['a header without a name', ': x\r\n\r\n'],
    ['two Content-Length headers', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    [
      'a length and chunked encoding, as in request smuggling',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a NUL in a header', 'X-A: \0\r\n\r\n'],
    ['headers of twenty kilobytes', `X-A: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('gets a 4xx and a closed connection if it sends %s', async (_what, rest) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    let response = '';
    socket.setEncoding('latin1').on('data', (text) => {
      response += text;
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(`POST /slack/events HTTP/1.1\r\nHost: x\r\n${rest}`);
    await closed;

    // If the server closes with unread bytes, the connection may be reset before the response is read.
    expect(response === '' ? 'HTTP/1.1 431 ' : response).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(response).not.toMatch(/^Injected/im);
    expect(await isServing()).toBe(true);
  });
});

describe('An accepted signature', () => {
  test('is remembered for as long as its timestamp is valid', () => {
    const timestampSeconds = 1_800_000_000;
    const { 'x-slack-signature': signature = '' } = signedHeaders('body', { timestampSeconds });
    const isVerified = (nowMs: number) =>
      verifyRequestSignature({
        signingSecret: SIGNING_SECRET,
        signature,
        timestamp: String(timestampSeconds),
        body: Buffer.from('body'),
        nowMs,
      }).ok;
    const firstMs = (timestampSeconds - SIGNATURE_TOLERANCE_SECONDS) * 1000;
    const lastMs = (timestampSeconds + SIGNATURE_TOLERANCE_SECONDS) * 1000 + 999;
    expect([firstMs - 1, firstMs, lastMs, lastMs + 1].map(isVerified)).toEqual([false, true, true, false]);
    const clock = { nowMs: firstMs };
    const replays = createReplayGuard({
      keepMs: (2 * SIGNATURE_TOLERANCE_SECONDS + 1) * 1000,
      monotonicMs: () => clock.nowMs,
    });

    expect(replays.accept(signature, timestampSeconds)).toBe(true);
    clock.nowMs = lastMs;
    expect(replays.accept(signature, timestampSeconds)).toBe(false);
  });

  test('is refused once its signature was forgotten, although a clock that was set back would accept it', () => {
    const clock = { nowMs: 0 };
    const replays = createReplayGuard({ keepMs: 601_000, monotonicMs: () => clock.nowMs });
    expect(replays.accept('v0=first', 1_000)).toBe(true);
    clock.nowMs += 601_001;
    expect(replays.accept('v0=second', 1_602)).toBe(true);

    expect(replays.accept('v0=first', 1_000)).toBe(false);
    expect(replays.accept('v0=never seen', 1_000)).toBe(false);
    expect(replays.accept('v0=never seen', Number.NaN)).toBe(false);
    expect(replays.accept('v0=third', 1_001)).toBe(true);
  });

  test('is refused when it is replayed after the clock was set back', async () => {
    const { clock } = workspace;
    const { id } = workspace.slack.as('Ada');
    const body = payloadForm({ type: 'view_closed', user: { id }, view: { id: 'V2' } });
    const headers = signedHeaders(body, { timestampSeconds: Math.floor(clock.nowMs / 1000) });
    expect((await send(url, { headers, body })).status).toBe(200);

    clock.advance(20 * 60_000);
    clock.step(-20 * 60_000);
    expect((await send(url, { headers, body })).status).toBe(409);
  });

  test('is refused when it is replayed at the end of its validity', async () => {
    const { clock } = workspace;
    // Starts early in a second, so that a timestamp 300 seconds ahead stays within the tolerance.
    await until('the start of a second', () => clock.nowMs % 1000 < 200);
    const { id } = workspace.slack.as('Ada');
    const body = payloadForm({ type: 'view_closed', user: { id }, view: { id: 'V1' } });
    const headers = signedHeaders(body, {
      timestampSeconds: Math.floor(clock.nowMs / 1000) + SIGNATURE_TOLERANCE_SECONDS,
    });
    expect((await send(url, { headers, body })).status).toBe(200);

    clock.advance(2 * SIGNATURE_TOLERANCE_SECONDS * 1000 + 300);
    const again = await send(url, { headers, body });
    clock.advance(-(2 * SIGNATURE_TOLERANCE_SECONDS * 1000 + 300));

    expect(again.status).toBe(409);
  });
});

describe('A signed request with arbitrary content', () => {
  const known = [
    'block_actions',
    'view_submission',
    'view_closed',
    'block_suggestion',
    'shortcut',
    'message_action',
  ];
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([Buffer.from('payload='), bytes])),
    fc.webQueryParameters().map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(new URLSearchParams({ payload: text }).toString())),
    fc
      .record({
        type: fc.constantFrom(...known),
        user: fc.jsonValue(),
        view: fc.jsonValue(),
        actions: fc.jsonValue(),
      })
      .map((payload) => Buffer.from(payloadForm(payload))),
  );

  test('gets a 4xx and changes nothing if it is not from Slack', async () => {
    const before = effects(workspace);
    const recorded = auditCount(workspace);
    await fc.assert(
      fc.asyncProperty(anything, async (body) => {
        const { status } = await sendSigned(url, body);
        expect(status === 409 || (status >= 400 && status < 500) || isCertificateCheck(body)).toBe(true);
      }),
      { numRuns: randomRuns(300) },
    );
    expect(effects(workspace)).toEqual(before);
    expect(auditCount(workspace)).toBe(recorded);
    expect(await isServing()).toBe(true);
  });

  const isCertificateCheck = (body: Buffer) => new URLSearchParams(body.toString()).get('ssl_check') === '1';

  const user = { id: 'U0DEE00004', team_id: 'T0ACME0001' };
  const view = { id: 'V1', callback_id: 'x', external_id: '', private_metadata: '' };
  const valid = [
    { type: 'view_submission', user, view },
    { type: 'view_closed', user, view },
    { type: 'shortcut', user, callback_id: 'x', trigger_id: '1' },
    { type: 'block_suggestion', user, action_id: 'x', block_id: 'x', value: '' },
    {
      type: 'block_actions',
      user,
      container: { type: 'view' },
      view,
      actions: [{ type: 'button', action_id: 'x', block_id: 'x' }],
    },
  ];
  /** Fields that Bolt reads to detect the kind of a body, and that make it throw. */
  const confusing = fc.dictionary(
    fc.constantFrom(
      'event',
      'command',
      'name',
      'options',
      'channel',
      'team',
      'enterprise',
      'authorizations',
      'event_id',
      'is_enterprise_install',
      'ssl_check',
      'challenge',
      'function_data',
      'bot_access_token',
      'callback_id',
      'message',
      'team_id',
      'response_urls',
      'constructor',
      'toString',
      'length',
    ),
    fc.oneof(fc.constant(null), fc.jsonValue({ maxDepth: 2 })),
    { maxKeys: 4 },
  );

  test('never gets a 5xx or a delayed response because of unexpected fields', async () => {
    const before = effects(workspace);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...valid), confusing, async (payload, more) => {
        const { status } = await sendSigned(url, payloadForm({ ...more, ...payload }));
        // Bolt responds 404 if a request isn't acknowledged within three seconds.
        expect([200, 400, 409]).toContain(status);
      }),
      {
        numRuns: randomRuns(150),
        examples: [
          [valid[0] as (typeof valid)[number], { event: null }],
          [valid[1] as (typeof valid)[number], { command: '/wandb' }],
        ],
      },
    );
    expect(effects(workspace)).toEqual(before);
    expect(await isServing()).toBe(true);
  });
});
