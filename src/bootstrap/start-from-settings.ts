import type { Logger } from 'pino';
import { type Config, type ConfigProblem, type LiveConfig, loadConfig } from '../config/load-config.ts';
import { createLogger, openLogDestination } from '../log/create-logger.ts';
import { exitCode } from './exit-code.ts';
import type { Ending, Running } from './shutdown.ts';
import type { StartArguments } from './start-arguments.ts';
import type { KeysmithOptions } from './start-keysmith.ts';

/** Reads the settings and runs what they ask for, until the process ends. */
export async function startFromSettings(ending: Ending, { sandbox }: StartArguments): Promise<void> {
  const loaded = loadConfig({ sandbox });
  if (!loaded.ok) exitForSettings(loaded.problems);
  const { config } = loaded;
  const logger = createLogger({
    level: config.logLevel,
    secrets: config.kind === 'live' ? secretsOf(config) : [],
    destination: await openLogDestination(),
  });
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a failure was not handled'));
  const stops = (running: Running) => ending.stops(Promise.resolve(running), logger);
  const starting = start(config, logger, stops);
  ending.stops(starting, logger);
  try {
    stops(await starting);
  } catch (error) {
    const { startFailure } = await import('./start-failure.ts');
    const { exit, message, details } = startFailure(error, config.http.port);
    logger.fatal(details, message);
    process.exit(exit);
  }
}

/** Each way loads its own modules: the sandbox shows its page before Keysmith itself is loaded. */
async function start(
  config: Config,
  logger: Logger,
  onListening: (running: Running) => void,
): Promise<Running> {
  if (config.kind === 'sandbox') {
    const { startSandbox } = await import('./start-sandbox.ts');
    return startSandbox(config, logger, { countsProcess: true });
  }
  const { startKeysmith } = await import('./start-keysmith.ts');
  const keysmith = await startKeysmith({
    ...common(config, logger),
    mode: 'live',
    slack: config.slack,
    onListening,
  });
  const { slack, backend } = config;
  logger.info({ url: keysmith.url, transport: slack.transport, backend: backend.kind }, 'Keysmith serves');
  return keysmith;
}

function common(config: LiveConfig, logger: Logger): Omit<KeysmithOptions, 'mode' | 'slack'> {
  const { organizationName: name, organizationAdmins: admins, backend } = config;
  const { issuers, teams } = backend.kind === 'builtin' ? backend.teams : { issuers: [], teams: [] };
  return {
    http: config.http,
    databaseFile: config.databaseFile,
    secret: config.secret,
    publicUrl: config.publicUrl,
    organization: { name, admins, issuers, teams },
    backend,
    authority: config.authority,
    trustedProxies: config.trustedProxies,
    noProxy: config.noProxy,
    countsProcess: true,
    logger,
  };
}

function secretsOf({ slack, secret, backend, authority }: LiveConfig): string[] {
  const token = slack.transport === 'http' ? slack.signingSecret : slack.appToken;
  const clients = (authority?.introspectionClients ?? []).map((client) => client.secret);
  const texts = [slack.botToken, token, ...clients, ...(backend.kind === 'wandb' ? [backend.apiKey] : [])];
  return [...texts.map((text) => text.reveal()), Buffer.from(secret.reveal()).toString('base64')];
}

function exitForSettings(problems: readonly ConfigProblem[]): never {
  const lines = problems.map(({ name, message }) => `  ${name}: ${message}`);
  process.stderr.write(`Keysmith can not start with these settings:\n${lines.join('\n')}\n`);
  process.exit(exitCode.settings);
}
