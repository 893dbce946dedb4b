import type { Logger } from 'pino';
import { WrongSecretError } from './backends/builtin/peppers.ts';
import { exitCode } from './cli/exit-code.ts';
import { type Config, type ConfigProblem, type LiveConfig, loadConfig } from './config.ts';
import { createLogger } from './log/create-logger.ts';
import { openLogDestination } from './log/log-destination.ts';
import { SlackTokenRefusedError } from './slack/slack-identity.ts';
import { type KeysmithOptions, OtherOrganizationError, startKeysmith } from './start-keysmith.ts';
import { DatabaseRefusedError } from './store/open-sqlite-store.ts';

/** What runs, and ends. */
interface Running {
  stop(): Promise<void>;
}

/** A process manager waits for ten seconds before it kills. */
const EXIT_AT_LATEST_MS = 9_500;

const loaded = loadConfig();
if (loaded.ok) await run(loaded.config);
else exitForSettings(loaded.problems);

async function run(config: Config): Promise<void> {
  const logger = createLogger({
    level: config.logLevel,
    secrets: config.kind === 'live' ? secretsOf(config) : [],
    destination: await openLogDestination(),
  });
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a failure was not handled'));
  const starting = start(config, logger);
  endOnSignal(starting, logger);
  try {
    await starting;
  } catch (error) {
    endForFailure(error, config, logger);
  }
}

async function start(config: Config, logger: Logger): Promise<Running> {
  if (config.kind === 'sandbox') {
    const { startSandbox } = await import('./start-sandbox.ts');
    return startSandbox(config, logger);
  }
  const keysmith = await startKeysmith({
    ...common(config, logger),
    mode: 'live',
    slack: config.slack,
  });
  logger.info({ url: keysmith.url, transport: config.slack.transport }, 'Keysmith serves');
  return keysmith;
}

function common(config: LiveConfig, logger: Logger): Omit<KeysmithOptions, 'mode' | 'slack'> {
  const { organizationName: name, organizationAdmins: admins, teams } = config;
  return {
    http: config.http,
    databaseFile: config.databaseFile,
    secret: config.secret,
    publicUrl: config.publicUrl,
    organization: { name, admins, issuers: teams.issuers, teams: teams.teams },
    noProxy: config.noProxy,
    logger,
  };
}

function secretsOf({ slack, secret }: LiveConfig): string[] {
  const token = slack.transport === 'http' ? slack.signingSecret : slack.appToken;
  return [slack.botToken.reveal(), token.reveal(), Buffer.from(secret.reveal()).toString('base64')];
}

function endOnSignal(starting: Promise<Running>, logger: Logger): void {
  let isEnding = false;
  const end = async (signal: string) => {
    if (isEnding) return;
    isEnding = true;
    logger.info({ signal }, 'ending: no new work, what runs is finished');
    setTimeout(() => process.exit(exitCode.success), EXIT_AT_LATEST_MS).unref();
    // What still starts has taken no work yet: it is not waited for.
    const notYet = new Promise<undefined>((resolve) => setImmediate(resolve, undefined));
    const running = await Promise.race([starting.catch(() => undefined), notYet]);
    await running?.stop().catch((error: unknown) => logger.error({ err: error }, 'ending failed'));
    logger.info('ended');
    process.exit(exitCode.success);
  };
  process.on('SIGTERM', (signal) => void end(signal));
  process.on('SIGINT', (signal) => void end(signal));
}

function exitForSettings(problems: readonly ConfigProblem[]): never {
  const lines = problems.map(({ name, message }) => `  ${name}: ${message}`);
  process.stderr.write(`Keysmith can not start with these settings:\n${lines.join('\n')}\n`);
  process.exit(exitCode.settings);
}

/** What somebody can mend is one sentence; anything else is a bug and shows where it happened. */
function endForFailure(error: unknown, config: Config, logger: Logger): never {
  if (error instanceof DatabaseRefusedError) {
    logger.fatal({ reason: error.reason }, error.message);
    process.exit(exitCode.failure);
  }
  const isSetting =
    error instanceof WrongSecretError ||
    error instanceof OtherOrganizationError ||
    error instanceof SlackTokenRefusedError;
  if (isSetting) {
    logger.fatal(error.message);
    process.exit(exitCode.settings);
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? error.port : config.http.port;
    logger.fatal(`Port ${port} is in use by another program. End that one, or set PORT to another.`);
    process.exit(exitCode.failure);
  }
  logger.fatal({ err: error }, 'Keysmith could not start');
  process.exit(exitCode.failure);
}
