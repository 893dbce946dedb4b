import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOutbound } from '../../src/net/outbound-fetch.ts';
import type { LocalWandb } from '../../src/sandbox/wandb/local-wandb.ts';
import type { WandbFailure } from '../../src/sandbox/wandb/wandb-failures.ts';
import { wandbApiKey } from '../config/settings-folder.ts';
import { freePort } from '../process/main-process.ts';
import { selfSignedCertificate } from '../sandbox/wandb/failures/self-signed-certificate.ts';
import { startWandb } from '../sandbox/wandb/fixture.ts';
import { doctorOf } from './wandb-doctor.ts';

const settingsOf = ({ baseUrl, apiKey }: LocalWandb) => ({ WANDB_BASE_URL: baseUrl, WANDB_API_KEY: apiKey });

/** Keysmith's own way out: what fails there has the codes of undici. */
function outboundFetch(): typeof fetch {
  const outbound = createOutbound({ noProxy: undefined });
  onTestFinished(() => outbound.close());
  return outbound.fetch;
}

describe('a W&B server that is well', () => {
  it('gets a tick for everything, and the doctor ends with 0', async () => {
    const wandb = await startWandb({ basePath: '/wandb' });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).not.toMatch(/^[✗!]/m);
    expect(code).toBe(0);
    for (const line of [
      '✓ Backend: a W&B server: teams and roles come from there',
      '✓ W&B server: reachable',
      '✓ W&B server, version: 0.75.1',
      '✓ W&B credential: valid, of the user keysmith',
      '✓ W&B credential, rights: admin of the server: every team',
      '✓ Who may: the admins of each team, as the server has them at that moment',
      '✓ W&B organization: acme, as KEYSMITH_ORGANIZATION says',
      '✓ W&B, service accounts: the server can make and remove them',
      '✓ W&B, API keys: whether the server shows the key of a new account is not known',
      '✓ W&B, federated identities: issuers: https://',
    ]) {
      expect(report).toContain(line);
    }
    expect(report).not.toContain('PUBLIC_URL');
    expect(report).not.toContain('Teams file');
  });

  it('is not changed', async () => {
    const wandb = await startWandb({ caller: { adminOf: ['ml-platform'] } });
    await doctorOf(settingsOf(wandb));
    const asked = wandb.requests.flatMap(({ operations }) => operations);
    expect(asked.filter((name) => !['__type', 'viewer', 'serverInfo', 'entity'].includes(name))).toEqual([]);
    expect(wandb.requests.every(({ executed }) => executed)).toBe(true);
  });

  it('may keep its version to itself, as W&B’s own cloud does', async () => {
    const wandb = await startWandb({ capabilities: { version: null } });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('✓ W&B server, version: not told');
    expect(code).toBe(0);
  });
});

describe('the rights of the credential', () => {
  it('are told by team where it is no admin of the server, with the issuers of the organization', async () => {
    const wandb = await startWandb({ caller: { adminOf: ['ml-platform'], memberOf: ['research'] } });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('! W&B credential, rights: admin of ml-platform; not of research');
    expect(report).toContain('make this user an admin of each team');
    expect(report).toContain(
      'issuers: https://token.actions.githubusercontent.com, https://gitlab.acme.test',
    );
    expect(code).toBe(0);
  });

  it.each([
    ['in a team', { memberOf: ['ml-platform'] }],
    ['in none', {}],
  ])('are too few where it is an admin nowhere (%s)', async (_, caller) => {
    const wandb = await startWandb({ caller });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('✗ W&B credential, rights: the user is an admin of no team');
    expect(code).toBe(1);
  });
});

