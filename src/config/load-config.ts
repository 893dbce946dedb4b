import type { ConfigProblem, ConfigResult, SandboxConfig } from './configuration.ts';
import { readLiveConfig } from './live-config.ts';
import { readSandboxConfig } from './sandbox-config.ts';
import {
  createSettingReader,
  type Environment,
  readEnvironment,
  reportMistypedNames,
} from './setting-reader.ts';
import type { SettingName } from './settings.ts';

/** If any of these is set, Keysmith runs for a real workspace instead of the sandbox. */
const liveSettings = [
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'SLACK_API_URL',
  'WANDB_BASE_URL',
  'WANDB_API_KEY',
] as const satisfies readonly SettingName[];

const noSandboxInProduction: ConfigProblem = {
  name: 'NODE_ENV',
  message: 'The sandbox doesn’t run with NODE_ENV=production: unset it, or run Keysmith with "npm start".',
};

export type SandboxBackend = SandboxConfig['backend']['kind'];

/**
 * Reads the settings from the environment and from `.env` in the working directory, and the files that they name. Returns all
 * problems at once, without any value. Writes nothing.
 *
 * @param options.sandbox starts the sandbox with this backend, even if a real workspace is set
 */
export function loadConfig({
  env = process.env,
  cwd = process.cwd(),
  sandbox,
}: {
  env?: Environment;
  cwd?: string;
  sandbox?: SandboxBackend | undefined;
} = {}): ConfigResult {
  const problems: ConfigProblem[] = [];
  const values = readEnvironment(env, cwd, problems);
  reportMistypedNames(values, problems);
  const reader = createSettingReader(values, problems);
  const production = values.get('NODE_ENV') === 'production';
  const hasWorkspace = liveSettings.some((name) => reader.isSet(name));
  // A variable of many tools in both spellings, so it isn't in our table of settings.
  const noProxy = values.get('no_proxy') ?? values.get('NO_PROXY');
  const live = sandbox === undefined && (production || hasWorkspace);
  if (!live && production) problems.push(noSandboxInProduction);
  const config = live
    ? readLiveConfig(reader, cwd, { production, noProxy })
    : readSandboxConfig(reader, cwd, { backend: sandbox ?? 'builtin', hasWorkspace });
  return config !== undefined && problems.length === 0 ? { ok: true, config } : { ok: false, problems };
}
