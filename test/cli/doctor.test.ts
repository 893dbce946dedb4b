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

const sound = {
  ok: true,
  exists: true,
  schema: 'current',
  mode: undefined,
  integrity: 'ok',
  writable: true,
  organizationName: undefined,
} as const satisfies DatabaseInspection;

interface WireSlack {
  authTest?: object;
  connectionsOpen?: object;
  scopes?: string;
  handle?: RequestListener;
}

/** As much of slack.com as the doctor asks, and a Keysmith that is well at `/healthz`. */
function wireSlack(wire: WireSlack = {}): Promise<string> {
  return listen((request, response) => {
    if (wire.handle) return wire.handle(request, response);
    if (request.url === '/healthz') return response.end('ok');
    const expected = request.url === '/api/auth.test' ? liveEnv.SLACK_BOT_TOKEN : 'xapp-1-abc';
    const authentic = request.method === 'POST' && request.headers.authorization === `Bearer ${expected}`;
    const identity = { ok: true, team: 'Acme', user: 'keysmith', bot_id: 'B1', ...wire.authTest };
    const connection = { ok: true, url: 'wss://socket.test/?ticket=hidden', ...wire.connectionsOpen };
    const answer = request.url === '/api/auth.test' ? identity : connection;
    response.setHeader('x-oauth-scopes', wire.scopes ?? botScopes.join(','));
    response.end(JSON.stringify(authentic ? answer : { ok: false, error: 'invalid_auth' }));
    return undefined;
  });
}

interface Run {
  env?: Record<string, string>;
  cwd?: string;
  dependencies?: Partial<DoctorDependencies>;
}

