import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { liveEnv, settingsFolder, teamsText, wandbEnv } from './settings-folder.ts';

const cwd = () => settingsFolder({ 'teams.yml': teamsText });

function authorityOf(env: Record<string, string>) {
  const loaded = loadConfig({ env: { ...liveEnv, ...env }, cwd: cwd() });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config.authority;
}

function problemsOf(env: Record<string, string>) {
  const loaded = loadConfig({ env, cwd: cwd() });
  return loaded.ok ? [] : loaded.problems;
}

describe('The settings of the authority', () => {
  it('turn it on by default, with access tokens of one hour', () => {
    expect(authorityOf({})).toEqual({
      introspectionClients: [],
      leakKeys: [],
      allowsInsecureIssuers: false,
      audiences: [],
      accessTokenSeconds: 3600,
      failuresPerMinute: 1000,
    });
  });

  it('turn it on in the sandbox by default', () => {
    const loaded = loadConfig({ env: {}, cwd: settingsFolder() });
    expect(loaded.ok && loaded.config.authority?.accessTokenSeconds).toBe(3600);
  });

  it('can’t turn it off in the sandbox, whose gateway needs it', () => {
    const loaded = loadConfig({ env: { KEYSMITH_AUTHORITY: 'off' }, cwd: settingsFolder() });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.config.authority).toBeDefined();
    expect(loaded.warnings.map(({ name }) => name)).toEqual(['KEYSMITH_AUTHORITY']);
  });

  it('can turn it off', () => {
    expect(authorityOf({ KEYSMITH_AUTHORITY: 'off' })).toBeUndefined();
  });

  it('are read from the environment', () => {
    const authority = authorityOf({
      KEYSMITH_INTROSPECTION_CLIENTS: 'gateway:0123456789abcdef, b.2:a:colon:in:the:secret',
      KEYSMITH_ALLOW_INSECURE_ISSUERS: 'true',
      KEYSMITH_AUDIENCES: 'wandb, https://keysmith.example.com,wandb',
      KEYSMITH_ACCESS_TOKEN_MINUTES: '15',
      KEYSMITH_FAILURES_PER_MINUTE: '20',
    });
    expect(authority).toMatchObject({
      allowsInsecureIssuers: true,
      audiences: ['wandb', 'https://keysmith.example.com'],
      accessTokenSeconds: 900,
      failuresPerMinute: 20,
    });
    expect(authority?.introspectionClients.map(({ id, secret }) => [id, secret.reveal()])).toEqual([
      ['gateway', '0123456789abcdef'],
      ['b.2', 'a:colon:in:the:secret'],
    ]);
  });

  it.each([
    ['KEYSMITH_AUTHORITY', 'maybe'],
    ['KEYSMITH_INTROSPECTION_CLIENTS', 'gateway:short'],
    ['KEYSMITH_INTROSPECTION_CLIENTS', 'no-secret-here-at-all'],
    ['KEYSMITH_INTROSPECTION_CLIENTS', 'a:0123456789abcdef,a:fedcba9876543210'],
    ['KEYSMITH_ALLOW_INSECURE_ISSUERS', 'yes'],
    ['KEYSMITH_AUDIENCES', 'naïve'],
    ['KEYSMITH_ACCESS_TOKEN_MINUTES', '9'],
    ['KEYSMITH_ACCESS_TOKEN_MINUTES', '1441'],
    ['KEYSMITH_ACCESS_TOKEN_MINUTES', '14.5'],
    ['KEYSMITH_ACCESS_TOKEN_MINUTES', '-60'],
    ['KEYSMITH_FAILURES_PER_MINUTE', '0'],
    ['KEYSMITH_KEEP_ALIVE_SECONDS', '0'],
    ['KEYSMITH_KEEP_ALIVE_SECONDS', '7201'],
    ['KEYSMITH_KEEP_ALIVE_SECONDS', '75s'],
    ['TRUSTED_PROXIES', 'proxy.example.com'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '0.0.0.0/00'],
    ['TRUSTED_PROXIES', '::/0'],
    ['TRUSTED_PROXIES', '::ffff:0:0/96'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '010.0.0.0/8'],
    ['TRUSTED_PROXIES', '10/8'],
  ])('report the name, not the value, for %s=%s', (name, value) => {
    const problems = problemsOf({ ...liveEnv, [name]: value });
    expect(problems.map((problem) => problem.name)).toEqual([name]);
    for (const part of value.split(/[:,]/).filter((text) => text.length > 8)) {
      expect(problems[0]?.message).not.toContain(part);
    }
  });

  it('allow issuers at http URLs in the teams file only with KEYSMITH_ALLOW_INSECURE_ISSUERS=true', () => {
    const local = settingsFolder({ 'teams.yml': `${teamsText}issuers: [{ url: "http://127.0.0.1:8080" }]` });
    const load = (env: Record<string, string>) => {
      const loaded = loadConfig({ env: { ...liveEnv, ...env }, cwd: local });
      return loaded.ok ? loaded.config.backend : loaded.problems;
    };
    const refused = { name: 'KEYSMITH_TEAMS_FILE', message: expect.stringContaining('https://') };
    expect(load({})).toEqual([refused]);
    expect(load({ KEYSMITH_ALLOW_INSECURE_ISSUERS: 'false' })).toEqual([refused]);
    expect(load({ KEYSMITH_ALLOW_INSECURE_ISSUERS: 'maybe' })).toHaveLength(2);
    expect(load({ KEYSMITH_ALLOW_INSECURE_ISSUERS: 'true' })).toMatchObject({
      teams: { issuers: [{ url: 'http://127.0.0.1:8080' }] },
    });
  });

  it('are refused with a W&B server, which checks its own credentials', () => {
    expect(problemsOf({ ...wandbEnv, KEYSMITH_AUDIENCES: 'wandb' }).map(({ name }) => name)).toEqual([
      'KEYSMITH_AUDIENCES',
    ]);
  });
});

