import { pino } from 'pino';
import {
  probeCapabilities,
  type WandbCapabilities,
} from '../../backends/wandb/operations/probe-capabilities.ts';
import { readOrganizations } from '../../backends/wandb/operations/read-organizations.ts';
import { readServerInfo } from '../../backends/wandb/operations/read-server-info.ts';
import { readTeam, type WandbTeam } from '../../backends/wandb/operations/read-team.ts';
import { readViewer, type WandbViewer } from '../../backends/wandb/operations/read-viewer.ts';
import { type CallOptions, createWandbClient, type WandbClient } from '../../backends/wandb/wandb-client.ts';
import type { WandbFailure } from '../../backends/wandb/wandb-failure.ts';
import type { Config, WandbBackendConfig } from '../../config/configuration.ts';
import type { Finding } from './finding.ts';
import { capabilityFindings, versionFinding } from './wandb-capability-findings.ts';
import {
  credentialFindings,
  hiddenOrganizationFindings,
  organizationFinding,
  whoMayFinding,
} from './wandb-credential-findings.ts';
import { wandbFailureFinding } from './wandb-failure-finding.ts';

/** So many of the user's teams are looked at, the first as the server lists them. */
const MAX_TEAMS = 20;

/** Asks the W&B server for itself, its capabilities and the rights of the credential. Changes nothing there. */
export async function checkWandb(
  { baseUrl, apiKey }: WandbBackendConfig,
  expected: Pick<Config, 'organizationName' | 'organizationAdmins'>,
  options: { fetch: typeof fetch; now: () => number; timeoutMs: number },
): Promise<Finding[]> {
  const { fetch, now, timeoutMs } = options;
  const { organizationName } = expected;
  const client = createWandbClient({
    baseUrl,
    apiKey,
    fetch,
    now,
    random: Math.random,
    logger: pino({ level: 'silent' }),
    limits: { timeoutMs, maxTries: 1 },
  });
  const call: CallOptions = { deadlineMs: now() + timeoutMs };
  const probed = await probeCapabilities(client, call);
  if (!probed.ok) return [wandbFailureFinding(probed.failure)];
  const capabilities = probed.value;
  const [viewer, info] = await Promise.all([
    readViewer(client, capabilities, call),
    readServerInfo(client, capabilities, call),
  ]);
  const answers: Finding = { mark: 'ok', subject: 'W&B server', text: 'answers' };
  if (!viewer.ok) return viewerRefused(viewer.failure, answers);
  const teams = await readTeams(client, viewer.value, capabilities, call);
  const issuers = await readOwnIssuers(client, organizationName, capabilities, call);
  return [
    answers,
    info.ok ? versionFinding(info.value) : wandbFailureFinding(info.failure),
    ...credentialFindings(viewer.value, teams, { lookedAt: viewer.value.teams.slice(0, MAX_TEAMS) }),
    whoMayFinding(expected.organizationAdmins),
    organizationFinding(organizationNames(viewer.value, teams), organizationName),
    ...hiddenOrganizationFindings(teams, capabilities),
    ...capabilityFindings(capabilities, issuers ?? issuersOf(teams)),
  ];
}

/** The server is well where it is the credential that it does not take. */
function viewerRefused(failure: WandbFailure, answers: Finding): Finding[] {
  const finding = wandbFailureFinding(failure);
  return finding.subject === answers.subject ? [finding] : [answers, finding];
}

async function readTeams(
  client: WandbClient,
  viewer: WandbViewer,
  capabilities: WandbCapabilities,
  call: CallOptions,
): Promise<WandbTeam[]> {
  const names = viewer.teams.slice(0, MAX_TEAMS);
  const results = await Promise.all(names.map((name) => readTeam(client, name, capabilities, call)));
  return results.flatMap((result) => (result.ok && result.value !== undefined ? [result.value] : []));
}

/** As the server shows them to the user of the key; undefined where it does not. */
async function readOwnIssuers(
  client: WandbClient,
  organizationName: string,
  { oauthProvidersOnOrganization, organizationsOnUser }: WandbCapabilities,
  call: CallOptions,
): Promise<readonly string[] | undefined> {
  if (!oauthProvidersOnOrganization || !organizationsOnUser) return undefined;
  const read = await readOrganizations(client, call);
  return read.ok ? read.value.find(({ name }) => name === organizationName)?.issuerUrls : undefined;
}

function organizationNames({ organizations }: WandbViewer, teams: readonly WandbTeam[]): string[] {
  const ofTeams = teams.flatMap(({ organization }) => organization ?? []);
  return [...new Set([...(organizations ?? []), ...ofTeams].map(({ name }) => name))];
}

function issuersOf(teams: readonly WandbTeam[]): string[] | undefined {
  const known = teams.flatMap(({ organization }) => organization?.oauthProviders ?? []);
  const isShown = teams.some(({ organization }) => organization?.oauthProviders !== undefined);
  return isShown ? [...new Set(known.map(({ issuerUrl }) => issuerUrl))] : undefined;
}
