import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveConfig } from '../../src/config/configuration.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { liveEnv, settingsFolder, teamsText, wandbApiKey, wandbEnv } from './settings-folder.ts';

type Env = Record<string, string>;

const UPSTREAM = 'https://wandb.example.com/ml';
const gatewayEnv = { ...liveEnv, KEYSMITH_UPSTREAM_URL: UPSTREAM };

const load = (env: Env) => loadConfig({ env, cwd: settingsFolder({ 'teams.yml': teamsText }) });

function liveConfig(env: Env): LiveConfig {
  const result = load(env);
  if (!result.ok || result.config.kind !== 'live') throw new Error(JSON.stringify(result));
  return result.config;
}

function problems(env: Env): { name: string; message: string }[] {
  const result = load(env);
  return result.ok ? [] : result.problems;
}

const names = (env: Env) => problems(env).map(({ name }) => name);

function warnings(env: Env): string[] {
  const result = load(env);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.warnings.map(({ name }) => name);
}

describe('KEYSMITH_BACKEND', () => {
  const server = { WANDB_BASE_URL: wandbEnv.WANDB_BASE_URL, WANDB_API_KEY: wandbApiKey };

  it.each<[string, Env, 'builtin' | 'wandb', string[]]>([
    ['nothing', {}, 'builtin', []],
    ['builtin', { KEYSMITH_BACKEND: 'builtin' }, 'builtin', []],
    ['one setting of a server', { WANDB_API_KEY: wandbApiKey }, 'builtin', ['WANDB_API_KEY']],
    ['the other one', { WANDB_BASE_URL: 'no URL' }, 'builtin', ['WANDB_BASE_URL']],
    ['both and an upstream', { ...server, KEYSMITH_UPSTREAM_URL: UPSTREAM }, 'builtin', Object.keys(server)],
    ['both and builtin', { ...server, KEYSMITH_BACKEND: 'builtin' }, 'builtin', Object.keys(server)],
    [
      'the previous address of a server',
      { KEYSMITH_WANDB_MOVED_FROM: UPSTREAM },
      'builtin',
      ['KEYSMITH_WANDB_MOVED_FROM'],
    ],
    [
      'the audit log of a server',
      { KEYSMITH_WANDB_AUDIT_LOG: 'on' },
      'builtin',
      ['KEYSMITH_WANDB_AUDIT_LOG'],
    ],
  ])('with %s, selects a backend and warns of what it ignores', (_, env, kind, ignored) => {
    expect(liveConfig({ ...liveEnv, ...env }).backend.kind).toBe(kind);
    expect(warnings({ ...liveEnv, ...env })).toEqual(ignored);
  });

  it.each<[string, Env]>([
    ['is wandb by default where both settings of a server are set', wandbEnv],
    ['can be wandb', { ...wandbEnv, KEYSMITH_BACKEND: 'wandb' }],
  ])('%s', (_, env) => {
    expect(liveConfig(env).backend.kind).toBe('wandb');
    expect(warnings(env)).toEqual([]);
  });

  it('reports each missing setting of a server when it is wandb', () => {
    const { WANDB_BASE_URL: _, WANDB_API_KEY: __, ...env } = wandbEnv;
    expect(names({ ...env, KEYSMITH_BACKEND: 'wandb' })).toEqual(['WANDB_BASE_URL', 'WANDB_API_KEY']);
  });

  it('is reported when it has another value', () => {
    expect(problems({ ...liveEnv, KEYSMITH_BACKEND: 'Wandb' })).toEqual([
      { name: 'KEYSMITH_BACKEND', message: 'KEYSMITH_BACKEND must be builtin or wandb.' },
    ]);
  });

  it.each(['WANDB_BASE_URL', 'WANDB_API_KEY'] as const)(
    'points to the setting that %s alone lacks, instead of a teams file',
    (name) => {
      const { KEYSMITH_TEAMS_FILE: _, ...env } = liveEnv;
      const other = name === 'WANDB_API_KEY' ? 'WANDB_BASE_URL' : 'WANDB_API_KEY';
      const found = problems({ ...env, [name]: wandbEnv[name], KEYSMITH_ORGANIZATION: 'acme' });
      expect(found).toEqual([
        { name: 'KEYSMITH_TEAMS_FILE', message: expect.stringContaining(`set ${other} too`) },
      ]);
    },
  );
});

