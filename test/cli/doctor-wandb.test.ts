import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createOutbound } from '../../src/net/outbound-fetch.ts';
import type { WandbFailure } from '../../src/sandbox/wandb/wandb-failures.ts';
import { wandbApiKey } from '../config/settings-folder.ts';
import type { DrivenWandb } from '../driver/driven-wandb.ts';
import { freePort } from '../process/main-process.ts';
import { selfSignedCertificate } from '../sandbox/wandb/failures/self-signed-certificate.ts';
import { startWandb } from '../sandbox/wandb/wandb-calls.ts';
import { doctorOf } from './wandb-doctor.ts';

const settingsOf = ({ baseUrl, apiKey }: DrivenWandb) => ({ WANDB_BASE_URL: baseUrl, WANDB_API_KEY: apiKey });

/** Keysmith's own `fetch`, whose errors have the codes of undici. */
function outboundFetch(): typeof fetch {
  // The proxy of the shell that runs the tests must not see the calls.
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']) vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const outbound = createOutbound({ noProxy: undefined });
  onTestFinished(() => outbound.close());
  return outbound.fetch;
}

describe('The doctor, for a W&B server that works', () => {
  it('prints a tick for every check and exits with 0', async () => {
    const wandb = await startWandb({
      basePath: '/wandb',
      caller: 'organization_service_account',
      capabilities: { hasScim: true, auditLog: 'on' },
    });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).not.toMatch(/^[✗!]/m);
    expect(code).toBe(0);
    for (const line of [
      '✓ Backend: a W&B server; teams and roles come from it',
      '✓ W&B server: reachable',
      '✓ W&B server, version: 0.75.1',
      '✓ W&B credential: valid, for the user keysmith',
      '✓ W&B credential, permissions: server admin, for every team',
      '✓ W&B credential, kind: a service account’s API key',
      '✓ W&B, SCIM: Keysmith reads people, deactivations and all teams through it',
      '✓ W&B, audit log: readable',
      '✓ Account managers: the admins of each team, as the server returns them at that time',
      '✓ W&B organization: acme, as in KEYSMITH_ORGANIZATION',
      '✓ W&B, service accounts: created and deleted through GraphQL',
      '✓ W&B, API keys: supported; creating the first account shows whether the server returns new keys',
      '✓ W&B, federated identities: issuers: https://',
    ]) {
      expect(report).toContain(line);
    }
    expect(report).not.toContain('PUBLIC_URL');
    expect(report).not.toContain('Teams file');
  });

  it('makes no call that changes the server', async () => {
    const wandb = await startWandb({ caller: { adminOf: ['ml-platform'] } });
    await doctorOf(settingsOf(wandb));
    const asked = wandb.requests.flatMap(({ operations }) => operations);
    expect(asked.filter((name) => !['viewer', 'serverInfo', 'entity'].includes(name))).toEqual([]);
    expect(wandb.requests.every(({ executed }) => executed)).toBe(true);
  });

  it('accepts that the server doesn’t show its version, as W&B’s cloud', async () => {
    const wandb = await startWandb({ capabilities: { version: null } });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('✓ W&B server, version: not shown');
    expect(code).toBe(0);
  });
});

describe('The doctor, for the permissions of the credential', () => {
  it('lists the teams and the issuers of a user who isn’t a server admin', async () => {
    const wandb = await startWandb({ caller: { adminOf: ['ml-platform'], memberOf: ['research'] } });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('! W&B credential, permissions: admin of ml-platform; not of research');
    expect(report).toContain('make this user an admin of each team');
    expect(report).toContain(
      'issuers: https://token.actions.githubusercontent.com, https://gitlab.acme.test',
    );
    expect(code).toBe(0);
  });

  it.each([
    ['a member of a team', { memberOf: ['ml-platform'] }],
    ['a member of no team', {}],
  ])('reports a user who is an admin of no team: %s', async (_, caller) => {
    const wandb = await startWandb({ caller });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('✗ W&B credential, permissions: the user isn’t an admin of any team');
    expect(code).toBe(1);
  });
});

