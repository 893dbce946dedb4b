import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WandbFailure } from '../../../../src/sandbox/wandb/wandb-failures.ts';
import type { DrivenWandb } from '../../../driver/driven-wandb.ts';
import {
  account,
  basic,
  call,
  createServiceAccount,
  dataOf,
  denied,
  refused,
  startWandb,
} from '../wandb-calls.ts';

const viewer = '{ me: viewer { username } }';
const entity = '{ entity(name: "ml-platform") { name } }';

async function failing(operation: string, failure: WandbFailure): Promise<DrivenWandb> {
  const wandb = await startWandb();
  wandb.failures.set(operation, failure);
  return wandb;
}

describe('the local W&B with planned failures', () => {
  it.each<[number, unknown]>([
    [401, refused('me', 'user is not logged in', 'PERMISSION_ERROR')],
    [403, denied('me')],
    [404, refused('me', 'not found')],
    [409, refused('me', 'conflict')],
  ])('responses with %i in W&B’s words', async (status, json) => {
    const wandb = await failing('viewer', { kind: 'status', status });
    expect(await call(wandb, viewer)).toMatchObject({ status, json });
  });

  it.each([500, 502, 503])('responses with %i and a proxy’s HTML', async (status) => {
    const wandb = await failing('*', { kind: 'status', status });
    const response = await call(wandb, viewer);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'text/html; charset=utf-8',
    ]);
    expect(response.text).toContain('<html>');
  });

  it('rate-limits with a Retry-After header in seconds or as a date', async () => {
    const wandb = await failing('viewer', { kind: 'status', status: 429, retryAfter: 7 });
    const first = await call(wandb, viewer);
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
    const retryAfter = 'Tue, 24 Nov 2026 07:00:00 GMT';
    wandb.failures.set('viewer', { kind: 'status', status: 503, retryAfter });
    expect((await call(wandb, viewer)).headers.get('retry-after')).toBe(retryAfter);
  });

  it('responses with 200 and errors beside the data', async () => {
    const wandb = await failing('createServiceAccount', { kind: 'errors', message: 'something went wrong' });
    const { status, json } = await call(wandb, createServiceAccount, account());
    expect([status, json]).toEqual([200, refused('createServiceAccount', 'something went wrong')]);
    expect(wandb.team('ml-platform').serviceAccounts()).toEqual([]);
  });

  it('returns null for an existing entity', async () => {
    const wandb = await failing('entity', { kind: 'null' });
    expect(await dataOf(wandb, entity)).toEqual({ entity: null });
  });

  it('responses with a proxy’s login page, with invalid JSON, and with JSON of another shape', async () => {
    const wandb = await failing('viewer', { kind: 'login_page' });
    const page = await call(wandb, viewer);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    wandb.failures.set('viewer', { kind: 'not_json' });
    const half = await call(wandb, viewer);
    expect([half.status, half.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(half.json).toBeUndefined();
    wandb.failures.set('viewer', { kind: 'json', body: { data: [] } });
    expect((await call(wandb, viewer)).json).toEqual({ data: [] });
  });

  it('redirects a call to another address', async () => {
    const location = 'https://elsewhere.test/graphql';
    const wandb = await failing('viewer', { kind: 'redirect', location });
    const response = await call(wandb, viewer);
    expect([response.status, response.headers.get('location')]).toEqual([302, location]);
    wandb.failures.set('viewer', { kind: 'redirect', location, status: 307 });
    expect((await call(wandb, viewer)).status).toBe(307);
  });

  it('closes the connection without a response or in the middle of one', async () => {
    const wandb = await failing('viewer', { kind: 'reset' });
    await expect(call(wandb, viewer)).rejects.toThrow('fetch failed');
    wandb.failures.set('viewer', { kind: 'truncated' });
    await expect(call(wandb, viewer)).rejects.toThrow('terminated');
  });

  it('never responses a call that is planned to time out', async () => {
    const wandb = await failing('viewer', { kind: 'timeout' });
    const giveUp = new AbortController();
    const aborted = expect(call(wandb, viewer, { signal: giveUp.signal })).rejects.toThrow('aborted');
    await expect.poll(() => wandb.requests.at(-1)?.failure, { timeout: 10_000 }).toBe('timeout');
    const [unresponded] = wandb.requests;
    expect((await call(wandb, entity)).status).toBe(200);
    expect(unresponded).toMatchObject({ failure: 'timeout', executed: false });
    expect(unresponded).not.toHaveProperty('endedAtMs');
    giveUp.abort();
    await aborted;
  });

  it('sends the real response byte by byte', async () => {
    const wandb = await failing('viewer', { kind: 'drip', everyMs: 1 });
    const socket = await send(wandb, '{"query":"{ viewer { username } }"}');
    const chunks: string[] = [];
    for await (const chunk of socket) chunks.push(String(chunk));
    const response = chunks.join('');
    expect(response.endsWith('\r\n\r\n{"data":{"viewer":{"username":"keysmith"}}}')).toBe(true);
    expect(chunks.length).toBeGreaterThan(3);
  });

  it('sends an endless response until the reader disconnects', async () => {
    const wandb = await failing('viewer', { kind: 'endless' });
    const socket = await send(wandb, '{"query":"{ viewer { username } }"}');
    let read = 0;
    for await (const chunk of socket) {
      read += chunk.length;
      if (read > 8 * 1024 * 1024) break;
    }
    expect(read).toBeGreaterThan(8 * 1024 * 1024);
    expect(await call(wandb, entity)).toMatchObject({ status: 200 });
  });

  it('ends endless responses when it stops', async () => {
    const wandb = await failing('viewer', { kind: 'endless' });
    const socket = await send(wandb, '{"query":"{ viewer { username } }"}');
    const closed = once(socket, 'close');
    await once(socket, 'data');
    await wandb.stop();
    await closed;
  });

  it('fails as many calls as planned, and a named operation before all others', async () => {
    const wandb = await startWandb();
    wandb.failures.set('*', { kind: 'status', status: 500 });
    wandb.failures.set('viewer', { kind: 'status', status: 403 }, { times: 2 });
    expect(wandb.failures.list()).toEqual([
      { operation: '*', failure: { kind: 'status', status: 500 } },
      { operation: 'viewer', failure: { kind: 'status', status: 403 }, times: 2 },
    ]);
    const statuses = [];
    for (const query of [viewer, entity, viewer, viewer]) statuses.push((await call(wandb, query)).status);
    expect(statuses).toEqual([403, 500, 403, 500]);
    wandb.failures.clear('*');
    expect((await call(wandb, viewer)).status).toBe(200);
    wandb.failures.set('entity', { kind: 'null' });
    wandb.failures.clear();
    expect(wandb.failures.list()).toEqual([]);
  });
});

/** Sends a call over a raw socket, which the server closes after its response. */
async function send(wandb: DrivenWandb, body: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(`${wandb.baseUrl}/graphql`);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    [
      `POST ${pathname} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      'connection: close',
      'content-type: application/json',
      `authorization: ${basic(wandb.apiKey)}`,
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
  return socket;
}
