import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/configuration.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { liveEnv, settingsFolder, teamsText, wandbApiKey, wandbEnv } from './settings-folder.ts';

type Env = Record<string, string>;

const load = (env: Env, cwd = settingsFolder({ 'teams.yml': teamsText })) => loadConfig({ env, cwd });

function configOf(env: Env): Config {
  const result = load(env);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

function problems(env: Env): { name: string; message: string }[] {
  const result = load(env);
  return result.ok ? [] : result.problems;
}

const names = (env: Env) => problems(env).map(({ name }) => name);

const without = (...removed: string[]): Env =>
  Object.fromEntries(Object.entries(wandbEnv).filter(([name]) => !removed.includes(name)));

describe('The settings of a W&B server', () => {
  it('select it as the backend, and need neither a teams file nor a public URL', () => {
    const config = configOf(wandbEnv);
    expect(config).toMatchObject({
      kind: 'live',
      backend: { kind: 'wandb', baseUrl: 'https://wandb.example.com' },
      organizationName: 'acme',
      organizationAdmins: [],
      publicUrl: undefined,
    });
    expect(config.backend.kind === 'wandb' && config.backend.apiKey.reveal()).toBe(wandbApiKey);
    expect(JSON.stringify(config)).not.toContain(wandbApiKey);
  });

  it('can be combined with a public URL and organization admins, which are validated', () => {
    const both = { PUBLIC_URL: 'https://k.example.com/', KEYSMITH_ORGANIZATION_ADMINS: 'CY@acme.test' };
    expect(configOf({ ...wandbEnv, ...both })).toMatchObject({
      publicUrl: 'https://k.example.com',
      organizationAdmins: ['cy@acme.test'],
    });
    const wrong = { PUBLIC_URL: 'http://k.example.com', KEYSMITH_ORGANIZATION_ADMINS: 'x' };
    expect(names({ ...wandbEnv, ...wrong })).toEqual(['PUBLIC_URL', 'KEYSMITH_ORGANIZATION_ADMINS']);
  });

  it.each([
    ['https://ml.acme.test/wandb/', 'https://ml.acme.test/wandb'],
    ['https://ML.acme.test:443//', 'https://ml.acme.test'],
    ['https://ml.acme.test:8443/a/b', 'https://ml.acme.test:8443/a/b'],
    ['https://api.wandb.ai', 'https://api.wandb.ai'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:8080/wandb', 'http://127.0.0.1:8080/wandb'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('accept the URL %s', (WANDB_BASE_URL, baseUrl) => {
    expect(configOf({ ...wandbEnv, WANDB_BASE_URL })).toMatchObject({ backend: { baseUrl } });
  });

  it.each([
    'http://ml.acme.test',
    'ml.acme.test',
    'ftp://ml.acme.test',
    'https://user:password@ml.acme.test',
    'https://ml.acme.test/?a=b',
    'https://ml.acme.test/#a',
    'https://ml.acme.test/graphql',
    'https://ml.acme.test/wandb/graphql/',
    'https://wandb.ai',
    'https://www.wandb.ai/home',
  ])('refuse the URL %s', (WANDB_BASE_URL) => {
    expect(names({ ...wandbEnv, WANDB_BASE_URL })).toEqual(['WANDB_BASE_URL']);
  });

  it.each(['a'.repeat(40), `local-${'0'.repeat(40)}`, `wandb_v1_abc-${'Z9_-'.repeat(20)}`])(
    'accept %s, a key in a form that the SDKs accept',
    (WANDB_API_KEY) => {
      expect(names({ ...wandbEnv, WANDB_API_KEY })).toEqual([]);
    },
  );

  it.each([
    'a'.repeat(39),
    `local-${'0'.repeat(39)}`,
    `${'a'.repeat(20)} ${'a'.repeat(20)}`,
    `Bearer ${'a'.repeat(40)}`,
    'ä'.repeat(40),
    'a'.repeat(1000),
  ])('refuse %s as a key', (WANDB_API_KEY) => {
    const [problem, ...others] = problems({ ...wandbEnv, WANDB_API_KEY });
    expect([problem?.name, others]).toEqual(['WANDB_API_KEY', []]);
    expect(problem?.message).not.toContain(WANDB_API_KEY);
  });
});

describe('The audit log of a W&B server', () => {
  const followsAuditLog = (KEYSMITH_WANDB_AUDIT_LOG?: string) =>
    configOf({ ...wandbEnv, ...(KEYSMITH_WANDB_AUDIT_LOG && { KEYSMITH_WANDB_AUDIT_LOG }) }).backend;

  it('is followed if it is switched on', () => {
    expect(followsAuditLog()).toMatchObject({ followsAuditLog: false });
    expect(followsAuditLog('off')).toMatchObject({ followsAuditLog: false });
    expect(followsAuditLog('on')).toMatchObject({ followsAuditLog: true });
    expect(names({ ...wandbEnv, KEYSMITH_WANDB_AUDIT_LOG: 'true' })).toEqual(['KEYSMITH_WANDB_AUDIT_LOG']);
  });
});

describe('Invalid settings of a W&B server', () => {
  it('report each line of a teams file that the server manages', () => {
    const reported = problems({ ...wandbEnv, KEYSMITH_TEAMS_FILE: 'teams.yml' });
    expect(reported.map(({ name, message }) => [name, message.split(':', 1)[0]])).toEqual([
      ['KEYSMITH_TEAMS_FILE', 'Line 1, column 29'],
      ['KEYSMITH_TEAMS_FILE', 'Line 4, column 5'],
    ]);
    expect(reported[1]?.message).toContain('come from that server');
  });

  it('accept a teams file with policies and channels only', () => {
    const text = 'organization: { policy: { approvals: 2 } }\nteams: [{ name: a, channel: C0123ABCD }]';
    const cwd = settingsFolder({ 'teams.yml': text });
    const result = load({ ...wandbEnv, KEYSMITH_TEAMS_FILE: 'teams.yml' }, cwd);
    expect(result).toMatchObject({
      config: {
        backend: {
          policies: { organization: { approvals: 2 }, teams: [{ name: 'a', channel: 'C0123ABCD' }] },
        },
      },
    });
    expect(configOf(wandbEnv).backend).toMatchObject({ policies: undefined });
  });

  it('report a missing organization name', () => {
    expect(names(without('KEYSMITH_ORGANIZATION'))).toEqual(['KEYSMITH_ORGANIZATION']);
  });

  it('are all reported at once', () => {
    const env = {
      SLACK_BOT_TOKEN: 'x',
      WANDB_BASE_URL: 'x',
      WANDB_API_KEY: 'x',
      KEYSMITH_TEAMS_FILE: 'x',
      PUBLIC_URL: 'x',
    };
    expect(new Set(names(env))).toEqual(
      new Set([
        'SLACK_BOT_TOKEN',
        'SLACK_SIGNING_SECRET',
        'KEYSMITH_SECRET',
        'PUBLIC_URL',
        'WANDB_BASE_URL',
        'WANDB_API_KEY',
        'KEYSMITH_TEAMS_FILE',
        'KEYSMITH_ORGANIZATION',
      ]),
    );
  });

  it('report a mistyped name, but none of the SDK’s own variables', () => {
    expect(names({ ...wandbEnv, WANDB_BASE_URI: 'x' })).toEqual(['WANDB_BASE_URI']);
    const ofSdk = ['WANDB_ENTITY', 'WANDB_PROJECT', 'WANDB_MODE', 'WANDB_DIR', 'WANDB_API_HOST'];
    expect(names({ ...wandbEnv, ...Object.fromEntries(ofSdk.map((name) => [name, 'x'])) })).toEqual([]);
  });
});

describe('A sandbox that was requested', () => {
  it('keeps the runs of its W&B server beside the database if the server is the upstream', () => {
    const cwd = settingsFolder();
    expect(loadConfig({ env: {}, cwd, sandbox: 'builtin' })).toMatchObject({
      ok: true,
      config: {
        backend: { kind: 'builtin' },
        wandb: { host: '127.0.0.1', port: 3002 },
        databaseFile: join(cwd, 'data/sandbox/keysmith.db'),
        runFolder: join(cwd, 'data/sandbox/wandb'),
      },
    });
  });

  it('has its own folder if its W&B server is the backend', () => {
    const cwd = settingsFolder();
    expect(loadConfig({ env: {}, cwd, sandbox: 'local_wandb' })).toMatchObject({
      ok: true,
      config: {
        kind: 'sandbox',
        backend: { kind: 'local_wandb' },
        wandb: { host: '127.0.0.1', port: 3002 },
        runFolder: undefined,
        databaseFile: join(cwd, 'data/sandbox-wandb/keysmith.db'),
        secretFile: join(cwd, 'data/sandbox-wandb/secret'),
        http: { port: 3000 },
        app: { port: 3001 },
      },
    });
  });

  it.each([
    ['0', [0, 0]],
    ['65534', [65_535, 65_532]],
    ['65535', [65_534, 65_533]],
  ])('has different ports for its servers with PORT=%s', (PORT, ports) => {
    const result = loadConfig({ env: { PORT }, cwd: settingsFolder(), sandbox: 'local_wandb' });
    if (!result.ok || result.config.kind !== 'sandbox') throw new Error('no sandbox');
    const { app, wandb } = result.config;
    expect([app.port, wandb.port]).toEqual(ports);
  });

  it.each(['builtin', 'local_wandb'] as const)(
    'ignores the settings of a workspace, with the backend %s',
    (sandbox) => {
      const result = loadConfig({ env: { ...liveEnv, ...wandbEnv }, cwd: settingsFolder(), sandbox });
      expect(result).toMatchObject({
        ok: true,
        config: { kind: 'sandbox', publicUrl: 'http://localhost:3001' },
      });
    },
  );

  it('is refused when NODE_ENV is production', () => {
    const result = loadConfig({ env: { NODE_ENV: 'production' }, cwd: settingsFolder(), sandbox: 'builtin' });
    expect(result).toMatchObject({ ok: false, problems: [{ name: 'NODE_ENV' }] });
  });
});
