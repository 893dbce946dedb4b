import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { send } from '../../send-request.ts';
import { acmeTeams } from '../../world/acme-teams.ts';
import { basic } from '../../world/credential-world.ts';
import { type GatewayWorld, startGatewayWorld, TEAM, teamKey } from '../../world/gateway-world.ts';
import { sendBytes } from '../test-server.ts';
import { type ScriptedUpstream, startScriptedUpstream } from './scripted-upstream.ts';

let upstream: ScriptedUpstream;
let world: GatewayWorld;
beforeAll(async () => {
  upstream = await startScriptedUpstream('/wandb');
  const closed = { name: 'closed', visibility: 'restricted' as const, serviceAccounts: [] };
  const teams = acmeTeams().teams.map((team) =>
    team.name === TEAM ? { ...team, projects: [...team.projects, closed] } : team,
  );
  world = await startGatewayWorld({
    upstreamUrl: upstream.url,
    organization: { teams },
    mutations: ['deleteRun'],
  });
});
afterAll(async () => {
  await world.stop();
  await upstream.stop();
});
const own = teamKey(TEAM, 'upstream-key-of-the-team');
beforeEach(() => {
  upstream.reset();
  world.credentials.byTeam.set(TEAM, own);
  world.credentials.next = undefined;
});

const LINES = `/files/${TEAM}/demo/run1/file_stream`;
const FILE = `/files/${TEAM}/demo/run1/model.pt`;
const projectUrls = (entity = TEAM) => ({
  query: `query { project(name: "demo", entityName: "${entity}") { run(name: "run1") { id files { edges { node { url directUrl } } } } } }`,
});

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const sent = { 'content-type': 'application/json', authorization: world.authorization, ...headers };
  return send(`${world.baseUrl}${path}`, { headers: sent, body: JSON.stringify(body) });
}
function get(path: string, headers: Record<string, string> = { authorization: world.authorization }) {
  return send(`${world.baseUrl}${path}`, { method: 'GET', headers });
}
const messageOf = ({ body }: { body: string }) => JSON.parse(body).errors[0].message as string;

describe('a request without a valid credential', () => {
  const wrong = {
    none: undefined,
    'of another shape': basic('api', 'x'.repeat(40)),
    'a changed key': () => basic('api', `${world.key.slice(0, -9)}aaaaaaaaa`),
    'a Bearer token of another issuer': 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln',
  };
  for (const [name, value] of Object.entries(wrong)) {
    it.each(['/graphql', LINES, FILE, '/artifacts/ml-platform/0a', '/artifactsV2/us/ml-platform/demo/x/y'])(
      `gets 401 at %s and reaches nothing (${name})`,
      async (path) => {
        const authorization = typeof value === 'function' ? value() : value;
        const headers = authorization === undefined ? {} : { authorization };
        const isPost = path === '/graphql' || path === LINES;
        const response = await send(`${world.baseUrl}${path}`, {
          method: isPost ? 'POST' : 'GET',
          headers: { 'content-type': 'application/json', ...headers },
          ...(isPost && { body: '{}' }),
        });
        expect(response.status).toBe(401);
        expect(messageOf(response)).toMatch(/^Keysmith /);
        expect(upstream.requests).toEqual([]);
      },
    );
  }

  it('asks for an upgrade where SDK 0.17.5 sends no identity token', async () => {
    const response = await post('/graphql', {}, { authorization: basic('api', 'None') });
    expect(response.status).toBe(401);
    expect(messageOf(response)).toContain('Upgrade wandb');
  });

  it('gets the response although it is still sending a large body', async () => {
    const response = await send(`${world.baseUrl}${LINES}`, {
      headers: { authorization: basic('api', 'wrong'), 'content-type': 'application/json' },
      body: 'x'.repeat(8_000_000),
    });
    expect(response.status).toBe(401);
    expect(response.headers.connection).toBe('close');
    expect(upstream.requests).toEqual([]);
  });
});

