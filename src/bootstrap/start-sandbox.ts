import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { TeamKey } from '../application/gateway/team-keys.ts';
import type { ListenAddress, SandboxConfig } from '../config/configuration.ts';
import { createSandboxSecret } from '../config/secret-file.ts';
import { API_KEY_PATTERN } from '../domain/keys/api-key.ts';
import { JWT_PATTERN } from '../domain/keys/pasted-credential.ts';
import { Secret } from '../domain/keys/secret.ts';
import type { PanelDemoRuns } from '../sandbox/demo-run/panel-demo-runs.ts';
import { urlHost } from '../sandbox/http/local-server.ts';
import { type LocalSlack, startLocalSlack } from '../sandbox/slack/local-slack.ts';
import { sandboxWorkspace } from '../sandbox/slack/workspace/workspace-seed.ts';
import type { LocalWandb, LocalWandbOptions } from '../sandbox/wandb/local-wandb.ts';
import { wandbPresets } from '../sandbox/wandb/wandb-presets.ts';
import { takeExclusiveLock } from '../store/database/exclusive-lock.ts';
import type { KeysmithOptions } from './keysmith-options.ts';
import { installedApp } from './sandbox/installed-app.ts';
import type { Keysmith } from './start-keysmith.ts';

/** Keys of the local W&B server, which the page masks in the traffic it shows. */
const LOCAL_WANDB_KEY_PATTERN = /local-[0-9a-f]{40}|wandb_v1_\w{77}/;

interface Credentials {
  botToken: Secret;
  signingSecret: Secret;
}

export interface RunningSandbox {
  url: string;
  stop(): Promise<void>;
}

/** Another sandbox is running with the same data. */
export class SandboxFolderInUseError extends Error {
  override name = 'SandboxFolderInUseError';

  constructor(folder: string) {
    super(
      `Another sandbox is already running with the data in ${folder}. Use or stop that one, or start this one in a different folder.`,
    );
  }
}

/** The local W&B server has no preset for the version. */
class UnknownWandbVersionError extends Error {
  override name = 'UnknownWandbVersionError';

  constructor() {
    super(`The sandbox has no such version of W&B. Choose one of ${Object.keys(wandbPresets).join(', ')}.`);
  }
}

interface SandboxOptions extends Pick<KeysmithOptions, 'collectProcessMetrics' | 'droppedLogLines'> {
  /** A faster demo run, for tests. */
  demoRun?: { secondsPerStep: number };
}

/**
 * Starts Keysmith with a local Slack in the browser, both on localhost, with real Bolt and real signed HTTP between them. The
 * page opens while Keysmith is still loading; what people do there until then is queued.
 *
 * @throws UnknownWandbVersionError, SandboxFolderInUseError, and the errors of `startKeysmith`
 */
