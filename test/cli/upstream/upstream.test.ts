import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type CommandLineDependencies, runCommandLine } from '../../../src/cli/command-line.ts';
import { drawApiKey, formatApiKey } from '../../../src/domain/keys/api-key.ts';
import { liveEnv } from '../../config/settings-folder.ts';
import { NODE_COMPILE_CACHE } from '../../process/main-process.ts';
import { NOW_MS } from '../../store/contract/world.ts';
import { openDatabase } from '../../store/database/temporary-database.ts';
import { openUpstreamWorld } from './upstream-world.ts';

const KEYSMITH_KEY = formatApiKey(drawApiKey((size) => new Uint8Array(size).fill(7)));
const UNKNOWN_KEY = 'f'.repeat(40);

describe('upstream add', () => {
  test('asks for a key, asks W&B whose it is, and stores it, whatever letters the team’s name has', async () => {
    const { upstream, keys, store, wandb, file } = await openUpstreamWorld();

    const added = await upstream(['add', 'ml-platform'], { answers: [` ${keys.service} `] });

    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toMatch(
      /^Stored the API key of \S+ for the team “ml-platform”\.\nA running Keysmith/,
    );
    expect(added.asked).toContain(`in the team “ml-platform” at ${wandb.baseUrl}`);
    const { teamKeys } = await store.upstreamState();
    expect(teamKeys).toMatchObject([{ teamName: 'ml-platform', isWider: false, storedAtMs: NOW_MS }]);
    expect(added.stdout).toContain(teamKeys[0]?.owner);
    const again = await upstream(['add', 'ml-platform'], { input: `${keys.service}\n` });
    expect(again.stdout).toContain('in place of the earlier one');
    const [event] = (await store.auditRecords()).filter(
      ({ action }) => action === 'upstream_credential.added',
    );
    expect(event).toMatchObject({
      actor: { type: 'system', name: 'command-line' },
      subject: 'upstream_credential:ml-platform',
      details: { team: 'ml-platform', owner: teamKeys[0]?.owner, wider: false },
    });
    // Keysmith forwards without these privileges, so it asks without them.
    expect(wandb.requests.map(({ headers }) => headers?.['use-admin-privileges'])).toEqual([
      undefined,
      undefined,
    ]);

    expect(await upstream(['add', 'Vision Lab'], { input: keys.vision })).toMatchObject({ code: 0 });
    // Neither the table nor the audit events, whose latest pages are in the log.
    const stored = [file, `${file}-wal`].map((path) => readFileSync(path, 'latin1')).join('');
    expect(stored).toContain('upstream_credential.added');
    for (const key of [keys.service, keys.vision]) expect(stored).not.toContain(key);
    expect((await store.upstreamState()).teamKeys[0]).toMatchObject({ teamName: 'Vision Lab' });
    expect((await upstream(['add', 'vision lab'], { input: keys.vision })).stderr).toBe(
      'Nothing was changed: no team has the name “vision lab”. Did you mean “Vision Lab”?',
    );
  });

  test('refuses a key that reaches more than the team, unless that is allowed', async () => {
    const { upstream, keys, store, wandb } = await openUpstreamWorld();
    wandb.team('research').addMember('ada@acme.test');
    for (const [key, reason] of [
      [keys.admin, 'its owner cy is an administrator'],
      [keys.person, 'its owner ada is also in research'],
    ] as const) {
      const refused = await upstream(['add', 'ml-platform'], { input: key });
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(`Nothing was stored: the key reaches more than this team: ${reason}.`);
      expect(refused.stderr).toContain('--allow-wider');
      expect((await store.upstreamState()).teamKeys).toMatchObject([]);
    }
    const allowed = await upstream(['add', '--allow-wider', 'ml-platform'], { input: keys.admin });
    expect(allowed).toMatchObject({ code: 0 });
    expect(allowed.stdout).toContain('Warning: the key reaches more than this team');
    expect((await store.upstreamState()).teamKeys).toMatchObject([{ isWider: true }]);
  });

  test('refuses a key that W&B rejects, that isn’t of the team, or of Keysmith itself, and one that would be shown', async () => {
    const { upstream, keys, store, wandb } = await openUpstreamWorld();
    for (const [key, text] of [
      [UNKNOWN_KEY, 'doesn’t accept this key (401)'],
      [keys.vision, 'is in Vision Lab, not in “ml-platform”'],
      [KEYSMITH_KEY, 'this is a Keysmith key'],
      ['', 'no key was entered'],
      ['hunter2', 'A W&B API key has 40 or more'],
      [`${keys.service}\n${keys.vision}`, 'A W&B API key has 40 or more'],
    ] as const) {
      const refused = await upstream(['add', 'ml-platform', '--allow-wider'], { input: key });
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain(`Nothing was stored: `);
      expect(refused.stderr).toContain(text);
      expect(refused.stderr).not.toContain(key === '' ? 'Error' : key);
    }
    wandb.failures.set('viewer', { kind: 'status', status: 503 }, { times: 1 });
    const unknown = await upstream(['add', 'ml-platform'], { input: keys.service });
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.stderr).toContain('the W&B server couldn’t be asked about the key');
    expect(unknown.stderr).toContain('Run upstream add again');

    expect(await upstream(['add', 'ml-platform'], { answers: [] })).toMatchObject({
      code: 130,
      stderr: 'Nothing was stored: cancelled.',
    });
    const visible = await upstream(['add', 'ml-platform'], {});
    expect(visible).toMatchObject({ code: 64 });
    expect(visible.stderr).toContain('the key would be visible');
    expect((await store.upstreamState()).teamKeys).toEqual([]);

    expect((await upstream(['add', 'ml-plattform'])).stderr).toContain('Did you mean “ml-platform”?');
    expect((await upstream(['add', 'unread'])).stderr).toContain('Restart Keysmith');
    const long = await upstream(['add', `wandb-${'Zq'.repeat(20)}`]);
    expect(long.stderr).toContain('no team has that name');
    expect(long.stderr).not.toContain('Zq');
  });
});

