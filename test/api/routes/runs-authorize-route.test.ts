import { beforeEach, describe, expect, test } from 'vitest';
import { FORM, send } from '../../send-request.ts';
import { addKey, basic, revoke } from '../../world/credential-world.ts';
import { allowed, BEN, EVE, openRunWorld, type RunWorld, refused, TEAMS } from './run-world.ts';

let world: RunWorld['world'];
let url: string;
let key: string;
let account: RunWorld['account'];
let authorize: RunWorld['authorize'];
beforeEach(async () => {
  ({ world, url, key, account, authorize } = await openRunWorld());
});

describe('A run of a team’s account', () => {
  test('may go to any project of its team, but to a restricted project only if the account was added', async () => {
    const projects = ['benchmarks', 'papers', 'site', 'secret-sauce', 'not-listed'];
    for (const project of projects) {
      for (const entity of ['ml-platform', undefined, null, '', ' ']) {
        const response = await authorize({ entity, project, username: 'benj' });
        expect(response).toEqual(allowed('ml-platform', project, BEN, 'attributed'));
      }
    }
    expect(await authorize({ project: 'vault', username: 'benj' })).toEqual(refused('not_added_to_project'));
  });

  test('may go to open projects of other teams, and is attributed only to members of the project’s team', async () => {
    const run = { entity: 'vision', project: 'open-images' };

    expect(await authorize(run)).toEqual(allowed('vision', 'open-images', null, 'no_user_named'));
    expect(await authorize({ ...run, username: 'eve' })).toEqual(
      allowed('vision', 'open-images', EVE, 'attributed'),
    );
    expect(await authorize({ ...run, email: 'ada@acme.test' })).toEqual(
      allowed('vision', 'open-images', null, 'user_not_in_team'),
    );
    expect(await authorize({ project: 'papers', username: 'eve' })).toEqual(
      allowed('ml-platform', 'papers', null, 'user_not_in_team'),
    );
  });

  test('gets the same refusal for every project and team without access, whether they exist or not', async () => {
    const entities = ['vision', 'no-such-team', 'Vision', 'vision ', 'équipe', '%', "'--", '\ud800'];
    const projects = ['faces', 'site', 'vault', 'shared', 'not-listed', 'équipe'];
    const users = [{}, { username: 'eve' }, { email: 'nobody@acme.test' }];
    const responses = new Set<string>();
    for (const entity of entities) {
      const runs = projects.flatMap((project) => users.map((named) => ({ entity, project, ...named })));
      const results = await Promise.all(runs.map((run) => authorize(run)));
      for (const result of results) responses.add(JSON.stringify(result));
    }
    expect([...responses]).toEqual([JSON.stringify(refused('not_open_to_account'))]);
  });

  test('is refused for an archived team as for one that never existed', async () => {
    const without = { ...TEAMS, teams: TEAMS.teams.filter(({ name }) => name !== 'vision') };
    await world.store.applyOrganization(without, world.clock.nowMs);

    expect(await authorize({ entity: 'vision', project: 'open-images' })).toEqual(
      refused('not_open_to_account'),
    );
  });

  test('is authorized by key or access token until the account is revoked', async () => {
    const token = (await world.ports.accessTokens.issue(account)).token.reveal();
    const authorization = `Bearer ${token}`;
    expect((await authorize({ project: 'papers' }, { authorization })).status).toBe(200);

    await revoke(world, account.id);

    for (const by of [authorization, basic('api', key)]) {
      const { status, body } = await authorize({ project: 'papers' }, { authorization: by });
      expect([status, body.error]).toEqual([401, 'invalid_token']);
    }
  });
});

describe('A run of an organization’s account', () => {
  test('may go to unrestricted projects of any team, by default of its own', async () => {
    const added = await addKey(world, { name: 'everywhere', scope: 'organization' });
    const runs: [string, object, unknown][] = [
      ['its default team', { project: 'papers' }, allowed('ml-platform', 'papers', null, 'no_user_named')],
      [
        'private projects of any team',
        { entity: 'vision', project: 'faces', email: 'EVE@acme.test' },
        allowed('vision', 'faces', EVE, 'attributed'),
      ],
      [
        'projects that are not listed',
        { entity: 'vision', project: 'new', username: 'ada' },
        allowed('vision', 'new', null, 'user_not_in_team'),
      ],
      ['a restricted project', { entity: 'vision', project: 'vault' }, refused('not_added_to_project')],
      ['a restricted project of its own team', { project: 'vault' }, refused('not_added_to_project')],
      ['a team that does not exist', { entity: 'no-such-team', project: 'papers' }, refused('no_such_team')],
    ];
    for (const [what, run, expected] of runs) {
      expect(await authorize(run, { authorization: `Bearer ${added.key}` }), what).toEqual(expected);
    }
  });

  test('may go to a restricted project that lists it with its team, but not in place of a namesake', async () => {
    const added = await addKey(world, { name: 'nightly-eval', scope: 'organization', team: world.vision });
    const authorization = `Bearer ${added.key}`;

    expect(await authorize({ project: 'vault' }, { authorization })).toMatchObject({ status: 200 });
    const other = { entity: 'ml-platform', project: 'secret-sauce' };
    expect(await authorize(other, { authorization })).toEqual(refused('not_added_to_project'));
  });
});

