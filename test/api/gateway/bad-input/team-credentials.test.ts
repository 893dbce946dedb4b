import { beforeEach, describe, expect, it, test } from 'vitest';
import { send } from '../../../send-request.ts';
import { teamOf } from '../../../store/contract/world.ts';
import { addKey, basic } from '../../../world/credential-world.ts';
import { teamKey } from '../../../world/gateway-world.ts';
import { LINES, sharedSmallGateway, UPSTREAM_KEY } from './small-gateway.ts';

const gateway = sharedSmallGateway();
beforeEach(() => {
  const { upstream, credentials } = gateway();
  upstream.reset();
  for (const team of ['ml-platform', 'vision']) {
    credentials.byTeam.set(team, teamKey(team, `${UPSTREAM_KEY}${team}`));
  }
});

const askAs = async (authorization: string, path: string, query?: string) => {
  const headers = { authorization, 'content-type': 'application/json' };
  const isGet = path.startsWith('/artifacts') || path.endsWith('.pt');
  const body = query === undefined ? '{}' : JSON.stringify({ query });
  const { status, body: text } = await send(`${gateway().url}${path}`, {
    method: isGet ? 'GET' : 'POST',
    headers,
    ...(!isGet && { body }),
  });
  return { status, code: JSON.parse(text).code as string | undefined, text };
};
/** Returns the teams whose credentials reached the W&B server. */
const used = () =>
  gateway().upstream.received.flatMap((text) => {
    const [, sent = ''] = /^authorization: Basic (\S+)/im.exec(text) ?? [];
    return sent === '' ? [] : [atob(sent).replace(`api:${UPSTREAM_KEY}`, '')];
  });
const project = (entity: string | undefined) =>
  `{ project(name: "demo"${entity === undefined ? '' : `, entityName: "${entity}"`}) { name } }`;

describe('an account of the whole organization', () => {
  let named = 0;
  const everywhere = async () => {
    const { world } = gateway();
    named += 1;
    const name = `everywhere-${named}`;
    const team = await teamOf(world.store, 'vision');
    return basic('api', (await addKey(world, { name, team, scope: 'organization' })).key);
  };

  test.each([
    ['the team it names', '/graphql', project('ml-platform'), ['ml-platform']],
    ['its default team, where it names none', '/graphql', project(undefined), ['vision']],
    ['its default team, for itself', '/graphql', '{ viewer { id } }', ['vision']],
    [
      'its default team, for an ID',
      '/graphql',
      'mutation { commitArtifact(input: { artifactID: "QQ==" }) { artifact { id } } }',
      ['vision'],
    ],
    ['the team of lines', LINES, undefined, ['ml-platform']],
    ['the team of a file', '/files/vision/demo/run1/a.pt', undefined, ['vision']],
    ['the team of an artifact', '/artifacts/ml-platform/0a1b', undefined, ['ml-platform']],
  ])('gets the credential of %s', async (_what, path, query, teams) => {
    expect((await askAs(await everywhere(), path, query)).status).toBe(200);
    expect(used()).toEqual(teams);
  });

  it('gets no other credential where that team has none, whatever the other teams have', async () => {
    const { credentials, upstream } = gateway();
    credentials.byTeam.delete('ml-platform');
    credentials.byTeam.set('vision', teamKey('vision', `${UPSTREAM_KEY}vision`, true));
    const account = await everywhere();
    const requests = [
      [
        '/graphql',
        `mutation { upsertBucket(input: { entityName: "ml-platform", modelName: "demo", name: "r" }) { bucket { id } } }`,
      ],
      ['/graphql', project('ml-platform')],
      [LINES, undefined],
      ['/artifacts/ml-platform/0a1b', undefined],
    ] as const;
    for (const [path, query] of requests) {
      expect([path, await askAs(account, path, query)]).toMatchObject([
        path,
        { status: 403, code: 'no_upstream_credential' },
      ]);
    }
    expect(upstream.received).toEqual([]);
  });

  it('finds no object by its ID alone with a credential that reaches more than one team', async () => {
    gateway().credentials.byTeam.set('vision', teamKey('vision', `${UPSTREAM_KEY}vision`, true));
    const byId = 'mutation { commitArtifact(input: { artifactID: "QQ==" }) { artifact { id } } }';
    expect(await askAs(await everywhere(), '/graphql', byId)).toMatchObject({
      status: 200,
      code: 'unseen_id',
    });
    expect(gateway().upstream.received).toEqual([]);
  });

  it('reaches one team with each request', async () => {
    const two = `{ a: ${project('vision').slice(2, -2)} b: ${project('ml-platform').slice(2, -2)} }`;
    expect(await askAs(await everywhere(), '/graphql', two)).toMatchObject({
      status: 403,
      code: 'several_teams',
    });
    expect(gateway().upstream.received).toEqual([]);
  });
});

