import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createFederationIssuer } from '../../src/application/gateway/federation-issuer.ts';
import { runDoctor } from '../../src/cli/doctor/doctor.ts';
import { findingText } from '../../src/cli/doctor/finding.ts';
import { checkUpstream, type GatewaySettings } from '../../src/cli/doctor/upstream-check.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createSealer, deriveKey } from '../../src/domain/keys/sealed.ts';
import { botScopes } from '../../src/slack/manifest.ts';
import { liveEnv, settingsFolder, teamsText } from '../config/settings-folder.ts';
import { startWandb } from '../sandbox/wandb/wandb-calls.ts';
import { draw } from '../store/contract/world.ts';
import { basic } from '../world/credential-world.ts';
import { openUpstreamWorld } from './upstream/upstream-world.ts';

type Env = Record<string, string>;
type Respond = (request: Request) => Response | Promise<Response>;

const UPSTREAM = 'https://wandb.example.com/ml';

const json = (body: object, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'x-oauth-scopes': botScopes.join(',') } });

const healthySlack = { ok: true, team: 'Acme', user: 'keysmith', bot_id: 'B1' };

/** Runs the doctor with a gateway and a healthy Slack. `respond` gets the requests to the W&B server. */
async function doctorWith(env: Env, respond: Respond, discovery: unknown = { issuer: liveEnv.PUBLIC_URL }) {
  const cwd = settingsFolder({ 'teams.yml': teamsText });
  const lines: string[] = [];
  const code = await runDoctor({
    loadConfig: () => loadConfig({ env: { ...liveEnv, KEYSMITH_UPSTREAM_URL: UPSTREAM, ...env }, cwd }),
    cwd,
    print: (line) => lines.push(line),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { hostname, pathname } = new URL(request.url);
      if (hostname === 'slack.com') return json(healthySlack);
      if (pathname.endsWith('/healthz')) return new Response('ok');
      if (pathname.startsWith('/.well-known/')) return new Response(JSON.stringify(discovery));
      return respond(request);
    },
    inspectDatabase: async () => ({
      ok: true,
      exists: false,
      schema: 'none',
      mode: undefined,
      integrity: 'ok',
      writable: true,
      organizationName: undefined,
    }),
    openStores: () => Promise.reject(new Error('There is no database.')),
    randomBytes,
    now: Date.now,
    nodeVersion: '24.21.0',
    timeoutMs: 5000,
  });
  return { code, report: lines.join('\n') };
}

const healthy: Respond = () => json({ data: { __typename: 'Query' } });

describe('The doctor, for the settings of the gateway', () => {
  it('says where workloads are forwarded, and with which credentials', async () => {
    const { report } = await doctorWith({ KEYSMITH_UPSTREAM_MUTATIONS: 'updateRun' }, healthy);
    expect(report).toContain(
      '✓ Gateway: workloads are forwarded to wandb.example.com; each team needs a stored W&B API key; more allowed mutations: 1',
    );
    const federated = await doctorWith({ KEYSMITH_UPSTREAM_AUTH: 'federation' }, healthy);
    expect(federated.report).toContain('teams without a stored W&B API key use identity federation');
  });

  it.each([
    ['https://api.example.com', true],
    ['https://API.example.com/keysmith', true],
    ['https://keysmith-api.example.com', false],
    ['https://keysmith.api.example.com', false],
  ])('warns of the host of PUBLIC_URL=%s: %s', async (PUBLIC_URL, isWarned) => {
    const { report } = await doctorWith({ PUBLIC_URL }, healthy);
    expect(report.includes('! PUBLIC_URL: its host begins with "api."')).toBe(isWarned);
  });

  it('reports its own URL as an issuer, with exit code 78', async () => {
    const cwd = settingsFolder({
      'teams.yml': `${teamsText}issuers: [{ url: "https://keysmith.example.com/" }]\n`,
    });
    const lines: string[] = [];
    const code = await runDoctor({
      loadConfig: () => loadConfig({ env: liveEnv, cwd }),
      cwd,
      print: (line) => lines.push(line),
      fetch,
      inspectDatabase: () => Promise.reject(new Error('not called')),
      openStores: () => Promise.reject(new Error('There is no database.')),
      randomBytes,
      now: Date.now,
      nodeVersion: '24.21.0',
      timeoutMs: 5000,
    });
    expect(code).toBe(78);
    expect(lines.join('\n')).toContain(
      '✗ KEYSMITH_TEAMS_FILE: Line 6, column 18: issuers[0].url: This is Keysmith’s own URL',
    );
  });

  it('reports a PUBLIC_URL on this machine that another W&B server would have to reach', async () => {
    const env = { PUBLIC_URL: 'http://localhost:3000', KEYSMITH_UPSTREAM_AUTH: 'federation' };
    const { code, report } = await doctorWith(env, healthy);
    expect(code).toBe(1);
    expect(report).toContain('✗ PUBLIC_URL: with KEYSMITH_UPSTREAM_AUTH=federation');
    const local = { ...env, KEYSMITH_UPSTREAM_URL: 'http://localhost:8080' };
    expect((await doctorWith(local, healthy)).report).not.toContain('✗ PUBLIC_URL');
  });

  it.each<[string, unknown, string]>([
    ['has the right issuer', { issuer: liveEnv.PUBLIC_URL }, '✓ PUBLIC_URL, discovery document: names'],
    [
      'has another issuer',
      { issuer: 'https://other.test' },
      '! PUBLIC_URL, discovery document: doesn’t name',
    ],
    ['isn’t an object', [], '! PUBLIC_URL, discovery document: doesn’t name'],
    ['is huge', { issuer: 'x'.repeat(100_000) }, '! PUBLIC_URL, discovery document: doesn’t name'],
  ])('with federation, reports a discovery document that %s', async (_, document, line) => {
    const { report } = await doctorWith({ KEYSMITH_UPSTREAM_AUTH: 'federation' }, healthy, document);
    expect(report).toContain(line);
    expect((await doctorWith({}, healthy, document)).report).not.toContain('discovery document');
  });
});

