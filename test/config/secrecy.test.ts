import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { createSandboxSecret } from '../../src/config/secret-file.ts';
import { settings } from '../../src/config/settings.ts';
import { Secret } from '../../src/domain/keys/secret.ts';
import { randomRuns } from '../long-form.ts';
import { liveEnv, settingsFolder, teamsText } from './settings-folder.ts';

describe('A Secret', () => {
  it('shows its value only through reveal()', () => {
    const secret = new Secret('hunter2');
    const printed = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
      String(new Error('x', { cause: secret }).cause),
      `${Object.values(secret)}${Object.keys(secret)}`,
    ].join(' ');
    expect(printed).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});

describe('The problems of the settings', () => {
  /** A text that our own messages can't contain. */
  const value = fc.stringMatching(/^[a-z0-9:/@.=,# -]{0,20}$/).map((text) => `q7Zx${text}q7Zx`);
  const env = fc.record(
    Object.fromEntries(
      settings.map(({ name }) => [
        name,
        fc.oneof(
          value,
          value.map((text) => `xoxp-${text}`),
          value.map((text) => `https://${text}`),
        ),
      ]),
    ),
    { requiredKeys: [] },
  );

  it('never contain the value of a setting, whether it comes from the environment or from .env', () => {
    const cwd = settingsFolder({ 'teams.yml': teamsText });
    fc.assert(
      fc.property(env, fc.boolean(), fc.constantFrom('', 'production'), (values, inFile, nodeEnv) => {
        const file = Object.entries(values).map(([name, text]) => `${name}='${text}'\n`);
        writeFileSync(join(cwd, '.env'), inFile ? file.join('') : '');
        const result = loadConfig({ env: { NODE_ENV: nodeEnv, ...(inFile ? {} : values) }, cwd });
        if (!result.ok) expect(JSON.stringify(result.problems)).not.toMatch(/q7zx/i);
      }),
      { numRuns: randomRuns(300) },
    );
  });

  it('never contain text of a file that was set as the teams file by mistake', () => {
    const cwd = settingsFolder();
    fc.assert(
      fc.property(
        fc.array(fc.oneof(value, fc.constantFrom('- ', ': ', '{', '[', '\n', '"', '*', '!', '  ')), {
          maxLength: 12,
        }),
        (parts) => {
          writeFileSync(join(cwd, 'teams.yml'), parts.join(''));
          const result = loadConfig({ env: { ...liveEnv, PORT: 'x' }, cwd });
          expect(result.ok).toBe(false);
          expect(JSON.stringify(result)).not.toMatch(/q7zx/i);
        },
      ),
      { numRuns: randomRuns(300) },
    );
  });
});

describe('The secret of the sandbox', () => {
  it('is created once, readable only by its owner, and kept', () => {
    const cwd = settingsFolder();
    const path = join(cwd, 'data/sandbox/secret');
    const created = createSandboxSecret(path).reveal();
    expect(created).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(createSandboxSecret(path).reveal()).toEqual(created);
    const result = loadConfig({ env: {}, cwd });
    expect(result.ok && result.config.secret?.reveal()).toEqual(created);
  });

  it('is reported, not replaced, if its file is damaged', () => {
    const cwd = settingsFolder();
    const path = join(cwd, 'data/sandbox/secret');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'damaged');
    const result = loadConfig({ env: {}, cwd });
    expect(result.ok ? [] : result.problems.map((problem) => problem.name)).toEqual(['KEYSMITH_SECRET_FILE']);
    expect(() => createSandboxSecret(path)).toThrow();
    expect(readFileSync(path, 'utf8')).toBe('damaged');
  });
});
