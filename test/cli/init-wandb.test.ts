import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { settingsFolder } from '../config/settings-folder.ts';
import { init } from './scripted-init.ts';

const apiKey = 'local-0123456789abcdef0123456789abcdef01234567';

const socketAnswers = [
  'wandb',
  'socket',
  'xoxb-1-2-secretbot',
  'xapp-1-secretapp',
  'https://ml.acme.test/wandb/',
  apiKey,
  'acme',
];

const httpAnswers = [
  'wandb',
  'http',
  'https://keysmith.acme.test',
  'xoxb-1-2-secretbot',
  'secret0123456789abcdef0123456789',
  'https://ml.acme.test/wandb/',
  apiKey,
  'acme',
];

describe.each([
  ['Socket Mode', socketAnswers, undefined],
  ['HTTP', httpAnswers, 'https://keysmith.acme.test'],
] as const)('init for a W&B server and %s', (_, answers, publicUrl) => {
  it('writes valid settings and no teams file', async () => {
    const cwd = settingsFolder();
    expect(await init(cwd, answers)).toMatchObject({ code: 0, errors: '' });
    expect(readdirSync(cwd)).toEqual(['.env']);
    const result = loadConfig({ env: {}, cwd });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.config).toMatchObject({
      kind: 'live',
      backend: { kind: 'wandb', baseUrl: 'https://ml.acme.test/wandb' },
      organizationName: 'acme',
      organizationAdmins: [],
      publicUrl,
    });
    const { backend } = result.config;
    expect(backend.kind === 'wandb' && backend.apiKey.reveal()).toBe(apiKey);
  });

  it('shows none of the secrets', async () => {
    const { shown, errors } = await init(settingsFolder(), answers);
    for (const value of ['secretbot', 'secretapp', 'secret0123', apiKey]) {
      expect(shown + errors).not.toContain(value);
    }
    expect(shown).not.toContain('teams.yml');
  });

  it('writes nothing when the person presses Ctrl-C at any question', async () => {
    for (let count = 0; count < answers.length; count++) {
      const cwd = settingsFolder();
      expect((await init(cwd, answers.slice(0, count))).code).toBe(130);
      expect(readdirSync(cwd)).toEqual([]);
    }
  });
});

it('init for a W&B server ignores an existing teams file, even an invalid one', async () => {
  const cwd = settingsFolder({ 'teams.yml': 'teams: [{ name: A }]' });
  expect((await init(cwd, socketAnswers)).code).toBe(0);
  expect(readFileSync(join(cwd, 'teams.yml'), 'utf8')).toBe('teams: [{ name: A }]');
  expect(loadConfig({ env: {}, cwd }).ok).toBe(true);
});

it.each([
  ['a server over plain http', 4, 'http://ml.acme.test'],
  ['the URL of the cloud’s page', 4, 'https://wandb.ai'],
  ['a URL with /graphql', 4, 'https://ml.acme.test/graphql'],
  ['a truncated key', 5, apiKey.slice(0, -1)],
])('init for a W&B server refuses %s as an answer', async (_, index, answer) => {
  const cwd = settingsFolder();
  await expect(init(cwd, socketAnswers.with(index, answer))).rejects.toThrow();
  expect(readdirSync(cwd)).toEqual([]);
});