describe('The settings of the gateway', () => {
  it('leave it off by default', () => {
    expect(liveConfig(liveEnv).gateway).toBeUndefined();
    expect(liveConfig(wandbEnv).gateway).toBeUndefined();
  });

  it('turn it on with the URL alone', () => {
    expect(liveConfig(gatewayEnv).gateway).toEqual({
      upstreamUrl: UPSTREAM,
      auth: 'key',
      appUrl: UPSTREAM,
      mutations: [],
    });
  });

  it('can all be set', () => {
    const env = {
      KEYSMITH_UPSTREAM_URL: 'https://API.wandb.ai:443/',
      KEYSMITH_UPSTREAM_AUTH: 'federation',
      KEYSMITH_UPSTREAM_APP_URL: 'https://app.example.com/ml/',
      KEYSMITH_UPSTREAM_MUTATIONS: 'deleteRun, updateRun,deleteRun,',
    };
    expect(liveConfig({ ...liveEnv, ...env }).gateway).toEqual({
      upstreamUrl: 'https://api.wandb.ai',
      auth: 'federation',
      appUrl: 'https://app.example.com/ml',
      mutations: ['deleteRun', 'updateRun'],
    });
  });

  it.each([
    ['https://api.wandb.ai', 'https://wandb.ai'],
    ['https://api.eu.wandb.ai', 'https://eu.wandb.ai'],
    ['https://api.wandb.example.com/ml', 'https://api.wandb.example.com/ml'],
    ['http://localhost:8080', 'http://localhost:8080'],
  ])('take the pages of %s from %s', (KEYSMITH_UPSTREAM_URL, appUrl) => {
    expect(liveConfig({ ...liveEnv, KEYSMITH_UPSTREAM_URL }).gateway?.appUrl).toBe(appUrl);
  });

  it.each<[Env, string]>([
    [{ KEYSMITH_UPSTREAM_URL: 'http://wandb.example.com' }, 'KEYSMITH_UPSTREAM_URL must be a URL'],
    [{ KEYSMITH_UPSTREAM_URL: 'https://a:b@wandb.example.com' }, 'KEYSMITH_UPSTREAM_URL can’t contain'],
    [{ KEYSMITH_UPSTREAM_URL: 'https://wandb.ai' }, 'https://api.wandb.ai'],
    [{ KEYSMITH_UPSTREAM_URL: `${UPSTREAM}/graphql/` }, 'KEYSMITH_UPSTREAM_URL must be the URL'],
    [{ KEYSMITH_UPSTREAM_AUTH: 'oidc' }, 'key or federation'],
    [{ KEYSMITH_UPSTREAM_APP_URL: 'wandb.example.com' }, 'KEYSMITH_UPSTREAM_APP_URL must be'],
    [{ KEYSMITH_UPSTREAM_APP_URL: 'https://wandb.ai/?a' }, 'KEYSMITH_UPSTREAM_APP_URL can’t'],
    [{ KEYSMITH_UPSTREAM_MUTATIONS: 'updateRun,delete-run' }, 'Entry 2 isn’t the name'],
    [{ KEYSMITH_UPSTREAM_MUTATIONS: '__type, x y' }, 'Entries 1, 2 aren’t names'],
    [{ KEYSMITH_UPSTREAM_MUTATIONS: 'deleteRun,generateApiKey' }, 'Entry 2 can’t be allowed'],
    [{ KEYSMITH_UPSTREAM_MUTATIONS: 'createuser,upsertSharedView' }, 'Entries 1, 2 can’t be allowed'],
    [{ KEYSMITH_BACKEND: 'wandb', ...wandbEnv }, 'Unset it: with KEYSMITH_BACKEND=wandb'],
    [{ KEYSMITH_AUTHORITY: 'off' }, 'KEYSMITH_AUTHORITY=off'],
    [{ KEYSMITH_UPSTREAM_APP_URL: liveEnv.PUBLIC_URL }, 'the address of Keysmith itself, as in PUBLIC_URL'],
  ])('refuse %o, by the name of the setting', (env, message) => {
    const base: Env = { ...gatewayEnv };
    if (env.KEYSMITH_BACKEND) delete base.KEYSMITH_TEAMS_FILE;
    const found = problems({ ...base, ...env });
    const name = Object.keys(env).findLast((key) => key.startsWith('KEYSMITH_UPSTREAM_'));
    expect(found).toEqual([
      { name: name ?? 'KEYSMITH_UPSTREAM_URL', message: expect.stringContaining(message) },
    ]);
    for (const value of Object.values(env).flatMap((text) => text.split(/, ?/))) {
      if (value.length > 8 && !value.startsWith('https://api.'))
        expect(found[0]?.message).not.toContain(value);
    }
  });

  it.each([
    ['KEYSMITH_UPSTREAM_AUTH', 'federation'],
    ['KEYSMITH_UPSTREAM_AUTH', 'key'],
    ['KEYSMITH_UPSTREAM_APP_URL', 'https://wandb.example.com'],
    ['KEYSMITH_UPSTREAM_MUTATIONS', 'deleteRun'],
  ])('refuse %s=%s without the URL, with either backend', (name, value) => {
    expect(names({ ...liveEnv, [name]: value })).toEqual([name]);
    expect(names({ ...wandbEnv, [name]: value })).toEqual([name]);
  });

  it('report a mistyped name', () => {
    expect(names({ ...liveEnv, KEYSMITH_UPSTREAM_URI: UPSTREAM })).toEqual(['KEYSMITH_UPSTREAM_URI']);
  });
});

