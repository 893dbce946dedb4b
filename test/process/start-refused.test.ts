import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrivenSlack } from '../driver/driven-slack.ts';
import { isLongForm } from '../long-form.ts';
import {
  createDatabase,
  type LiveSetup,
  liveSetup,
  OTHER_SECRET,
  secrets,
  startSlack,
  temporaryFolder,
} from './live-setup.ts';
import { fatalLine, startMain } from './main-process.ts';

let slack: DrivenSlack;
beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.stop());

/** Starts the process, waits until it exits, and expects none of the secrets in its output. */
async function startAndExit({ cwd, settings }: Pick<LiveSetup, 'cwd' | 'settings'>) {
  const main = startMain(cwd, settings);
  const { code } = await main.ended;
  for (const secret of Object.values(secrets)) expect(main.output()).not.toContain(secret);
  return { code, main };
}

describe('Invalid settings', () => {
  test('exit with 78 and name every problem at once, without a value', async () => {
    const cwd = temporaryFolder();
    writeFileSync(`${cwd}/teams.yml`, 'teams: [{ nmae: hidden-team }]');
    const settings = {
      SLACK_BOT_TOKEN: 'xoxp-hidden-token',
      SLACK_SIGNING_SECRET: 'hidden',
      SLACK_API_URL: 'ftp://hidden.test',
      HOST: 'http://hidden',
      PORT: '70000',
      PUBLIC_URL: 'hidden.test',
      DATABASE_URL: 'mysql://root:hidden@db',
      KEYSMITH_SECRET: 'aGlkZGVu',
      KEYSMITH_TEAMS_FILE: 'teams.yml',
      KEYSMITH_ORGANIZATION_ADMINS: 'hidden',
      KEYSMITH_BACKEND: 'hidden',
      KEYSMITH_UPSTREAM_URL: 'http://hidden.test',
      KEYSMITH_UPSTREAM_AUTH: 'hidden',
      KEYSMITH_UPSTREAM_APP_URL: 'hidden.test',
      KEYSMITH_UPSTREAM_MUTATIONS: 'hidden mutation',
      LOG_LEVEL: 'hidden',
      HTTPS_PROXY: 'http://ada:1#hidden@proxy.test:3128',
      KEYSMITH_SECRT: 'hidden',
    };
    const { code, main } = await startAndExit({ cwd, settings });

    expect(code).toBe(78);
    expect(main.output()).toContain('Keysmith can’t start: invalid settings\n');
    const named = Object.keys(settings).filter((name) => main.output().includes(`  ${name}: `));
    expect(named).toEqual(Object.keys(settings));
    expect(main.output()).not.toMatch(/hidden|70000|aGlkZGVu/);
    expect(main.output()).not.toMatch(/\n\s+at /);
    expect(existsSync(`${cwd}/data`)).toBe(false);
  });

  test.runIf(isLongForm)(
    'exit with 78 when there are none and NODE_ENV is production, instead of starting the sandbox',
    async () => {
      const cwd = temporaryFolder();
      const { code, main } = await startAndExit({ cwd, settings: { NODE_ENV: 'production' } });
      expect(code).toBe(78);
      expect(main.output()).toContain('SLACK_BOT_TOKEN: The sandbox doesn’t run with NODE_ENV=production');
      expect(existsSync(`${cwd}/data`)).toBe(false);
    },
  );
});

describe('A database that doesn’t match the settings', () => {
  test.runIf(isLongForm)(
    'exits with 78 and stays unchanged when it was created with another KEYSMITH_SECRET',
    async () => {
      const setup = liveSetup(slack.apiUrl);
      await createDatabase(setup, slack);
      const before = readFileSync(setup.databaseFile);
      setup.settings.KEYSMITH_SECRET = OTHER_SECRET;
      const { code, main } = await startAndExit(setup);

      expect(code).toBe(78);
      expect(fatalLine(main)).toBe(
        'KEYSMITH_SECRET is not the secret this database was created with. Restore the previous one; without it, no key in the database can be verified.',
      );
      expect(main.output()).not.toContain(OTHER_SECRET);
      expect(readFileSync(setup.databaseFile).equals(before)).toBe(true);
    },
  );

  test.runIf(isLongForm)(
    'exits with 78 and stays unchanged when it belongs to another organization',
    async () => {
      const setup = liveSetup(slack.apiUrl);
      await createDatabase(setup, slack, { organizationName: 'globex' });
      const before = readFileSync(setup.databaseFile);
      const { code, main } = await startAndExit(setup);

      expect(code).toBe(78);
      expect(fatalLine(main)).toContain(
        'The database belongs to a different organization than the settings name.',
      );
      expect(main.output()).not.toContain('globex');
      expect(readFileSync(setup.databaseFile).equals(before)).toBe(true);
    },
  );
});

