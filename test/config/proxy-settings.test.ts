import fc from 'fast-check';
import { EnvHttpProxyAgent } from 'undici';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLogger } from '../../src/log/create-logger.ts';
import { randomRuns } from '../long-form.ts';
import { liveEnv, settingsFolder, teamsText } from './settings-folder.ts';

type Env = Record<string, string>;

const load = (env: Env, cwd = settingsFolder({ 'teams.yml': teamsText })) => loadConfig({ env, cwd });

const problems = (env: Env) => {
  const result = load(env);
  return result.ok ? [] : result.problems;
};

const unusable = [
  '127.0.0.1:3128',
  'proxy.acme.test',
  'socks5h://proxy.acme.test:1080',
  'ftp://proxy.acme.test',
  'http://',
  'http://[::1',
  'http://proxy.acme.test:99999',
  'http://ada:hunter2#x@proxy.acme.test:3128',
  'http://ada:1#hunter2@proxy.acme.test:3128',
  'http://ada:1?hunter2@proxy.acme.test:3128',
  'http://ada:1/hunter2@proxy.acme.test:3128',
  'http://ada:hunter2%@proxy.acme.test:3128',
  'http://ada:hunter2%zz@proxy.acme.test:3128',
  'http://ad%a:hunter2@proxy.acme.test:3128',
  'http://proxy.acme.test/path',
];

describe('The URL of a proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])(
    'is a problem by name, without its value, when the HTTP client could not use %s',
    (name) => {
      for (const url of unusable) {
        for (const env of [{}, liveEnv]) {
          const found = problems({ ...env, [name]: url });
          expect(found.map((problem) => problem.name)).toEqual([name]);
          expect(JSON.stringify(found)).not.toMatch(/hunter2|acme/);
        }
      }
    },
  );

  it.each([
    'http://127.0.0.1:3128',
    'https://proxy.acme.test',
    'HTTP://proxy.acme.test:3128/',
    'http://[::1]:3128',
    'http://ada:hunter2@proxy.acme.test:3128',
    'http://ada:p%40ss%23%25@proxy.acme.test:3128',
    'http://ada@proxy.acme.test:3128',
  ])('is accepted as %s', (url) => {
    expect(problems({ ...liveEnv, HTTPS_PROXY: url, http_proxy: url })).toEqual([]);
  });

  it('is one that the HTTP client can use, whenever it is accepted', () => {
    const part = fc.string({ unit: fc.constantFrom(...'a1:@/#?%[]\\. é'), maxLength: 12 });
    const url = fc.oneof(
      part,
      part.map((text) => `http://${text}`),
      part.map((text) => `https://u:${text}@p`),
    );
    const cwd = settingsFolder({ 'teams.yml': teamsText });
    fc.assert(
      fc.property(url, (text) => {
        const result = load({ ...liveEnv, HTTPS_PROXY: text }, cwd);
        if (result.ok) expect(() => new EnvHttpProxyAgent({ httpsProxy: text })).not.toThrow();
      }),
      { numRuns: randomRuns(200) },
    );
  });

  it('is read in lower case first, as the HTTP client does', () => {
    const env = { ...liveEnv, HTTPS_PROXY: 'socks5://x', https_proxy: 'http://127.0.0.1:3128' };
    expect(problems(env)).toEqual([]);
    expect(problems({ ...env, https_proxy: '' })).toEqual([]);
  });

  it('has a password that the logger masks, as written and decoded', () => {
    const result = load({ ...liveEnv, HTTPS_PROXY: 'http://ada:hunter%232-hunter2@proxy.acme.test:3128' });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    let log = '';
    const logger = createLogger({
      level: 'info',
      secrets: result.proxyPasswords.map((password) => password.reveal()),
      destination: { write: (line: string) => (log += line) },
    });
    logger.info({ a: 'hunter%232-hunter2', b: 'hunter#2-hunter2' }, 'x');
    expect(log).not.toContain('hunter2');
  });

  it('has no effect in the file .env, which is a warning', () => {
    const cwd = settingsFolder({
      'teams.yml': teamsText,
      '.env': 'HTTPS_PROXY=http://127.0.0.1:3128\nNODE_EXTRA_CA_CERTS=ca.pem\n',
    });
    const result = load(liveEnv, cwd);
    expect(result).toMatchObject({
      ok: true,
      warnings: [{ name: 'HTTPS_PROXY' }, { name: 'NODE_EXTRA_CA_CERTS' }],
    });
    const set = load(
      { ...liveEnv, HTTPS_PROXY: 'http://127.0.0.1:3128', NODE_EXTRA_CA_CERTS: 'ca.pem' },
      cwd,
    );
    expect(set).toMatchObject({ ok: true, warnings: [] });
  });
});
