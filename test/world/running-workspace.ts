import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { KeysmithOptions } from '../../src/bootstrap/keysmith-options.ts';
import { installedApp } from '../../src/bootstrap/sandbox/installed-app.ts';
import { type Keysmith, startKeysmith } from '../../src/bootstrap/start-keysmith.ts';
import { verifyAuditChain } from '../../src/domain/audit/audit-event.ts';
import { deriveKey } from '../../src/domain/keys/sealed.ts';
import { Secret } from '../../src/domain/keys/secret.ts';
import type { DesiredOrganization } from '../../src/domain/organization/organization-changes.ts';
import type { DesiredPolicies } from '../../src/domain/organization/policy-changes.ts';
import { createLogger } from '../../src/log/create-logger.ts';
import type { WorkspaceSeed } from '../../src/sandbox/slack/workspace/workspace-seed.ts';
import type { LocalWandbOptions } from '../../src/sandbox/wandb/local-wandb.ts';
import { createSqliteStores } from '../../src/store/sqlite-store.ts';
import { type DrivenSlack, startDrivenSlack } from '../driver/driven-slack.ts';
import { type DrivenWandb, startDrivenWandb } from '../driver/driven-wandb.ts';
import { placeMigratedDatabase, quickFolder } from '../store/database/migrated-database.ts';
import { acmeTeams } from './acme-teams.ts';
import { wandbOrganization } from './wandb-organization.ts';

export const BOT_TOKEN = 'xoxb-0000000000-test-bot-token';
export const APP_TOKEN = 'xapp-1-A0000-test-app-token';
export const SIGNING_SECRET = '0123456789abcdef0123456789abcdef';
const PUBLIC_URL = 'https://keysmith.acme.test';
export const SECRET = new Uint8Array(32).fill(7);

/** Parsed once, not for each of the workspaces. */
const ACME = acmeTeams();

export const INTROSPECTION_CLIENT = { id: 'gateway', secret: '0123456789abcdef0123456789abcdef' };

export type Transport = 'http' | 'socket';
/** Where accounts live: in Keysmith, or on a W&B server, for which a local one is started. */
export type BackendKind = 'builtin' | 'wandb';
export const BACKENDS: readonly BackendKind[] = ['builtin', 'wandb'];

export interface WorkspaceOptions {
  transport?: Transport;
  /** `builtin` by default. */
  backend?: BackendKind;
  /** Options of the local W&B. Its people come from `organization`, by default Acme. */
  wandb?: LocalWandbOptions;
  /** The people and conversations of Slack. Acme's by default. */
  seed?: WorkspaceSeed;
  /** Teams and their members. The sandbox's by default. */
  organization?: Partial<DesiredOrganization>;
  /** What a teams file sets for a W&B server. */
  policies?: DesiredPolicies;
  keysmith?: Partial<KeysmithOptions>;
  /** The folder of a stopped workspace whose database to continue with. */
  folder?: string;
}

/** A Keysmith connected to a local Slack: real Bolt, real HTTP or a real socket, and a real SQLite file. */
export interface RunningWorkspace {
  slack: DrivenSlack;
  /** Throws with the built-in backend. */
  readonly wandb: DrivenWandb;
  keysmith: Keysmith;
  /** The WANDB_BASE_URL that messages give to workloads. */
  workloadUrl: string;
  folder: string;
  databaseFile: string;
  /** The clock of Slack and Keysmith, in milliseconds since the epoch. */
  clock: WorkspaceClock;
  /** Returns all log lines so far, down to level trace. */
  logs(): string;
  /** Queries the database over a separate connection. */
  rows<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Row[];
  /** Verifies the audit chain and returns its events, oldest first. */
  audit(): Promise<{ action: string; actor: unknown; subject: string; details: Record<string, unknown> }[]>;
  restartKeysmith(overrides?: Partial<KeysmithOptions>): Promise<void>;
  stop(): Promise<void>;
}

