import { pino } from 'pino';
import {
  probeCapabilities,
  type WandbCapabilities,
} from '../../backends/wandb/client/queries/read-capabilities.ts';
import {
  readServerInfo,
  type WandbServerInfo,
} from '../../backends/wandb/client/queries/read-server-info.ts';
import { readTeam, type WandbTeam } from '../../backends/wandb/client/queries/read-team.ts';
import {
  readOrganizations,
  readViewer,
  type WandbViewer,
} from '../../backends/wandb/client/queries/read-viewer.ts';
import {
  type CallOptions,
  createWandbClient,
  type WandbClient,
} from '../../backends/wandb/client/wandb-client.ts';
import type { WandbFailure } from '../../backends/wandb/client/wandb-failure.ts';
import type { Config, WandbBackendConfig } from '../../config/configuration.ts';
import { type Finding, plainText } from './finding.ts';
import {
  credentialFindings,
  hiddenOrganizationFindings,
  organizationFinding,
  wandbFailureFinding,
  whoMayFinding,
} from './wandb-credential-findings.ts';

function versionFinding(info: WandbServerInfo): Finding {
  const subject = 'W&B server, version';
  const { version, latestVersion, isOutOfDate } = info;
  if (version === undefined) {
    return { mark: 'ok', subject, text: 'not told, as by W&B’s own cloud' };
  }
  const newer = isOutOfDate && latestVersion !== undefined ? `; ${plainText(latestVersion)} is out` : '';
  return { mark: 'ok', subject, text: `${plainText(version)}${newer}` };
}

/**
 * What can be had from this server.
 *
 * @param issuers URLs of the registered JWT issuers; undefined where this credential is not shown them
 */
export function capabilityFindings(
  capabilities: WandbCapabilities,
  issuers: readonly string[] | undefined,
): Finding[] {
  const federation = federationFinding(capabilities, issuers);
  return [
    serviceAccountsFinding(capabilities),
    keysFinding(capabilities, federation.mark === 'ok'),
    federation,
  ];
}

function serviceAccountsFinding({ createServiceAccount, deleteInvite }: WandbCapabilities): Finding {
  const subject = 'W&B, service accounts';
  const remedy = 'Use a server (and a licence) with service accounts of teams, or the built-in backend.';
  if (!createServiceAccount)
    return { mark: 'problem', subject, text: 'the server can not make them', remedy };
  if (!deleteInvite) return { mark: 'problem', subject, text: 'the server can not remove them', remedy };
  const text =
    'the server can make and remove them (whether its operator allows it for teams shows at the first)';
  return { mark: 'ok', subject, text };
}

function keysFinding({ apiKeyOnMember }: WandbCapabilities, hasFederation: boolean): Finding {
  const subject = 'W&B, API keys';
  if (apiKeyOnMember) {
    const text = 'whether the server shows the key of a new account is not known before the first is made';
    return { mark: 'ok', subject, text };
  }
  return {
    mark: hasFederation ? 'warning' : 'problem',
    subject,
    text: 'the server shows no key of a new account: Keysmith can make none with an API key here',
    remedy: 'Make those on the team’s page of the server; Keysmith links to it.',
  };
}

function federationFinding(
  { createClient, revokeClient, oauthProvidersOnOrganization }: WandbCapabilities,
  issuers: readonly string[] | undefined,
): Finding {
  const subject = 'W&B, federated identities';
  if (!createClient || !revokeClient || !oauthProvidersOnOrganization) {
    const remedy = 'Nothing, unless you want them: then update the server.';
    return { mark: 'warning', subject, text: 'the server has none', remedy };
  }
  if (issuers === undefined) {
    return { mark: 'ok', subject, text: 'the server has them; its issuers are not shown to this credential' };
  }
  if (issuers.length > 0)
    return { mark: 'ok', subject, text: `issuers: ${issuers.map(plainText).join(', ')}` };
  const remedy = 'An organization admin registers one at the server, if you want them.';
  return { mark: 'warning', subject, text: 'no JWT issuer is registered', remedy };
}

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
  const answers: Finding = { mark: 'ok', subject: 'W&B server', text: 'reachable' };
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