describe('An upstream that is Keysmith itself', () => {
  const isRefused = (env: Env) => names({ ...liveEnv, ...env }).includes('KEYSMITH_UPSTREAM_URL');

  it.each([
    ['https://keysmith.example.com', 'https://keysmith.example.com'],
    ['https://keysmith.example.com', 'https://KEYSMITH.example.com:443/'],
    ['https://keysmith.example.com:443/keysmith', 'https://keysmith.example.com/wandb'],
    ['https://keysmith.example.com', 'https://keysmith.example.com.'],
    ['https://keysmith.example.com./', 'https://keysmith.example.com'],
    ['https://keysmith.example.com:8443', 'https://keysmith.example.com:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['http://localhost:8080', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1:8080', 'http://[::1]:8080/wandb'],
    ['http://localhost:8080', 'https://localhost:8080'],
    ['http://localhost:8080', 'https://keysmith.localhost:8080'],
    ['http://localhost:8080', 'https://[::ffff:127.0.0.1]:8080'],
    ['http://localhost:8080', 'https://0.0.0.0:8080'],
    ['https://10.1.2.3', 'https://[::ffff:10.1.2.3]'],
    ['https://10.1.2.3', 'https://0xa.0x10203'],
  ])('is refused with PUBLIC_URL=%s and the URL %s', (PUBLIC_URL, KEYSMITH_UPSTREAM_URL) => {
    expect(isRefused({ PUBLIC_URL, KEYSMITH_UPSTREAM_URL })).toBe(true);
  });

  it.each([
    ['https://keysmith.example.com', 'https://wandb.example.com'],
    ['https://keysmith.example.com', 'https://keysmith.example.com:8443'],
    ['https://keysmith.example.com', 'https://wandb.keysmith.example.com'],
    ['http://localhost:8081', 'http://localhost:8080'],
  ])('is another server with PUBLIC_URL=%s and the URL %s', (PUBLIC_URL, KEYSMITH_UPSTREAM_URL) => {
    expect(isRefused({ PUBLIC_URL, KEYSMITH_UPSTREAM_URL })).toBe(false);
  });

  it('is refused at the port where Keysmith listens', () => {
    expect(isRefused({ KEYSMITH_UPSTREAM_URL: 'http://localhost:3000' })).toBe(true);
    expect(isRefused({ KEYSMITH_UPSTREAM_URL: 'http://127.0.0.1:8080', PORT: '8080', HOST: '::1' })).toBe(
      true,
    );
    expect(isRefused({ KEYSMITH_UPSTREAM_URL: 'http://localhost:8080' })).toBe(false);
    expect(isRefused({ KEYSMITH_UPSTREAM_URL: 'http://localhost:3000', HOST: '10.1.2.3' })).toBe(false);
  });

  it('is refused however its host is spelled', () => {
    const letterCase = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 });
    const path = fc.constantFrom('', '/', '/ml', '/ml/');
    fc.assert(
      fc.property(letterCase, path, fc.constantFrom('', ':443'), fc.boolean(), (upper, suffix, port, dot) => {
        const host = [...'keysmith.example.com'].map((c, i) => (upper[i] ? c.toUpperCase() : c)).join('');
        return isRefused({ KEYSMITH_UPSTREAM_URL: `https://${host}${dot ? '.' : ''}${port}${suffix}` });
      }),
      { numRuns: 20 },
    );
  });
});

