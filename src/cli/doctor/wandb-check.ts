import { pino } from 'pino';
import {
  isAtLeast,
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
  accountManagersFinding,
  credentialFindings,
  hiddenOrganizationFindings,
  organizationFinding,
  unusableMembersFindings,
} from './wandb-credential-findings.ts';
import { wandbFailureFinding } from './wandb-failure-finding.ts';
import { checkRestApis } from './wandb-rest-check.ts';

/** The first teams of the user, in the server's order. */
const MAX_TEAMS = 20;

/** Checks the W&B server, its capabilities and the permissions of the credential. Changes nothing there. */
export async function checkWandb(
  { baseUrl, apiKey, followsAuditLog }: WandbBackendConfig,
  expected: Pick<Config, 'organizationName' | 'organizationAdmins'>,
  options: { fetch: typeof fetch; now: () => number; timeoutMs: number },
): Promise<Finding[]> {
  const { fetch, now, timeoutMs } = options;
  const { organizationName } = expected;
  const monotonicMs = () => performance.now();
  const server = {
    baseUrl,
    apiKey,
    fetch,
    now,
    monotonicMs,
    random: Math.random,
    logger: pino({ level: 'silent' }),
    limits: { timeoutMs, maxTries: 1 },
  };
  const client = createWandbClient(server);
  const call: CallOptions = { deadlineMs: monotonicMs() + timeoutMs };
  const [viewer, info] = await Promise.all([readViewer(client, call), readServerInfo(client, call)]);
  const reachable: Finding = { mark: 'ok', subject: 'W&B server', text: 'reachable' };
  if (!viewer.ok) return viewerFailureFindings(viewer.failure, reachable);
  const [teams, issuers, rest] = await Promise.all([
    readTeams(client, viewer.value, call),
    readOwnIssuers(client, organizationName, call),
    checkRestApis(server, { viewer: viewer.value, followsAuditLog }, call),
  ]);
  return [
    reachable,
    info.ok ? versionFinding(info.value) : wandbFailureFinding(info.failure),
    ...credentialFindings(viewer.value, teams, {
      checked: viewer.value.teams.slice(0, MAX_TEAMS),
      managesOrganization: rest.managesOrganization,
    }),
    ...rest.findings,
    accountManagersFinding(expected.organizationAdmins),
    organizationFinding(organizationNames(viewer.value, teams), organizationName),
    ...hiddenOrganizationFindings(teams),
    ...unusableMembersFindings(teams),
    ...capabilityFindings({
      returnsNewKeys: info.ok ? info.value.returnsNewKeys : client.has('Member.apiKey'),
      createsByScim: rest.managesOrganization && info.ok && hasAccountsInScim(info.value),
      hasIssuers: client.has('Organization.OAuthProviders'),
      issuers: issuers ?? issuersOf(teams),
    }),
  ];
}

/** Also reports the server as reachable if only the credential is refused. */
function viewerFailureFindings(failure: WandbFailure, reachable: Finding): Finding[] {
  const finding = wandbFailureFinding(failure);
  return finding.subject === reachable.subject ? [finding] : [reachable, finding];
}

async function readTeams(client: WandbClient, viewer: WandbViewer, call: CallOptions): Promise<WandbTeam[]> {
  const names = viewer.teams.slice(0, MAX_TEAMS);
  const results = await Promise.all(names.map((name) => readTeam(client, name, call)));
  return results.flatMap((result) => (result.ok && result.value !== undefined ? [result.value] : []));
}

/** Returns the issuers that the user of the key can see, or undefined if the server hides them. */
async function readOwnIssuers(
  client: WandbClient,
  organizationName: string,
  call: CallOptions,
): Promise<readonly string[] | undefined> {
  const read = await readOrganizations(client, call);
  return read.ok ? read.value.find(({ name }) => name === organizationName)?.issuerUrls : undefined;
}

function organizationNames({ organizations }: WandbViewer, teams: readonly WandbTeam[]): string[] {
  const teamOrganizations = teams.flatMap(({ organization }) => organization ?? []);
  return [...new Set([...(organizations ?? []), ...teamOrganizations].map(({ name }) => name))];
}

function issuersOf(teams: readonly WandbTeam[]): string[] | undefined {
  const providers = teams.flatMap(({ organization }) => organization?.oauthProviders ?? []);
  const isVisible = teams.some(({ organization }) => organization?.oauthProviders !== undefined);
  return isVisible ? [...new Set(providers.map(({ issuerUrl }) => issuerUrl))] : undefined;
}

function versionFinding(info: WandbServerInfo): Finding {
  const subject = 'W&B server, version';
  const { version, latestVersion, isOutOfDate } = info;
  if (version === undefined) {
    return { mark: 'ok', subject, text: 'not shown (W&B’s cloud never shows it)' };
  }
  const newer =
    isOutOfDate && latestVersion !== undefined ? `; ${plainText(latestVersion)} is available` : '';
  return { mark: 'ok', subject, text: `${plainText(version)}${newer}` };
}

/** SCIM creates service accounts since 0.81, and in the cloud, which shows no version. */
function hasAccountsInScim({ version }: WandbServerInfo): boolean {
  return version === undefined || isAtLeast(version, 81);
}

interface Capabilities {
  returnsNewKeys: boolean;
  /** Whether the server and the credential allow creating service accounts by SCIM. */
  createsByScim: boolean;
  /** Whether an organization of the server can have issuers. */
  hasIssuers: boolean;
  /** URLs of the registered JWT issuers; undefined if this credential can't see them. */
  issuers: readonly string[] | undefined;
}

/** Reports which kinds of accounts the server supports, as far as reading shows it. */
export function capabilityFindings(capabilities: Capabilities): Finding[] {
  return [accountsFinding(capabilities), keysFinding(capabilities), federationFinding(capabilities)];
}

function accountsFinding({ createsByScim }: Capabilities): Finding {
  const subject = 'W&B, service accounts';
  if (createsByScim)
    return { mark: 'ok', subject, text: 'created and deleted through SCIM, otherwise through GraphQL' };
  const text =
    'created and deleted through GraphQL; creating the first one shows whether the server allows it (its operator can disable team service accounts)';
  return { mark: 'ok', subject, text };
}

function keysFinding({ returnsNewKeys }: Capabilities): Finding {
  const subject = 'W&B, API keys';
  if (returnsNewKeys) {
    const text = 'supported; creating the first account shows whether the server returns new keys';
    return { mark: 'ok', subject, text };
  }
  return {
    mark: 'warning',
    subject,
    text: 'the server doesn’t return new keys, so Keysmith creates accounts without keys',
    remedy:
      'A team admin creates the key on the team’s page in W&B, which Keysmith links to. Federated identities and the gateway don’t need such a key.',
  };
}

function federationFinding({ hasIssuers, issuers }: Capabilities): Finding {
  const subject = 'W&B, federated identities';
  if (!hasIssuers) {
    const remedy = 'Update the server if you want to use them.';
    return { mark: 'warning', subject, text: 'the server doesn’t support them', remedy };
  }
  if (issuers === undefined) {
    return { mark: 'ok', subject, text: 'supported; this credential can’t see the issuers' };
  }
  if (issuers.length > 0)
    return { mark: 'ok', subject, text: `issuers: ${issuers.map(plainText).join(', ')}` };
  const remedy = 'If you want to use them, ask an organization admin to register an issuer on the server.';
  return { mark: 'warning', subject, text: 'no JWT issuer is registered', remedy };
}