describe('The doctor, for a user with more teams than it checks', () => {
  const names = Array.from({ length: 57 }, (_, index) => `team-${String(index).padStart(2, '0')}`);
  const organization = {
    name: 'acme',
    issuers: ['https://gitlab.acme.test'],
    people: [],
    teams: names.map((name) => ({ name, members: [] })),
  };

  it.each([
    ['all teams', { adminOf: names }, '✓', 'and 10 more (checked 20 of 57 teams)'],
    [
      'the first team',
      { adminOf: names.slice(0, 1), memberOf: names.slice(1) },
      '!',
      'and 9 more (checked 20 of 57 teams)',
    ],
    // Only a warning: the user may be an admin of a team that wasn't checked.
    ['no team', { memberOf: names }, '!', 'isn’t an admin of any of these teams (checked 20 of 57 teams)'],
  ])('reports how many teams it checked, for an admin of %s', async (_, caller, mark, text) => {
    const wandb = await startWandb({ organization, caller });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toMatch(new RegExp(`^${mark} W&B credential, permissions`, 'm'));
    expect(report).toContain(text);
    expect(code).toBe(0);
  });
});

it('The doctor warns of teams whose organization the server hides, since Keysmith doesn’t manage them', async () => {
  const { report } = await doctorOf(settingsOf(await startWandb({ caller: { adminOf: ['ml-platform'] } })), {
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (!String(init?.body).includes('ReadTeam')) return response;
      const { data } = (await response.json()) as { data: { entity: object } };
      return Response.json({ data: { entity: { ...data.entity, organization: null } } });
    },
  });
  expect(report).toMatch(
    /^! W&B organization: this credential can’t see the organization of .* ml-platform/m,
  );
});

describe('The doctor, for what the server lacks', () => {
  it('warns when the server doesn’t support federated identities', async () => {
    const wandb = await startWandb({ capabilities: { hasOAuthClients: false } });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('! W&B, federated identities: the server doesn’t support them');
    expect(code).toBe(0);
  });

  it('warns when no issuer is registered', async () => {
    const organization = {
      name: 'acme',
      issuers: [],
      people: [],
      teams: [{ name: 'ml-platform', members: [] }],
    };
    const wandb = await startWandb({ organization, caller: { adminOf: ['ml-platform'] } });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('! W&B, federated identities: no JWT issuer is registered');
    expect(code).toBe(0);
  });

  it('reports an organization with another name, and names it', async () => {
    const wandb = await startWandb();
    const settings = { ...settingsOf(wandb), KEYSMITH_ORGANIZATION: 'Acme' };
    const { code, report } = await doctorOf(settings);
    expect(report).toContain('✗ W&B organization: the server has acme, but not the name in');
    expect(code).toBe(1);
  });
});

describe('The doctor, for a server that doesn’t respond as it should', () => {
  it.each<[string, WandbFailure, string, string]>([
    [
      'a sign-in page',
      { kind: 'login_page' },
      'the response isn’t from a W&B server',
      'Check WANDB_BASE_URL',
    ],
    [
      'other JSON',
      { kind: 'json', body: { ok: true } },
      'the response isn’t from a W&B server',
      'Check WANDB_BASE_URL',
    ],
    [
      'an endless response',
      { kind: 'endless' },
      'the response isn’t from a W&B server',
      'Check WANDB_BASE_URL',
    ],
    [
      'a redirect',
      { kind: 'redirect', location: 'https://login.acme.test/?next=secret' },
      'it redirects to login.acme.test',
      'Check WANDB_BASE_URL',
    ],
    ['status 404', { kind: 'status', status: 404 }, '', 'Check WANDB_BASE_URL'],
    [
      'status 502',
      { kind: 'status', status: 502 },
      'the server returned an internal error (HTTP 502)',
      'logs of the W&B server',
    ],
    ['status 429', { kind: 'status', status: 429 }, 'rate-limiting calls (429)', 'Wait a minute'],
    ['a closed connection', { kind: 'reset' }, 'it closed the connection', 'Run doctor again'],
    ['a refused query', { kind: 'errors', message: 'not today' }, 'not today', 'too old for Keysmith'],
  ])('prints one problem and what to do for %s', async (_, failure, text, remedy) => {
    const wandb = await startWandb();
    wandb.failures.set('*', failure);
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report.match(/^✗.*$/gm)).toEqual([expect.stringContaining('✗ W&B server: ')]);
    expect(report).toContain(text);
    expect(report).toContain(remedy);
    expect(report).not.toContain('next=secret');
    expect(code).toBe(1);
  });

  it('reports within the timeout that the server doesn’t respond', async () => {
    const wandb = await startWandb();
    wandb.failures.set('*', { kind: 'timeout' });
    const { code, report } = await doctorOf(settingsOf(wandb), { timeoutMs: 300 });
    expect(report).toContain('✗ W&B server: timed out');
    expect(code).toBe(1);
  });

  it.each([401, 403])('reports that the server refuses the key with %d', async (status) => {
    const wandb = await startWandb();
    wandb.failures.set('viewer', { kind: 'status', status });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('✓ W&B server: reachable');
    expect(report).toMatch(/^✗ W&B credential: .*WANDB_API_KEY/m);
    expect(report).not.toContain('W&B organization');
    expect(code).toBe(1);
  });

  it('reports that the server doesn’t know the key', async () => {
    const wandb = await startWandb();
    const { code, report } = await doctorOf({ ...settingsOf(wandb), WANDB_API_KEY: wandbApiKey });
    expect(report).toContain('✗ W&B credential: the server doesn’t accept WANDB_API_KEY (401)');
    expect(code).toBe(1);
  });
});

