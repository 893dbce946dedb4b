import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DoctorDependencies, runDoctor } from '../../src/cli/doctor/doctor.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { botScopes } from '../../src/slack/manifest.ts';
import type { DatabaseInspection } from '../../src/store/database/inspect-database.ts';
import { liveEnv, settingsFolder, teamsText } from '../config/settings-folder.ts';

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const healthyDatabase = {
  ok: true,
  exists: true,
  schema: 'current',
  mode: undefined,
  integrity: 'ok',
  writable: true,
  organizationName: undefined,
} as const satisfies DatabaseInspection;

interface SlackOptions {
  authTest?: object;
  connectionsOpen?: object;
  scopes?: string;
  handle?: RequestListener;
}

/** Starts a server with the two Slack methods that the doctor calls, and Keysmith's `/healthz`. */
function startSlack(options: SlackOptions = {}): Promise<string> {
  return listen((request, response) => {
    if (options.handle) return options.handle(request, response);
    if (request.url === '/healthz') return response.end('ok');
    const expected = request.url === '/api/auth.test' ? liveEnv.SLACK_BOT_TOKEN : 'xapp-1-abc';
    const authentic = request.method === 'POST' && request.headers.authorization === `Bearer ${expected}`;
    const identity = { ok: true, team: 'Acme', user: 'keysmith', bot_id: 'B1', ...options.authTest };
    const connection = { ok: true, url: 'wss://socket.test/?ticket=hidden', ...options.connectionsOpen };
    const answer = request.url === '/api/auth.test' ? identity : connection;
    response.setHeader('x-oauth-scopes', options.scopes ?? botScopes.join(','));
    response.end(JSON.stringify(authentic ? answer : { ok: false, error: 'invalid_auth' }));
    return undefined;
  });
}

interface Run {
  env?: Record<string, string>;
  cwd?: string;
  dependencies?: Partial<DoctorDependencies>;
}

async function runDoctorWith(origin: string, { env = {}, cwd, dependencies = {} }: Run = {}) {
  const folder = cwd ?? settingsFolder({ 'teams.yml': teamsText });
  const settings = { ...liveEnv, SLACK_API_URL: `${origin}/api/`, PUBLIC_URL: origin, ...env };
  const lines: string[] = [];
  const code = await runDoctor({
    loadConfig: () => loadConfig({ env: settings, cwd: folder }),
    cwd: folder,
    print: (line) => lines.push(line),
    fetch,
    inspectDatabase: async () => healthyDatabase,
    openStores: () => Promise.reject(new Error('Nothing of a gateway is read.')),
    randomBytes,
    now: Date.now,
    nodeVersion: '24.21.0',
    timeoutMs: 5000,
    ...dependencies,
  });
  const report = lines.join('\n');
  for (const secret of [
    liveEnv.SLACK_BOT_TOKEN,
    liveEnv.SLACK_SIGNING_SECRET,
    liveEnv.KEYSMITH_SECRET,
    'ticket=hidden',
    'xapp-1',
  ]) {
    expect(report).not.toContain(secret);
  }
  return { code, report };
}

describe('The doctor, when everything works', () => {
  it('prints a tick for every check and exits with 0', async () => {
    const { code, report } = await runDoctorWith(await startSlack());
    expect(code).toBe(0);
    expect(report).toMatch(/^No problems found\.$/m);
    expect(report).not.toMatch(/^[✗!]/m);
    expect(report.match(/^✓ ([^:]+)/gm)).toEqual([
      '✓ Node.js',
      '✓ Settings',
      '✓ Teams file',
      '✓ Secret',
      '✓ Database',
      '✓ Slack, bot token',
      '✓ Slack, scopes',
      '✓ Clock',
      '✓ PUBLIC_URL',
    ]);
  });

  it('checks that Slack lets it open a connection in Socket Mode', async () => {
    const { code, report } = await runDoctorWith(await startSlack(), {
      env: { SLACK_APP_TOKEN: 'xapp-1-abc' },
    });
    expect(code).toBe(0);
    expect(report).toContain('✓ Slack, Socket Mode: ');
  });

  it('doesn’t call Slack for the sandbox', async () => {
    const cwd = settingsFolder();
    const { code, report } = await runDoctorWith(await startSlack(), {
      cwd,
      dependencies: {
        loadConfig: () => loadConfig({ env: {}, cwd }),
        inspectDatabase: async () => ({ ...healthyDatabase, exists: false, schema: 'none' }),
      },
    });
    expect(code).toBe(0);
    expect(report).toContain('✓ Settings: valid, for the sandbox');
    expect(report).not.toContain('Slack, ');
  });
});

