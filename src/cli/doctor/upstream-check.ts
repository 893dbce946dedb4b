import { upstreamFailure } from '../../backends/wandb/upstream/reach-upstream.ts';
import type { BuiltinBackendConfig, GatewayConfig, LiveConfig } from '../../config/configuration.ts';
import {
  checkTeamCredentials,
  type TeamCredentialCheck,
  teamCredentialFinding,
} from '../upstream/check-credentials.ts';
import { openFederation } from '../upstream/open-federation.ts';
import {
  databaseFailureText,
  type OpenUpstreamDependencies,
  openUpstream,
} from '../upstream/open-upstream.ts';
import { type Finding, plainText } from './finding.ts';
import { wandbFailureFinding } from './wandb-failure-finding.ts';

const NAMES = { url: 'KEYSMITH_UPSTREAM_URL', key: 'the upstream credential', command: 'doctor' };
const SUBJECT = 'W&B credentials of teams';

/** The settings of a workspace with a gateway. */
export type GatewaySettings = LiveConfig & { gateway: GatewayConfig; backend: BuiltinBackendConfig };

/**
 * Checks that the W&B server behind the gateway can be reached, without a credential, and then the credential of each team in
 * the teams file. Changes nothing.
 */
export async function checkUpstream(
  config: GatewaySettings,
  dependencies: OpenUpstreamDependencies,
): Promise<Finding[]> {
  const { upstreamUrl } = config.gateway;
  const failure = await upstreamFailure({ upstreamUrl, ...dependencies });
  if (failure !== undefined) {
    return [
      wandbFailureFinding(failure, NAMES),
      notChecked('They are checked once the W&B server responds.'),
    ];
  }
  const reachable: Finding = { mark: 'ok', subject: 'W&B server', text: 'reachable' };
  return [reachable, ...(await checkTeams(config, dependencies))];
}

function notChecked(remedy: string): Finding {
  return { mark: 'warning', subject: SUBJECT, text: 'not checked', remedy };
}

async function checkTeams(
  config: GatewaySettings,
  dependencies: OpenUpstreamDependencies,
): Promise<Finding[]> {
  const opened = await openUpstream(config, dependencies);
  if (!opened.ok) return [notChecked(opened.lines.join(' '))];
  const { upstream } = opened;
  try {
    const names = config.backend.teams.teams.map(({ name }) => name);
    return teamFindings(await checkTeamCredentials(upstream, names, await openFederation(upstream)));
  } catch (error) {
    const problem = databaseFailureText(error, config.databaseFile);
    if (problem === undefined) throw error;
    return [notChecked(problem)];
  } finally {
    await upstream.close();
  }
}

/** Returns a line for each team that needs attention, and one for all others. */
function teamFindings(checks: readonly TeamCredentialCheck[]): Finding[] {
  const working = checks.filter((checked) => teamCredentialFinding(checked).mark === 'ok');
  const without = checks.filter(({ kind }) => kind === 'none');
  const waiting = checks.filter(({ kind }) => kind === 'not_ready');
  const grouped = new Set([...working, ...without, ...waiting]);
  const others = checks.filter((checked) => !grouped.has(checked));
  return [
    ...(working.length === 0 ? [] : [workingFinding(namesOf(working))]),
    ...(without.length === 0 ? [] : [withoutKeyFinding(namesOf(without))]),
    ...waiting.slice(0, 1).map((checked) => ({ ...teamCredentialFinding(checked), subject: SUBJECT })),
    ...others.map(teamCredentialFinding),
  ];
}

function workingFinding(names: string): Finding {
  return { mark: 'ok', subject: SUBJECT, text: `W&B accepts those of ${names}` };
}

function withoutKeyFinding(names: string): Finding {
  return {
    mark: 'warning',
    subject: SUBJECT,
    text: `none, so that no runs can be logged: ${names}`,
    remedy:
      'Run "npm run keysmith -- upstream add TEAM" for each of these teams, with the key of a service account of that team in W&B.',
  };
}

const MAX_NAMES = 50;

function namesOf(checks: readonly TeamCredentialCheck[]): string {
  const names = checks.slice(0, MAX_NAMES).map(({ teamName }) => plainText(teamName));
  const more = checks.length - MAX_NAMES;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
