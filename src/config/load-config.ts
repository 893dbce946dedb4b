import type { ConfigProblem, ConfigResult, SandboxConfig } from './configuration.ts';
import { readLiveConfig } from './live-config.ts';
import { checkProxies, warnOfUnreadVariables } from './proxy-settings.ts';
import { readSandboxConfig } from './sandbox-config.ts';
import {
  createSettingReader,
  type Environment,
  readEnvironment,
  reportMistypedNames,
} from './setting-reader.ts';
import { type SettingName, settings } from './settings.ts';

/** If any of these is set, Keysmith runs for a real workspace instead of the sandbox. */
const slackSettings = [
  'SLACK_BOT_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_APP_TOKEN',
  'SLACK_API_URL',
] as const satisfies readonly SettingName[];

/** Set on many machines for the W&B SDK, so that they alone don't select a workspace. */
const ofServer = /^(WANDB_|KEYSMITH_UPSTREAM_|KEYSMITH_BACKEND$)/;

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
 * @param options.wandbVersion the version that the sandbox's W&B server behaves like
 */
export function loadConfig({
  env = process.env,
  cwd = process.cwd(),
  sandbox,
  wandbVersion,
}: {
  env?: Environment;
  cwd?: string;
  sandbox?: SandboxBackend | undefined;
  wandbVersion?: string | undefined;
} = {}): ConfigResult {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const values = readEnvironment(env, cwd, problems);
  const reader = createSettingReader(values, problems, warnings);
  const production = values.get('NODE_ENV') === 'production';
  const hasWorkspace = slackSettings.some((name) => reader.isSet(name));
  const proxyPasswords = checkProxies(env, problems);
  warnOfUnreadVariables(values, env, warnings);
  // A variable of many tools in both spellings, so it isn't in our table of settings.
  const noProxy = values.get('no_proxy') ?? values.get('NO_PROXY');
  const live = sandbox === undefined && (production || hasWorkspace);
  // The sandbox ignores the settings of a W&B server, so their names don't matter.
  reportMistypedNames(live ? values : withoutServer(values), problems);
  if (!live && production) problems.push(noSandboxInProduction);
  const config = live
    ? readLiveConfig(reader, cwd, { production, noProxy })
    : readSandboxConfig(reader, cwd, { backend: sandbox ?? 'builtin', wandbVersion, hasWorkspace });
  if (!live) warnOfIgnoredServer(values, warnings);
  return config !== undefined && problems.length === 0
    ? { ok: true, config, warnings, proxyPasswords }
    : { ok: false, problems };
}

function withoutServer(values: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...values].filter(([name]) => !ofServer.test(name)));
}

function warnOfIgnoredServer(values: ReadonlyMap<string, string>, warnings: ConfigProblem[]): void {
  const known: readonly string[] = settings.map(({ name }) => name);
  const others = [...values.keys()].filter((name) => name.startsWith('KEYSMITH_UPSTREAM_'));
  for (const name of new Set([...known, ...others])) {
    if (!values.has(name) || !ofServer.test(name)) continue;
    const message = 'The sandbox ignores it. To run for a workspace, set SLACK_BOT_TOKEN too.';
    warnings.push({ name, message });
  }
}
