import type { Logger } from 'pino';
import type { Config, ConfigProblem, LiveConfig } from '../config/configuration.ts';
import { loadConfig } from '../config/load-config.ts';
import { createLogger, openLogDestination } from '../log/create-logger.ts';
import { exitCode } from './exit-code.ts';
import type { KeysmithOptions } from './keysmith-options.ts';
import type { Shutdown, Stoppable } from './shutdown.ts';
import type { StartArguments } from './start-arguments.ts';

/** Reads the settings and starts Keysmith or the sandbox. Exits the process if the settings or the start fail. */
export async function startFromSettings(shutdown: Shutdown, started: StartArguments): Promise<void> {
  const loaded = loadConfig(started);
  if (!loaded.ok) exitForSettings(loaded.problems);
  const { config, warnings, proxyPasswords } = loaded;
  const destination = await openLogDestination();
  const logger = createLogger({
    level: config.logLevel,
    secrets: [
      ...proxyPasswords.map((password) => password.reveal()),
      ...(config.kind === 'live' ? secretsOf(config) : []),
    ],
    destination,
  });
  for (const { name: setting, message } of warnings)
    logger.warn({ setting, reason: message }, 'setting needs attention');
  logUnhandledErrors(logger);
  const registerStarted = (started: Stoppable) => shutdown.register(Promise.resolve(started), logger);
  const onFatal = async (error: unknown) => {
    const exit = await logFailure(logger, error, config);
    shutdown.exit(exit);
  };
  const starting = start(
    config,
    { logger, droppedLogLines: destination.dropped, onFatal: (error) => void onFatal(error) },
    registerStarted,
  );
  shutdown.register(starting, logger);
  try {
    registerStarted(await starting);
  } catch (error) {
    process.exit(await logFailure(logger, error, config));
  }
}

/** Returns the exit code for the failure. */
async function logFailure(logger: Logger, error: unknown, { http }: Config): Promise<number> {
  const { startFailure } = await import('./start-failure.ts');
  const { exit, message, details } = startFailure(error, http.port);
  logger.fatal(details, message);
  return exit;
}

/** Without this, Node would write the error to standard error as it is, without redaction. */
function logUnhandledErrors(logger: Logger): void {
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'unhandled rejection'));
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    process.exit(exitCode.failure);
  });
}

/** Imports only the modules of one mode: the sandbox shows its page before Keysmith itself is loaded. */
async function start(
  config: Config,
  log: Required<Pick<KeysmithOptions, 'logger' | 'droppedLogLines' | 'onFatal'>>,
  onListening: (listening: Stoppable) => void,
): Promise<Stoppable> {
  if (config.kind === 'sandbox') {
    const { startSandbox } = await importSandbox();
    return startSandbox(config, log.logger, {
      collectProcessMetrics: true,
      droppedLogLines: log.droppedLogLines,
    });
  }
  const { startKeysmith } = await import('./start-keysmith.ts');
  const keysmith = await startKeysmith({ ...keysmithOptions(config), ...log, onListening });
  const { slack, backend } = config;
  log.logger.info(
    { url: keysmith.url, transport: slack.transport, backend: backend.kind },
    'Keysmith started',
  );
  return keysmith;
}

/**
 * Packages of the sandbox, which `npm ci --omit=dev` doesn't install. A container image contains no sandbox at all.
 */
export const SANDBOX_PACKAGES = [
  '@fontsource/lato',
  '@internationalized/date',
  'esbuild',
  'react',
  'react-aria-components',
  'react-dom',
  'twemoji-colr-font/twemoji.css',
  'ws',
];

async function importSandbox(): Promise<typeof import('./start-sandbox.ts')> {
  try {
    for (const name of SANDBOX_PACKAGES) import.meta.resolve(name);
    return await import('./start-sandbox.ts');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'ENOENT') throw error;
    const { SandboxUnavailableError } = await import('./start-failure.ts');
    throw new SandboxUnavailableError({ cause: error });
  }
}

function keysmithOptions(config: LiveConfig): Omit<KeysmithOptions, 'logger'> {
  const { organizationName: name, organizationAdmins: admins, backend } = config;
  return {
    mode: 'live',
    http: config.http,
    databaseFile: config.databaseFile,
    secret: config.secret,
    publicUrl: config.publicUrl,
    organization: { name, admins, ...desiredOf(backend) },
    backend,
    slack: config.slack,
    authority: config.authority,
    gateway: config.gateway,
    auditHeads: { channel: config.auditChannel },
    trustedProxies: config.trustedProxies,
    keepAliveSeconds: config.keepAliveSeconds,
    noProxy: config.noProxy,
    collectProcessMetrics: true,
  };
}

/** Returns what the teams file describes. A W&B server has its own teams and issuers. */
function desiredOf(backend: LiveConfig['backend']): Omit<KeysmithOptions['organization'], 'name' | 'admins'> {
  if (backend.kind === 'wandb') return { issuers: [], teams: [] };
  const { organization, issuers, teams } = backend.teams;
  const { isWithoutFile, teamLines } = backend;
  const { policy } = organization;
  return {
    issuers,
    teams,
    ...(isWithoutFile && { isWithoutFile }),
    ...(teamLines && { teamLines }),
    ...(policy !== undefined && { policy }),
  };
}

/** Returns every secret of the settings as text, for the logger to mask. */
function secretsOf({ slack, secret, backend, authority }: LiveConfig): string[] {
  const token = slack.transport === 'http' ? slack.signingSecret : slack.appToken;
  const clients = (authority?.introspectionClients ?? []).map((client) => client.secret);
  const texts = [slack.botToken, token, ...clients, ...(backend.kind === 'wandb' ? [backend.apiKey] : [])];
  return [...texts.map((text) => text.reveal()), Buffer.from(secret.reveal()).toString('base64')];
}

function exitForSettings(problems: readonly ConfigProblem[]): never {
  const lines = problems.map(({ name, message }) => `  ${name}: ${message}`);
  process.stderr.write(`Keysmith can’t start: invalid settings\n${lines.join('\n')}\n`);
  process.exit(exitCode.settings);
}