describe('The doctor, for the W&B server behind the gateway', () => {
  it('reaches the local W&B, without sending a credential', async () => {
    const { baseUrl } = await startWandb({ basePath: '/wandb' });
    const sent: (string | null)[] = [];
    const { report } = await doctorWith({ KEYSMITH_UPSTREAM_URL: baseUrl }, (request) => {
      sent.push(request.headers.get('authorization'));
      return fetch(request);
    });
    expect(report).toContain('✓ W&B server: reachable');
    expect(sent).toEqual([null]);
  });

  it.each<[string, Respond, string | undefined]>([
    ['responds to strangers', healthy, undefined],
    ['refuses strangers', () => new Response('no', { status: 401 }), undefined],
    ['forbids strangers', () => json({ errors: ['sign in'] }, 403), undefined],
    ['reports errors to strangers', () => json({ errors: [{ message: 'sign in' }] }, 400), undefined],
    ['is a page', () => new Response('<html>'), 'the response isn’t from a W&B server'],
    ['has no /graphql', () => new Response('', { status: 404 }), 'it has no /graphql (404)'],
    [
      'redirects',
      () => Response.redirect('https://login.example.com/', 302),
      'it redirects to login.example.com',
    ],
    ['fails', () => json({}, 503), 'the server returned an internal error (HTTP 503)'],
    [
      'can’t be resolved',
      () => Promise.reject(Object.assign(new TypeError('x'), { cause: { code: 'ENOTFOUND' } })),
      'its host name can’t be resolved',
    ],
  ])('that %s', async (_, respond, problem) => {
    const { report } = await doctorWith({}, respond);
    if (problem === undefined) expect(report).toContain('✓ W&B server: reachable');
    else expect(report).toContain(`✗ W&B server: ${problem}`);
    expect(report).not.toMatch(/WANDB_BASE_URL|WANDB_API_KEY/);
  });

  it('isn’t asked without a gateway', async () => {
    const cwd = settingsFolder({ 'teams.yml': teamsText });
    const asked: string[] = [];
    await runDoctor({
      loadConfig: () => loadConfig({ env: liveEnv, cwd }),
      cwd,
      print: () => {},
      fetch: async (input) => {
        asked.push(new URL(String(input)).hostname);
        return json(healthySlack);
      },
      inspectDatabase: () => Promise.reject(new Error('no database')),
      openStores: () => Promise.reject(new Error('There is no database.')),
      randomBytes,
      now: Date.now,
      nodeVersion: '24.21.0',
      timeoutMs: 5000,
    });
    expect(new Set(asked)).toEqual(new Set(['slack.com', 'keysmith.example.com']));
  });
});

