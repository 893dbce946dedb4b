import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { readTeamsFile } from '../../src/config/teams-file/read-teams-file.ts';
import { settingsFolder } from '../config/settings-folder.ts';
import { init, scriptedPrompt } from './scripted-init.ts';

const socketAnswers = [
  'builtin',
  'socket',
  'http://localhost:3000',
  'xoxb-1-2-secretbot',
  'xapp-1-secretapp',
  `O'Brien & "Sons" #1`,
  'Cy@acme.test, cy@acme.test,',
  'file',
  'ml-platform',
  'Ada@acme.test',
];

const httpAnswers = [
  'builtin',
  'http',
  'https://keysmith.acme.test/',
  'xoxb-1-2-secretbot',
  'secret0123456789abcdef0123456789',
  'acme',
  'cy@acme.test',
  'file',
  'ml-platform',
  'ada@acme.test',
];

it('init for teams in Slack names the organization and its admins in the settings, and writes no teams file', async () => {
  const cwd = settingsFolder();
  const answers = [...httpAnswers.slice(0, httpAnswers.indexOf('file')), 'slack'];
  const { code, errors, shown } = await init(cwd, answers);
  expect([code, errors]).toEqual([0, '']);
  expect(readdirSync(cwd)).toEqual(['.env']);
  const result = loadConfig({ env: {}, cwd });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  expect(result.config).toMatchObject({
    organizationName: 'acme',
    organizationAdmins: ['cy@acme.test'],
    backend: { kind: 'builtin', isWithoutFile: true },
  });
  expect(shown).toContain('/wandb team new');
});

describe.each([
  ['Socket Mode', socketAnswers, 'socket', `O'Brien & "Sons" #1`],
  ['HTTP', httpAnswers, 'http', 'acme'],
] as const)('init for %s', (_, answers, transport, organization) => {
  it('writes valid settings and a valid teams file', async () => {
    const cwd = settingsFolder();
    expect(await init(cwd, answers)).toMatchObject({ code: 0, errors: '' });
    const result = loadConfig({ env: {}, cwd });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.config).toMatchObject({
      kind: 'live',
      slack: { transport },
      organizationName: organization,
      organizationAdmins: ['cy@acme.test'],
      backend: {
        kind: 'builtin',
        teams: { teams: [{ name: 'ml-platform', members: [{ email: 'ada@acme.test', role: 'admin' }] }] },
      },
    });
    expect(statSync(join(cwd, '.env')).mode & 0o777).toBe(0o600);
    expect(readdirSync(cwd).sort()).toEqual(['.env', 'teams.yml']);
  });

  it('shows no secret, and prints the next steps', async () => {
    const cwd = settingsFolder();
    const { shown, errors } = await init(cwd, answers);
    const secret = /^KEYSMITH_SECRET=(.+)$/m.exec(readFileSync(join(cwd, '.env'), 'utf8'))?.[1];
    expect(secret).toHaveLength(44);
    for (const value of ['secretbot', 'secretapp', 'secret0123', secret])
      expect(shown + errors).not.toContain(value);
    for (const step of [
      'npm run --silent keysmith -- manifest',
      'Install App',
      'npm start',
      'doctor',
      '/invite',
    ]) {
      expect(shown).toContain(step);
    }
  });

  it('writes nothing when the person presses Ctrl-C at any question', async () => {
    for (let count = 0; count < answers.length; count++) {
      const cwd = settingsFolder();
      expect((await init(cwd, answers.slice(0, count))).code).toBe(130);
      expect(readdirSync(cwd)).toEqual([]);
    }
  });
});

describe('init for the gateway', () => {
  const answers = httpAnswers.with(0, 'gateway').toSpliced(5, 0, 'https://api.wandb.ai/');

  it('writes settings that turn it on, whatever the environment of the W&B SDK is', async () => {
    const cwd = settingsFolder();
    const { code, shown } = await init(cwd, answers);
    expect(code).toBe(0);
    expect(shown).toContain('upstream add TEAM');
    const env = { WANDB_BASE_URL: 'https://wandb.example.com', WANDB_API_KEY: 'a'.repeat(40) };
    expect(loadConfig({ env, cwd })).toMatchObject({
      ok: true,
      config: { backend: { kind: 'builtin' }, gateway: { upstreamUrl: 'https://api.wandb.ai', auth: 'key' } },
    });
  });

  it.each(['https://wandb.ai', 'http://wandb.example.com', 'https://keysmith.acme.test:443/wandb'])(
    'refuses %s as the server',
    async (url) => {
      const cwd = settingsFolder();
      await expect(init(cwd, answers.with(5, url))).rejects.toThrow();
      expect(readdirSync(cwd)).toEqual([]);
    },
  );
});