/** `advance` lets time pass; `step` sets the wall clock ahead or back, as an administrator or NTP does. */
interface WorkspaceClock {
  readonly nowMs: number;
  readonly monotonicMs: number;
  /** Only what the test let pass. */
  readonly passedMs: number;
  advance(milliseconds: number): void;
  step(milliseconds: number): void;
}

export async function startWorkspace(options: WorkspaceOptions = {}): Promise<RunningWorkspace> {
  const folder = options.folder ?? mkdtempSync(join(quickFolder(), 'keysmith-'));
  const databaseFile = join(folder, 'keysmith.db');
  placeMigratedDatabase(databaseFile, 'live');
  const lines: string[] = [];
  const clock = createClock();
  const slack = await startDrivenSlack({
    app: installedApp({ botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET, appToken: APP_TOKEN }),
    now: () => clock.nowMs,
    // However busy the machine is: three seconds pass only where a test lets them.
    triggerClock: () => clock.passedMs,
    ...(options.seed && { workspace: options.seed }),
  });
  const wandb = options.backend === 'wandb' ? await startWandb(options, clock) : undefined;
  const start = (overrides: Partial<KeysmithOptions> = {}) =>
    startKeysmith({
      ...keysmithOptions(options, { slack, wandb, databaseFile, lines, clock }),
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
): Promise<DrivenWandb> {
  const seed = wandbOrganization(organization ?? {});
  return startDrivenWandb({
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
  { transport = 'http', organization, policies, keysmith }: WorkspaceOptions,
  world: {
    slack: DrivenSlack;
    wandb: DrivenWandb | undefined;
    databaseFile: string;
    lines: string[];
    clock: WorkspaceClock;
  },
): KeysmithOptions {
  const { wandb } = world;
  const { organization: acme, issuers, teams } = ACME;
  const ofKeysmith = { name: 'acme', admins: acme.admins, issuers, teams, ...organization };
  const token =
    transport === 'http'
      ? { transport, signingSecret: new Secret(SIGNING_SECRET) }
      : { transport, appToken: new Secret(APP_TOKEN) };
  return {
    mode: 'live',
    backend: wandb
      ? { kind: 'wandb', baseUrl: wandb.baseUrl, apiKey: new Secret(wandb.apiKey), policies }
      : { kind: 'builtin' },
    http: { host: '127.0.0.1', port: 0 },
    databaseFile: world.databaseFile,
    secret: new Secret(SECRET),
    publicUrl: PUBLIC_URL,
    // Issuers and teams come from the W&B server, organization admins from the settings.
    organization: wandb ? { ...ofKeysmith, issuers: [], teams: [] } : ofKeysmith,
    slack: { botToken: new Secret(BOT_TOKEN), apiUrl: world.slack.apiUrl, ...token },
    authority: {
      introspectionClients: [
        { id: INTROSPECTION_CLIENT.id, secret: new Secret(INTROSPECTION_CLIENT.secret) },
      ],
      leakKeys: [],
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
    now: () => world.clock.nowMs,
    monotonicMs: () => world.clock.monotonicMs,
    // Filling the reserve for each of the workspaces takes longer than many a test.
    keepsDiskReserve: false,
    // Most tests look for a refusal of their own, whatever others were refused before.
    refusalWindowMs: 0,
    ...keysmith,
    // On a busy machine, a loading view or a "still working" message would come before the responses that tests wait for.
    timing: {
      loadingAfterMs: 60_000,
      respondWithinMs: 60_000,
      progressAfterMs: 60_000,
      ...keysmith?.timing,
    },
  };
}

/** Returns a clock that runs in real time, plus what tests advance it by. */
function createClock(): RunningWorkspace['clock'] {
  let ahead = 0;
  let stepped = 0;
  return {
    get nowMs() {
      return Date.now() + ahead + stepped;
    },
    get monotonicMs() {
      return performance.now() + ahead;
    },
    get passedMs() {
      return ahead + stepped;
    },
    advance(milliseconds) {
      ahead += milliseconds;
    },
    step(milliseconds) {
      stepped += milliseconds;
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
  // Keysmith has checked the file when it started.
  const stores = createSqliteStores(new Database(databaseFile), { auditKey, newId: (prefix) => prefix });
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
