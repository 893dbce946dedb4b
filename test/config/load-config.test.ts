import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/configuration.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { liveEnv, settingsFolder, teamsText, validSecret } from './settings-folder.ts';

type Env = Record<string, string>;

const load = (env: Env, cwd = settingsFolder({ 'teams.yml': teamsText })) => loadConfig({ env, cwd });

function configOf(env: Env, cwd?: string): Config {
  const result = load(env, cwd);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

function loaded(env: Env) {
  const result = load(env);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}

function problemNames(env: Env, cwd?: string): string[] {
  const result = load(env, cwd);
  return result.ok ? [] : result.problems.map((problem) => problem.name);
}

const without = (...names: (keyof typeof liveEnv)[]): Env =>
  Object.fromEntries(
    Object.entries(liveEnv).filter(([name]) => !names.includes(name as keyof typeof liveEnv)),
  );

describe('The mode that the settings select', () => {
  it('is the sandbox, with its own folder, if no Slack setting is set', () => {
    const cwd = settingsFolder();
    const config = configOf({ DATABASE_URL: 'postgres://elsewhere/x', KEYSMITH_TEAMS_FILE: 'none.yml' }, cwd);
    expect(config).toMatchObject({
      kind: 'sandbox',
      http: { host: '127.0.0.1', port: 3000 },
      databaseFile: join(cwd, 'data/sandbox/keysmith.db'),
      secretFile: join(cwd, 'data/sandbox/secret'),
      secret: undefined,
      app: { host: '127.0.0.1', port: 3001 },
      publicUrl: 'http://localhost:3001',
      organizationName: 'acme',
      organizationAdmins: ['cy@acme.test'],
    });
  });

  it('is a sandbox that listens on the port next to the local Slack’s, or on any free port like it', () => {
    expect(configOf({ PORT: '0' })).toMatchObject({ http: { port: 0 }, app: { port: 0 } });
    expect(configOf({ PORT: '65535' })).toMatchObject({ app: { port: 65_534 } });
  });

  it('treats an empty or blank setting as unset', () => {
    expect(configOf({ SLACK_BOT_TOKEN: '', WANDB_API_KEY: '  ', NODE_ENV: '' }).kind).toBe('sandbox');
  });

  it('is never the sandbox when NODE_ENV is production', () => {
    const names = problemNames({ NODE_ENV: 'production' });
    expect(names).toEqual([
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET',
      'KEYSMITH_SECRET',
      'PUBLIC_URL',
      'KEYSMITH_TEAMS_FILE',
    ]);
  });

  it.each([
    '0.0.0.0',
    '::',
    '192.168.1.2',
    'example.com',
    'x86_64-conda-linux-gnu',
    '127.0.0.1.example.com',
    '127.999.1.1',
  ])('ignores HOST=%s in the sandbox with a warning, and listens on 127.0.0.1', (host) => {
    const { config, warnings } = loaded({ HOST: host });
    expect(config).toMatchObject({
      kind: 'sandbox',
      http: { host: '127.0.0.1' },
      app: { host: '127.0.0.1' },
      publicUrl: 'http://localhost:3001',
    });
    expect(warnings.map(({ name }) => name)).toEqual(['HOST']);
    expect(JSON.stringify(warnings)).not.toContain(host);
  });

  it('is never wider than HOST: with a Slack setting, an unusable HOST is a problem', () => {
    for (const HOST of ['x86_64-conda-linux-gnu', '127.0.0.1 ,0.0.0.0']) {
      expect(problemNames({ ...liveEnv, HOST })).toEqual(['HOST']);
    }
  });

  it('is the sandbox when only the W&B SDK’s variables are set, which it ignores with a warning', () => {
    const key = 'a'.repeat(40);
    const { config, warnings } = loaded({
      WANDB_API_KEY: key,
      WANDB_BASE_URL: 'not a URL',
      WANDB_BASE_URI: 'https://a.test',
      WANDB_PROJECT: 'x',
    });
    expect(config).toMatchObject({ kind: 'sandbox', backend: { kind: 'builtin' } });
    expect(warnings.map(({ name }) => name)).toEqual(['WANDB_BASE_URL', 'WANDB_API_KEY']);
    expect(JSON.stringify(warnings)).not.toContain(key);
  });

  it('is the sandbox with variables that other programs set under the names of ours', () => {
    const { config, warnings } = loaded({
      PORT: 'tcp://10.0.0.1:80',
      PUBLIC_URL: '/app',
      LOG_LEVEL: 'WARNING',
      SLACK_API_TOKEN: 'xoxb-of-another-bot',
    });
    expect(config).toMatchObject({ kind: 'sandbox', http: { port: 3000 }, logLevel: 'info' });
    expect(warnings.map(({ name }) => name)).toEqual(['PORT', 'LOG_LEVEL', 'PUBLIC_URL']);
  });

  it('isn’t the sandbox when the name of a Slack setting is mistyped', () => {
    expect(problemNames({ SLACK_BOT_TOKN: 'xoxb-1' })).toEqual(['SLACK_BOT_TOKN']);
  });

  it.each([
    ['localhost', 'http://localhost:82'],
    ['127.0.0.2', 'http://127.0.0.2:82'],
    ['::1', 'http://[::1]:82'],
  ])('runs the sandbox on the loopback address %s', (host, publicUrl) => {
    expect(configOf({ HOST: host, PORT: '81' })).toMatchObject({ http: { host, port: 81 }, publicUrl });
  });

  it.each([
    ['LOCALHOST', 'localhost'],
    ['[::1]', '::1'],
  ])('takes the loopback address %s as %s', (written, host) => {
    expect(configOf({ HOST: written })).toMatchObject({ http: { host }, app: { host } });
  });
});

describe('The settings of a workspace', () => {
  it('select requests over HTTP with a signing secret', () => {
    const cwd = settingsFolder({ 'teams.yml': teamsText });
    const config = configOf(liveEnv, cwd);
    expect(config).toMatchObject({
      kind: 'live',
      http: { host: '0.0.0.0', port: 3000 },
      databaseFile: join(cwd, 'data/keysmith.db'),
      logLevel: 'info',
      backend: { kind: 'builtin', teams: { teams: [{ name: 'ml-platform' }] } },
      slack: { transport: 'http', apiUrl: 'https://slack.com/api/' },
    });
    if (config.kind !== 'live' || config.slack.transport !== 'http') throw new Error('not HTTP');
    expect(config.slack.botToken.reveal()).toBe(liveEnv.SLACK_BOT_TOKEN);
    expect(config.slack.signingSecret.reveal()).toBe(liveEnv.SLACK_SIGNING_SECRET);
    expect(config.secret.reveal()).toHaveLength(32);
  });

  it('select Socket Mode with an app-level token, with or without a signing secret', () => {
    for (const env of [liveEnv, without('SLACK_SIGNING_SECRET')]) {
      const config = configOf({ ...env, SLACK_APP_TOKEN: 'xapp-1-abc' });
      expect(config).toMatchObject({ slack: { transport: 'socket' } });
    }
  });

  it.each<[string, Env, string[]]>([
    ['a bot token without a signing secret', without('SLACK_SIGNING_SECRET'), ['SLACK_SIGNING_SECRET']],
    ['a signing secret without a bot token', without('SLACK_BOT_TOKEN'), ['SLACK_BOT_TOKEN']],
    ['a user token as the bot token', { ...liveEnv, SLACK_BOT_TOKEN: 'xoxp-1' }, ['SLACK_BOT_TOKEN']],
    ['a bot token as the app-level token', { ...liveEnv, SLACK_APP_TOKEN: 'xoxb-1' }, ['SLACK_APP_TOKEN']],
    ['a short signing secret', { ...liveEnv, SLACK_SIGNING_SECRET: 'abc' }, ['SLACK_SIGNING_SECRET']],
    [
      'a signing secret with a space',
      { ...liveEnv, SLACK_SIGNING_SECRET: 'abcdefgh abcdefgh' },
      ['SLACK_SIGNING_SECRET'],
    ],
    [
      'a Slack API over plain http',
      { ...liveEnv, SLACK_API_URL: 'http://slack.example.com' },
      ['SLACK_API_URL'],
    ],
    ['no public URL', without('PUBLIC_URL'), ['PUBLIC_URL']],
    [
      'a public URL over plain http',
      { ...liveEnv, PUBLIC_URL: 'http://keysmith.example.com' },
      ['PUBLIC_URL'],
    ],
    ['a public URL with a query', { ...liveEnv, PUBLIC_URL: 'https://k.example.com/?a=b' }, ['PUBLIC_URL']],
    ['a public URL with a password', { ...liveEnv, PUBLIC_URL: 'https://a:b@k.example.com' }, ['PUBLIC_URL']],
    ['no secret', without('KEYSMITH_SECRET'), ['KEYSMITH_SECRET']],
    ['a short secret', { ...liveEnv, KEYSMITH_SECRET: 'c2hvcnQ=' }, ['KEYSMITH_SECRET']],
    ['a placeholder secret', { ...liveEnv, KEYSMITH_SECRET: `${'A'.repeat(43)}=` }, ['KEYSMITH_SECRET']],
    ['a secret that isn’t base64', { ...liveEnv, KEYSMITH_SECRET: '!'.repeat(44) }, ['KEYSMITH_SECRET']],
    ['a secret in both places', { ...liveEnv, KEYSMITH_SECRET_FILE: 'secret' }, ['KEYSMITH_SECRET_FILE']],
    ['no teams file', without('KEYSMITH_TEAMS_FILE'), ['KEYSMITH_TEAMS_FILE']],
    [
      'no teams file and no organization admin',
      { ...without('KEYSMITH_TEAMS_FILE'), KEYSMITH_ORGANIZATION: 'acme' },
      ['KEYSMITH_TEAMS_FILE'],
    ],
    ['a missing teams file', { ...liveEnv, KEYSMITH_TEAMS_FILE: 'none.yml' }, ['KEYSMITH_TEAMS_FILE']],
    ['a folder as the teams file', { ...liveEnv, KEYSMITH_TEAMS_FILE: '.' }, ['KEYSMITH_TEAMS_FILE']],
    [
      'a different organization than the teams file',
      { ...liveEnv, KEYSMITH_ORGANIZATION: 'other' },
      ['KEYSMITH_ORGANIZATION'],
    ],
    [
      'an admin without an email address',
      { ...liveEnv, KEYSMITH_ORGANIZATION_ADMINS: 'x@y.test, z' },
      ['KEYSMITH_ORGANIZATION_ADMINS'],
    ],
    ['a Postgres database', { ...liveEnv, DATABASE_URL: 'postgres://a:b@c/d' }, ['DATABASE_URL']],
    ['a path without file:', { ...liveEnv, DATABASE_URL: './a.db' }, ['DATABASE_URL']],
    ['a database folder', { ...liveEnv, DATABASE_URL: 'file:./data/' }, ['DATABASE_URL']],
    ['a database on another machine', { ...liveEnv, DATABASE_URL: 'file://host/a.db' }, ['DATABASE_URL']],
    ['a port out of range', { ...liveEnv, PORT: '65536' }, ['PORT']],
    ['a port that isn’t a number', { ...liveEnv, PORT: '80a' }, ['PORT']],
    ['a URL as the host', { ...liveEnv, HOST: 'http://a' }, ['HOST']],
    ['an unknown log level', { ...liveEnv, LOG_LEVEL: 'loud' }, ['LOG_LEVEL']],
    ['a mistyped name', { ...liveEnv, KEYSMITH_ORGANISATION: 'acme' }, ['KEYSMITH_ORGANISATION']],
  ])('report the name of the setting for %s', (_, env, names) => {
    expect(problemNames(env)).toEqual(names);
  });

  it('need no teams file where the organization and its admins are set', () => {
    const organization = { KEYSMITH_ORGANIZATION: 'acme', KEYSMITH_ORGANIZATION_ADMINS: 'cy@acme.test' };
    expect(configOf({ ...without('KEYSMITH_TEAMS_FILE'), ...organization })).toMatchObject({
      organizationName: 'acme',
      organizationAdmins: ['cy@acme.test'],
      backend: { kind: 'builtin', isWithoutFile: true, teams: { teams: [], issuers: [] } },
    });
  });

  it('report every problem at once, including the problems of the teams file', () => {
    const cwd = settingsFolder({
      'teams.yml': 'teams: [{ name: a/b, membres: [] }, { name: ok }, { name: ok }]',
    });
    const result = load(
      {
        SLACK_BOT_TOKEN: 'x',
        PORT: 'x',
        KEYSMITH_TEAMS_FILE: 'teams.yml',
        DATABASE_URL: 'x',
        LOG_LEVEL: 'x',
      },
      cwd,
    );
    if (result.ok) throw new Error('accepted');
    expect(new Set(result.problems.map((problem) => problem.name))).toEqual(
      new Set([
        'SLACK_BOT_TOKEN',
        'SLACK_SIGNING_SECRET',
        'KEYSMITH_SECRET',
        'PUBLIC_URL',
        'KEYSMITH_TEAMS_FILE',
        'PORT',
        'DATABASE_URL',
        'LOG_LEVEL',
      ]),
    );
    const teamsFile = result.problems.filter((problem) => problem.name === 'KEYSMITH_TEAMS_FILE');
    expect(teamsFile).toHaveLength(3);
    expect(teamsFile.every((problem) => /^Line 1, column \d+: /.test(problem.message))).toBe(true);
  });

  it('ignore names that container platforms add for a service called keysmith', () => {
    const env = { ...liveEnv, KEYSMITH_PORT: 'tcp://10.0.0.1:80', KEYSMITH_SERVICE_HOST: '10.0.0.1' };
    expect(problemNames(env)).toEqual([]);
  });

  it('take the organization’s name from the environment or the teams file, and require one of them', () => {
    const cwd = settingsFolder({ 'teams.yml': 'teams: []' });
    expect(problemNames(liveEnv, cwd)).toEqual(['KEYSMITH_ORGANIZATION']);
    expect(configOf({ ...liveEnv, KEYSMITH_ORGANIZATION: 'acme' }, cwd).organizationName).toBe('acme');
    expect(configOf({ ...liveEnv, KEYSMITH_ORGANIZATION: 'acme' }).organizationName).toBe('acme');
  });

  it('add organization admins to the ones in the teams file, without duplicates and in lowercase', () => {
    const env = { ...liveEnv, KEYSMITH_ORGANIZATION_ADMINS: ' Dan@acme.test, CY@acme.test,, ' };
    expect(configOf(env).organizationAdmins).toEqual(['cy@acme.test', 'dan@acme.test']);
  });

  it('take the hosts that are called without a proxy from no_proxy or NO_PROXY', () => {
    expect(configOf({ ...liveEnv, NO_PROXY: 'a.test', no_proxy: 'b.test' })).toMatchObject({
      noProxy: 'b.test',
    });
    expect(configOf({ ...liveEnv, NO_PROXY: 'a.test' })).toMatchObject({ noProxy: 'a.test' });
  });

  it.each([
    ['PUBLIC_URL', 'https://user:p#w@k.example.com', /isn’t a valid URL/],
    ['PUBLIC_URL', 'k.example.com', /starts with https:/],
    ['SLACK_API_URL', 'https://slack.com:99999/api', /isn’t a valid URL/],
    ['DATABASE_URL', 'file:///data/100%.db', /as %25/],
    ['DATABASE_URL', 'file:///data%2Fkeysmith.db', /"\/" as it is/],
    ['DATABASE_URL', 'file://host/a.db', /another machine/],
  ])('say what is wrong with %s=%s', (name, value, message) => {
    const result = load({ ...liveEnv, [name]: value });
    expect(result).toEqual({ ok: false, problems: [{ name, message: expect.stringMatching(message) }] });
  });

  it('normalize the public URL and the URL of the Slack API', () => {
    const env = {
      ...liveEnv,
      PUBLIC_URL: 'https://K.example.com:443//',
      SLACK_API_URL: 'http://127.0.0.1:9/api',
    };
    expect(configOf(env)).toMatchObject({
      publicUrl: 'https://k.example.com',
      slack: { apiUrl: 'http://127.0.0.1:9/api/' },
    });
  });

  it.each([
    ['file:./x/y.db', 'x/y.db'],
    ['file:y.db', 'y.db'],
  ])('resolve the database path of %s against the working directory', (url, path) => {
    const cwd = settingsFolder({ 'teams.yml': teamsText });
    expect(configOf({ ...liveEnv, DATABASE_URL: url }, cwd).databaseFile).toBe(join(cwd, path));
  });

  it.each([
    ['file:/var/lib/k.db', '/var/lib/k.db'],
    ['file:///var/lib/k.db', '/var/lib/k.db'],
    ['file::memory:', ':memory:'],
  ])('keep the absolute database path of %s', (url, file) => {
    expect(configOf({ ...liveEnv, DATABASE_URL: url }).databaseFile).toBe(file);
  });

  it('take the secret from a file with a trailing line break', () => {
    const cwd = settingsFolder({ 'teams.yml': teamsText, secret: `${validSecret}\n` });
    const config = configOf({ ...without('KEYSMITH_SECRET'), KEYSMITH_SECRET_FILE: 'secret' }, cwd);
    expect(config.secret && Buffer.from(config.secret.reveal()).toString('base64')).toBe(validSecret);
  });

  it.each(['none', 'bad', '.'])('report an unusable secret file: %s', (file) => {
    const cwd = settingsFolder({ 'teams.yml': teamsText, bad: 'not a secret' });
    const env = { ...without('KEYSMITH_SECRET'), KEYSMITH_SECRET_FILE: file };
    expect(problemNames(env, cwd)).toEqual(['KEYSMITH_SECRET_FILE']);
  });
});

describe('The file .env', () => {
  it('is read if it exists, and the environment takes precedence, even with an empty value', () => {
    const cwd = settingsFolder({ '.env': 'PORT=4000\nLOG_LEVEL=debug\nSLACK_BOT_TOKEN=xoxb-file\n' });
    const config = configOf({ PORT: '5000', SLACK_BOT_TOKEN: '' }, cwd);
    expect(config).toMatchObject({ kind: 'sandbox', http: { port: 5000 }, logLevel: 'debug' });
  });

  it('is reported if it is a folder or isn’t UTF-8', () => {
    const cwd = settingsFolder();
    mkdirSync(join(cwd, '.env'));
    expect(problemNames({}, cwd)).toEqual(['.env']);
    const binary = settingsFolder();
    writeFileSync(join(binary, '.env'), Buffer.from([0xff, 0xfe, 0x41]));
    expect(problemNames({}, binary)).toEqual(['.env']);
  });

  it.skipIf(process.getuid?.() === 0)('is reported if this user can’t read it', () => {
    const cwd = settingsFolder({ '.env': 'PORT=4000' });
    chmodSync(join(cwd, '.env'), 0);
    expect(problemNames({}, cwd)).toEqual(['.env']);
  });
});