describe('headers', () => {
  it('pass by a list to the W&B server, with the credential of the team', async () => {
    await post(
      LINES,
      {},
      {
        cookie: 'session=1',
        connection: 'keep-alive, x-wandb-hop',
        'proxy-authorization': 'Basic eDp5',
        'use-admin-privileges': 'true',
        'x-forwarded-for': '10.0.0.1',
        'x-forwarded-user': 'root',
        forwarded: 'for=10.0.0.1',
        'x-original-url': '/scim/Users',
        'x-http-method-override': 'DELETE',
        'x-keysmith-team': 'research',
        'x-wandb-hop': '1',
        'x-wandb-async-client-id': 'abc',
        'x-wandb-username': 'stranger',
        'x-wandb-user_email': 'ada@acme.test',
        'user-agent': 'wandb-core',
      },
    );
    const [{ headers, url } = { headers: {}, url: '' }] = upstream.requests;
    expect(url).toBe(`/wandb${LINES}`);
    expect(headers).toEqual({
      'accept-encoding': 'identity',
      authorization: own.authorization.reveal(),
      connection: 'keep-alive',
      'content-length': '2',
      'content-type': 'application/json',
      host: new URL(upstream.url).host,
      'user-agent': 'wandb-core',
      'x-wandb-async-client-id': 'abc',
    });
  });

  it('name the person to whom Keysmith attributes the run, and nobody else', async () => {
    await post(LINES, {}, { 'x-wandb-user-email': 'Ben@acme.test' });
    await post('/graphql', projectUrls(), { 'x-wandb-username': 'ada' });
    await post(LINES, {}, { 'x-wandb-user-email': 'stranger@evil.test', 'x-wandb-username': 'ada' });
    const sent = upstream.requests.map(({ headers }) => [
      headers['x-wandb-user-email'],
      headers['x-wandb-username'],
    ]);
    // The teams file states a username for Ben alone.
    expect(sent).toEqual([
      ['ben@acme.test', 'benj'],
      ['ada@acme.test', undefined],
      [undefined, undefined],
    ]);
  });

  it('come back without cookies, challenges and what concerns the connection', async () => {
    upstream.respond = (_request, response) => {
      response.writeHead(403, {
        'content-type': 'application/json',
        'set-cookie': 'a=b',
        'www-authenticate': 'Basic realm="wandb"',
        'alt-svc': 'h3=":443"',
        'strict-transport-security': 'max-age=1',
        'x-keysmith-team': 'x',
        'x-wandb-trace': '1',
        'ratelimit-remaining': '3',
      });
      response.end('{"error":"permission denied"}');
    };
    const { status, headers, body } = await post(LINES, {});
    expect([status, body]).toEqual([403, '{"error":"permission denied"}']);
    expect(headers).toMatchObject({ 'x-wandb-trace': '1', 'ratelimit-remaining': '3' });
    expect(Object.keys(headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/cookie|authenticate|alt-svc|strict|keysmith/)]),
    );
  });
});

it('refuses a document whose variables would take seconds to parse', async () => {
  const nested = `${'['.repeat(60)}${']'.repeat(60)},`.repeat(3_000);
  const response = await send(`${world.baseUrl}/graphql`, {
    headers: { 'content-type': 'application/json', authorization: world.authorization },
    body: `{"query":"{ viewer { id } }","variables":{"a":[${nested}0]}}`,
  });
  expect([response.status, messageOf(response)]).toEqual([
    400,
    'The body is nested too deeply or has too many values.',
  ]);
  expect(upstream.requests).toEqual([]);
});

it('forwards a mutation that KEYSMITH_UPSTREAM_MUTATIONS names', async () => {
  await post('/graphql', { query: 'mutation { deleteRun(input: { id: "UnVuOjE=" }) { clientMutationId } }' });
  expect(upstream.requests).toHaveLength(1);
});