describe('A request to authorize a run', () => {
  test('is refused if its body does not describe a run', async () => {
    const runs: [string, unknown][] = [
      ['no project', {}],
      ['an empty project', { project: '' }],
      ['a project of spaces', { project: ' \u00a0' }],
      ['a project that is null', { project: null }],
      ['a project that is a number', { project: 1 }],
      ['a list of projects', { project: ['papers'] }],
      ['a project that is an object', { project: { name: 'papers' } }],
      ['a long project', { project: 'a'.repeat(129) }],
      ['a huge project', { project: 'a'.repeat(200_000) }],
      ['a project of two lines', { project: 'papers\nX-A: b' }],
      ['a project with a NUL', { project: 'papers\0' }],
      ['a project with a delete character', { project: 'papers\u007f' }],
      ['a key as the project', { project: `keysmith_${'a'.repeat(12)}-${'b'.repeat(40)}` }],
      [
        'a Slack token as the email address',
        { project: 'papers', email: 'xoxb-123456789012-1234567890123-AbCdEfGhIjKl' },
      ],
      [
        'a W&B key with a prefix as the username',
        { project: 'papers', username: `local-${'0a1b2c3d'.repeat(5)}` },
      ],
      ['an entity that is a number', { project: 'papers', entity: 1 }],
      ['an entity that is a list', { project: 'papers', entity: ['ml-platform'] }],
      ['an entity that is a boolean', { project: 'papers', entity: true }],
      ['a huge entity', { project: 'papers', entity: 'a'.repeat(200_000) }],
      ['an entity with a NUL', { project: 'papers', entity: 'ml-platform\0' }],
      ['a username that is a number', { project: 'papers', username: 7 }],
      ['a username that is an object', { project: 'papers', username: {} }],
      ['a huge username', { project: 'papers', username: 'a'.repeat(200_000) }],
      ['a username with a control character', { project: 'papers', username: 'ben\u001bj' }],
      ['addresses in a list', { project: 'papers', email: ['ben@acme.test'] }],
      ['a huge address', { project: 'papers', email: `${'a'.repeat(200_000)}@acme.test` }],
      ['a list', [{ project: 'papers' }]],
      ['null', 'null'],
      ['a JSON string', '"papers"'],
      ['text that is not JSON', '{project: papers}'],
      ['JSON that sets __proto__', '{"project":"papers","__proto__":{"entity":"vision"}}'],
    ];
    for (const [what, run] of runs) {
      const { status, body } = await authorize(run);
      expect([what, status, body]).toEqual([
        what,
        400,
        { error: 'invalid_request', error_description: expect.stringMatching(/^[ !#-[\]-~]+$/) },
      ]);
    }
  });

  test('may have unknown fields, which change nothing', async () => {
    const run = {
      project: 'papers',
      allowed: true,
      scope: 'organization',
      account: 'x',
      ENTITY: 'vision',
      tags: [],
    };

    expect(await authorize(run)).toEqual(allowed('ml-platform', 'papers', null, 'no_user_named'));
  });

  test('gets its project name back unchanged', async () => {
    for (const project of ['a b', 'Größe 9', '🧪', '<b>', '"a"', 'a'.repeat(128), 'constructor']) {
      expect(await authorize({ project })).toEqual(allowed('ml-platform', project, null, 'no_user_named'));
    }
  });

  test('must be JSON and carry a valid credential', async () => {
    const form = { 'content-type': FORM };
    const errorOf = async (response: Promise<{ status: number; body: { error: string } }>) => {
      const { status, body } = await response;
      return [status, body.error];
    };
    expect(await errorOf(authorize('project=papers', { headers: form }))).toEqual([
      415,
      'unsupported_content_type',
    ]);
    expect(await errorOf(authorize('papers', { headers: { 'content-type': 'text/plain' } }))).toEqual([
      415,
      'unsupported_content_type',
    ]);
    expect(await errorOf(authorize({ project: 'papers' }, { authorization: 'Bearer nonsense' }))).toEqual([
      401,
      'invalid_token',
    ]);
    const anonymous = await send(url, {
      headers: { 'content-type': 'application/json' },
      body: '{"project":"a"}',
    });
    expect([anonymous.status, JSON.parse(anonymous.body).error]).toEqual([401, 'missing_credential']);
    expect(anonymous.headers['www-authenticate']).toContain('Bearer');
  });

  test('gets a 503 while the database is unavailable', async () => {
    world.client.exec('ALTER TABLE projects RENAME TO gone');

    const { status, body } = await authorize({ project: 'papers' });

    expect([status, body.error]).toEqual([503, 'temporarily_unavailable']);
  });

  test('is logged with the reason and without the key if the run is refused', async () => {
    await authorize({ entity: 'vision', project: 'faces' });

    const line = world.log.lines.find(({ msg }) => msg === 'run refused');
    expect(line).toMatchObject({ account: account.id, entity: 'vision', reason: 'not_open_to_account' });
    expect(world.log.text()).not.toContain(key.slice(-40));
  });

  test('writes a few lines to the log, however many are refused', async () => {
    for (let nth = 0; nth < 15; nth += 1) await authorize({ entity: 'vision', project: 'faces' });

    const lines = world.log.lines.filter(({ msg, level }) => msg === 'run refused' && Number(level) >= 30);
    expect(lines).toHaveLength(10);
  });

  test('does not reach the log by its team if that is not a possible name, such as a misplaced token', async () => {
    const misplaced = `x${(await world.ports.accessTokens.issue(account)).token.reveal()}`.slice(-300);

    expect((await authorize({ entity: misplaced, project: 'faces' })).status).toBe(403);

    expect(world.log.lines.find(({ msg }) => msg === 'run refused')).not.toHaveProperty('entity');
    expect(world.log.text()).not.toContain(misplaced.slice(-40));
  });
});
