import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCheckJwt } from '../../../src/cli/jwt/check-jwt-command.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createSandboxSecret } from '../../../src/config/secret-file.ts';
import { inspectDatabase } from '../../../src/store/database/inspect-database.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import { liveEnv, settingsFolder, teamsText, wandbEnv } from '../../config/settings-folder.ts';
import {
  DESIRED,
  federatedAccount,
  NOW_MS,
  seedAcme,
  settledWorld,
  type World,
} from '../../store/contract/world.ts';
import { placeMigratedDatabase } from '../../store/database/migrated-database.ts';
import { openDatabase, storesOver, temporaryFolder } from '../../store/database/temporary-database.ts';
import { type SigningPair, sharedSigningPair, signJwt } from '../../world/issuer-server.ts';

const ISSUER = 'https://ci.acme.test';
const SUBJECT = 'repo:acme/eval:ref:refs/heads/main';
const NOW = Math.floor(NOW_MS / 1000);

let pair: SigningPair;
beforeAll(async () => {
  pair = await sharedSigningPair('ES256');
});

async function openCommand(mode: 'live' | 'sandbox' = 'live') {
  const cwd = settingsFolder({ 'teams.yml': teamsText });
  const folder = mode === 'live' ? temporaryFolder() : join(cwd, 'data', 'sandbox');
  if (mode === 'sandbox') createSandboxSecret(join(folder, 'secret'));
  const file = join(folder, 'keysmith.db');
  placeMigratedDatabase(file, mode);
  const stores = storesOver(openDatabase(file, mode));
  await seedAcme(stores);
  const world = (await settledWorld({ stores, another: () => stores })) as World;
  const issuers = [...DESIRED.issuers, { url: ISSUER, jwks: { keys: [pair.publicJwk] } }];
  await world.store.applyOrganization({ ...DESIRED, issuers }, NOW_MS);
  const added = federatedAccount(world.organizationId, world.mlPlatform, SUBJECT, {
    externalIdentity: { issuer: ISSUER, subject: SUBJECT },
    scope: 'team',
  });
  await world.store.insertAccount(added);
  return async (input: string | undefined, args: string[] = [], env: Record<string, string> = liveEnv) => {
    const lines = { out: [] as string[], error: [] as string[] };
    const code = await runCheckJwt(args, {
      loadConfig: () => loadConfig({ env: { ...env, DATABASE_URL: `file:${file}` }, cwd }),
      print: (line) => void lines.out.push(line),
      printError: (line) => void lines.error.push(line),
      inspectDatabase: async (path, mode, options) => inspectDatabase(path, mode, options),
      openStores: async (options) =>
        openSqliteStores({ ...options, keepsReserve: false, busyTimeoutMs: 100 }),
      readInput: async () => input,
      randomBytes,
      now: () => NOW_MS,
      timeoutMs: 1_000,
    });
    return { code, stdout: lines.out.join('\n'), stderr: lines.error.join('\n') };
  };
}

const jwtOf = (more: Record<string, unknown> = {}) =>
  signJwt(pair, { iss: ISSUER, sub: SUBJECT, aud: 'acme', iat: NOW - 600, exp: NOW - 60, ...more });

describe('The command check-jwt', () => {
  it('exits with 0 for a JWT that would be accepted, also an expired one, of any team', async () => {
    const checkJwt = await openCommand();
    const { code, stdout, stderr } = await checkJwt(`${await jwtOf()}\n`);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('This JWT has expired. Keysmith would accept a new one like it.');
    expect(stdout).toContain('in “ml-platform”');
  });

  it('exits with 1 and says what to change, as text or JSON', async () => {
    const checkJwt = await openCommand();
    const jwt = await jwtOf({ aud: 'other' });
    const { code, stdout } = await checkJwt(jwt);
    expect(code).toBe(1);
    expect(stdout).toContain('WRONG    aud: “other”\n          expected: “acme”\n');
    const json = await checkJwt(jwt, ['--json']);
    const { verdict, parts } = JSON.parse(json.stdout);
    expect(verdict).toBe('refused');
    expect(parts[0]).toMatchObject({ part: 'aud', state: 'wrong', came: '“other”', expected: '“acme”' });
  });

  it('looks for the subject in all accounts of this Keysmith', async () => {
    const checkJwt = await openCommand();
    const { stdout } = await checkJwt(await jwtOf({ sub: 'repo:acme/unknown-project' }));
    expect(stdout).toContain('expected: the subject of an active account of this Keysmith, exactly');
  });

  it('connects only to this machine in the sandbox, and says so', async () => {
    const checkJwt = await openCommand('sandbox');
    const [{ url }] = DESIRED.issuers as [{ url: string }];
    const { code, stdout, stderr } = await checkJwt(await jwtOf({ iss: url }), [], {});
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toContain(
      'The sandbox connects only to this machine, so it can’t fetch the issuer’s keys.',
    );
    expect(stdout).not.toContain('Try again');
  });

  it('takes no JWT as an argument, and repeats none', async () => {
    const checkJwt = await openCommand();
    const jwt = await jwtOf();
    const { code, stdout, stderr } = await checkJwt('', [jwt]);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain('send the JWT to standard input');
    expect(stderr).not.toContain(jwt.slice(0, 20));
  });

  it('reads nothing from a terminal, which would show it', async () => {
    const checkJwt = await openCommand();
    expect(await checkJwt(undefined)).toMatchObject({ code: 64, stdout: '' });
  });

  it('says in a sentence why it can’t check with a W&B server, or without the authority', async () => {
    const checkJwt = await openCommand();
    const onServer = await checkJwt('x', [], wandbEnv);
    expect(onServer).toMatchObject({ code: 1, stdout: '' });
    expect(onServer.stderr).toContain('the W&B server verifies them itself');
    const off = await checkJwt('x', [], { ...liveEnv, KEYSMITH_AUTHORITY: 'off' });
    expect([off.code, off.stderr]).toEqual([
      1,
      'This Keysmith doesn’t accept JWTs: KEYSMITH_AUTHORITY is off.',
    ]);
  });
});
