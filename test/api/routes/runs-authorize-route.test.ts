import type { FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, test } from 'vitest';
import { addRunsAuthorizeRoute } from '../../src/api/routes/runs-authorize-route.ts';
import { createAuthenticate } from '../../src/api/server/authenticate.ts';
import { createFailureLimit } from '../../src/api/server/failure-limit.ts';
import type { DesiredOrganization } from '../../src/application/ports/store.ts';
import type { ServiceAccount } from '../../src/domain/accounts/service-account.ts';
import { FORM, send } from '../send-request.ts';
import { DESIRED } from '../store/contract/world.ts';
import {
  addKey,
  basic,
  type CredentialWorld,
  openCredentialWorld,
  revoke,
} from '../world/credential-world.ts';
import { listen } from './api-edge.ts';

/** Ben is `benj` in both teams; Eve is of vision alone; Vera may only view. */
const TEAMS: DesiredOrganization = {
  ...DESIRED,
  teams: [
    {
      name: 'ml-platform',
      subjects: [],
      members: [
        { email: 'ada@acme.test', username: 'ada', role: 'admin' },
        { email: 'ben@acme.test', username: 'benj', role: 'member' },
        { email: 'vera@acme.test', username: 'vera', role: 'view-only' },
      ],
      projects: [
        { name: 'benchmarks', visibility: 'open', serviceAccounts: [] },
        { name: 'papers', visibility: 'private', serviceAccounts: [] },
        { name: 'site', visibility: 'public', serviceAccounts: [] },
        { name: 'secret-sauce', visibility: 'restricted', serviceAccounts: ['nightly-eval'] },
        { name: 'vault', visibility: 'restricted', serviceAccounts: ['another'] },
      ],
    },
    {
      name: 'vision',
      subjects: [],
      members: [
        { email: 'ben@acme.test', username: 'benj', role: 'admin' },
        { email: 'eve@acme.test', username: 'eve', role: 'member' },
      ],
      projects: [
        { name: 'open-images', visibility: 'open', serviceAccounts: [] },
        { name: 'faces', visibility: 'private', serviceAccounts: [] },
        { name: 'site', visibility: 'public', serviceAccounts: [] },
        { name: 'vault', visibility: 'restricted', serviceAccounts: ['nightly-eval'] },
        { name: 'shared', visibility: 'restricted', serviceAccounts: ['ml-platform/nightly-eval'] },
      ],
    },
  ],
};

let world: CredentialWorld;
let url: string;
let key: string;
let account: ServiceAccount;
beforeEach(async () => {
  world = await openCredentialWorld();
  await world.store.applyOrganization(world.organizationId, TEAMS, world.clock.nowMs);
  ({ key, account } = await addKey(world, { name: 'nightly-eval' }));
  const authenticate = createAuthenticate({ ports: world.ports, failureLimit: createFailureLimit() });
  const register = (server: FastifyInstance) =>
    addRunsAuthorizeRoute(server, { ports: world.ports, authenticate });
  url = `${await listen(register, { logger: world.log.logger })}/v1/runs/authorize`;
});

type Asked = { authorization?: string; headers?: Record<string, string> };

async function authorize(run: unknown, { authorization = basic('api', key), headers = {} }: Asked = {}) {
  const body = typeof run === 'string' ? run : JSON.stringify(run);
  const sent = { authorization, 'content-type': 'application/json', ...headers };
  const answer = await send(url, { headers: sent, body });
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  return { status: answer.status, body: JSON.parse(answer.body) };
}

const BEN = { username: 'benj', email: 'ben@acme.test' };
const EVE = { username: 'eve', email: 'eve@acme.test' };
const allowed = (entity: string, project: string, to: object | null, reason: string) => ({
  status: 200,
  body: { allowed: true, entity, project, attributed_to: to, reason },
});
const refused = (reason: string) => ({ status: 403, body: { allowed: false, reason } });