describe('The doctor, when Slack has a problem', () => {
  it.each<[string, SlackOptions, string]>([
    [
      'an unknown bot token',
      { authTest: { ok: false, error: 'invalid_auth' } },
      '✗ Slack, bot token: Slack refused: invalid_auth',
    ],
    [
      'a person’s token',
      { authTest: { bot_id: undefined } },
      '✗ Slack, bot token: the token belongs to a person',
    ],
    [
      'an app that was uninstalled',
      { authTest: { ok: false, error: 'account_inactive' } },
      '✗ Slack, bot token: Slack refused: account_inactive\n    The app was uninstalled',
    ],
    [
      'missing scopes',
      { scopes: 'commands,chat:write' },
      '✗ Slack, scopes: missing: users:read, users:read.email, im:write',
    ],
    [
      'a refused app-level token',
      { connectionsOpen: { ok: false, error: 'not_allowed_token_type' } },
      '✗ Slack, Socket Mode: Slack refused: not_allowed_token_type',
    ],
    [
      'an error code that isn’t Slack’s',
      { authTest: { ok: false, error: 'xoxb-1-2-abc' } },
      '✗ Slack, bot token: Slack refused: unknown error',
    ],
    [
      'an error page',
      { handle: (_, response) => response.writeHead(502).end('<html>') },
      '✗ Slack, bot token: Slack returned HTTP 502',
    ],
    [
      'a redirect',
      { handle: (_, response) => response.writeHead(302, { location: 'https://evil.test' }).end() },
      '✗ Slack, bot token: Slack returned HTTP 302',
    ],
    [
      'a huge response',
      { handle: (_, response) => response.end('x'.repeat(1_000_000)) },
      '✗ Slack, bot token: Slack returned HTTP 200 and no valid response',
    ],
    [
      'a broken connection',
      { handle: (request) => request.socket.destroy() },
      '✗ Slack, bot token: Slack can’t be reached',
    ],
  ])('reports %s', async (_, options, line) => {
    const { code, report } = await runDoctorWith(await startSlack(options), {
      env: { SLACK_APP_TOKEN: 'xapp-1-abc' },
    });
    expect(report).toContain(line);
    expect(code).toBe(1);
  });

  it('reports within the timeout that Slack doesn’t respond', async () => {
    const { code, report } = await runDoctorWith(await startSlack({ handle: () => undefined }), {
      dependencies: { timeoutMs: 200 },
    });
    expect(code).toBe(1);
    expect(report).toContain('✗ Slack, bot token: Slack timed out');
  });

  it.each([
    [61_500, '✗ Clock: 6', 'ahead of'],
    [-90_000, '✗ Clock: ', 'behind'],
  ])('reports a clock that is off by %d ms', async (offMs, start, direction) => {
    const { code, report } = await runDoctorWith(await startSlack(), {
      dependencies: { now: () => Date.now() + offMs },
    });
    expect(code).toBe(1);
    expect(report).toContain(start);
    expect(report).toContain(direction);
  });
});