it.each([
  ['10', 15, 1],
  ['14', 15, 1],
  ['15', 15, 0],
  ['1440', 1440, 0],
])('KEYSMITH_ACCESS_TOKEN_MINUTES=%s makes %s minutes, with %s warnings', (value, minutes, warnings) => {
  const loaded = loadConfig({ env: { ...liveEnv, KEYSMITH_ACCESS_TOKEN_MINUTES: value }, cwd: cwd() });
  if (!loaded.ok) throw new Error('refused');
  expect(loaded.config.authority?.accessTokenSeconds).toBe(minutes * 60);
  expect(loaded.warnings.map(({ name }) => name)).toEqual(
    Array.from({ length: warnings }, () => 'KEYSMITH_ACCESS_TOKEN_MINUTES'),
  );
});

it('KEYSMITH_KEEP_ALIVE_SECONDS is a number of seconds', () => {
  const loaded = loadConfig({ env: { ...liveEnv, KEYSMITH_KEEP_ALIVE_SECONDS: '620' }, cwd: cwd() });
  expect(loaded.ok && loaded.config.keepAliveSeconds).toBe(620);
});

it('TRUSTED_PROXIES lists addresses and ranges', () => {
  const loaded = loadConfig({
    env: { ...liveEnv, TRUSTED_PROXIES: '10.1.2.3, 192.168.0.0/16,::1' },
    cwd: cwd(),
  });
  expect(loaded.ok && loaded.config.trustedProxies).toEqual(['10.1.2.3', '192.168.0.0/16', '::1']);
});

describe('KEYSMITH_LEAK_KEYS', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const base64 = pem.replace(/-----.*-----|\n/g, '');

  it.each([
    ['a PEM with line breaks', `one:${pem}`],
    ['a PEM whose line breaks are written as \\n', `one:${pem.replaceAll('\n', '\\n')}`],
    ['a PEM in quotation marks after =', `one="${pem.trim().replaceAll('\n', '\\n')}"`],
    ['the base64 alone', `one: ${base64}`],
  ])('reads %s', (_what, text) => {
    const [key] = authorityOf({ KEYSMITH_LEAK_KEYS: text })?.leakKeys ?? [];
    expect([key?.id, key?.publicKey.equals(publicKey)]).toEqual(['one', true]);
  });

  it('reads several pairs, and refuses a duplicate ID', () => {
    expect(authorityOf({ KEYSMITH_LEAK_KEYS: `one:${base64}, two:${base64}` })?.leakKeys).toHaveLength(2);
    const problems = problemsOf({ ...liveEnv, KEYSMITH_LEAK_KEYS: `one:${base64},one:${base64}` });
    expect(problems).toEqual([
      { name: 'KEYSMITH_LEAK_KEYS', message: 'Duplicate ID. Each key has its own.' },
    ]);
  });

  it.each([
    base64,
    'gh-1',
    'gh-1:',
    'gh-1:AAAA',
    `one:${generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  ])('refuses other text, without repeating it: %#', (text) => {
    const [problem] = problemsOf({ ...liveEnv, KEYSMITH_LEAK_KEYS: text });
    expect(problem?.name).toBe('KEYSMITH_LEAK_KEYS');
    expect(problem?.message).not.toContain(text);
  });

  it('has no effect with a W&B server, which is a mistake', () => {
    const problems = problemsOf({ ...wandbEnv, KEYSMITH_LEAK_KEYS: `one:${base64}` });
    expect(problems.map(({ name }) => name)).toContain('KEYSMITH_LEAK_KEYS');
  });
});
