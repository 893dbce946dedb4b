import { upstreamFailure } from '../../backends/wandb/upstream/reach-upstream.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import type { BuiltinBackendConfig, GatewayConfig, LiveConfig } from '../../config/configuration.ts';
import { databaseFailureText } from '../open-store.ts';
import {
  checkTeamCredentials,
  type TeamCredentialCheck,
  teamCredentialFinding,
} from '../upstream/check-credentials.ts';
import { openFederation } from '../upstream/open-federation.ts';
import { type OpenUpstreamDependencies, openUpstream } from '../upstream/open-upstream.ts';
import { type Finding, plainText } from './finding.ts';
import { wandbFailureFinding } from './wandb-failure-finding.ts';

const NAMES = { url: 'KEYSMITH_UPSTREAM_URL', key: 'the upstream credential', command: 'doctor' };
const SUBJECT = 'W&B credentials of teams';

/** The settings of a workspace with a gateway. */
export type GatewaySettings = LiveConfig & { gateway: GatewayConfig; backend: BuiltinBackendConfig };

/** How long a question may start after the first one. */
const ASK_TEAMS_FOR_MS = 40_000;

/**
 * Checks that the W&B server behind the gateway can be reached, without a credential, and then the credential of each team in
 * the teams file. Names the teams without one in any case. Changes nothing.
 */
export async function checkUpstream(
  config: GatewaySettings,
  dependencies: OpenUpstreamDependencies,
  { askTeamsForMs = ASK_TEAMS_FOR_MS } = {},
): Promise<Finding[]> {
  const { upstreamUrl } = config.gateway;
  const failure = await upstreamFailure({ upstreamUrl, ...dependencies });
  const reached: Finding =
    failure === undefined
      ? { mark: 'ok', subject: 'W&B server', text: 'reachable' }
      : wandbFailureFinding(failure, NAMES);
  const startedAtMs = performance.now();
  const asking =
    failure === undefined
      ? {
          mayAsk: () => performance.now() - startedAtMs < askTeamsForMs,
          whenNotAsked:
            'There wasn’t time for all. Run "npm run keysmith -- upstream check", which has no limit.',
        }
      : { mayAsk: () => false, whenNotAsked: 'They are checked once the W&B server responds.' };
  return [reached, ...(await checkTeams(config, dependencies, asking))];
}

interface Asking {
  mayAsk: () => boolean;
  /** What to do about teams that weren't asked about. */
  whenNotAsked: string;
}

function notChecked(remedy: string, mark: Finding['mark'] = 'warning'): Finding {
  return { mark, subject: SUBJECT, text: 'not checked', remedy };
}

async function checkTeams(
  config: GatewaySettings,
  dependencies: OpenUpstreamDependencies,
  { mayAsk, whenNotAsked }: Asking,
): Promise<Finding[]> {
  const opened = await openUpstream(config, dependencies);
  // With another secret or organization, Keysmith doesn't start either.
  if (!opened.ok) {
    return [notChecked(opened.lines.join(' '), opened.exit === exitCode.settings ? 'problem' : 'warning')];
  }
  const { upstream } = opened;
  try {
    const ofFile = config.backend.teams.teams.map(({ name }) => name);
    // Those that were created in Slack are only in the database.
    const names = [...new Set([...ofFile, ...(await upstream.store.teamNames())])];
    const federation = await openFederation(upstream);
    return teamFindings(await checkTeamCredentials(upstream, names, federation, mayAsk), whenNotAsked);
  } catch (error) {
    const problem = databaseFailureText(error, config.databaseFile);
    if (problem === undefined) throw error;
    return [notChecked(problem)];
  } finally {
    await upstream.close();
  }
}

/** Returns a line for each team that needs attention, and one for all others. */
function teamFindings(checks: readonly TeamCredentialCheck[], whenNotAsked: string): Finding[] {
  const working = checks.filter((checked) => teamCredentialFinding(checked).mark === 'ok');
  const without = checks.filter(({ kind }) => kind === 'none');
  const waiting = checks.filter(({ kind }) => kind === 'not_ready');
  const notAsked = checks.filter(({ kind }) => kind === 'not_asked');
  const grouped = new Set([...working, ...without, ...waiting, ...notAsked]);
  const others = checks.filter((checked) => !grouped.has(checked));
  return [
    ...(working.length === 0 ? [] : [workingFinding(namesOf(working))]),
    ...(without.length === 0 ? [] : [withoutKeyFinding(namesOf(without))]),
    ...waiting.slice(0, 1).map((checked) => ({ ...teamCredentialFinding(checked), subject: SUBJECT })),
    ...(notAsked.length === 0
      ? []
      : [{ ...notChecked(whenNotAsked), text: `not checked: ${namesOf(notAsked)}` }]),
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
    text: `missing, so runs can’t be logged: ${names}`,
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