/** Runs a command that mustn't get as far as the settings. */
async function refusedBySyntax(args: readonly string[]) {
  const errors: string[] = [];
  const dependencies = {
    loadConfig: () => {
      throw new Error('The arguments are refused before any setting is read.');
    },
    print: (line: string) => errors.push(`printed: ${line}`),
    printError: (line: string) => errors.push(line),
  } as unknown as CommandLineDependencies;
  const code = await runCommandLine(['upstream', ...args], dependencies);
  return { code, text: errors.join('\n') };
}

describe('upstream', () => {
  test('reads settings, key and database as a process of its own, while Keysmith has the database open', async () => {
    const { file, wandb, keys, store, cwd } = await openUpstreamWorld();
    const env = {
      ...liveEnv,
      PATH: process.env.PATH ?? '',
      NODE_COMPILE_CACHE,
      DATABASE_URL: `file:${file}`,
      KEYSMITH_UPSTREAM_URL: wandb.baseUrl,
    };
    const entry = fileURLToPath(new URL('../../../src/cli/keysmith.ts', import.meta.url));
    const args = ['--disable-warning=ExperimentalWarning', entry, 'upstream', 'add', 'Vision Lab'];
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
      const child = execFile(process.execPath, args, { cwd, env, timeout: 25_000 }, (_, out, error) =>
        resolve({ stdout: out, stderr: error }),
      );
      child.stdin?.end(`${keys.vision}\n`);
    });
    expect(stderr).toBe('');
    expect(stdout).toContain('Stored the API key of Vision Lab-service-');
    expect((await store.upstreamState()).teamKeys).toMatchObject([{ teamName: 'Vision Lab' }]);
  });

  test.each([
    [['add', 'ml-platform', UNKNOWN_KEY]],
    [['add', `--key=${UNKNOWN_KEY}`, 'ml-platform']],
    [['add', `ml-platform ${UNKNOWN_KEY} `]],
    [['add', `local-${UNKNOWN_KEY}`]],
    [['add', `wandb_v1_${'a1B2c3D4'.repeat(9)}`]],
    [['remove', KEYSMITH_KEY]],
    [[UNKNOWN_KEY]],
  ])('refuses a key among its arguments without repeating it, before it reads any setting', async (args) => {
    const { code, text } = await refusedBySyntax(args);
    expect(code).toBe(64);
    expect(text).toContain('an argument looks like an API key');
    expect(text).not.toMatch(/ffff|a1B2|keysmith_/);
  });

  test.each([
    [[], 'Missing command.'],
    [['ad', 'ml-platform'], 'Did you mean "upstream add"?'],
    [['frobnicate'], 'Unknown command.'],
    [['add'], 'Name the team: upstream add TEAM.'],
    [['add', 'Vision', 'Lab'], 'Put a name with spaces in quotation marks.'],
    [['list', 'ml-platform'], '"upstream list" takes no team.'],
    [['list', '--yes'], 'Unknown options for "upstream list".'],
    [['remove', 'ml-platform', '--allow-wider'], 'Unknown options for "upstream remove".'],
  ])('prints its usage for the arguments %j', async (args, problem) => {
    const { code, text } = await refusedBySyntax(args);
    expect(code).toBe(64);
    expect(text).toContain(problem);
    expect(text).toContain('Usage: npm run keysmith -- upstream <command>');
    expect(await refusedBySyntax([...args, '--help'])).toMatchObject({ code: 0 });
  });

  test('says what is missing: valid settings, a gateway, a database, the same secret, a free database', async () => {
    const { upstream, settings, file, keys } = await openUpstreamWorld();
    const otherSecret = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 5)).toString('base64');
    const loaded = settings();
    if (!loaded.ok) throw new Error('invalid settings');
    const cases: [() => ReturnType<typeof settings>, number, string][] = [
      [() => settings({ PORT: 'x' }), 78, 'PORT: PORT must be a number'],
      [
        () => ({ ...loaded, config: { ...loaded.config, gateway: undefined } as never }),
        78,
        'KEYSMITH_UPSTREAM_URL isn’t set',
      ],
      [
        () => ({ ...loaded, config: { ...loaded.config, kind: 'sandbox' } as never }),
        78,
        'start the sandbox',
      ],
      [
        () => settings({ DATABASE_URL: `file:${file}-missing` }),
        1,
        'doesn’t exist yet or is empty. Start Keysmith once',
      ],
      [() => settings({ KEYSMITH_SECRET: otherSecret }), 78, 'KEYSMITH_SECRET is not the secret'],
      [
        () => ({ ...loaded, config: { ...loaded.config, organizationName: 'globex' } as never }),
        78,
        'belongs to a different organization',
      ],
    ];
    for (const [loadConfig, code, text] of cases) {
      const refused = await upstream(['list'], { dependencies: { loadConfig } });
      expect(refused, text).toMatchObject({ code, stdout: '' });
      expect(refused.stderr).toContain(text);
    }
    const other = openDatabase(file, 'live');
    const blocked = await upstream(['add', 'ml-platform'], {
      input: keys.service,
      dependencies: {
        now: () => {
          if (!other.inTransaction) other.exec('BEGIN IMMEDIATE');
          return NOW_MS;
        },
      },
    });
    other.exec('ROLLBACK');
    expect(blocked).toMatchObject({ code: 1, stdout: '' });
    expect(blocked.stderr).toContain('is locked by another program');
    expect(blocked.stderr).toContain('then try again.');
  });
});

