import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, ConfigProblem } from '../../config/configuration.ts';
import { withDeadline } from '../../net/deadline.ts';
import { type Finding, failureText } from './finding.ts';

const NEEDED_NODE = { major: 22, minor: 18 };

export function nodeVersionFinding(version: string): Finding {
  const subject = 'Node.js';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED_NODE.major || (major === NEEDED_NODE.major && minor >= NEEDED_NODE.minor)) {
    return { mark: 'ok', subject, text: version };
  }
  const needed = `${NEEDED_NODE.major}.${NEEDED_NODE.minor}`;
  const remedy = 'Start Keysmith with "npm start", which uses its own, or install a newer version.';
  return { mark: 'problem', subject, text: `${version} is older than ${needed}`, remedy };
}

export function settingsProblemFindings(problems: readonly ConfigProblem[]): Finding[] {
  return problems.map(({ name, message }) => ({ mark: 'problem', subject: name, text: message }));
}

export function settingsWarningFindings(warnings: readonly ConfigProblem[]): Finding[] {
  return warnings.map(({ name, message }) => ({ mark: 'warning', subject: name, text: message }));
}

export function settingsFindings(config: Config): Finding[] {
  const mode =
    config.kind === 'sandbox'
      ? 'valid, for the sandbox (no SLACK_* is set)'
      : `valid, for ${config.slack.transport === 'socket' ? 'Socket Mode' : 'requests over HTTP'}`;
  const findings: Finding[] = [
    { mark: 'ok', subject: 'Settings', text: mode },
    backendFinding(config.backend),
    {
      mark: 'ok',
      subject: 'Secret',
      text: config.secret === undefined ? 'none yet; the first start creates it' : '32 bytes',
    },
  ];
  const leakKeys = config.authority?.leakKeys ?? [];
  if (leakKeys.length > 0) {
    const text = `received at /v1/leaks from ${leakKeys.length === 1 ? 'one scanner' : `${leakKeys.length} scanners`}`;
    findings.push({ mark: 'ok', subject: 'Leak reports', text });
  }
  if (config.backend.kind === 'builtin' && config.organizationAdmins.length === 0) {
    findings.push({
      mark: 'warning',
      subject: 'Organization admins',
      text: 'none',
      remedy: 'Add one to the teams file or to KEYSMITH_ORGANIZATION_ADMINS.',
    });
  }
  return findings;
}

function backendFinding(backend: Config['backend']): Finding {
  if (backend.kind !== 'builtin') {
    const hasPolicies = backend.kind === 'wandb' && backend.policies !== undefined;
    const text = `a W&B server; teams and roles come from it${hasPolicies ? ', policies from the teams file' : ''}`;
    return { mark: 'ok', subject: 'Backend', text };
  }
  if (backend.isWithoutFile) {
    return { mark: 'ok', subject: 'Teams file', text: 'none; organization admins create teams in Slack' };
  }
  const { teams } = backend.teams;
  const people = new Set(teams.flatMap((team) => team.members.map((member) => member.email)));
  return {
    mark: 'ok',
    subject: 'Teams file',
    text: `valid, with ${count(teams.length, 'team', 'teams')} and ${count(people.size, 'person', 'people')}`,
  };
}

function count(number: number, singular: string, plural: string): string {
  return `${number} ${number === 1 ? singular : plural}`;
}

/** Warns if other users of this machine can read the file with the secrets. */
export function envFileFindings(cwd: string): Finding[] {
  const status = statSync(join(cwd, '.env'), { throwIfNoEntry: false });
  if (status === undefined || process.platform === 'win32' || (status.mode & 0o077) === 0) return [];
  const remedy = 'chmod 600 .env';
  return [{ mark: 'warning', subject: '.env', text: 'other users of this machine can read it', remedy }];
}

/** Checks that Keysmith responds at the URL. Returns only warnings, since it may not be running yet. */
export async function checkPublicUrl(
  publicUrl: string,
  options: { fetch: typeof fetch; timeoutMs: number },
): Promise<Finding[]> {
  const subject = 'PUBLIC_URL';
  try {
    const status = await withDeadline(options, async (signal) => {
      const response = await options.fetch(`${publicUrl}/healthz`, { redirect: 'manual', signal });
      await response.body?.cancel();
      return response.status;
    });
    if (status === 200) return [{ mark: 'ok', subject, text: 'Keysmith responds' }];
    const remedy = 'If Keysmith is running, its proxy must forward every path to it, without a redirect.';
    return [{ mark: 'warning', subject, text: `/healthz returned HTTP ${status}`, remedy }];
  } catch (error) {
    const remedy = 'If Keysmith isn’t running yet, start it and run doctor again.';
    return [{ mark: 'warning', subject, text: failureText(error), remedy }];
  }
}