describe('The doctor, when something else has a problem', () => {
  it.each<[DatabaseInspection, string, number]>([
    [{ ...healthyDatabase, exists: false, schema: 'none' }, '✓ Database: none yet', 0],
    [{ ...healthyDatabase, schema: 'older' }, '! Database: older than this version', 0],
    [{ ...healthyDatabase, schema: 'newer' }, '✗ Database: ', 1],
    [{ ...healthyDatabase, mode: 'sandbox' }, '✗ Database: ', 1],
    [{ ...healthyDatabase, integrity: ['row 1 missing from index'] }, '✗ Database: ', 1],
    [{ ...healthyDatabase, writable: false }, '✗ Database: ', 1],
    [
      { ...healthyDatabase, organizationName: 'another' },
      '✗ Database: belongs to a different organization',
      1,
    ],
    [
      { ok: false, reason: 'locked', message: 'The database is locked.' },
      '✗ Database: The database is locked.',
      1,
    ],
  ])('reports the database in the state %j', async (inspection, line, expected) => {
    const { code, report } = await runDoctorWith(await startSlack(), {
      dependencies: { inspectDatabase: async () => inspection },
    });
    expect(report).toContain(line);
    expect(code).toBe(expected);
  });

  it('reports a check that fails or hangs, without its error message, and completes the others', async () => {
    const broken = await runDoctorWith(await startSlack(), {
      dependencies: { inspectDatabase: () => Promise.reject(new Error(liveEnv.KEYSMITH_SECRET)) },
    });
    expect(broken.report).toContain('✗ Database: the check failed unexpectedly (Error)');
    const hanging = await runDoctorWith(await startSlack(), {
      dependencies: { inspectDatabase: () => new Promise(() => undefined), timeoutMs: 300 },
    });
    expect(hanging.report).toContain('✗ Database: timed out after');
    for (const { code, report } of [broken, hanging]) {
      expect(report).toMatch(/^1 problem to fix\.$/m);
      expect(code).toBe(1);
      expect(report).toContain('✓ PUBLIC_URL');
    }
  });

  it('reports a version of Node.js that is too old', async () => {
    const { code, report } = await runDoctorWith(await startSlack(), {
      dependencies: { nodeVersion: '22.17.1' },
    });
    expect(code).toBe(1);
    expect(report).toContain('✗ Node.js: 22.17.1 is older than 22.18');
  });

  it('only warns that PUBLIC_URL can’t be reached, since Keysmith may not be running', async () => {
    const { code, report } = await runDoctorWith(await startSlack(), {
      env: { PUBLIC_URL: 'http://127.0.0.1:9' },
    });
    expect(code).toBe(0);
    expect(report).toContain('! PUBLIC_URL: can’t be reached');
  });

  it('warns of a .env that other users can read', async () => {
    const cwd = settingsFolder({ 'teams.yml': teamsText, '.env': '' });
    chmodSync(join(cwd, '.env'), 0o644);
    expect((await runDoctorWith(await startSlack(), { cwd })).report).toContain('! .env: ');
    chmodSync(join(cwd, '.env'), 0o600);
    expect((await runDoctorWith(await startSlack(), { cwd })).report).not.toContain('.env');
  });

  it('reports invalid settings, exits with 78 and calls nothing', async () => {
    const { code, report } = await runDoctorWith(await startSlack(), {
      env: { PORT: 'x', KEYSMITH_TEAMS_FILE: 'none.yml' },
    });
    expect(code).toBe(78);
    expect(report).toMatch(/^✗ PORT: /m);
    expect(report).toMatch(/^✗ KEYSMITH_TEAMS_FILE: /m);
    expect(report).not.toContain('✓ Slack');
  });
});

describe('The doctor, for the JWT issuers', () => {
  const teamsWith = (issuers: string) => settingsFolder({ 'teams.yml': `${teamsText}issuers:\n${issuers}` });

  it('fetches their keys under the rules of the token exchange, and only warns', async () => {
    const origin = await startSlack();
    const { code, report } = await runDoctorWith(origin, {
      cwd: teamsWith('  - url: https://127.0.0.1:9/issuer\n'),
    });
    expect(report).toContain(
      '! JWT issuer https://127.0.0.1:9/issuer: can’t fetch its keys (discovery not_allowed',
    );
    expect(report).toContain('private_network: true');
    expect(code).toBe(0);
  });
});