describe('upstream list, check and remove', () => {
  test('show each team with its credential, what W&B says about it, and end it', async () => {
    const { upstream, keys, wandb, store } = await openUpstreamWorld();
    await upstream(['add', 'ml-platform'], { input: keys.service });
    await upstream(['add', 'Vision Lab'], { input: keys.vision });
    const [vision = { id: '' }, { id, owner } = { id: '', owner: '' }] = (await store.upstreamState())
      .teamKeys;

    expect(await upstream(['check'])).toMatchObject({ code: 0 });
    wandb.deleteKey(keys.service);
    const checked = await upstream(['check']);
    expect(checked.code).toBe(1);
    expect(checked.stdout.split('\n').filter((line) => /^[✓!✗]/.test(line))).toEqual([
      expect.stringMatching(/^✓ Upstream, Vision Lab: W&B accepts the credential of Vision Lab-service-\d+$/),
      '✗ Upstream, ml-platform: the W&B server doesn’t accept the credential (401)',
      '! Upstream, research: no credential, so its runs can’t be logged',
    ]);
    expect(await upstream(['check', 'Vision Lab'])).toMatchObject({ code: 0 });
    expect(await upstream(['check', 'ml-platform'])).toMatchObject({ code: 1 });
    expect(await upstream(['check', 'research'])).toMatchObject({ code: 1 });
    expect((await upstream(['check', 'Research'])).stderr).toContain('Did you mean “research”?');

    const reject = (teamName: string, teamKeyId = '') =>
      store.recordUpstreamRejection(
        { teamName, kind: 'team_key', sinceMs: NOW_MS, teamKeyId },
        { ...EVENT, action: 'upstream_credential.rejected' },
      );
    await reject('Vision Lab', vision.id);
    await reject('ml-platform', id);
    // Vision Lab's key works, so that its rejection is over.
    await upstream(['check']);
    expect((await upstream(['list'])).stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['TEAM', 'CREDENTIAL', 'OWNER', 'STORED', 'REACH', 'STATE'],
      ['Vision Lab', 'API key', expect.any(String), '2026-01-15 12:00 UTC', 'team', 'accepted when stored'],
      [
        'ml-platform',
        'API key',
        owner,
        '2026-01-15 12:00 UTC',
        'team',
        'hasn’t worked since 2026-01-15 12:00 UTC',
      ],
      ['research', 'none', 'runs can’t be logged'],
      [''],
      [expect.stringContaining('“upstream check” asks the W&B server now')],
    ]);

    expect(await upstream(['remove', 'ml-platform'])).toMatchObject({ code: 64 });
    expect(await upstream(['remove', 'ml-platform'], { answers: ['keep'] })).toMatchObject({ code: 1 });
    expect(await upstream(['remove', 'ml-platform'], { answers: [] })).toMatchObject({ code: 130 });
    expect((await store.upstreamState()).teamKeys).toHaveLength(2);
    const removed = await upstream(['remove', 'ml-platform'], { answers: ['remove'] });
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.asked).toContain('can’t log or read runs until you store another key');
    expect((await upstream(['remove', 'ml-platform', '--yes'])).stderr).toContain('no key is stored');
    expect(await upstream(['remove', 'Vision Lab', '--yes'])).toMatchObject({ code: 0 });
    expect(await store.upstreamState()).toEqual({ teamKeys: [], rejections: [] });
  });

  test('name the key of an archived team, which can be removed, and a key that can’t be unsealed', async () => {
    const { upstream, keys, store, file } = await openUpstreamWorld({ auth: 'federation' });
    await upstream(['add', 'ml-platform'], { input: keys.service });
    await upstream(['add', 'Vision Lab'], { input: keys.vision });
    openDatabase(file, 'live').exec(`UPDATE upstream_credentials SET sealed = 'x'`);
    expect((await upstream(['check', 'Vision Lab'])).stdout).toContain('sealed with another KEYSMITH_SECRET');
    await store.applyOrganization({ admins: [], issuers: [], teams: [] }, NOW_MS);

    expect((await upstream(['list'])).stdout).toContain('not used: team archived');
    expect((await upstream(['add', 'ml-platform'], { input: keys.service })).code).toBe(1);
    const removed = await upstream(['remove', 'ml-platform'], { answers: ['remove'] });
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.asked).toContain('use identity federation');
  });
});

const EVENT = {
  atMs: NOW_MS,
  actor: { type: 'system', name: 'gateway' },
  subject: 'upstream_credential:ml-platform',
  details: {},
  requestId: null,
} as const;