describe('The doctor, for the upstream credentials of teams', () => {
  type World = Awaited<ReturnType<typeof openUpstreamWorld>>;

  async function doctorOf(world: World, respond: Respond = fetch) {
    const { code, stdout } = await world.command(['doctor'], {
      dependencies: {
        fetch: async (input, init) =>
          String(input).startsWith(world.wandb.baseUrl)
            ? respond(new Request(input, init))
            : json(healthySlack),
        now: Date.now,
      },
    });
    return { code, report: stdout };
  }

  /** Lets Keysmith create its signing key, as at a start. */
  async function prepareFederation({ store }: World): Promise<void> {
    const secret = Buffer.from(liveEnv.KEYSMITH_SECRET, 'base64');
    const issuer = createFederationIssuer({
      store,
      sealer: createSealer(deriveKey(secret, 'federation-key'), 'federation-key-1'),
      issuerUrl: () => liveEnv.PUBLIC_URL,
      organizationName: 'acme',
      newId: draw,
      now: Date.now,
      monotonicMs: () => performance.now(),
      logger: pino({ level: 'silent' }),
    });
    await issuer.prepare();
  }

  async function exchanged(request: Request, subjects: string[]): Promise<Response> {
    const assertion = new URLSearchParams(await request.text()).get('assertion') ?? '';
    const { iss, aud, sub = '' } = decodeJwt(assertion);
    expect([iss, aud]).toEqual([liveEnv.PUBLIC_URL, 'acme']);
    subjects.push(sub);
    return sub === 'keysmith:ml-platform'
      ? json({ access_token: 'of-ml-platform', token_type: 'Bearer', expires_in: 3600 })
      : json({ error: 'invalid_grant', error_description: 'sub is unknown' }, 400);
  }

  it('names the teams without one and what to do, before Keysmith has started too', async () => {
    const { report } = await doctorOf(await openUpstreamWorld());
    expect(report).toContain(
      '! W&B credentials of teams: missing, so runs can’t be logged: Vision Lab, ml-platform, research, unread',
    );
    expect(report).toContain('upstream add TEAM');

    const first = await doctorWith({}, healthy);
    expect(first.report).toContain('! W&B credentials of teams: not checked');
    expect(first.report).toContain('Start Keysmith once');
  });

  it('asks W&B about each, keeps warning of wider ones, and changes nothing', async () => {
    const world = await openUpstreamWorld();
    const { keys, store, wandb } = world;
    await world.upstream(['add', 'Vision Lab'], { input: keys.vision });
    await world.upstream(['add', 'ml-platform', '--allow-wider'], { input: keys.admin });
    const before = await store.upstreamState();
    const { report } = await doctorOf(world);
    expect(report).toContain('✓ W&B credentials of teams: W&B accepts those of Vision Lab');
    expect(report).toContain('! Upstream, ml-platform: the credential reaches more than this team');
    expect(report).toContain(
      '! W&B credentials of teams: missing, so runs can’t be logged: research, unread',
    );
    expect(await store.upstreamState()).toEqual(before);

    const team = wandb.team('Vision Lab');
    for (const { id } of team.serviceAccounts()) team.removeMember(id);
    const later = await doctorOf(world);
    expect(later.report).toContain(
      '✗ Upstream, Vision Lab: the W&B server doesn’t accept the credential (401)',
    );
    expect(later.code).toBe(1);
  });

  it('exchanges a JWT for each team without a key with federation, and creates no signing key', async () => {
    const world = await openUpstreamWorld({ auth: 'federation' });
    await world.upstream(['add', 'Vision Lab'], { input: world.keys.vision });
    const first = await doctorOf(world);
    expect(first.report).toContain('! W&B credentials of teams: identity federation isn’t ready');
    expect(first.report).toContain('It creates one when it starts');
    expect(await world.store.signingKeys('federation')).toEqual([]);

    await prepareFederation(world);
    const subjects: string[] = [];
    const { report } = await doctorOf(world, (request) => {
      // W&B accepts the JWT of one team, and its access token stands for the key of a service account there.
      if (request.url.endsWith('/oidc/token')) return exchanged(request, subjects);
      if (request.headers.get('authorization') === 'Bearer of-ml-platform') {
        request.headers.set('authorization', basic('api', world.keys.service));
      }
      return fetch(request);
    });
    expect(subjects.sort()).toEqual(['keysmith:ml-platform', 'keysmith:research', 'keysmith:unread']);
    expect(report).toContain('✓ W&B credentials of teams: W&B accepts those of Vision Lab, ml-platform');
    expect(report).toContain(
      '✗ Upstream, research: the W&B server refuses Keysmith’s identity token: HTTP 400: sub is unknown',
    );
    const listed = await world.upstream(['list']);
    expect(listed.stdout).toMatch(/^research +federation +team +not rejected so far$/m);
    expect(report).toContain('upstream setup');
    expect(report).not.toContain('of-ml-platform');
    expect(await world.store.signingKeys('federation')).toHaveLength(1);
  });

  it('asks about none while the server doesn’t respond, and names the teams without one', async () => {
    const world = await openUpstreamWorld();
    await world.upstream(['add', 'Vision Lab'], { input: world.keys.vision });
    const down = await doctorOf(world, () => new Response('', { status: 502 }));
    expect(down.report).toContain('! W&B credentials of teams: not checked: Vision Lab\n');
    expect(down.report).toContain('They are checked once the W&B server responds.');
    expect(down.report).toContain('runs can’t be logged: ml-platform, research, unread');

    const loaded = world.settings();
    if (!loaded.ok) throw new Error('invalid settings');
    const slow = await checkUpstream(loaded.config as GatewaySettings, world.dependencies, {
      askTeamsForMs: 0,
    });
    expect(slow.map(findingText).join('\n')).toMatch(
      /not checked: Vision Lab\n +There wasn’t time for all\. Run "npm run keysmith -- upstream check"/,
    );
  });

  it('reports another secret as a problem: Keysmith doesn’t start with it', async () => {
    const world = await openUpstreamWorld();
    const KEYSMITH_SECRET = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 5)).toString(
      'base64',
    );
    const { code, stdout } = await world.command(['doctor'], {
      dependencies: {
        loadConfig: () => world.settings({ KEYSMITH_SECRET }),
        fetch: async (input, init) =>
          String(input).startsWith(world.wandb.baseUrl) ? fetch(input, init) : json(healthySlack),
      },
    });
    expect(stdout).toMatch(/✗ W&B credentials of teams: not checked\n +KEYSMITH_SECRET is not the secret/);
    expect(code).toBe(1);
  });
});