it('init without a gateway doesn’t mention upstream credentials, and keeps the built-in backend', async () => {
  const cwd = settingsFolder();
  const { shown } = await init(cwd, httpAnswers);
  expect(shown).not.toContain('upstream');
  const env = { WANDB_BASE_URL: 'https://wandb.example.com', WANDB_API_KEY: 'a'.repeat(40) };
  expect(loadConfig({ env, cwd })).toMatchObject({ ok: true, config: { backend: { kind: 'builtin' } } });
});

it('init generates a new secret every time', async () => {
  const [first, second] = [settingsFolder(), settingsFolder()];
  await init(first, httpAnswers);
  await init(second, httpAnswers);
  expect(readFileSync(join(first, '.env'), 'utf8')).not.toBe(readFileSync(join(second, '.env'), 'utf8'));
});

it.each([
  ['a user token', 3, 'xoxp-1'],
  ['plain http for Slack', 2, 'http://keysmith.acme.test'],
  ['a local address for Slack', 2, 'http://localhost:3000'],
  ['a short signing secret', 4, 'abc'],
  ['an empty list of organization admins', 6, ' , '],
  ['an invalid email address', 6, 'cy@acme.test, nobody'],
  ['a team name with a slash', 8, 'a/b'],
  ['an invalid email address of the admin', 9, 'ada'],
])('init refuses %s as an answer', async (_, index, answer) => {
  const cwd = settingsFolder();
  await expect(init(cwd, httpAnswers.with(index, answer))).rejects.toThrow();
  expect(readdirSync(cwd)).toEqual([]);
});

describe('init in a folder with files', () => {
  it('leaves an existing .env unchanged, and asks nothing', async () => {
    const cwd = settingsFolder({ '.env': 'PORT=1' });
    const { code, shown, errors } = await init(cwd, httpAnswers);
    expect([code, shown]).toEqual([1, '']);
    expect(errors).toContain('KEYSMITH_SECRET');
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe('PORT=1');
  });

  it('uses an existing teams.yml unchanged, and asks only for what it lacks', async () => {
    const text = 'teams: [{ name: a, members: [{ email: ada@acme.test, role: admin }] }]';
    const cwd = settingsFolder({ 'teams.yml': text });
    expect((await init(cwd, httpAnswers.slice(0, 6))).code).toBe(0);
    expect(readFileSync(join(cwd, 'teams.yml'), 'utf8')).toBe(text);
    expect(loadConfig({ env: {}, cwd })).toMatchObject({ ok: true, config: { organizationName: 'acme' } });
  });

  it('refuses a teams.yml with problems, and lists them', async () => {
    const cwd = settingsFolder({ 'teams.yml': 'teams: [{ name: a/b }]' });
    const { code, errors } = await init(cwd, httpAnswers);
    expect(code).toBe(78);
    expect(errors).toContain('teams.yml:1:17');
    expect(readdirSync(cwd)).toEqual(['teams.yml']);
  });

  it('removes what it wrote instead of overwriting a .env that was created in the meantime', async () => {
    const cwd = settingsFolder();
    const prompt = scriptedPrompt(httpAnswers);
    const { text } = prompt;
    prompt.text = (question) => {
      writeFileSync(join(cwd, '.env'), 'mine');
      return text(question);
    };
    expect((await init(cwd, [], { prompt })).code).toBe(1);
    expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe('mine');
    expect(readdirSync(cwd)).toEqual(['.env']);
  });

  it.skipIf(process.getuid?.() === 0)('reports a folder that it can’t write to', async () => {
    const cwd = settingsFolder();
    chmodSync(cwd, 0o500);
    const { code, errors } = await init(cwd, httpAnswers);
    expect(code).toBe(1);
    expect(errors).toContain('EACCES');
  });
});

it('init writes a teams file whose examples are valid when uncommented', async () => {
  const cwd = settingsFolder();
  await init(cwd, httpAnswers);
  const path = join(cwd, 'teams.yml');
  const uncommented = readFileSync(path, 'utf8').replaceAll(/^( +)# (?=subjects|projects|- | {2}- )/gm, '$1');
  writeFileSync(path, uncommented);
  const result = readTeamsFile(path);
  expect(result.ok ? result.teamsFile.teams : result.problems).toMatchObject([
    { subjects: ['repo:example/*'], members: [{}, { username: 'benj' }], projects: [{}, {}] },
  ]);
});
