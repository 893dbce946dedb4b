import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { KeysmithOptions } from '../../src/bootstrap/keysmith-options.ts';
import { startKeysmith } from '../../src/bootstrap/start-keysmith.ts';
import { Secret } from '../../src/domain/keys/secret.ts';
import { createLogger } from '../../src/log/create-logger.ts';
import { botScopes } from '../../src/slack/manifest.ts';
import { type DrivenSlack, startDrivenSlack } from '../driver/driven-slack.ts';
import { acmeTeams } from '../world/acme-teams.ts';

const BOT_TOKEN = 'xoxb-1111111111-process-test-bot-token';
const APP_TOKEN = 'xapp-1-A1111-process-test-app-token';
const SIGNING_SECRET = 'fedcba9876543210fedcba9876543210';
const SECRET_BYTES = new Uint8Array(Buffer.from(Array.from({ length: 32 }, (_, index) => index * 5 + 3)));
export const OTHER_SECRET = Buffer.from(SECRET_BYTES.map((byte) => 255 - byte)).toString('base64');

const TEAMS = `organization: { name: acme, admins: [cy@acme.test] }
teams:
  - name: ml-platform
    members:
      - { email: ada@acme.test, role: admin }
`;

/** The secrets among the settings, none of which may ever be written. */
export const secrets = {
  SLACK_BOT_TOKEN: BOT_TOKEN,
  SLACK_SIGNING_SECRET: SIGNING_SECRET,
  KEYSMITH_SECRET: Buffer.from(SECRET_BYTES).toString('base64'),
};

/** Creates an empty working directory, which is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keysmith-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface LiveSetup {
  cwd: string;
  databaseFile: string;
  /** Complete settings for a workspace over HTTP, with the local Slack as its API. */
  settings: Record<string, string>;
  rows<Row>(sql: string): Row[];
}

/** Creates a working directory with a teams file, and settings for it. */
export function liveSetup(apiUrl: string): LiveSetup {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'teams.yml'), TEAMS);
  const databaseFile = join(cwd, 'keysmith.db');
  return {
    cwd,
    databaseFile,
    settings: {
      ...secrets,
      SLACK_API_URL: apiUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      PUBLIC_URL: 'https://keysmith.acme.test',
      DATABASE_URL: 'file:./keysmith.db',
      KEYSMITH_TEAMS_FILE: 'teams.yml',
    },
    rows<Row>(sql: string) {
      const database = new Database(databaseFile, { readonly: true });
      try {
        return database.prepare<[], Row>(sql).all();
      } finally {
        database.close();
      }
    },
  };
}

export function startSlack(port = 0, now = Date.now): Promise<DrivenSlack> {
  return startDrivenSlack({
    port,
    now,
    // A new process on a busy machine may take longer than a trigger is valid.
    triggerClock: () => 0,
    app: {
      name: 'Keysmith',
      botToken: BOT_TOKEN,
      signingSecret: SIGNING_SECRET,
      appToken: APP_TOKEN,
      scopes: [...botScopes],
      commands: [{ command: '/wandb', description: 'W&B service accounts', usageHint: 'help' }],
    },
  });
}

/** Creates the database as an earlier run with those settings would have left it. */
export async function createDatabase(
  { databaseFile }: LiveSetup,
  slack: DrivenSlack,
  overrides: Partial<KeysmithOptions> & { organizationName?: string } = {},
): Promise<void> {
  const { organization, issuers, teams } = acmeTeams();
  const { organizationName: name = 'acme', ...options } = overrides;
  const keysmith = await startKeysmith({
    mode: 'live',
    backend: { kind: 'builtin' },
    http: { host: '127.0.0.1', port: 0 },
    databaseFile,
    secret: new Secret(SECRET_BYTES),
    publicUrl: 'https://keysmith.acme.test',
    organization: { name, admins: organization.admins, issuers, teams },
    slack: {
      transport: 'http',
      botToken: new Secret(BOT_TOKEN),
      signingSecret: new Secret(SIGNING_SECRET),
      apiUrl: slack.apiUrl,
    },
    noProxy: undefined,
    logger: createLogger({ level: 'silent', secrets: [], destination: { write: () => {} } }),
    ...options,
  });
  await keysmith.stop();
}
