import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, ConfigProblem } from '../../config/load-config.ts';
import { withDeadline } from '../../net/deadline.ts';
import type { Finding } from './finding.ts';
import { failureText } from './slack-check.ts';

const NEEDED_NODE = { major: 22, minor: 18 };

export function nodeVersionFinding(version: string): Finding {
  const subject = 'Node.js';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED_NODE.major || (major === NEEDED_NODE.major && minor >= NEEDED_NODE.minor)) {
    return { mark: 'ok', subject, text: version };
  }
  const needed = `${NEEDED_NODE.major}.${NEEDED_NODE.minor}`;
  const remedy = 'Start Keysmith with "npm start", which brings its own, or install a newer one.';
  return { mark: 'problem', subject, text: `${version} is older than ${needed}`, remedy };
}

export function settingsProblemFindings(problems: readonly ConfigProblem[]): Finding[] {
  return problems.map(({ name, message }) => ({ mark: 'problem', subject: name, text: message }));
}

export function settingsFindings(config: Config): Finding[] {
  const mode =
    config.kind === 'sandbox'
      ? 'complete: the sandbox, as no SLACK_* is set'
      : `complete: ${config.slack.transport === 'socket' ? 'Socket Mode' : 'requests over HTTP'}`;
  const findings: Finding[] = [
    { mark: 'ok', subject: 'Settings', text: mode },
    backendFinding(config.backend),
    {
      mark: 'ok',
      subject: 'Secret',
      text: config.secret === undefined ? 'none yet; the first start makes it' : '32 bytes',
    },
  ];
  if (config.backend.kind === 'builtin' && config.organizationAdmins.length === 0) {
    findings.push({
      mark: 'warning',
      subject: 'Organization admins',
      text: 'there are none',
      remedy: 'Name one in the teams file or in KEYSMITH_ORGANIZATION_ADMINS.',
    });
  }
  return findings;
}

function backendFinding(backend: Config['backend']): Finding {
  if (backend.kind !== 'builtin') {
    return { mark: 'ok', subject: 'Backend', text: 'a W&B server: teams and roles come from there' };
  }
  const { teams } = backend.teams;
  const people = new Set(teams.flatMap((team) => team.members.map((member) => member.email)));
  return { mark: 'ok', subject: 'Teams file', text: `teams: ${teams.length}, people: ${people.size}` };
}

/** Warns where others on this machine may read the file with the secrets. */
export function envFileFindings(cwd: string): Finding[] {
  const status = statSync(join(cwd, '.env'), { throwIfNoEntry: false });
  if (status === undefined || process.platform === 'win32' || (status.mode & 0o077) === 0) return [];
  const remedy = 'chmod 600 .env';
  return [{ mark: 'warning', subject: '.env', text: 'other users of this machine may read it', remedy }];
}

/** Whether Keysmith answers there. Only warnings: it need not run while the doctor does. */
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
    if (status === 200) return [{ mark: 'ok', subject, text: 'Keysmith answers there' }];
    const remedy = 'If Keysmith runs, its proxy must pass every path on to it, without a redirect.';
    return [{ mark: 'warning', subject, text: `/healthz answered HTTP ${status}`, remedy }];
  } catch (error) {
    const remedy = 'If Keysmith does not run yet, that is to be expected: start it and run the doctor again.';
    return [{ mark: 'warning', subject, text: `it ${failureText(error)}`, remedy }];
  }
}
