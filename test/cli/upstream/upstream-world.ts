import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openPeppers } from '../../../src/backends/builtin/peppers.ts';
import { type CommandLineDependencies, runCommandLine } from '../../../src/cli/command-line.ts';
import type { ConfigResult, GatewayConfig, LiveConfig } from '../../../src/config/configuration.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createSealer, deriveKey } from '../../../src/domain/keys/sealed.ts';
import type { DesiredOrganization } from '../../../src/domain/organization/organization-changes.ts';
import { acmeOrganization } from '../../../src/sandbox/wandb/wandb-seed.ts';
import { inspectDatabase } from '../../../src/store/database/inspect-database.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import { liveEnv, settingsFolder, validSecret } from '../../config/settings-folder.ts';
import { startWandb } from '../../sandbox/wandb/wandb-calls.ts';
import { draw, NOW_MS } from '../../store/contract/world.ts';
import { placeMigratedDatabase } from '../../store/database/migrated-database.ts';
import { temporaryFolder } from '../../store/database/temporary-database.ts';
import { scriptedPrompt } from '../scripted-init.ts';

const TEAMS = ['ml-platform', 'research', 'Vision Lab'];
const team = (name: string) => ({ name, subjects: [], members: [], projects: [] });
const DESIRED: DesiredOrganization = { admins: ['cy@acme.test'], issuers: [], teams: TEAMS.map(team) };

const TEAMS_TEXT = `organization: { name: acme, admins: [cy@acme.test] }
teams: [{ name: ml-platform, members: [] }, { name: research, members: [] }, { name: Vision Lab, members: [] }, { name: unread, members: [] }]
`;

interface Run {
  /** Answers at a terminal; undefined without one. */
  answers?: string[];
  /** Standard input without a terminal; undefined if it is a terminal but output isn't. */
  input?: string | undefined;
  dependencies?: Partial<CommandLineDependencies>;
}

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  asked: string;
}

/** A database that Keysmith has started with, and a W&B server with the same teams. Keys of its users in `keys`. */
export async function openUpstreamWorld({ auth = 'key' }: { auth?: GatewayConfig['auth'] } = {}) {
  const file = join(temporaryFolder(), 'keysmith.db');
  placeMigratedDatabase(file, 'live');
  const secret = Buffer.from(validSecret, 'base64');
  const stores = openSqliteStores({
    file,
    mode: 'live',
    auditKey: deriveKey(secret, 'audit'),
    newId: draw,
    keepsReserve: false,
  });
  onTestFinished(() => stores.close());
  const store = await stores.openOrganization('acme', NOW_MS);
  const sealer = createSealer(deriveKey(secret, 'pepper'), 'pepper-1');
  await openPeppers({ store, sealer, randomBytes, nowMs: NOW_MS });
  await store.applyOrganization(DESIRED, NOW_MS);
  const wandb = await startWandb({
    organization: {
      ...acmeOrganization,
      teams: [...acmeOrganization.teams, { name: 'Vision Lab', members: [] }],
    },
  });
  const keys = {
    service: wandb.team('ml-platform').createServiceAccount('upstream').apiKey,
    vision: wandb.team('Vision Lab').createServiceAccount('upstream').apiKey,
    admin: wandb.keyOf('cy'),
    person: wandb.keyOf('ada'),
  };
  wandb.team('ml-platform').addMember('cy@acme.test');
  const cwd = settingsFolder({ 'teams.yml': TEAMS_TEXT });
  const settings = (changes: Record<string, string> = {}): ConfigResult => {
    const loaded = loadConfig({ env: { ...liveEnv, DATABASE_URL: `file:${file}`, ...changes }, cwd });
    if (!loaded.ok) return loaded;
    const gateway = { upstreamUrl: wandb.baseUrl, auth, appUrl: wandb.baseUrl, mutations: [] };
    return { ...loaded, config: { ...(loaded.config as LiveConfig), gateway } };
  };
  const dependencies = {
    fetch,
    inspectDatabase: (async (path, mode, options) =>
      inspectDatabase(path, mode, options)) satisfies CommandLineDependencies['inspectDatabase'],
    openStores: (async (options) =>
      openSqliteStores({
        ...options,
        keepsReserve: false,
        busyTimeoutMs: 100,
      })) satisfies CommandLineDependencies['openStores'],
    randomBytes,
    now: () => NOW_MS,
    timeoutMs: 5_000,
  };
  /** Runs a command. Throws if it printed a key. */
  const command = async (
    args: string[],
    { answers, input, dependencies: changes = {} }: Run = {},
  ): Promise<Ran> => {
    const lines = { out: [] as string[], error: [] as string[] };
    const prompt = scriptedPrompt(answers ?? []);
    const code = await runCommandLine(args, {
      loadConfig: () => settings(),
      cwd,
      print: (line) => void lines.out.push(line),
      printError: (line) => void lines.error.push(line),
      isTerminal: answers !== undefined,
      prompt,
      readInput: async () => input,
      nodeVersion: '24.0.0',
      ...dependencies,
      ...changes,
    });
    const ran = {
      code,
      stdout: lines.out.join('\n'),
      stderr: lines.error.join('\n'),
      asked: prompt.shown.join('\n'),
    };
    for (const key of Object.values(keys)) {
      const encoded = Buffer.from(`api:${key}`).toString('base64');
      if (JSON.stringify(ran).includes(key) || JSON.stringify(ran).includes(encoded))
        throw new Error('A key was printed.');
    }
    return ran;
  };
  const upstream = (args: string[], run?: Run) => command(['upstream', ...args], run);
  return { store, stores, file, wandb, keys, settings, cwd, dependencies, command, upstream };
}
