import type { ConfigProblem, ConfigResult } from './config/configuration.ts';
import { type Environment, noteMistypedNames, readEnvironment } from './config/environment.ts';
import { readLiveConfig } from './config/live-config.ts';
import { readSandboxConfig } from './config/sandbox-config.ts';
import { createSettingReader } from './config/setting-reader.ts';
import type { SettingName } from './config/settings.ts';

export type {
  Config,
  ConfigProblem,
  ConfigResult,
  LiveConfig,
  SandboxConfig,
  SlackConfig,
} from './config/configuration.ts';
export { settings } from './config/settings.ts';

/** Any of these set: Keysmith serves a real workspace, and the sandbox stays away. */
const liveSettings = [
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'SLACK_API_URL',
  'WANDB_BASE_URL',
  'WANDB_API_KEY',
] as const satisfies readonly SettingName[];

/**
 * Reads the settings from the environment and from `.env` in the working directory, and the files that they name. Answers
 * every problem at once; none of them holds a value. Writes nothing: the sandbox's secret is made by
 * `createSandboxSecret`.
 */
export function loadConfig({
  env = process.env,
  cwd = process.cwd(),
}: {
  env?: Environment;
  cwd?: string;
} = {}): ConfigResult {
  const problems: ConfigProblem[] = [];
  const values = readEnvironment(env, cwd, problems);
  noteMistypedNames(values, problems);
  const reader = createSettingReader(values, problems);
  const production = values.get('NODE_ENV') === 'production';
  const live = production || liveSettings.some((name) => reader.isSet(name));
  // Not ours, so in no table: the usual variable, which tools know in both spellings.
  const noProxy = values.get('no_proxy') ?? values.get('NO_PROXY');
  const config = live ? readLiveConfig(reader, cwd, { production, noProxy }) : readSandboxConfig(reader, cwd);
  return config !== undefined && problems.length === 0 ? { ok: true, config } : { ok: false, problems };
}