describe('the team of a request', () => {
  it.each([
    ['a path of another team', () => get('/files/research/demo/run1/a')],
    ['a path of a team that does not exist', () => get('/files/nobody/demo/run1/a')],
    ['artifacts of another team', () => get('/artifacts/research/0a')],
    ['a document of another team', () => post('/graphql', projectUrls('research'))],
    [
      'lines of a project that is closed to the account',
      () => post(`/files/${TEAM}/closed/r/file_stream`, {}),
    ],
    ['a file of such a project', () => get(`/files/${TEAM}/closed/r/a`)],
    ['an artifact of such a project', () => get(`/artifactsV2/us/${TEAM}/closed/x/y`)],
    ['a document of such a project', () => post('/graphql', { query: '{ project(name: "closed") { id } }' })],
    [
      'a run of such a project',
      () =>
        post('/graphql', {
          query: `mutation A($p: String) { upsertBucket(input: { entityName: "${TEAM}", modelName: $p, name: "r" }) { bucket { id } } }`,
          variables: { p: 'closed' },
        }),
    ],
    [
      'a document of two teams',
      () =>
        post('/graphql', {
          query: `{ a: project(name: "x", entityName: "${TEAM}") { id } b: project(name: "x", entityName: "research") { id } }`,
        }),
    ],
  ])('refuses %s', async (_what, request) => {
    const response = await request();
    expect(messageOf(response)).toMatch(/^Keysmith refused the request/);
    expect(upstream.requests).toEqual([]);
  });

  it.each([
    ['a team with a space before it', () => [` ${TEAM}`, 'demo']],
    ['a project with a slash', () => [TEAM, 'demo/x']],
    ['a key as the team', () => [world.key, 'demo']],
    ['a key as the project', () => [TEAM, world.key]],
  ])('is refused, and not logged, if it names %s', async (_what, names) => {
    const [entity = '', name] = names();
    const query = 'query A($e: String, $p: String) { project(name: $p, entityName: $e) { id } }';
    const response = await post('/graphql', { query, variables: { e: entity, p: name } });
    expect([response.status, JSON.parse(response.body).code]).toEqual([400, 'invalid_name']);
    expect(world.workspace.logs()).not.toContain(world.key);
    expect(upstream.requests).toEqual([]);
  });

  it('without a credential serves what SDKs ask to identify themselves, and says whom to ask for the rest', async () => {
    world.credentials.byTeam.delete(TEAM);
    const viewer = await post('/graphql', { query: '{ viewer { entity username } }' });
    expect(JSON.parse(viewer.body).data.viewer).toEqual({ entity: TEAM, username: 'nightly-eval' });
    const upsert = await post('/graphql', {
      query: `mutation { upsertBucket(input: { entityName: "${TEAM}", modelName: "demo", name: "r" }) { bucket { id } } }`,
    });
    for (const response of [upsert, await post('/graphql', projectUrls()), await post(LINES, {})]) {
      expect(messageOf(response)).toContain(`The team ${TEAM} has no W&B credential`);
    }
    expect((await get('/forward-auth')).status).toBe(200);
    expect(upstream.requests).toEqual([]);
  });

  it('with a wider credential lets only IDs pass that the account has seen', async () => {
    world.credentials.byTeam.set(TEAM, { ...own, isWider: true });
    const byId = {
      query: 'mutation { commitArtifact(input: { artifactID: "QXJ0aWZhY3Q6MQ==" }) { artifact { id } } }',
    };
    expect(messageOf(await post('/graphql', byId))).toContain('by its ID alone');
    expect(upstream.requests).toEqual([]);
    upstream.respond = (_request, response) =>
      void response.end('{"data":{"project":{"run":{"id":"QXJ0aWZhY3Q6MQ==","files":{"edges":[]}}}}}');
    expect((await post('/graphql', projectUrls())).status).toBe(200);
    expect((await post('/graphql', byId)).status).toBe(200);
    expect(upstream.requests).toHaveLength(2);
  });
});