export async function startSandbox(
  config: SandboxConfig,
  logger: Logger,
  options: SandboxOptions = {},
): Promise<RunningSandbox> {
  localWandbOf(config);
  const folder = dirname(config.databaseFile);
  const unlock = takeExclusiveLock(join(folder, 'lock'));
  if (unlock === undefined) throw new SandboxFolderInUseError(folder);
  try {
    const { url, stop } = await startServers(config, logger, options);
    return { url, stop: () => stop().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function startServers(
  config: SandboxConfig,
  logger: Logger,
  { demoRun, ...ofProcess }: SandboxOptions,
): Promise<RunningSandbox> {
  const credentials: Credentials = {
    botToken: new Secret(`xoxb-sandbox-${randomBytes(12).toString('hex')}`),
    signingSecret: new Secret(randomBytes(16).toString('hex')),
  };
  const keysmithStarted = Promise.withResolvers<void>();
  const slack = await startLocalSlack({
    host: config.http.host,
    port: config.http.port,
    workspace: sandboxWorkspace,
    app: installedApp({
      botToken: credentials.botToken.reveal(),
      signingSecret: credentials.signingSecret.reveal(),
    }),
    appStarts: keysmithStarted.promise,
    secretPatterns: [API_KEY_PATTERN, LOCAL_WANDB_KEY_PATTERN, JWT_PATTERN],
    showsWandb: true,
  });
  const started: { keysmith?: Keysmith; wandb?: LocalWandb; demoRuns?: PanelDemoRuns } = {};
  const stop = async () => {
    await started.demoRuns?.stop();
    await started.keysmith?.stop();
    await slack.stop();
    await started.wandb?.stop();
  };
  try {
    // Before Keysmith is loaded, which blocks this process for a while. Another process bundles the page.
    await slack.preparePage();
    const teamKeys = createTeamKeys(config);
    const wandbOptions = { teamKeys, appUrl: localhostUrl(slack.wandbUrl), logger };
    // Loaded after Keysmith if that can start without it, so that commands don't wait for it.
    const isNeededFirst = config.backend.kind === 'local_wandb' || config.wandb.port === 0;
    if (isNeededFirst) started.wandb = await startWandb(config, wandbOptions);
    const keysmith = await startKeysmithFor(
      { slack, wandb: started.wandb, teamKeys },
      { config, credentials, logger, ofProcess },
    );
    started.keysmith = keysmith;
    keysmithStarted.resolve();
    started.wandb ??= await startWandb(config, wandbOptions);
    const isBackend = config.backend.kind === 'local_wandb';
    started.demoRuns = await offerWandb(slack, started.wandb, {
      ...demoRun,
      baseUrl: isBackend ? started.wandb.baseUrl : keysmith.url,
      workloadUrl: isBackend ? started.wandb.baseUrl : (config.publicUrl ?? localhostUrl(keysmith.url)),
    });
    const url = localhostUrl(slack.url);
    logger.info({ url, api: keysmith.url }, `Open ${url} in a browser: a local Slack with Keysmith in it`);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The name that people type, and that the page's own links have. */
const localhostUrl = (url: string) => url.replace('//127.0.0.1:', '//localhost:');

/**
 * @param urls.baseUrl where the sandbox itself logs runs: an address on this machine
 * @param urls.workloadUrl where workloads log theirs
 */
async function offerWandb(
  slack: LocalSlack,
  wandb: LocalWandb,
  { workloadUrl, ...demoRun }: { baseUrl: string; workloadUrl: string; secondsPerStep?: number },
): Promise<PanelDemoRuns> {
  slack.offerFailures(wandb.panelFailures);
  if (wandb.pageRuns) slack.offerRuns(wandb.pageRuns, { baseUrl: workloadUrl });
  const { createPanelDemoRuns } = await import('../sandbox/demo-run/panel-demo-runs.ts');
  const demoRuns = createPanelDemoRuns(demoRun);
  slack.offerDemoRuns(demoRuns);
  return demoRuns;
}

async function startKeysmithFor(
  {
    slack,
    wandb,
    teamKeys,
  }: { slack: LocalSlack; wandb: LocalWandb | undefined; teamKeys: readonly SandboxTeamKey[] },
  {
    config,
    credentials,
    logger,
    ofProcess,
  }: {
    config: SandboxConfig;
    credentials: Credentials;
    logger: Logger;
    ofProcess: SandboxOptions;
  },
): Promise<Keysmith> {
  const [{ startKeysmith }, { SLACK_EVENTS_PATH }] = await Promise.all([
    import('./start-keysmith.ts'),
    import('../slack/receiver/slack-app.ts'),
  ]);
  const { organizationName: name, organizationAdmins: admins, backend } = config;
  const { issuers, teams } = backend.kind === 'builtin' ? backend.teams : { issuers: [], teams: [] };
  const wandbUrl = wandb?.baseUrl ?? localWandbUrl(config.wandb) ?? '';
  const keysmith = await startKeysmith({
    mode: 'sandbox',
    http: config.app,
    databaseFile: config.databaseFile,
    secret: config.secret ?? createSandboxSecret(config.secretFile),
    publicUrl: config.publicUrl,
    organization: { name, admins, issuers, teams },
    ...(wandb !== undefined && backend.kind === 'local_wandb'
      ? {
          backend: {
            kind: 'wandb',
            baseUrl: wandbUrl,
            apiKey: new Secret(wandb.apiKey),
            // Each version with a preset has an audit log.
            followsAuditLog: backend.version !== undefined,
          },
        }
      : {
          backend: { kind: 'builtin' },
          gateway: {
            upstreamUrl: wandbUrl,
            auth: 'key',
            appUrl: localhostUrl(slack.wandbUrl),
            mutations: [],
          },
          teamKeys,
        }),
    slack: { transport: 'http', ...credentials, apiUrl: slack.apiUrl },
    authority: config.authority,
    noProxy: undefined,
    ...ofProcess,
    logger,
  });
  slack.sendRequestsTo(`${keysmith.url}${SLACK_EVENTS_PATH}`);
  return keysmith;
}

/** The W&B API key of a team, for the gateway. */
type SandboxTeamKey = TeamKey & { teamName: string };

/** Returns a new key for each team: the local W&B server forgets its accounts when it stops. */
function createTeamKeys({ backend }: SandboxConfig): SandboxTeamKey[] {
  if (backend.kind !== 'builtin') return [];
  return backend.teams.teams.map(({ name }) => ({
    teamName: name,
    owner: `${name}-gateway`,
    isWider: false,
    key: new Secret(`local-${randomBytes(20).toString('hex')}`),
  }));
}

/** Returns where the server will listen, or undefined while that isn't known: port 0. */
function localWandbUrl({ host, port }: ListenAddress): string | undefined {
  return port === 0 ? undefined : `http://${urlHost(host)}:${port}`;
}

/**
 * Starts the local W&B server. As the backend, it forgets everything when it stops and numbers its accounts from the start again,
 * so the database of an earlier run is deleted: it would take the new accounts for its own. As the upstream, it keeps its runs.
 */
async function startWandb(
  config: SandboxConfig,
  { teamKeys, appUrl, logger }: { teamKeys: readonly SandboxTeamKey[]; appUrl: string; logger: Logger },
): Promise<LocalWandb> {
  const [{ startLocalWandb }, { sandboxOrganization }] = await Promise.all([
    import('../sandbox/wandb/local-wandb.ts'),
    import('../sandbox/wandb/wandb-seed.ts'),
  ]);
  const { backend, wandb: address, runFolder, databaseFile } = config;
  const isBackend = backend.kind === 'local_wandb';
  const onError = (error: unknown) => logger.error({ err: error }, 'run of the sandbox not stored');
  const wandb = await startLocalWandb({
    ...address,
    organization: sandboxOrganization,
    appUrl,
    ...localWandbOf(config),
    ...(runFolder !== undefined && { runFolder: { path: runFolder, onError } }),
  });
  if (isBackend)
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${databaseFile}${suffix}`, { force: true });
  for (const { teamName, owner, key } of teamKeys) wandb.addTeamKey(teamName, owner, key.reveal());
  const { baseUrl } = wandb;
  logger.info({ baseUrl }, `The sandbox’s W&B server is at ${baseUrl}`);
  return wandb;
}

/**
 * Returns what Keysmith may do on the local W&B server, and what that server can do. Keysmith administers its backend, but reaches
 * its upstream with the keys of teams alone.
 *
 * @throws UnknownWandbVersionError
 */
function localWandbOf({ backend }: SandboxConfig): Pick<LocalWandbOptions, 'caller' | 'capabilities'> {
  if (backend.kind === 'builtin') return { caller: {} };
  if (backend.version === undefined) return { caller: 'organization_admin' };
  const capabilities = Object.entries(wandbPresets).find(([version]) => version === backend.version)?.[1];
  if (capabilities === undefined) throw new UnknownWandbVersionError();
  return { caller: 'organization_service_account', capabilities };
}
