import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Logger } from 'pino';
import type { SandboxConfig } from '../config/load-config.ts';
import { createSandboxSecret } from '../config/secret-file.ts';
import { API_KEY_PATTERN } from '../domain/keys/api-key.ts';
import { Secret } from '../domain/keys/secret.ts';
import { type LocalSlack, startLocalSlack } from '../sandbox/slack/local-slack.ts';
import type { InstalledApp } from '../sandbox/slack/workspace/slack-state.ts';
import { type LocalWandb, startLocalWandb } from '../sandbox/wandb/local-wandb.ts';
import { appManifest, botScopes } from '../slack/manifest.ts';
import type { Keysmith } from './start-keysmith.ts';

/** What the keys of the local W&B look like, to be masked in what the page shows of the traffic. */
const LOCAL_WANDB_KEY_PATTERN = /local-[0-9a-f]{40}/;

/**
 * Keysmith against a local Slack in the browser, both on this machine alone. Real Bolt, real signed HTTP. The page can be
 * looked at while Keysmith itself is still loaded; what people do in it meanwhile waits.
 */
export async function startSandbox(
  config: SandboxConfig,
  logger: Logger,
  { countsProcess = false }: { countsProcess?: boolean } = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const credentials = {
    botToken: new Secret(`xoxb-sandbox-${randomBytes(12).toString('hex')}`),
    signingSecret: new Secret(randomBytes(16).toString('hex')),
  };
  const started = Promise.withResolvers<void>();
  const slack = await startLocalSlack({
    host: config.http.host,
    port: config.http.port,
    app: installedApp(credentials),
    appStarts: started.promise,
    secretPatterns: [API_KEY_PATTERN, LOCAL_WANDB_KEY_PATTERN],
  });
  let wandb: LocalWandb | undefined;
  try {
    // First the page, bundled by another process: loading Keysmith keeps this one from answering for a while.
    await slack.preparePage();
    wandb = await startWandb(config, logger);
    const keysmith = await startKeysmithIn({ slack, wandb }, { config, credentials, logger, countsProcess });
    started.resolve();
    const url = slack.url.replace('//127.0.0.1:', '//localhost:');
    logger.info({ url, api: keysmith.url }, `Open ${url} in a browser: a local Slack with Keysmith in it`);
    return {
      url,
      async stop() {
        await keysmith.stop();
        await slack.stop();
        await wandb?.stop();
      },
    };
  } catch (error) {
    await slack.stop();
    await wandb?.stop();
    throw error;
  }
}

async function startWandb(
  { backend, databaseFile }: SandboxConfig,
  logger: Logger,
): Promise<LocalWandb | undefined> {
  if (backend.kind !== 'local_wandb') return undefined;
  const { startSandboxWandb } = await import('./start-sandbox.ts');
  const wandb = await startSandboxWandb(backend.address, databaseFile);
  const { baseUrl } = wandb;
  logger.info({ baseUrl }, `A local stand-in for a W&B server is at ${baseUrl}, the backend of this sandbox`);
  return wandb;
}

interface Credentials {
  botToken: Secret;
  signingSecret: Secret;
}

/** As the manifest describes it; its URLs don't matter here. */
function installedApp({ botToken, signingSecret }: Credentials): InstalledApp {
  const manifest = appManifest({ transport: 'socket' });
  return {
    name: manifest.display_information.name,
    botToken: botToken.reveal(),
    signingSecret: signingSecret.reveal(),
    scopes: [...botScopes],
    commands: manifest.features.slash_commands.map(({ command, description, usage_hint }) => ({
      command,
      description,
      usageHint: usage_hint,
    })),
  };
}

async function startKeysmithIn(
  { slack, wandb }: { slack: LocalSlack; wandb: LocalWandb | undefined },
  {
    config,
    credentials,
    logger,
    countsProcess,
  }: { config: SandboxConfig; credentials: Credentials; logger: Logger; countsProcess: boolean },
): Promise<Keysmith> {
  const [{ startKeysmith }, { SLACK_EVENTS_PATH }] = await Promise.all([
    import('./start-keysmith.ts'),
    import('../slack/receiver/slack-app.ts'),
  ]);
  const { organizationName: name, organizationAdmins: admins, backend } = config;
  const { issuers, teams } = backend.kind === 'builtin' ? backend.teams : { issuers: [], teams: [] };
  const keysmith = await startKeysmith({
    mode: 'sandbox',
    http: config.app,
    databaseFile: config.databaseFile,
    secret: config.secret ?? createSandboxSecret(config.secretFile),
    publicUrl: config.publicUrl,
    organization: { name, admins, issuers, teams },
    backend:
      wandb === undefined
        ? { kind: 'builtin' }
        : { kind: 'wandb', baseUrl: wandb.baseUrl, apiKey: new Secret(wandb.apiKey) },
    slack: { transport: 'http', ...credentials, apiUrl: slack.apiUrl },
    authority: config.authority,
    noProxy: undefined,
    countsProcess,
    logger,
  });
  slack.sendRequestsTo(`${keysmith.url}${SLACK_EVENTS_PATH}`);
  return keysmith;
}

/**
 * The sandbox's W&B server. It forgets everything when it ends, and numbers its accounts anew: a database of an earlier one
 * would take them for its own, so it goes.
 *
 * @param databaseFile in the sandbox's own folder
 */
export async function startSandboxWandb(
  address: { host: string; port: number },
  databaseFile: string,
): Promise<LocalWandb> {
  const wandb = await startLocalWandb(address);
  for (const ending of ['', '-wal', '-shm']) rmSync(`${databaseFile}${ending}`, { force: true });
  return wandb;
}