describe('A run of an account of one team', () => {
  test('goes to any project of its own team, named or not, and to the restricted one to which it was added', async () => {
    const projects = ['benchmarks', 'papers', 'site', 'secret-sauce', 'not-listed'];
    for (const project of projects) {
      for (const entity of ['ml-platform', undefined, null, '', ' ']) {
        const answer = await authorize({ entity, project, username: 'benj' });
        expect(answer).toEqual(allowed('ml-platform', project, BEN, 'attributed'));
      }
    }
    expect(await authorize({ project: 'vault', username: 'benj' })).toEqual(refused('not_added_to_project'));
  });

  test('goes to open projects of other teams, attributed to their people alone', async () => {
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

  test('is told the same of every other project, team and name that it does not reach, there or not', async () => {
    const answers = new Set<string>();
    for (const entity of ['vision', 'no-such-team', 'Vision', 'vision ', 'équipe', '%', "'--", '\ud800']) {
      for (const project of ['faces', 'site', 'vault', 'shared', 'not-listed', 'équipe']) {
        for (const named of [{}, { username: 'eve' }, { email: 'nobody@acme.test' }]) {
          answers.add(JSON.stringify(await authorize({ entity, project, ...named })));
        }
      }
    }
    expect([...answers]).toEqual([JSON.stringify(refused('not_open_to_account'))]);
  });

  test('is refused for a team that was archived, as for one that never was', async () => {
    const without = { ...TEAMS, teams: TEAMS.teams.filter(({ name }) => name !== 'vision') };
    await world.store.applyOrganization(world.organizationId, without, world.clock.nowMs);

    expect(await authorize({ entity: 'vision', project: 'open-images' })).toEqual(
      refused('not_open_to_account'),
    );
  });

  test('may be asked for with an access token, and no more once the account is revoked', async () => {
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

describe('A run of an account of the organization', () => {
  test('goes to what is not restricted of any team, its own by default', async () => {
    const added = await addKey(world, { name: 'everywhere', scope: 'organization' });
    const runs: [string, object, unknown][] = [
      ['its default team', { project: 'papers' }, allowed('ml-platform', 'papers', null, 'no_user_named')],
      [
        'private projects of any team',
        { entity: 'vision', project: 'faces', email: 'EVE@acme.test' },
        allowed('vision', 'faces', EVE, 'attributed'),
      ],
      [
        'projects that nobody lists',
        { entity: 'vision', project: 'new', username: 'ada' },
        allowed('vision', 'new', null, 'user_not_in_team'),
      ],
      ['no restricted one', { entity: 'vision', project: 'vault' }, refused('not_added_to_project')],
      ['nor one of its own team', { project: 'vault' }, refused('not_added_to_project')],
      ['no team that is none', { entity: 'no-such-team', project: 'papers' }, refused('no_such_team')],
    ];
    for (const [what, run, answer] of runs) {
      expect(await authorize(run, { authorization: `Bearer ${added.key}` }), what).toEqual(answer);
    }
  });

  test('goes to the restricted project to which it was added with its team, and not as a namesake', async () => {
    const added = await addKey(world, { name: 'nightly-eval', scope: 'organization', team: world.vision });
    const authorization = `Bearer ${added.key}`;

    expect(await authorize({ project: 'vault' }, { authorization })).toMatchObject({ status: 200 });
    const other = { entity: 'ml-platform', project: 'secret-sauce' };
    expect(await authorize(other, { authorization })).toEqual(refused('not_added_to_project'));
  });
});

describe('Whom a run names', () => {
  const attribution = async (run: object, headers: Record<string, string> = {}) => {
    const { status, body } = await authorize({ project: 'papers', ...run }, { headers });
    expect(status).toBe(200);
    return [body.reason, body.attributed_to?.username];
  };
  const USERNAME = 'x-wandb-username';
  const EMAIL = 'X-WANDB-USER-EMAIL';

  test('stands in the body or in the headers of the SDK, and in the body first', async () => {
    expect(await attribution({ username: 'benj' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [USERNAME]: 'benj' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [EMAIL]: 'ben@acme.test' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [USERNAME]: 'benj', [EMAIL]: 'ben@acme.test' })).toEqual([
      'attributed',
      'benj',
    ]);
    expect(await attribution({ username: 'ada' }, { [USERNAME]: 'benj' })).toEqual(['attributed', 'ada']);
    expect(await attribution({ email: 'ada@acme.test' }, { [EMAIL]: 'eve@acme.test' })).toEqual([
      'attributed',
      'ada',
    ]);
    expect(await attribution({ username: 'benj' }, { [EMAIL]: 'ada@acme.test' })).toEqual([
      'user_names_disagree',
      undefined,
    ]);
  });

  test('may be anybody of the team, also who may only view it', async () => {
    expect(await attribution({ username: 'vera' })).toEqual(['attributed', 'vera']);
    expect(await attribution({}, { [EMAIL]: 'vera@acme.test' })).toEqual(['attributed', 'vera']);
  });

  test('counts as absent where it is empty, wherever it stands', async () => {
    for (const empty of ['', ' ', null, undefined]) {
      expect(await attribution({ username: empty, email: empty })).toEqual(['no_user_named', undefined]);
      expect(await attribution({ username: empty, email: 'ben@acme.test' })).toEqual(['attributed', 'benj']);
      expect(await attribution({ username: empty }, { [USERNAME]: 'benj' })).toEqual(['attributed', 'benj']);
    }
    expect(await attribution({}, { [USERNAME]: '', [EMAIL]: ' ' })).toEqual(['no_user_named', undefined]);
    expect(await attribution({ username: 'benj' }, { [EMAIL]: '' })).toEqual(['attributed', 'benj']);
  });

  test('is an address in any letter case, and a user name letter for letter', async () => {
    expect(await attribution({ email: 'BEN@Acme.Test' })).toEqual(['attributed', 'benj']);
    expect(await attribution({}, { [EMAIL]: ' Ben@ACME.test ' })).toEqual(['attributed', 'benj']);
    expect(await attribution({ username: 'BENJ' })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({ username: 'ben@acme.test' })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({ email: 'benj' })).toEqual(['user_not_in_team', undefined]);
  });

  test('is nobody where it is too long, doubled or no text of ours; the run goes on', async () => {
    const long = 'a'.repeat(5_000);
    expect(await attribution({}, { [USERNAME]: long })).toEqual(['user_not_in_team', undefined]);
    // The right address beside it does not make up for it.
    expect(await attribution({ email: 'ben@acme.test' }, { [USERNAME]: long })).toEqual([
      'user_names_disagree',
      undefined,
    ]);
    expect(await attribution({}, { [USERNAME]: 'benj, benj' })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({}, { [USERNAME]: '\u00ff\u00e9' })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({ username: "benj' OR '1'='1" })).toEqual(['user_not_in_team', undefined]);
    expect(await attribution({ username: '%', email: '%@acme.test' })).toEqual([
      'user_not_in_team',
      undefined,
    ]);
  });
});

describe('What is sent', () => {
  test('is refused where it is no run', async () => {
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
      ['an entity that is a number', { project: 'papers', entity: 1 }],
      ['an entity that is a list', { project: 'papers', entity: ['ml-platform'] }],
      ['an entity that is a truth', { project: 'papers', entity: true }],
      ['a huge entity', { project: 'papers', entity: 'a'.repeat(200_000) }],
      ['an entity with a NUL', { project: 'papers', entity: 'ml-platform\0' }],
      ['a user name that is a number', { project: 'papers', username: 7 }],
      ['a user name that is an object', { project: 'papers', username: {} }],
      ['a huge user name', { project: 'papers', username: 'a'.repeat(200_000) }],
      ['a user name with a control character', { project: 'papers', username: 'ben\u001bj' }],
      ['addresses in a list', { project: 'papers', email: ['ben@acme.test'] }],
      ['a huge address', { project: 'papers', email: `${'a'.repeat(200_000)}@acme.test` }],
      ['a list', [{ project: 'papers' }]],
      ['null', 'null'],
      ['a text', '"papers"'],
      ['nothing that is JSON', '{project: papers}'],
      ['a prototype', '{"project":"papers","__proto__":{"entity":"vision"}}'],
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

  test('may have fields that are not known: they change nothing', async () => {
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

  test('comes back as it was, whatever it holds', async () => {
    for (const project of ['a b', 'Größe 9', '🧪', '<b>', '"a"', 'a'.repeat(128), 'constructor']) {
      expect(await authorize({ project })).toEqual(allowed('ml-platform', project, null, 'no_user_named'));
    }
  });

  test('is JSON, from who shows a credential', async () => {
    const form = { 'content-type': FORM };
    const told = async (answer: Promise<{ status: number; body: { error: string } }>) => {
      const { status, body } = await answer;
      return [status, body.error];
    };
    expect(await told(authorize('project=papers', { headers: form }))).toEqual([
      415,
      'unsupported_content_type',
    ]);
    expect(await told(authorize('papers', { headers: { 'content-type': 'text/plain' } }))).toEqual([
      415,
      'unsupported_content_type',
    ]);
    expect(await told(authorize({ project: 'papers' }, { authorization: 'Bearer nonsense' }))).toEqual([
      401,
      'invalid_token',
    ]);
    const nobody = await send(url, {
      headers: { 'content-type': 'application/json' },
      body: '{"project":"a"}',
    });
    expect([nobody.status, JSON.parse(nobody.body).error]).toEqual([401, 'missing_credential']);
    expect(nobody.headers['www-authenticate']).toContain('Bearer');
  });

  test('is looked at when the database is, else it is to come again', async () => {
    world.client.exec('ALTER TABLE projects RENAME TO gone');

    const { status, body } = await authorize({ project: 'papers' });

    expect([status, body.error]).toEqual([503, 'temporarily_unavailable']);
  });

  test('is logged where it is refused, with the reason and without the key', async () => {
    await authorize({ entity: 'vision', project: 'faces' });

    const line = world.log.lines.find(({ msg }) => msg === 'a run was refused');
    expect(line).toMatchObject({ account: account.id, entity: 'vision', reason: 'not_open_to_account' });
    expect(world.log.text()).not.toContain(key.slice(-40));
  });

  test('has no part in the log where the team that it names is no team’s name, but a token in the wrong place', async () => {
    const misplaced = `x${(await world.ports.accessTokens.issue(account)).token.reveal()}`.slice(-300);

    expect((await authorize({ entity: misplaced, project: 'faces' })).status).toBe(403);

    expect(world.log.lines.find(({ msg }) => msg === 'a run was refused')).not.toHaveProperty('entity');
    expect(world.log.text()).not.toContain(misplaced.slice(-40));
  });
});
