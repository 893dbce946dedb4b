import type { KeyObject } from 'node:crypto';
import type { Secret } from '../domain/keys/secret.ts';
import type { DesiredPolicies } from '../domain/organization/policy-changes.ts';
import type { logLevels } from './setting-schemas.ts';
import type { TeamsFile } from './teams-file/teams-file.ts';

type LogLevel = (typeof logLevels)[number];

export type Config = SandboxConfig | LiveConfig;

export interface ListenAddress {
  host: string;
  /** 0 for any free port. */
  port: number;
}

interface CommonConfig {
  /** Where HTTP listens; in the sandbox, where the local Slack listens. */
  http: ListenAddress;
  /** An absolute path, or `:memory:`. */
  databaseFile: string;
  logLevel: LogLevel;
  organizationName: string;
  /** From the settings and the teams file, without duplicates, in lowercase. */
  organizationAdmins: string[];
  /** Undefined if it is switched off, and with a W&B server. */
  authority: AuthorityConfig | undefined;
  /** The ID of the channel that gets the head of the audit chain every day. */
  auditChannel: string | undefined;
  /** Addresses and CIDR ranges of proxies whose `X-Forwarded-For` is trusted. */
  trustedProxies: string[];
  /** How long an idle HTTP connection stays open. Undefined for the default. */
  keepAliveSeconds: number | undefined;
}

/** How Keysmith checks the credentials it issued. */
export interface AuthorityConfig {
  /** The clients that may call `/oauth/introspect`. */
  introspectionClients: { id: string; secret: Secret }[];
  /** With which scanners sign their reports of leaked keys. Without any, no reports are received. */
  leakKeys: { id: string; publicKey: KeyObject }[];
  /** Allows JWT issuers at http:// URLs and private addresses. */
  allowsInsecureIssuers: boolean;
  /** Accepted values of a JWT's `aud`, in addition to the organization's name. */
  audiences: string[];
  accessTokenSeconds: number;
  /** Failed requests from one address before it gets 429. */
  failuresPerMinute: number;
}

/** The W&B server that Keysmith forwards workloads to, with the built-in backend. */
export interface GatewayConfig {
  /** Without a trailing slash; may have a path. */
  upstreamUrl: string;
  /** How a team without a stored key gets a credential: not at all (`key`), or by identity federation. */
  auth: 'key' | 'federation';
  /** The W&B UI, without a trailing slash. */
  appUrl: string;
  /** Names of allowed mutations, in addition to the built-in list. */
  mutations: string[];
}

/** Accounts live in Keysmith; teams and roles come from the teams file and from Slack. */
export interface BuiltinBackendConfig {
  kind: 'builtin';
  /** Empty without a teams file. */
  teams: TeamsFile;
  /** Set where teams are created in Slack. */
  isWithoutFile?: true;
  /** The line of each team in the file, by name. */
  teamLines?: ReadonlyMap<string, number>;
}

/** Accounts live on a W&B server; teams and roles come from it too. */
export interface WandbBackendConfig {
  kind: 'wandb';
  /** Without a trailing slash. */
  baseUrl: string;
  apiKey: Secret;
  /** The server's `baseUrl` before it moved. */
  movedFrom: string | undefined;
  /** Whether the server's audit log is followed. */
  followsAuditLog: boolean;
  /** From the teams file, if there is one. */
  policies: DesiredPolicies | undefined;
}

interface LocalWandbConfig {
  kind: 'local_wandb';
  /** Undefined for an older server with neither SCIM nor an audit log, which returns new keys. */
  version: string | undefined;
}

export interface SandboxConfig extends CommonConfig {
  kind: 'sandbox';
  /** Undefined for the URL where Keysmith listens. */
  publicUrl: string | undefined;
  /** `local_wandb`: accounts live on the local W&B server. Otherwise it is the upstream of the gateway. */
  backend: BuiltinBackendConfig | LocalWandbConfig;
  /** Where the local W&B server listens: the second port after the local Slack's. */
  wandb: ListenAddress;
  /** Where the local W&B server keeps its runs. Undefined for in memory only. */
  runFolder: string | undefined;
  /** Where Keysmith listens: the port next to the local Slack's. */
  app: ListenAddress;
  secretFile: string;
  /** Undefined before the first start. `createSandboxSecret(secretFile)` creates it. */
  secret: Secret<Uint8Array> | undefined;
}

export interface LiveConfig extends CommonConfig {
  kind: 'live';
  secret: Secret<Uint8Array>;
  backend: BuiltinBackendConfig | WandbBackendConfig;
  /** Undefined without a gateway. */
  gateway: GatewayConfig | undefined;
  /** Without a trailing slash. Undefined only with a W&B server, which workloads talk to directly. */
  publicUrl: string | undefined;
  /** The environment's `NO_PROXY`: hosts that are called without `HTTPS_PROXY`. */
  noProxy: string | undefined;
  slack: SlackConfig;
}

export type SlackConfig = {
  botToken: Secret;
  /** With a trailing slash. */
  apiUrl: string;
} & ({ transport: 'http'; signingSecret: Secret } | { transport: 'socket'; appToken: Secret });

/** One problem to fix, or a warning. `message` never contains the value of a setting, nor a value from a file that a setting names. */
export interface ConfigProblem {
  /** The setting, or `.env`. */
  name: string;
  message: string;
}

export type ConfigResult =
  | {
      ok: true;
      config: Config;
      /** Settings that are ignored or changed. */
      warnings: ConfigProblem[];
      /** Passwords in the URLs of proxies, which the logger masks. */
      proxyPasswords: Secret[];
    }
  | { ok: false; problems: ConfigProblem[] };
