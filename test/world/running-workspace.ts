import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { DesiredOrganization } from '../../src/application/ports/store.ts';
import { type Keysmith, type KeysmithOptions, startKeysmith } from '../../src/bootstrap/start-keysmith.ts';
import { sandboxTeams } from '../../src/config/teams-file/sandbox-teams.ts';
import { verifyAuditChain } from '../../src/domain/audit/audit-event.ts';
import { deriveKey } from '../../src/domain/keys/sealed.ts';
import { Secret } from '../../src/domain/keys/secret.ts';
import { createLogger } from '../../src/log/create-logger.ts';
import type { WorkspaceSeed } from '../../src/sandbox/slack/workspace/workspace-seed.ts';
import {
  type LocalWandb,
  type LocalWandbOptions,
  startLocalWandb,
} from '../../src/sandbox/wandb/local-wandb.ts';
import { botScopes } from '../../src/slack/manifest.ts';
import { openSqliteStores } from '../../src/store/sqlite-store.ts';
import { type DrivenSlack, startDrivenSlack } from '../driver/driven-slack.ts';
import { placeMigratedDatabase } from '../store/database/migrated-database.ts';
import { quickFolder } from '../store/database/quick-folder.ts';
import { wandbOrganization } from './wandb-organization.ts';

export const BOT_TOKEN = 'xoxb-0000000000-test-bot-token';
export const APP_TOKEN = 'xapp-1-A0000-test-app-token';
export const SIGNING_SECRET = '0123456789abcdef0123456789abcdef';
const PUBLIC_URL = 'https://keysmith.acme.test';
const SECRET = new Uint8Array(32).fill(7);

export const INTROSPECTION_CLIENT = { id: 'gateway', secret: '0123456789abcdef0123456789abcdef' };

export type Transport = 'http' | 'socket';
/** Where accounts live: Keysmith itself, or a W&B server, for which a stand-in is started. */
export type BackendKind = 'builtin' | 'wandb';
export const BACKENDS: readonly BackendKind[] = ['builtin', 'wandb'];

export interface WorkspaceOptions {
  transport?: Transport;
  /** The built-in one unless given. */
  backend?: BackendKind;
  /** How the stand-in W&B server is; its people are those of `organization`, or Acme's. */
  wandb?: LocalWandbOptions;
  /** Who is who in Slack; Acme unless given. */
  seed?: WorkspaceSeed;
  /** Teams and their people; the sandbox's unless given. */
  organization?: Partial<DesiredOrganization>;
  keysmith?: Partial<KeysmithOptions>;
  /** A folder to go on with, from a workspace that was stopped before. */
  folder?: string;
}