async function doctor(origin: string, { env = {}, cwd, dependencies = {} }: Run = {}) {
  const folder = cwd ?? settingsFolder({ 'teams.yml': teamsText });
  const settings = { ...liveEnv, SLACK_API_URL: `${origin}/api/`, PUBLIC_URL: origin, ...env };
  const lines: string[] = [];
  const code = await runDoctor({
    loadConfig: () => loadConfig({ env: settings, cwd: folder }),
    cwd: folder,
    print: (line) => lines.push(line),
    fetch,
    inspectDatabase: async () => sound,
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

describe('when all is well', () => {
  it('ends with 0, with a tick for everything', async () => {
    const { code, report } = await doctor(await wireSlack());
    expect(code).toBe(0);
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

  it('tries to open a connection in Socket Mode', async () => {
    const { code, report } = await doctor(await wireSlack(), { env: { SLACK_APP_TOKEN: 'xapp-1-abc' } });
    expect(code).toBe(0);
    expect(report).toContain('✓ Slack, Socket Mode: ');
  });

  it('asks nothing of Slack in the sandbox', async () => {
    const cwd = settingsFolder();
    const { code, report } = await doctor(await wireSlack(), {
      cwd,
      dependencies: {
        loadConfig: () => loadConfig({ env: {}, cwd }),
        inspectDatabase: async () => ({ ...sound, exists: false, schema: 'none' }),
      },
    });
    expect(code).toBe(0);
    expect(report).toContain('✓ Settings: complete: the sandbox');
    expect(report).not.toContain('Slack, ');
  });
});

describe('what is wrong with Slack', () => {
  it.each<[string, WireSlack, string]>([
    [
      'a token that Slack does not know',
      { authTest: { ok: false, error: 'invalid_auth' } },
      '✗ Slack, bot token: Slack refused: invalid_auth',
    ],
    [
      'a token of a person',
      { authTest: { bot_id: undefined } },
      '✗ Slack, bot token: the token belongs to a person',
    ],
    [
      'missing scopes',
      { scopes: 'commands,chat:write' },
      '✗ Slack, scopes: missing: users:read, users:read.email, im:write',
    ],
    [
      'a refused app token',
      { connectionsOpen: { ok: false, error: 'not_allowed_token_type' } },
      '✗ Slack, Socket Mode: Slack refused: not_allowed_token_type',
    ],
    [
      'an error that is none of Slack’s',
      { authTest: { ok: false, error: 'xoxb-1-2-abc' } },
      '✗ Slack, bot token: Slack refused: unknown error',
    ],
    [
      'an error page',
      { handle: (_, response) => response.writeHead(502).end('<html>') },
      '✗ Slack, bot token: Slack answered HTTP 502',
    ],
    [
      'a redirect',
      { handle: (_, response) => response.writeHead(302, { location: 'https://evil.test' }).end() },
      '✗ Slack, bot token: Slack answered HTTP 302',
    ],
    [
      'an answer without end',
      { handle: (_, response) => response.end('x'.repeat(1_000_000)) },
      '✗ Slack, bot token: Slack answered HTTP 200, not as Slack does',
    ],
    [
      'a broken connection',
      { handle: (request) => request.socket.destroy() },
      '✗ Slack, bot token: Slack can not be reached',
    ],
  ])('is named: %s', async (_, wire, line) => {
    const { code, report } = await doctor(await wireSlack(wire), { env: { SLACK_APP_TOKEN: 'xapp-1-abc' } });
    expect(report).toContain(line);
    expect(code).toBe(1);
  });

  it('is named within the time-out where Slack never answers', async () => {
    const { code, report } = await doctor(await wireSlack({ handle: () => undefined }), {
      dependencies: { timeoutMs: 200 },
    });
    expect(code).toBe(1);
    expect(report).toContain('✗ Slack, bot token: Slack did not answer in time');
  });

  it.each([
    [61_500, '✗ Clock: 6', 'ahead of'],
    [-90_000, '✗ Clock: ', 'behind'],
  ])('is the clock, where it is off by %d ms', async (offMs, start, direction) => {
    const { code, report } = await doctor(await wireSlack(), {
      dependencies: { now: () => Date.now() + offMs },
    });
    expect(code).toBe(1);
    expect(report).toContain(start);
    expect(report).toContain(direction);
  });
});

describe('what is wrong with the rest', () => {
  it.each<[DatabaseInspection, string, number]>([
    [{ ...sound, exists: false, schema: 'none' }, '✓ Database: none yet', 0],
    [{ ...sound, schema: 'older' }, '! Database: older than this version', 0],
    [{ ...sound, schema: 'newer' }, '✗ Database: ', 1],
    [{ ...sound, mode: 'sandbox' }, '✗ Database: ', 1],
    [{ ...sound, integrity: ['row 1 missing from index'] }, '✗ Database: ', 1],
    [{ ...sound, writable: false }, '✗ Database: ', 1],
    [{ ...sound, organizationName: 'another' }, '✗ Database: belongs to another organization', 1],
    [
      { ok: false, reason: 'locked', message: 'The database is locked.' },
      '✗ Database: The database is locked.',
      1,
    ],
  ])('is the database: %j', async (inspection, line, expected) => {
    const { code, report } = await doctor(await wireSlack(), {
      dependencies: { inspectDatabase: async () => inspection },
    });
    expect(report).toContain(line);
    expect(code).toBe(expected);
  });

  it('is a check that breaks or hangs; its message is not repeated, and the others go on', async () => {
    const broken = await doctor(await wireSlack(), {
      dependencies: { inspectDatabase: () => Promise.reject(new Error(liveEnv.KEYSMITH_SECRET)) },
    });
    expect(broken.report).toContain('✗ Database: the check itself failed (Error)');
    const hanging = await doctor(await wireSlack(), {
      dependencies: { inspectDatabase: () => new Promise(() => undefined), timeoutMs: 300 },
    });
    expect(hanging.report).toContain('✗ Database: no answer within');
    for (const { code, report } of [broken, hanging]) {
      expect(code).toBe(1);
      expect(report).toContain('✓ PUBLIC_URL');
    }
  });

  it('is an old Node.js', async () => {
    const { code, report } = await doctor(await wireSlack(), { dependencies: { nodeVersion: '22.17.1' } });
    expect(code).toBe(1);
    expect(report).toContain('✗ Node.js: 22.17.1 is older than 22.18');
  });

  it('is PUBLIC_URL, as a warning only, since Keysmith need not run', async () => {
    const { code, report } = await doctor(await wireSlack(), { env: { PUBLIC_URL: 'http://127.0.0.1:9' } });
    expect(code).toBe(0);
    expect(report).toContain('! PUBLIC_URL: it can not be reached');
  });

  it('is a .env that others may read', async () => {
    const cwd = settingsFolder({ 'teams.yml': teamsText, '.env': '' });
    chmodSync(join(cwd, '.env'), 0o644);
    expect((await doctor(await wireSlack(), { cwd })).report).toContain('! .env: ');
    chmodSync(join(cwd, '.env'), 0o600);
    expect((await doctor(await wireSlack(), { cwd })).report).not.toContain('.env');
  });

  it('are the settings, which end it with 78 before anything else is asked', async () => {
    const { code, report } = await doctor(await wireSlack(), {
      env: { PORT: 'x', KEYSMITH_TEAMS_FILE: 'none.yml' },
    });
    expect(code).toBe(78);
    expect(report).toMatch(/^✗ PORT: /m);
    expect(report).toMatch(/^✗ KEYSMITH_TEAMS_FILE: /m);
    expect(report).not.toContain('✓ Slack');
  });
});

describe('the JWT issuers', () => {
  const teamsWith = (issuers: string) => settingsFolder({ 'teams.yml': `${teamsText}issuers:\n${issuers}` });

  it('are asked for their keys as the exchange asks them, and only warned of', async () => {
    const origin = await wireSlack();
    const { code, report } = await doctor(origin, {
      cwd: teamsWith('  - url: https://127.0.0.1:9/issuer\n'),
    });
    expect(report).toContain(
      '! JWT issuer https://127.0.0.1:9/issuer: its keys can not be had (discovery not_allowed',
    );
    expect(report).toContain('private_network: true');
    expect(code).toBe(0);
  });
});
