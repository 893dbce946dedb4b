import { exitCode } from '../../bootstrap/exit-code.ts';
import type { Config, ConfigResult } from '../../config/configuration.ts';
import type { OpenUpstreamDependencies } from '../upstream/open-upstream.ts';
import { checkDatabase } from './database-check.ts';
import { boundedCheck, type Finding, findingText } from './finding.ts';
import { checkOwnDiscovery, gatewaySettingsFindings } from './gateway-check.ts';
import { checkIssuers } from './issuers-check.ts';
import {
  checkPublicUrl,
  envFileFindings,
  nodeVersionFinding,
  settingsFindings,
  settingsProblemFindings,
  settingsWarningFindings,
} from './settings-check.ts';
import { checkSlack } from './slack-check.ts';
import type { GatewaySettings } from './upstream-check.ts';
import { checkWandb } from './wandb-check.ts';

export interface DoctorDependencies extends OpenUpstreamDependencies {
  loadConfig(): ConfigResult;
  cwd: string;
  print(line: string): void;
  nodeVersion: string;
  /** For each call. A check as a whole gets a second more. */
  timeoutMs: number;
}

/** Checks everything Keysmith needs to run, and prints what to fix. Changes nothing, and returns the exit code. */
export async function runDoctor(dependencies: DoctorDependencies): Promise<number> {
  const result = dependencies.loadConfig();
  const findings = [nodeVersionFinding(dependencies.nodeVersion), ...envFileFindings(dependencies.cwd)];
  if (result.ok) {
    findings.push(
      ...settingsFindings(result.config),
      ...gatewaySettingsFindings(result.config),
      ...settingsWarningFindings(result.warnings),
      ...(await connectionFindings(result.config, dependencies)),
    );
  } else {
    findings.push(...settingsProblemFindings(result.problems), {
      mark: 'warning',
      subject: 'Slack, database, W&B server, PUBLIC_URL',
      text: 'not checked until the settings are valid',
    });
  }
  for (const finding of findings) dependencies.print(findingText(finding));
  const problems = findings.filter((finding) => finding.mark === 'problem').length;
  dependencies.print(summaryText(problems));
  if (!result.ok) return exitCode.settings;
  return problems === 0 ? exitCode.success : exitCode.failure;
}

function summaryText(problems: number): string {
  if (problems === 0) return 'No problems found.';
  return problems === 1 ? '1 problem to fix.' : `${problems} problems to fix.`;
}

async function connectionFindings(config: Config, dependencies: DoctorDependencies): Promise<Finding[]> {
  const { fetch, now, timeoutMs } = dependencies;
  // Later than the timeout of a call, whose text is more specific.
  const wholeTimeoutMs = timeoutMs + 1000;
  const { backend, publicUrl } = config;
  const gateway = gatewayOf(config);
  const checks = await Promise.all([
    boundedCheck('Database', wholeTimeoutMs, () => checkDatabase(config, dependencies.inspectDatabase)),
    config.kind === 'live'
      ? boundedCheck('Slack', wholeTimeoutMs, () => checkSlack(config.slack, { fetch, now, timeoutMs }))
      : [],
    backend.kind === 'wandb'
      ? boundedCheck('W&B server', wholeTimeoutMs, () =>
          checkWandb(backend, config, { fetch, now, timeoutMs }),
        )
      : [],
    gateway === undefined
      ? []
      : boundedCheck('W&B server', wholeTimeoutMs + TEAMS_TIMEOUT_MS, async () => {
          const { checkUpstream } = await import('./upstream-check.ts');
          return checkUpstream(gateway, dependencies);
        }),
    backend.kind === 'builtin'
      ? boundedCheck('JWT issuers', wholeTimeoutMs, () => checkIssuers(backend, config, { timeoutMs }))
      : [],
    publicUrl === undefined
      ? []
      : boundedCheck('PUBLIC_URL', wholeTimeoutMs, () => checkPublicUrl(publicUrl, { fetch, timeoutMs })),
    publicUrl === undefined || gateway?.gateway.auth !== 'federation'
      ? []
      : boundedCheck('PUBLIC_URL', wholeTimeoutMs, () => checkOwnDiscovery(publicUrl, { fetch, timeoutMs })),
  ]);
  return checks.flat();
}

/** How long the credentials of all teams may take, in addition to the first call. */
const TEAMS_TIMEOUT_MS = 60_000;

function gatewayOf(config: Config): GatewaySettings | undefined {
  if (config.kind !== 'live') return undefined;
  const { gateway, backend } = config;
  return gateway === undefined || backend.kind !== 'builtin' ? undefined : { ...config, gateway, backend };
}
