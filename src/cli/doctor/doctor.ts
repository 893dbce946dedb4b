import { exitCode } from '../../bootstrap/exit-code.ts';
import type { Config, ConfigResult } from '../../config/load-config.ts';
import { checkDatabase, type InspectDatabase } from './database-check.ts';
import { boundedCheck, type Finding, findingText } from './finding.ts';
import { checkIssuers } from './issuers-check.ts';
import {
  checkPublicUrl,
  envFileFindings,
  nodeVersionFinding,
  settingsFindings,
  settingsProblemFindings,
} from './settings-check.ts';
import { checkSlack } from './slack-check.ts';
import { checkWandb } from './wandb-check.ts';

export interface DoctorDependencies {
  loadConfig(): ConfigResult;
  cwd: string;
  print(line: string): void;
  /** Goes through HTTPS_PROXY where it is set. */
  fetch: typeof fetch;
  inspectDatabase: InspectDatabase;
  now: () => number;
  nodeVersion: string;
  /** For each call, and for each check as a whole. */
  timeoutMs: number;
}

/** Checks everything that Keysmith needs to run, says what to do about what is missing, and changes nothing. */
export async function runDoctor(dependencies: DoctorDependencies): Promise<number> {
  const result = dependencies.loadConfig();
  const findings = [nodeVersionFinding(dependencies.nodeVersion), ...envFileFindings(dependencies.cwd)];
  if (result.ok) {
    findings.push(
      ...settingsFindings(result.config),
      ...(await outsideFindings(result.config, dependencies)),
    );
  } else {
    findings.push(...settingsProblemFindings(result.problems), {
      mark: 'warning',
      subject: 'Slack, database, W&B server, PUBLIC_URL',
      text: 'not checked before the settings are right',
    });
  }
  for (const finding of findings) dependencies.print(findingText(finding));
  const problems = findings.filter((finding) => finding.mark === 'problem').length;
  dependencies.print(problems === 0 ? 'Keysmith can run.' : `To mend: ${problems}.`);
  if (!result.ok) return exitCode.settings;
  return problems === 0 ? exitCode.success : exitCode.failure;
}

async function outsideFindings(config: Config, dependencies: DoctorDependencies): Promise<Finding[]> {
  const { fetch, now, timeoutMs } = dependencies;
  // A call has its own, earlier end, whose text says more.
  const wholeTimeoutMs = timeoutMs + 1000;
  const { backend, publicUrl } = config;
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
    backend.kind === 'builtin'
      ? boundedCheck('JWT issuers', wholeTimeoutMs, () => checkIssuers(backend, config, { timeoutMs }))
      : [],
    publicUrl === undefined
      ? []
      : boundedCheck('PUBLIC_URL', wholeTimeoutMs, () => checkPublicUrl(publicUrl, { fetch, timeoutMs })),
  ]);
  return checks.flat();
}