describe('the rights of a credential with more teams than are looked at', () => {
  const names = Array.from({ length: 57 }, (_, index) => `team-${String(index).padStart(2, '0')}`);
  const organization = {
    name: 'acme',
    issuers: ['https://gitlab.acme.test'],
    people: [],
    teams: names.map((name) => ({ name, members: [] })),
  };

  it.each([
    ['all', { adminOf: names }, '✓', 'and 10 more (20 of 57 teams were looked at)'],
    ['the first', { adminOf: names.slice(0, 1), memberOf: names.slice(1) }, '!', 'and 9 more (20 of 57'],
    // It may be one of a team that was not looked at.
    ['none', { memberOf: names }, '!', 'admin of none of its teams (20 of 57 teams were looked at)'],
  ])('are said to be those of the first ones: an admin of %s', async (_, caller, mark, text) => {
    const wandb = await startWandb({ organization, caller });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toMatch(new RegExp(`^${mark} W&B credential, rights`, 'm'));
    expect(report).toContain(text);
    expect(code).toBe(0);
  });
});

it('warns of teams whose organization the server keeps to itself: Keysmith serves none of them', async () => {
  const { report } = await doctorOf(settingsOf(await startWandb({ caller: { adminOf: ['ml-platform'] } })), {
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (!String(init?.body).includes('ReadTeam')) return response;
      const { data } = (await response.json()) as { data: { entity: object } };
      return Response.json({ data: { entity: { ...data.entity, organization: null } } });
    },
  });
  expect(report).toMatch(
    /^! W&B organization: the server does not tell this credential whose .* ml-platform/m,
  );
});

describe('what the server can’t do', () => {
  it('is a warning where it has no federated identities', async () => {
    const wandb = await startWandb({ capabilities: { hasOAuthClients: false } });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('! W&B, federated identities: the server has none');
    expect(code).toBe(0);
  });

  it('is a warning where no issuer is registered', async () => {
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

  it('is a problem where its organization has another name, which is said', async () => {
    const wandb = await startWandb();
    const settings = { ...settingsOf(wandb), KEYSMITH_ORGANIZATION: 'Acme' };
    const { code, report } = await doctorOf(settings);
    expect(report).toContain('✗ W&B organization: the server knows acme, and not the name in');
    expect(code).toBe(1);
  });
});

describe('a server that does not answer as it should', () => {
  it.each<[string, WandbFailure, string, string]>([
    ['a log-in page', { kind: 'login_page' }, 'not as a W&B server does', 'Check WANDB_BASE_URL'],
    ['other JSON', { kind: 'json', body: { ok: true } }, 'not as a W&B server does', 'Check WANDB_BASE_URL'],
    ['an answer without end', { kind: 'endless' }, 'not as a W&B server does', 'Check WANDB_BASE_URL'],
    [
      'a redirect',
      { kind: 'redirect', location: 'https://login.acme.test/?next=secret' },
      'it sends callers on to login.acme.test',
      'Check WANDB_BASE_URL',
    ],
    ['404', { kind: 'status', status: 404 }, '', 'Check WANDB_BASE_URL'],
    ['502', { kind: 'status', status: 502 }, 'the server failed (HTTP 502)', 'logs of the W&B server'],
    ['429', { kind: 'status', status: 429 }, 'no more calls just now', 'Wait a minute'],
    ['a cut connection', { kind: 'reset' }, 'it cut the connection', 'Run the doctor again'],
    ['a refused question', { kind: 'errors', message: 'no introspection' }, 'no introspection', 'schema'],
  ])('gets one line and what to do: %s', async (_, failure, words, remedy) => {
    const wandb = await startWandb();
    wandb.failures.set('*', failure);
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report.match(/^✗.*$/gm)).toEqual([expect.stringContaining('✗ W&B server: ')]);
    expect(report).toContain(words);
    expect(report).toContain(remedy);
    expect(report).not.toContain('next=secret');
    expect(code).toBe(1);
  });

  it('within the time-out, where it never answers', async () => {
    const wandb = await startWandb();
    wandb.failures.set('*', { kind: 'timeout' });
    const { code, report } = await doctorOf(settingsOf(wandb), { timeoutMs: 300 });
    expect(report).toContain('✗ W&B server: it did not answer in time');
    expect(code).toBe(1);
  });

  it.each([401, 403])('which does not take the key (%d)', async (status) => {
    const wandb = await startWandb();
    wandb.failures.set('viewer', { kind: 'status', status });
    const { code, report } = await doctorOf(settingsOf(wandb));
    expect(report).toContain('✓ W&B server: reachable');
    expect(report).toMatch(/^✗ W&B credential: .*WANDB_API_KEY/m);
    expect(report).not.toContain('W&B organization');
    expect(code).toBe(1);
  });

  it('which does not know the key', async () => {
    const wandb = await startWandb();
    const { code, report } = await doctorOf({ ...settingsOf(wandb), WANDB_API_KEY: wandbApiKey });
    expect(report).toContain('✗ W&B credential: the server does not know WANDB_API_KEY (401)');
    expect(code).toBe(1);
  });
});

describe('a server that can’t be reached', () => {
  const unreachable = (WANDB_BASE_URL: string) =>
    doctorOf({ WANDB_BASE_URL, WANDB_API_KEY: wandbApiKey }, { fetch: outboundFetch() });

  it('is down', async () => {
    const { code, report } = await unreachable(`http://127.0.0.1:${await freePort()}`);
    expect(report).toContain('✗ W&B server: it can not be reached (ECONNREFUSED)');
    expect(code).toBe(1);
  });

  it('has a name that nobody knows', async () => {
    const { code, report } = await unreachable('https://wandb.invalid');
    expect(report).toMatch(/^✗ W&B server: its host name is not known \((ENOTFOUND|EAI_AGAIN)\)$/m);
    expect(report).toContain('DNS');
    expect(code).toBe(1);
  });

  it('has a certificate of a private CA: NODE_EXTRA_CA_CERTS is named', async () => {
    const { baseUrl } = await startWandb({ https: selfSignedCertificate() });
    const { code, report } = await unreachable(baseUrl);
    expect(report).toMatch(/^✗ W&B server: its certificate is signed by an authority that this machine/m);
    expect(report).toContain('NODE_EXTRA_CA_CERTS');
    expect(code).toBe(1);
  });

  it('speaks no TLS where https:// is set', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { code, report } = await unreachable(`https://127.0.0.1:${port}`);
    expect(report).toMatch(/^✗ W&B server: no TLS connection can be made/m);
    expect(code).toBe(1);
  });
});