/** A local Slack and Keysmith behind it: real Bolt, real HTTP or a real socket, a real SQLite file. */
export interface RunningWorkspace {
  slack: DrivenSlack;
  /** Throws with the built-in backend. */
  readonly wandb: LocalWandb;
  keysmith: Keysmith;
  /** What workloads are told as WANDB_BASE_URL. */
  workloadUrl: string;
  folder: string;
  databaseFile: string;
  /** Milliseconds since the epoch, for Slack and Keysmith alike. */
  clock: { nowMs: number; advance(milliseconds: number): void };
  /** Every log line so far, at level trace. */
  logs(): string;
  /** Reads the database over a connection of its own. */
  rows<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Row[];
  /** The audit record, oldest first, after its chain was found intact. */
  audit(): Promise<{ action: string; actor: unknown; subject: string; details: Record<string, unknown> }[]>;
  restartKeysmith(overrides?: Partial<KeysmithOptions>): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorkspace(options: WorkspaceOptions = {}): Promise<RunningWorkspace> {
  const folder = options.folder ?? mkdtempSync(join(quickFolder(), 'keysmith-'));
  const databaseFile = join(folder, 'keysmith.db');
  placeMigratedDatabase(databaseFile, 'live');
  const lines: string[] = [];
  const clock = createClock();
  const slack = await startDrivenSlack({
    app: {
      name: 'Keysmith',
      botToken: BOT_TOKEN,
      signingSecret: SIGNING_SECRET,
      appToken: APP_TOKEN,
      scopes: [...botScopes],
      commands: [{ command: '/wandb', description: 'W&B service accounts', usageHint: 'help' }],
    },
    now: () => clock.nowMs,
    ...(options.seed && { workspace: options.seed }),
  });
  const wandb = options.backend === 'wandb' ? await startWandb(options, clock) : undefined;
  const start = (overrides: Partial<KeysmithOptions> = {}) =>
    startKeysmith({
      ...keysmithOptions(options, { slack, wandb, databaseFile, lines, now: () => clock.nowMs }),
      ...overrides,
    });
  const workspace: RunningWorkspace = {
    slack,
    get wandb() {
      if (!wandb) throw new Error('This workspace runs with the built-in backend.');
      return wandb;
    },
    keysmith: await start(),
    workloadUrl: wandb?.baseUrl ?? PUBLIC_URL,
    folder,
    databaseFile,
    clock,
    logs: () => lines.join(''),
    rows: (sql, ...values) => readRows(databaseFile, sql, values),
    audit: () => readAudit(databaseFile),
    async restartKeysmith(overrides) {
      await workspace.keysmith.stop();
      workspace.keysmith = await start(overrides);
      connect(workspace, options);
    },
    async stop() {
      await workspace.keysmith.stop();
      await slack.stop();
      await wandb?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  connect(workspace, options);
  return workspace;
}

function startWandb(
  { organization, wandb }: WorkspaceOptions,
  clock: RunningWorkspace['clock'],
): Promise<LocalWandb> {
  const seed = wandbOrganization(organization ?? {});
  return startLocalWandb({
    now: () => clock.nowMs,
    organization: seed,
    caller: { adminOf: seed.teams.map(({ name }) => name) },
    ...wandb,
  });
}

function connect({ slack, keysmith }: RunningWorkspace, { transport }: WorkspaceOptions): void {
  if (transport !== 'socket') slack.sendRequestsTo(`${keysmith.url}/slack/events`);
}

function keysmithOptions(
  { transport = 'http', organization, keysmith }: WorkspaceOptions,
  world: {
    slack: DrivenSlack;
    wandb: LocalWandb | undefined;
    databaseFile: string;
    lines: string[];
    now: () => number;
  },
): KeysmithOptions {
  const { wandb } = world;
  const { organization: acme, issuers, teams } = sandboxTeams();
  const ofKeysmith = { name: 'acme', admins: acme.admins, issuers, teams, ...organization };
  const token =
    transport === 'http'
      ? { transport, signingSecret: new Secret(SIGNING_SECRET) }
      : { transport, appToken: new Secret(APP_TOKEN) };
  return {
    mode: 'live',
    backend: wandb
      ? { kind: 'wandb', baseUrl: wandb.baseUrl, apiKey: new Secret(wandb.apiKey) }
      : { kind: 'builtin' },
    http: { host: '127.0.0.1', port: 0 },
    databaseFile: world.databaseFile,
    secret: new Secret(SECRET),
    publicUrl: PUBLIC_URL,
    // Issuers and teams are the W&B server's to say; organization admins stand in the settings.
    organization: wandb ? { ...ofKeysmith, issuers: [], teams: [] } : ofKeysmith,
    slack: { botToken: new Secret(BOT_TOKEN), apiUrl: world.slack.apiUrl, ...token },
    authority: {
      introspectionClients: [
        { id: INTROSPECTION_CLIENT.id, secret: new Secret(INTROSPECTION_CLIENT.secret) },
      ],
      allowsInsecureIssuers: false,
      audiences: [],
      accessTokenSeconds: 3600,
      failuresPerMinute: 1000,
    },
    noProxy: undefined,
    logger: createLogger({
      level: 'trace',
      secrets: [BOT_TOKEN, APP_TOKEN, SIGNING_SECRET],
      destination: { write: (line) => void world.lines.push(line) },
    }),
    now: world.now,
    ...keysmith,
    // A busy machine does not put other words before the answers that tests wait for.
    timing: { sayAfterMs: 60_000, ...keysmith?.timing },
  };
}

/** Runs with real time until it is moved ahead. */
function createClock(): RunningWorkspace['clock'] {
  let ahead = 0;
  return {
    get nowMs() {
      return Date.now() + ahead;
    },
    advance(milliseconds) {
      ahead += milliseconds;
    },
  };
}

function readRows<Row>(databaseFile: string, sql: string, values: unknown[]): Row[] {
  const database = new Database(databaseFile, { readonly: true });
  try {
    return database.prepare<unknown[], Row>(sql).all(...values);
  } finally {
    database.close();
  }
}

async function readAudit(databaseFile: string) {
  const auditKey = deriveKey(SECRET, 'audit');
  const stores = openSqliteStores({ file: databaseFile, mode: 'live', auditKey, newId: (prefix) => prefix });
  try {
    const store = await stores.openOrganization('acme', 0);
    const records = await store.auditRecords();
    const verdict = verifyAuditChain(records, store.organizationId, auditKey);
    if (!verdict.intact) throw new Error(`The audit chain is broken: ${JSON.stringify(verdict)}`);
    return records.map(({ action, actor, subject, details }) => ({ action, actor, subject, details }));
  } finally {
    await stores.close();
  }
}