it('counts every request as a use of its key', async () => {
  const { world, added, authorization } = gateway();
  const { client, ports, clock } = world;
  const lastUse = () =>
    client.prepare('SELECT last_used_at_ms AS at FROM api_keys WHERE key_id = ?').get(added.keyId);
  const requests = [
    ['/graphql', project(undefined)],
    [LINES, undefined],
    ['/files/ml-platform/demo/run1/a.pt', undefined],
  ] as const;
  for (const [path, query] of requests) {
    clock.nowMs += 60_000;
    expect((await askAs(authorization, path, query)).status).toBe(200);
    await ports.lastUses.flush();
    expect([path, lastUse()]).toEqual([path, { at: clock.nowMs }]);
  }
});

describe('a team whose credential an administrator removes', () => {
  it('keeps the lines of its running runs waiting for ten minutes, and refuses others at once', async () => {
    const { authorization, credentials, upstream } = gateway();
    const lines = (run: string) => askAs(authorization, LINES.replace('run1', run));
    expect((await lines('running')).status).toBe(200);
    credentials.byTeam.delete('ml-platform');
    upstream.reset();

    expect(await lines('running')).toMatchObject({ status: 503, code: 'no_upstream_credential' });
    expect(await lines('new')).toMatchObject({ status: 403, code: 'no_upstream_credential' });
    gateway().advance(10 * 60_000 + 1_000);
    expect(await lines('running')).toMatchObject({ status: 403, code: 'no_upstream_credential' });
    expect(upstream.received).toEqual([]);

    credentials.byTeam.set('ml-platform', teamKey('ml-platform', `${UPSTREAM_KEY}ml-platform`));
    expect((await lines('running')).status).toBe(200);
  });
});

it('asks a W&B server once more with a new credential that it rejects too, and never again', async () => {
  const { authorization, credentials, upstream } = gateway();
  credentials.next = teamKey('ml-platform', `${UPSTREAM_KEY}ml-platform`);
  upstream.respond = (socket) => void socket.end('HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n');
  try {
    expect((await askAs(authorization, '/graphql', project('ml-platform'))).status).toBe(503);
  } finally {
    credentials.next = undefined;
  }
  expect(used()).toHaveLength(2);
});

test.each([
  ['a space', ' ml-platform'],
  ['an invisible character', 'ml-platform\u200b'],
  ['a key', () => gateway().added.key],
])(
  'a document that names a team with %s reaches nothing, and the name is not logged',
  async (_what, name) => {
    const { authorization, upstream, world } = gateway();
    const entity = typeof name === 'string' ? name : name();
    expect(await askAs(authorization, '/graphql', project(entity))).toMatchObject({
      status: 400,
      code: 'invalid_name',
    });
    expect(upstream.received).toEqual([]);
    expect(world.log.text()).not.toContain(entity);
  },
);

test.each([
  'text/plain',
  'application/graphql',
  'multipart/form-data; boundary=a',
  'application/json-seq',
  '',
])('a document of the type %s is a 415 and reaches nothing', async (type) => {
  const { authorization, upstream, url } = gateway();
  const headers = { authorization, ...(type !== '' && { 'content-type': type }) };
  const body = JSON.stringify({ query: project('ml-platform') });
  expect((await send(`${url}/graphql`, { headers, body })).status).toBe(415);
  expect(upstream.received).toEqual([]);
});