describe('A database that can’t be used', () => {
  const cases: [string, (setup: LiveSetup) => Promise<void>, string][] = [
    [
      'it belongs to the sandbox',
      (setup) => createDatabase(setup, slack, { mode: 'sandbox' }),
      'was created in the other mode: a sandbox database can’t be used with a real Slack workspace, or vice versa.',
    ],
    [
      'a newer version wrote it',
      async (setup) => {
        await createDatabase(setup, slack);
        const database = new Database(setup.databaseFile);
        database.exec(`insert into __drizzle_migrations (hash, created_at) values ('next', 9999999999999)`);
        database.close();
      },
      'was written by a newer version of Keysmith.',
    ],
    [
      'it is damaged',
      async (setup) => {
        await createDatabase(setup, slack);
        const bytes = readFileSync(setup.databaseFile);
        writeFileSync(setup.databaseFile, bytes.fill(0xa5, 3 * 4096, bytes.length - 4096));
      },
      'is damaged. Stop Keysmith, keep a copy',
    ],
  ];
  test.each(cases.filter(([name]) => isLongForm || name === 'it is damaged'))(
    'exits with 1 and one line, and stays unchanged, when %s',
    async (_, prepare, message) => {
      const setup = liveSetup(slack.apiUrl);
      await prepare(setup);
      const before = readFileSync(setup.databaseFile);
      const { code, main } = await startAndExit(setup);

      expect(code).toBe(1);
      expect(fatalLine(main)).toContain(`The database ${setup.databaseFile} ${message}`);
      expect(readFileSync(setup.databaseFile).equals(before)).toBe(true);
    },
  );
});

describe('A port that is already in use', () => {
  test('exits with 1 and is named in one line', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const setup = liveSetup(slack.apiUrl);
    setup.settings.PORT = String(port);
    const { code, main } = await startAndExit(setup);
    holder.close();

    expect(code).toBe(1);
    expect(fatalLine(main)).toBe(
      `Port ${port} is already in use. Stop the other program, or set PORT to a different port.`,
    );
  });

  test.runIf(isLongForm)('is named when it is the second port of the sandbox', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const { code, main } = await startAndExit({
      cwd: temporaryFolder(),
      settings: { PORT: String(port - 1) },
    });
    holder.close();

    expect(code).toBe(1);
    expect(fatalLine(main)).toContain(`Port ${port} is already in use.`);
  });
});

describe('A token that Slack refuses', () => {
  test.runIf(isLongForm)('exits with 78 and names SLACK_BOT_TOKEN', async () => {
    const setup = liveSetup(slack.apiUrl);
    setup.settings.SLACK_BOT_TOKEN = 'xoxb-of-someone-else';
    const { code, main } = await startAndExit(setup);
    expect(code).toBe(78);
    expect(fatalLine(main)).toContain('Slack rejected SLACK_BOT_TOKEN (invalid_auth).');
    expect(main.output()).not.toContain('of-someone-else');
  });

  test.runIf(isLongForm)('exits with 78 and names SLACK_APP_TOKEN in Socket Mode', async () => {
    const setup = liveSetup(slack.apiUrl);
    setup.settings.SLACK_APP_TOKEN = 'xapp-of-someone-else';
    const { code, main } = await startAndExit(setup);
    expect(code).toBe(78);
    expect(fatalLine(main)).toContain('SLACK_APP_TOKEN');
    expect(main.output()).not.toContain('of-someone-else');
  });
});
