import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../../send-request.ts';
import { type GatewayWorld, startGatewayWorld, TEAM } from '../../world/gateway-world.ts';
import { type ScriptedUpstream, startScriptedUpstream } from './scripted-upstream.ts';

const DAY_MS = 24 * 60 * 60_000;

let upstream: ScriptedUpstream;
let world: GatewayWorld;
beforeAll(async () => {
  upstream = await startScriptedUpstream();
  world = await startGatewayWorld({ upstreamUrl: upstream.url });
});
afterAll(async () => {
  await world.stop();
  await upstream.stop();
});

const linesOf = (run: string) => `/files/${TEAM}/demo/${run}/file_stream`;

function post(path: string, body: unknown) {
  const headers = { 'content-type': 'application/json', authorization: world.authorization };
  return send(`${world.baseUrl}${path}`, { headers, body: JSON.stringify(body) });
}

/** Starts an upload and waits until it has reached the W&B server. */
async function startUpload(run: string) {
  const sent: ClientRequest = request(`${world.baseUrl}${linesOf(run)}`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: world.authorization,
      'content-type': 'application/json',
      'content-length': 1_000_000,
    },
  });
  sent.on('error', () => {});
  const response = new Promise<IncomingMessage>((resolve) => sent.on('response', resolve));
  sent.write('{');
  const upstreamEnded = Promise.withResolvers<void>();
  await new Promise<void>((resolve) => {
    upstream.respond = (received) => {
      received.on('close', upstreamEnded.resolve);
      resolve();
    };
  });
  return { sent, response, upstreamEnded: upstreamEnded.promise };
}

/** Starts a request, and waits until it has reached the W&B server. */
async function startRequest(method: string, path: string, respond: (response: ServerResponse) => void) {
  const headers = { authorization: world.authorization, 'content-type': 'application/json' };
  const sent = request(`${world.baseUrl}${path}`, { method, agent: false, headers });
  sent.on('error', () => {});
  const response = new Promise<IncomingMessage>((resolve) => sent.on('response', resolve));
  sent.end(method === 'POST' ? '{"query":"{ viewer { id } }"}' : undefined);
  const upstreamEnded = Promise.withResolvers<void>();
  await new Promise<void>((resolve) => {
    upstream.respond = (_received, answer) => {
      answer.on('close', upstreamEnded.resolve);
      respond(answer);
      resolve();
    };
  });
  return { sent, response, upstreamEnded: upstreamEnded.promise };
}

async function expectEnded({ response }: Awaited<ReturnType<typeof startUpload>>) {
  const received = await response;
  return { status: received.statusCode, body: await text(received) };
}

const askStopped = (runId: string) => ({
  query: `query RunStoppedStatus($projectName: String, $entityName: String, $runId: String!) {
    project(name: $projectName, entityName: $entityName) { run(name: $runId) { stopped } }
  }`,
  variables: { projectName: 'demo', entityName: TEAM as string | undefined, runId },
});

describe('a request to the gateway', () => {
  it('is logged with its account when it is the first that writes a run', async () => {
    upstream.reset();
    for (const run of ['first', 'second', 'first']) await post(linesOf(run), {});
    const lines = world.workspace
      .logs()
      .split('\n')
      .filter((line) => line.includes('run first written'))
      .map((line) => JSON.parse(line));

    expect(lines).toMatchObject([{ runId: 'first' }, { runId: 'second' }]);
    expect(lines[0]).toMatchObject({
      level: 30,
      account: expect.stringMatching(/^sa_/),
      accountName: 'nightly-eval',
      keyId: expect.any(String),
      entity: TEAM,
      project: 'demo',
    });
  });

  it('ends at the W&B server when its client leaves', async () => {
    const upload = await startUpload('left');
    upload.sent.destroy();
    await upload.upstreamEnded;
  });

  it('ends within seconds of its credential, with an answer that stops the run it wrote', async () => {
    upstream.reset();
    expect((await post(linesOf('written'), {})).status).toBe(200);
    upstream.respond = (_request, response) => void response.writeHead(403).end();
    expect((await post(linesOf('refused'), {})).status).toBe(403);
    const written = await startUpload('written');
    const other = await startUpload('other');

    const download = await startRequest('GET', `/files/${TEAM}/demo/written/model.pt`, (response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('a');
    });
    const received = await download.response;
    const document = await startRequest('POST', '/graphql', () => {});

    // The key expires after 90 days.
    world.workspace.clock.step(90 * DAY_MS);
    expect(await expectEnded(written)).toEqual({ status: 200, body: '{"stopped":true}' });
    expect(await expectEnded(other)).toMatchObject({ status: 401 });
    await expect(text(received)).rejects.toThrow();
    expect((await document.response).statusCode).toBe(401);
    const requests = [written, other, download, document];
    await Promise.all(requests.map(({ upstreamEnded }) => upstreamEnded));

    upstream.reset();
    expect((await post(linesOf('written'), {})).body).toBe('{"stopped":true}');
    expect(JSON.parse((await post('/graphql', askStopped('written'))).body)).toEqual({
      data: { project: { run: { stopped: true } } },
    });
    const withoutTeam = askStopped('written');
    withoutTeam.variables.entityName = undefined;
    expect((await post('/graphql', withoutTeam)).status).toBe(200);
    const refused = [
      await post(linesOf('other'), {}),
      await post(linesOf('refused'), {}),
      await post('/graphql', askStopped('other')),
      await post('/graphql', { query: '{ viewer { id } }' }),
      await post('/graphql', { query: 'x'.repeat(100_000) }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(upstream.requests).toEqual([]);
  });
});