describe('Keysmith’s own URL as an issuer in the teams file', () => {
  const problemsWith = (PUBLIC_URL: string, issuer: string, env: Env = {}) => {
    const cwd = settingsFolder({ 'teams.yml': `${teamsText}issuers: [{ url: "${issuer}" }]\n` });
    const result = loadConfig({ env: { ...liveEnv, PUBLIC_URL, ...env }, cwd });
    return result.ok ? [] : result.problems;
  };

  it.each([
    ['https://ks.example.com', 'https://ks.example.com'],
    ['https://ks.example.com', 'https://ks.example.com/'],
    ['https://ks.example.com/', 'https://KS.Example.com:443//'],
    ['https://ks.example.com', 'HTTPS://ks.example.com.'],
    ['https://ks.example.com/keysmith', 'https://ks.example.com/keysmith/'],
    ['https://ks.example.com/keysmith', 'https://ks.example.com/a/../%6Beysmith'],
    ['https://ks.example.com/keysmith', 'https://ks.example.com/Keysmith'],
  ])('is refused with PUBLIC_URL=%s and the issuer %s', (publicUrl, issuer) => {
    const [problem, ...others] = problemsWith(publicUrl, issuer);
    expect(others).toEqual([]);
    expect(problem).toEqual({
      name: 'KEYSMITH_TEAMS_FILE',
      message:
        'Line 6, column 18: issuers[0].url: This is Keysmith’s own URL (PUBLIC_URL), which can’t be an issuer here. Remove this issuer.',
    });
  });

  it('is refused with http, which is allowed for development', () => {
    const env = { KEYSMITH_ALLOW_INSECURE_ISSUERS: 'true' };
    expect(problemsWith('https://ks.example.com', 'http://ks.example.com', env)).toHaveLength(1);
    expect(problemsWith('http://localhost:3000', 'http://127.0.0.1:3000/', env)).toHaveLength(1);
    expect(problemsWith('http://localhost:3000', 'http://127.0.0.1:3001/', env)).toEqual([]);
  });

  it.each([
    ['https://ks.example.com', 'https://ks.example.com/idp'],
    ['https://example.com/keysmith', 'https://example.com/idp'],
    ['https://ks.example.com', 'https://idp.ks.example.com'],
  ])('is another issuer with PUBLIC_URL=%s and the issuer %s', (publicUrl, issuer) => {
    expect(problemsWith(publicUrl, issuer)).toEqual([]);
  });
});

describe('The sandbox', () => {
  it.each(['builtin', 'local_wandb'] as const)(
    'with the backend %s ignores a gateway, with warnings',
    (sandbox) => {
      const env = {
        KEYSMITH_BACKEND: 'x',
        KEYSMITH_UPSTREAM_URL: 'x',
        KEYSMITH_UPSTREAM_AUTH: 'x',
        KEYSMITH_UPSTREAM_APP_URL: 'x',
        KEYSMITH_UPSTREAM_MUTATIONS: 'generateApiKey',
        KEYSMITH_UPSTREAM_URI: 'x',
        WANDB_BASE_URL: 'x',
        WANDB_API_KEY: 'x',
        WANDB_ENTITY: 'x',
      };
      const result = loadConfig({ env, cwd: settingsFolder(), sandbox });
      if (!result.ok) throw new Error(JSON.stringify(result.problems));
      expect(new Set(result.warnings.map(({ name }) => name))).toEqual(
        new Set(Object.keys(env).filter((name) => name !== 'WANDB_ENTITY')),
      );
    },
  );
});