describe('The doctor, for a server that can’t be reached', () => {
  const unreachable = (WANDB_BASE_URL: string) =>
    doctorOf({ WANDB_BASE_URL, WANDB_API_KEY: wandbApiKey }, { fetch: outboundFetch() });

  it('reports that the server is down', async () => {
    const { code, report } = await unreachable(`http://127.0.0.1:${await freePort()}`);
    expect(report).toContain('✗ W&B server: can’t be reached (ECONNREFUSED)');
    expect(code).toBe(1);
  });

  it('reports a host name that can’t be resolved', async () => {
    const { code, report } = await unreachable('https://wandb.invalid');
    expect(report).toMatch(/^✗ W&B server: its host name can’t be resolved \((ENOTFOUND|EAI_AGAIN)\)$/m);
    expect(report).toContain('DNS');
    expect(code).toBe(1);
  });

  it('asks for NODE_EXTRA_CA_CERTS when the server has a private CA', async () => {
    const { baseUrl } = await startWandb({ https: selfSignedCertificate() });
    const { code, report } = await unreachable(baseUrl);
    expect(report).toMatch(/^✗ W&B server: its certificate is signed by an authority that this machine/m);
    expect(report).toContain('NODE_EXTRA_CA_CERTS');
    expect(code).toBe(1);
  });

  it('reports a server that doesn’t speak TLS at an https:// URL', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { code, report } = await unreachable(`https://127.0.0.1:${port}`);
    expect(report).toMatch(/^✗ W&B server: the TLS connection failed/m);
    expect(code).toBe(1);
  });
});

describe('The doctor, for a database of a W&B server', () => {
  it('reports that the accounts live in the other backend', async () => {
    const wandb = await startWandb();
    const { code, report } = await doctorOf(settingsOf(wandb), { database: { backend: 'builtin' } });
    expect(report).toContain('✗ Database: its accounts live in the other backend');
    expect(code).toBe(1);
  });

  it('reports that the accounts live on a server at another URL, unless that server moved', async () => {
    const settings = settingsOf(await startWandb());
    const database = { backend: 'wandb', backendAddress: 'https://old.acme.test/ml' } as const;
    const { code, report } = await doctorOf(settings, { database });
    expect(report).toContain('✗ Database: its accounts live on a W&B server at another URL');
    expect(report).toContain('Set WANDB_BASE_URL to https://old.acme.test/ml again');
    expect(code).toBe(1);
    const moved = { ...settings, KEYSMITH_WANDB_MOVED_FROM: 'https://OLD.acme.test/ml/' };
    expect((await doctorOf(moved, { database })).code).toBe(0);
  });

  it('warns that the server didn’t return a new key', async () => {
    const wandb = await startWandb();
    const database = { backend: 'wandb', keysNotShownAtMs: Date.UTC(2026, 10, 3) } as const;
    const { code, report } = await doctorOf(settingsOf(wandb), { database });
    expect(report).toContain('! W&B, new keys: on 2026-11-03 the server didn’t return the key');
    expect(code).toBe(0);
  });
});