describe('the W&B server', () => {
  it('gets a request again with a new credential when it rejects the first', async () => {
    world.credentials.next = teamKey(TEAM, 'new');
    upstream.respond = (request, response) => {
      const isNew = request.headers.authorization === world.credentials.next?.authorization.reveal();
      response.writeHead(isNew ? 200 : 401).end('{"data":{}}');
    };
    expect((await post('/graphql', projectUrls())).status).toBe(200);
    expect(upstream.requests).toHaveLength(2);
  });

  it.each([
    ['a document', 2, () => post('/graphql', projectUrls())],
    // Their body may be gone.
    ['lines', 1, () => post(LINES, {})],
    ['a download', 2, () => get(FILE)],
  ])('that rejects the new credential too gets %s %i times', async (_what, times, request) => {
    world.credentials.next = teamKey(TEAM, 'new');
    upstream.respond = (_request, response) => void response.writeHead(401).end();
    const { status, headers } = await request();
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(upstream.requests).toHaveLength(times);
  });

  it('that rejects the credential is a 503 although no new one can be looked for', async () => {
    const lookUp = vi.spyOn(world.credentials, 'renew').mockRejectedValueOnce(new Error('no database'));
    upstream.respond = (_request, response) => void response.writeHead(401).end();
    const { status, headers } = await get(FILE);
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    lookUp.mockRestore();
  });

  it('accepts the credential with every response but a 401', async () => {
    const accepted = vi.spyOn(world.credentials, 'accepted');
    for (const status of [200, 403, 401, 500]) {
      upstream.respond = (_request, response) => void response.writeHead(status).end('{}');
      await get(FILE);
    }
    expect(accepted.mock.calls).toEqual([[own], [own], [own]]);
    accepted.mockRestore();
  });

  it.each([
    ['a document', () => post('/graphql', projectUrls())],
    ['lines', () => post(LINES, {})],
    ['a download', () => get(FILE)],
  ])('that rejects the credential is never a 401 for %s', async (_what, request) => {
    upstream.respond = (_request, response) => void response.writeHead(401).end('{"error":"invalid key"}');
    const response = await request();
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('30');
    expect(messageOf(response)).toContain('no W&B credential that works for the team');
    expect(response.body + JSON.stringify(response.headers)).not.toContain('upstream-key');
  });

  it.each([['closes the connection', (socket: { destroy(): void }) => socket.destroy()]])(
    'that %s is a 503 with Retry-After',
    async (_what, act) => {
      upstream.respond = (request) => act(request.socket);
      for (const response of [
        await post('/graphql', projectUrls()),
        await post(LINES, {}),
        await get(FILE),
      ]) {
        expect(response.status).toBe(503);
        expect(response.headers['retry-after']).toBe('5');
      }
    },
  );

  it('that breaks off in the middle breaks off for the client too', async () => {
    upstream.respond = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('half');
      setTimeout(() => response.destroy(), 20);
    };
    await expect(get(FILE)).rejects.toThrow();
    expect((await post('/graphql', projectUrls())).status).toBe(503);
  });

  test.each([
    ['/wandb/files/ml-platform/demo/run1/b.pt?x=1', 302, '/files/ml-platform/demo/run1/b.pt?x=1'],
    ['b.pt', 302, '/files/ml-platform/demo/run1/b.pt'],
    ['/wandb/scim/Users', 502, undefined],
    ['/files/ml-platform/demo/run1/b.pt', 502, undefined],
    ['javascript:alert(1)', 502, undefined],
    ['https://bucket.test/b.pt?signature=s', 302, 'https://bucket.test/b.pt?signature=s'],
    ['http://169.254.169.254/latest', 302, 'http://169.254.169.254/latest'],
  ])('that redirects a download to %s', async (location, status, expected) => {
    upstream.respond = (_request, response) => void response.writeHead(302, { location }).end();
    const response = await get(FILE);
    expect(response.status).toBe(status);
    const to = expected?.startsWith('/') ? `${world.baseUrl}${expected}` : expected;
    expect(response.headers.location).toBe(to);
    expect(upstream.requests).toHaveLength(1);
  });

  test.each([
    [LINES.replace('run1', 'run2'), 307, LINES.replace('run1', 'run2')],
    [FILE, 502, undefined],
    ['/artifacts/ml-platform/0a', 502, undefined],
    ['https://bucket.test/lines', 307, 'https://bucket.test/lines'],
  ])('that redirects lines to %s', async (to, status, expected) => {
    const location = to.startsWith('/') ? `/wandb${to}` : to;
    upstream.respond = (_request, response) => void response.writeHead(307, { location }).end();
    const response = await post(LINES, {});
    expect(response.status).toBe(status);
    expect(response.headers.location).toBe(
      expected?.startsWith('/') ? `${world.baseUrl}${expected}` : expected,
    );
    expect(upstream.requests).toHaveLength(1);
  });

  const answerWith = (url: string) =>
    JSON.stringify({ data: { project: { run: { files: { edges: [{ node: { url, directUrl: url } }] } } } } });
  const urlIn = (body: string) => JSON.parse(body).data.project.run.files.edges[0].node.url as string;

  test.each([
    ['/files/ml-platform/demo/run1/b.pt', () => `${world.baseUrl}/files/ml-platform/demo/run1/b.pt`],
    [
      () => `${upstream.url}/files/ml-platform/demo/run1/b%20c.pt`,
      () => `${world.baseUrl}/files/ml-platform/demo/run1/b%20c.pt`,
    ],
    [() => `${upstream.url}/storage/b?signature=s`, () => `${upstream.url}/storage/b?signature=s`],
    ['storage/b', () => `${upstream.url}/storage/b`],
    ['https://bucket.test/b?signature=s', () => 'https://bucket.test/b?signature=s'],
  ])('that answers with the URL %s', async (sent, expected) => {
    const url = typeof sent === 'string' ? sent : sent();
    upstream.respond = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(answerWith(url)));
    };
    const { status, body } = await post('/graphql', projectUrls());
    expect([status, urlIn(body)]).toEqual([200, expected()]);
    expect(upstream.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  test.each([
    ['a page instead of JSON', 200, '<html>', 502],
    ['an error page', 500, '<html>', 500],
    ['JSON that is nested too deeply', 200, `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 200],
    ['JSON that has too many values', 200, `{"data":[${'[],'.repeat(600_000)}0]}`, 200],
  ])('that answers a masked document with %s', async (_what, status, body, expected) => {
    upstream.respond = (_request, response) => void response.writeHead(status).end(body);
    const response = await post('/graphql', projectUrls());
    expect(response.status).toBe(expected);
    expect(response.body).not.toContain('<html>');
    expect(messageOf(response)).toMatch(/W&B server/);
  });

  it.each([204, 304])('that has nothing to send (%i) states a length', async (status) => {
    upstream.respond = (_request, response) =>
      void response.writeHead(status, { 'content-length': '2', etag: '"a"' }).end();
    const response = await get(FILE);
    expect([response.status, response.body, response.headers.etag]).toEqual([status, '', '"a"']);
  });
});

describe('bytes on the wire', () => {
  const head = (line: string, ...headers: string[]) =>
    `${[line, 'Host: x', `Authorization: ${world.authorization}`, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;

  it('include 100 Continue only after the credential was checked', async () => {
    const expecting = (authorization: string) =>
      `POST ${LINES} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
    const refused = await sendBytes(world.baseUrl, expecting(basic('api', 'wrong')));
    expect(refused).toMatch(/^HTTP\/1\.1 401 /);
    const accepted = await sendBytes(world.baseUrl, `${expecting(world.authorization)}{}`);
    expect(accepted).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    expect(upstream.requests[0]?.headers.expect).toBeUndefined();
  });

  it.each([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3']],
    ['a length beside chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked']],
    ['an unknown coding', ['Transfer-Encoding: gzip, chunked, identity']],
    ['a length that has letters', ['Content-Length: 2x']],
  ])('with %s are refused', async (_what, headers) => {
    const response = await sendBytes(world.baseUrl, `${head(`POST ${LINES} HTTP/1.1`, ...headers)}{}`);
    expect(response).toMatch(/^HTTP\/1\.1 4/);
    expect(upstream.requests).toEqual([]);
  });

  it('that ask for another protocol are an ordinary request', async () => {
    const upgrade = `GET ${FILE} HTTP/1.1\r\nHost: x\r\nAuthorization: ${world.authorization}\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`;
    expect(await sendBytes(world.baseUrl, upgrade)).toMatch(/^HTTP\/1\.1 200 /);
    expect(upstream.requests[0]?.headers.upgrade).toBeUndefined();
  });

  it.each([
    'GET http://other.test/files/ml-platform/demo/run1/a',
    'GET //other.test/files/ml-platform/demo/run1/a',
    'GET /files/ml-platform/demo/run1/../../../../scim/Users',
    'GET /files/ml-platform/demo/run1/a\\..\\b',
    'GET /files/ml-platform/demo/run1/%2e%2e%2fscim',
    'HEAD /files/ml-platform/demo/run1/a',
    'OPTIONS /graphql',
    'GET /graphql?query={viewer{id}}',
    'PUT /files/ml-platform/demo/run1/a',
    'GET /scim/v2/Users',
    'POST /oauth/token',
    'GET /api/admin',
  ])('%s reach nothing', async (line) => {
    const response = await sendBytes(world.baseUrl, head(`${line} HTTP/1.1`));
    expect(response).toMatch(/^HTTP\/1\.1 40[045] /);
    expect(upstream.requests).toEqual([]);
  });

  it('of a GraphQL request go upstream without the query of its URL', async () => {
    await post('/graphql?query=%7Busers%7Bid%7D%7D', projectUrls());
    expect(upstream.requests[0]?.url).toBe('/wandb/graphql');
  });
});

describe('the link of a run', () => {
  it.each([
    ['/ml-platform/demo/runs/run1', 302, 'https://wandb.acme.test/ml-platform/demo/runs/run1'],
    ['/ml-platform/my%20demo', 302, 'https://wandb.acme.test/ml-platform/my%20demo'],
    ['/evil.test%2F..%2Fx/demo', 404, undefined],
    ['//evil.test/demo', 404, undefined],
    ['/oidc/token', 405, undefined],
    ['/slack/other', 404, undefined],
    ['/scim/Users', 404, undefined],
    ['/healthz', 200, undefined],
  ])('%s', async (path, status, location) => {
    const response = await get(path, {});
    expect([response.status, response.headers.location]).toEqual([status, location]);
  });
});

it('counts what it forwards, masks and refuses, without names', async () => {
  const masked = { query: `{ entity(name: "${TEAM}") { members { apiKey } } }` };
  await post('/graphql', masked);
  await post('/graphql', { query: 'mutation { generateApiKey(input: {}) { apiKey { name } } }' });
  await post(LINES, {});
  const { body } = await get('/metrics', {});
  const value = (sample: string) =>
    Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`${sample} `))
        ?.slice(sample.length),
    );
  expect(value('keysmith_upstream_requests_total{kind="file_stream",outcome="2xx"}')).toBeGreaterThan(0);
  expect(value('keysmith_upstream_requests_total{kind="graphql",outcome="rejected"}')).toBeGreaterThan(0);
  expect(value('keysmith_upstream_request_duration_seconds_count{kind="graphql"}')).toBeGreaterThan(0);
  expect(value('keysmith_gateway_bytes_total{direction="sent"}')).toBeGreaterThan(0);
  expect(value('keysmith_gateway_masked_fields_total')).toBeGreaterThan(0);
  expect(value('keysmith_gateway_refusals_total{reason="mutation"}')).toBe(1);
  expect(body).not.toMatch(/ml-platform|nightly-eval|demo|run1/);
});