describe('what the database says', () => {
  it('is that the accounts live in the other backend', async () => {
    const wandb = await startWandb();
    const { code, report } = await doctorOf(settingsOf(wandb), { database: { backend: 'builtin' } });
    expect(report).toContain('✗ Database: its accounts live in the other backend');
    expect(code).toBe(1);
  });

  it('is that the accounts live on a server at another address, unless it is said to have moved from there', async () => {
    const settings = settingsOf(await startWandb());
    const database = { backend: 'wandb', backendAddress: 'https://old.acme.test/ml' } as const;
    const { code, report } = await doctorOf(settings, { database });
    expect(report).toContain('✗ Database: its accounts live on a W&B server at another address');
    expect(report).toContain('Set WANDB_BASE_URL to https://old.acme.test/ml again');
    expect(code).toBe(1);
    const moved = { ...settings, KEYSMITH_WANDB_MOVED_FROM: 'https://OLD.acme.test/ml/' };
    expect((await doctorOf(moved, { database })).code).toBe(0);
  });

  it('is that the server kept a new key to itself', async () => {
    const wandb = await startWandb();
    const database = { backend: 'wandb', keysNotShownAtMs: Date.UTC(2026, 10, 3) } as const;
    const { code, report } = await doctorOf(settingsOf(wandb), { database });
    expect(report).toContain('! W&B, new keys: on 2026-11-03 the server did not show the key');
    expect(code).toBe(0);
  });
});
