import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { AuthorityConfig, ListenAddress, SandboxConfig } from './configuration.ts';
import { readAuthorityConfig } from './live-config.ts';
import { readSecretFile } from './secret-file.ts';
import { publicUrl } from './server-urls.ts';
import type { SettingReader } from './setting-reader.ts';
import { logLevel, loopbackHost, onOrOff, port } from './setting-schemas.ts';
import { parseTeamsFile } from './teams-file/read-teams-file.ts';
import { type TeamsFile, teamsFileProblemText } from './teams-file/teams-file.ts';

/** One for each backend, since a database belongs to one. */
const folders = { builtin: 'sandbox', local_wandb: 'sandbox-wandb' } as const;

/**
 * Reads the settings of the sandbox, which has its own organization, database and secret, separate from a workspace's.
 *
 * @param options.hasWorkspace ignores `PUBLIC_URL`, which then belongs to the workspace
 */
export function readSandboxConfig(
  reader: SettingReader,
  cwd: string,
  options: { backend: keyof typeof folders; wandbVersion: string | undefined; hasWorkspace: boolean },
): SandboxConfig {
  const name = folders[options.backend];
  const folder = join(cwd, 'data', name);
  const secretFile = join(folder, 'secret');
  const secret = readSecretFile(secretFile);
  if (!secret.ok && secret.reason === 'unusable') {
    reader.problem(
      'KEYSMITH_SECRET_FILE',
      `The sandbox’s own secret in data/${name}/secret can’t be used. ${secret.message} To start over, delete data/${name}.`,
    );
  }
  // Other programs set variables of these names too, such as conda, whose HOST is a platform.
  const http = {
    host:
      reader.usable('HOST', loopbackHost, '127.0.0.1, because it listens on loopback addresses only') ??
      '127.0.0.1',
    port: reader.usable('PORT', port, '3000') ?? 3000,
  };
  const app = { host: http.host, port: neighborPort(http.port, 1) };
  const teams = sandboxTeams();
  return {
    kind: 'sandbox',
    http,
    app,
    databaseFile: join(folder, 'keysmith.db'),
    logLevel: reader.usable('LOG_LEVEL', logLevel, 'info') ?? 'info',
    secretFile,
    secret: secret.ok ? secret.secret : undefined,
    publicUrl:
      (options.hasWorkspace ? undefined : reader.usable('PUBLIC_URL', publicUrl, 'its own URL')) ??
      localUrl(app),
    organizationName: teams.organization.name ?? 'acme',
    organizationAdmins: teams.organization.admins,
    authority: options.backend === 'builtin' ? readSandboxAuthority(reader) : undefined,
    auditChannel: undefined,
    trustedProxies: [],
    keepAliveSeconds: undefined,
    backend:
      options.backend === 'builtin'
        ? { kind: 'builtin', teams }
        : { kind: 'local_wandb', version: options.wandbVersion },
    wandb: { host: http.host, port: neighborPort(http.port, 2) },
    runFolder: options.backend === 'builtin' ? join(folder, 'wandb') : undefined,
  };
}

/** Always on: the gateway checks credentials. */
function readSandboxAuthority(reader: SettingReader): AuthorityConfig {
  if (reader.optional('KEYSMITH_AUTHORITY', onOrOff) === 'off') {
    reader.warning('KEYSMITH_AUTHORITY', 'The sandbox ignores it: its gateway checks credentials.');
  }
  return readAuthorityConfig(reader);
}

/** Fixed, so that the URLs workloads were given still work after a restart. */
function neighborPort(port: number, distance: 1 | 2): number {
  if (port === 0) return 0;
  return port + distance > 65_535 ? port - distance : port + distance;
}

/** Returns undefined for port 0, which is only known once the server listens. */
function localUrl(address: ListenAddress): string | undefined {
  const { host, port } = address;
  if (port === 0) return undefined;
  const name = host === '127.0.0.1' ? 'localhost' : isIPv6(host) ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** The organization of the sandbox, in the form that operators write. */
const sandboxTeamsText = `# Ada and Eve are admins of ml-platform, Ben and Fay members, Cy is an organization admin; Dee is in no team.
organization: { name: acme, admins: [cy@acme.test] }
issuers:
  - url: https://token.actions.githubusercontent.com
  - url: https://gitlab.acme.test
teams:
  - name: ml-platform
    # Requests go to the channel #ml-platform, and can be urgent.
    channel: C0MLPLAT01
    policy: { urgent_requests: true }
    # GitHub's subjects, and its immutable subjects, which have the owner's ID.
    subjects: ["repo:acme/*", "repo:acme@1234567/*"]
    members:
      - { email: ada@acme.test, role: admin }
      - { email: eve@acme.test, role: admin }
      - { email: ben@acme.test, role: member, username: benj }
      - { email: fay@acme.test, role: member }
    projects:
      - { name: benchmarks, visibility: open }
      - { name: secret-sauce, visibility: restricted, service_accounts: [nightly-eval] }
  - name: research
    members:
      - { email: eve@acme.test, role: admin }
    projects:
      - { name: papers }
`;

/** Returns the organization of the sandbox. */
export function sandboxTeams(): TeamsFile {
  const result = parseTeamsFile(sandboxTeamsText, 'sandbox-teams.yml');
  if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
  return result.teamsFile;
}
